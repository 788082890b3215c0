"""Random requests, on our graph and on the engine alone: the same dataset after each.

The changeset of each is held against the difference, too.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
import pytest

from aimsgraph import Update
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.rdf.terms import graph_name
from aimsgraph.settings import Settings
from conformance.random_requests import Plain, Rich
from tiny_support import memory

REQUESTS = 400


def records(graph: AimsGraph) -> set[str]:
    """Return what the record graphs hold."""
    view = graph.view()
    names = [name for name in view.readable if is_records(name) and name != UNNAMED]
    return {str(quad) for name in (*names, UNNAMED) for quad in view.quads(name)}


def stated(quads: Iterable[ox.Quad]) -> set[str]:
    """Return those quads of a changeset that lie in record graphs."""
    return {str(one) for one in quads if is_records(graph_name(one.graph_name))}


def as_the_engine_reads(prologue: str, several: list[str]) -> str:
    """Return a request as the engine reads it: it stops at the dot within a name."""
    return prologue + " ;\n".join(several).replace(":d.e", "<urn:d.e>")


@pytest.mark.parametrize(
    ("kind", "seed", "least"), [(Plain, 3, REQUESTS / 4), (Rich, 42001, REQUESTS / 3)]
)
def test_random_requests_do_what_the_engine_does(
    kind: type[Plain | Rich], seed: int, least: float
) -> None:
    generator = kind(seed)
    graph = memory(Settings(default_graph="unnamed"))
    reference = ox.Store()
    changed = 0
    before: set[str] = set()
    for _ in range(REQUESTS):
        several = generator.request(reference)
        reference.update(as_the_engine_reads(generator.prologue, several))

        # Each operation of ours has a prologue of its own, which the grammar allows.
        receipt = graph.commit(Update(" ;\n".join(generator.prologue + one for one in several)))

        after = records(graph)
        assert after == {str(quad) for quad in reference}, several
        added, removed = set(), set()
        if receipt.header is not None:
            changed += 1
            changeset = graph.changeset(receipt.generation)
            added, removed = stated(changeset.added()), stated(changeset.removed())
        assert (added, removed) == (after - before, before - after), several
        before = after
    assert changed > least
