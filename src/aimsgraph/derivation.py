"""What follows from the records: inferences and check results; the gate of a change."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.engine import Checker
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.inference.materialise import materialise
from aimsgraph.ledger.change import name_of
from aimsgraph.namespaces import (
    CONFORMITY_GRAPH,
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    QUERIES_GRAPH,
    RECORDS_GRAPHS,
    SHAPES_GRAPH,
    UNNAMED,
    is_records,
)
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.state import State

Progress = Callable[[str], None]
"""Is told the name of each step of long work as it begins."""

_NOT_NEEDED = {SHAPES_GRAPH, QUERIES_GRAPH, HISTORY_GRAPH, CONFORMITY_GRAPH}
"""Graphs from which nothing follows."""


@dataclass(frozen=True)
class Derived:
    """What follows from a state: the quads of both derived graphs, and the report."""

    quads: frozenset[ox.Quad]
    report: Report
    refusing: Report
    """New results that stand in the way of the change: none where it may be made."""


class Derivation:
    """Inference and conformity over a whole store, with some rules.

    Args:
        rules: integrity rules and conformity rules.
        refuse: conformity rules, by IRI, whose new results refuse a change too.
    """

    def __init__(self, rules: RuleSet, refuse: Collection[str] = ()) -> None:
        self.rules = rules
        self._refuse = frozenset(refuse)

    @cached_property
    def integrity(self) -> Checker:
        """Return the integrity rules, ready to check."""
        return Checker(self.rules.integrity())

    @cached_property
    def conformity(self) -> Checker:
        """Return the conformity rules, ready to check."""
        return Checker(self.rules.conformity())

    def of(self, store: EmbeddedStore, progress: Progress) -> Derived:
        """Work out what follows from the state of a store; the store stays as it is.

        Args:
            store: its derived graphs may be those of an earlier state.
            progress: is told the name of each step.
        """
        known = {name_of(q.subject) for q in store.quads(CONFORMITY_GRAPH)}
        stage = staged(store)
        progress("inferring")
        records = record_graphs(stage)
        materialise(stage.engine, records)
        if not records:
            return Derived(frozenset(stage.quads(INFERRED_GRAPH)), Report(), Report())
        progress("checking integrity")
        broken = self.integrity.check(stage)
        progress("checking conformity")
        found = self.conformity.check(stage)
        standing = [*broken.results, *(r for r in found.results if r.rule in self._refuse)]
        report = broken + found
        return Derived(
            quads=frozenset(
                [
                    *stage.quads(INFERRED_GRAPH),
                    *report.quads(State(store).today.isoformat()),
                ]
            ),
            report=report,
            refusing=Report.of((one for one in standing if one.iri not in known), ()),
        )


def staged(store: EmbeddedStore) -> EmbeddedStore:
    """Return a copy in memory of what inference and conformity read.

    The graph without a name becomes a record graph of the copy.
    """
    stage = EmbeddedStore.memory()
    for graph in store.graphs():
        if graph not in _NOT_NEEDED and graph != INFERRED_GRAPH:
            stage.engine.bulk_extend(store.quads(graph))
    stage.engine.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, _UNNAMED_RECORDS)
        for quad in store.quads(UNNAMED)
    )
    return stage


_UNNAMED_RECORDS: Final = ox.NamedNode(f"{RECORDS_GRAPHS}unnamed")


def record_graphs(store: EmbeddedStore) -> list[str]:
    """Return the record graphs of a store that hold anything."""
    named = [graph for graph in store.graphs() if is_records(graph)]
    return [*named, UNNAMED] if next(store.quads(UNNAMED), None) is not None else named
