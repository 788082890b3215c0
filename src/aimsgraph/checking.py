"""Checks that change nothing: a body on its own, and inference against its reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.conformity.formats import WRITERS
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.derivation import Derivation, flat, is_closed, record_graphs, staged
from aimsgraph.inference import reference
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.reference import Statement
from aimsgraph.namespaces import (
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    RECORDS_GRAPHS,
    SHAPES_GRAPH,
    TODAY,
    WORKSPACE_GRAPH,
)
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.state import State

_BODY: Final = ox.NamedNode(f"{RECORDS_GRAPHS}body")


def check(store: EmbeddedStore, derivation: Derivation, quads: Iterable[ox.Quad]) -> Report:
    """Check quads on their own against all rules, on the day of a store; nothing is kept."""
    stage = EmbeddedStore.memory()
    stage.engine.bulk_extend(store.quads(ONTOLOGY_GRAPH))
    stage.engine.bulk_extend(store.quads(WORKSPACE_GRAPH))
    stage.engine.bulk_extend(
        ox.Quad(q.subject, q.predicate, q.object, _BODY)
        for q in quads
        if q.predicate.value != TODAY
    )
    materialise(stage.engine, [_BODY.value])
    return derivation.checker.check(flat(stage), is_closed=is_closed(stage))


def checked(store: EmbeddedStore, given: Mapping[str, Any], kept: dict[str, Any]) -> bytes:
    """Check a body against the rules of a store, as a reader is asked to; return the report.

    Args:
        store: holds the rules and the day.
        given: `quads`, the body as N-Quads, and `form`, the name of the report's format.
        kept: where the rules wait for the next body.
    """
    digest = f"derivation {State(store).release}"
    if digest not in kept:
        kept[digest] = Derivation(RuleSet.of_quads(store.quads(SHAPES_GRAPH)))
    quads = ox.parse(given["quads"], ox.RdfFormat.N_QUADS)
    report = check(store, kept[digest], quads)
    return WRITERS[given["form"]][1](report).encode()


def compare_inference(store: EmbeddedStore) -> tuple[set[Statement], set[Statement]]:
    """Return what owlrl infers and we don't, and the other way round."""
    stage = staged(store)
    records = [quad for name in record_graphs(stage) for quad in stage.quads(name)]
    wanted = reference.closure(records, stage.quads(ONTOLOGY_GRAPH))
    found = reference.restricted(records, store.quads(INFERRED_GRAPH))
    return wanted - found, found - wanted
