"""What follows from the records: inferences and findings, kept true at each change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.engine import Checker
from aimsgraph.conformity.maintain import Findings, Maintenance, everything
from aimsgraph.conformity.overlay import LEFT_OUT, Net
from aimsgraph.conformity.report import CheckResult, Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.maintain import maintain
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.rules import read_rules
from aimsgraph.ledger.delta import Delta, Work
from aimsgraph.namespaces import (
    AIMS,
    CONFORMITY_GRAPH,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    RDFS,
    RECORDS_GRAPHS,
    RELEASE_GRAPHS,
    UNNAMED,
    is_records,
)
from aimsgraph.rdf.terms import GraphNode, graph_name
from aimsgraph.store.embedded import EmbeddedStore

Progress = Callable[[str], None]
"""Is told the name of each step of long work as it begins."""

FEW: Final = 500
"""So many changed statements are followed in any case; to count a store takes time."""

PER_STATEMENT: Final = 60
"""Following one changed statement takes about as long as deriving from so many anew."""

_INFERRED: Final = ox.NamedNode(INFERRED_GRAPH)
_CONFORMITY: Final = ox.NamedNode(CONFORMITY_GRAPH)
_RESULT_COUNT: Final = ox.NamedNode(f"{AIMS}resultCount")


@dataclass(frozen=True)
class Derived:
    """What a change made follow: quads of both derived graphs, and findings."""

    step: Delta
    appeared: tuple[CheckResult, ...] = ()
    resolved: tuple[CheckResult, ...] = ()
    refusing: Report = field(default_factory=Report)
    """New findings that stand in the way of the change: none where it may be made."""


class Derivation:
    """Inference and conformity over a store, with some rules.

    Args:
        rules: integrity rules and conformity rules.
        refuse: conformity rules, by IRI, whose new findings refuse a change too.
    """

    def __init__(self, rules: RuleSet, refuse: Collection[str] = ()) -> None:
        self.rules = rules
        self._refusing = frozenset(refuse) | {
            rule.iri for rule in rules.rules.values() if rule.is_integrity
        }
        self._inference: RuleIndex | None = None

    @cached_property
    def checker(self) -> Checker:
        """Return the rules, ready to check."""
        return Checker(self.rules)

    def follow(self, work: Work, since: str, *, is_in_step: bool, progress: Progress) -> Derived:
        """Bring both derived graphs in step with a change that was made in the live store.

        Args:
            work: the change; what follows is carried out through it too, so that
                it can be taken back with it.
            since: the IRI of the changeset that is being made.
            is_in_step: whether the derived graphs were true before the change.
            progress: is told the name of each step.
        """
        asserted = work.delta
        work.delta = Delta(dict(asserted.added), dict(asserted.removed))
        if is_in_step and self._is_small(work.store, asserted):
            return self._maintained(work, asserted, since)
        return self._anew(work, since, progress)

    def check(self, store: EmbeddedStore, progress: Progress) -> Report:
        """Return the findings of a store by inferring and checking anew; it stays as it is."""
        stage = staged(store)
        progress("inferring")
        records = record_graphs(stage)
        materialise(stage.engine, records)
        progress("checking conformity")
        if not records:
            return Report()
        return self.checker.check(flat(stage), is_closed=is_closed(stage))

    # -- within ------------------------------------------------------------------

    def _is_small(self, store: EmbeddedStore, delta: Delta) -> bool:
        """Return whether a change is better followed than everything derived anew."""
        changed = len(delta.added) + len(delta.removed)
        if any(graph_name(q.graph_name) in RELEASE_GRAPHS for q in (*delta.added, *delta.removed)):
            return False
        counted = store.engine.quads_for_pattern(None, _RESULT_COUNT, None, _CONFORMITY)
        is_counted = next(counted, None) is not None
        if not is_counted or not record_graphs(store):
            return False
        return changed <= FEW or changed * PER_STATEMENT < len(store)

    def _maintained(self, work: Work, asserted: Delta, since: str) -> Derived:
        engine, step = work.store.engine, Delta()
        net = Net(engine, asserted.added, asserted.removed, _is_asserted)
        if net:
            graphs = [*record_graphs(work.store), ONTOLOGY_GRAPH]
            enter, leave = maintain(engine, self._rules(engine), graphs, net.added, net.removed)
            step.then(work.change(_inferred(enter), _inferred(leave)))
        added, removed = dict(asserted.added), dict(asserted.removed)
        findings = Maintenance(
            self.checker,
            work.store,
            [*added, *step.added],
            [*removed, *step.removed],
            since,
        ).findings()
        step.then(work.change(findings.added, findings.removed))
        return self._derived(step, findings)

    def _anew(self, work: Work, since: str, progress: Progress) -> Derived:
        self._inference = None
        store = work.store
        progress("inferring")
        stage = staged(store)
        records = record_graphs(stage)
        materialise(stage.engine, records)
        inferred = set(stage.quads(INFERRED_GRAPH))
        held = list(store.quads(CONFORMITY_GRAPH))
        findings, conformity = Findings(), set[ox.Quad]()
        if records:
            progress("checking conformity")
            findings, conformity = everything(
                self.checker, flat(stage), held, since, is_closed=is_closed(stage)
            )
        present = {*store.quads(INFERRED_GRAPH), *held}
        wanted = inferred | conformity
        return self._derived(work.change(wanted - present, present - wanted), findings)

    def _derived(self, step: Delta, findings: Findings) -> Derived:
        return Derived(
            step,
            tuple(findings.appeared),
            tuple(findings.resolved),
            Report.of(map(_undated, filter(self._refuses, findings.appeared)), ()),
        )

    def _refuses(self, finding: CheckResult) -> bool:
        return finding.rule in self._refusing

    def _rules(self, engine: ox.Store) -> RuleIndex:
        """Return the rules of inference; the ontology stays the same until all is derived anew."""
        if self._inference is None:
            self._inference = RuleIndex.of(read_rules(engine))
        return self._inference


def staged(store: EmbeddedStore) -> EmbeddedStore:
    """Return a copy in memory of what inference and conformity read.

    The graph without a name becomes a record graph of the copy.
    """
    stage = EmbeddedStore.memory()
    for graph in store.graphs():
        if graph not in LEFT_OUT and graph != INFERRED_GRAPH:
            stage.engine.bulk_extend(store.quads(graph))
    stage.engine.bulk_extend(
        ox.Quad(quad.subject, quad.predicate, quad.object, _UNNAMED_RECORDS)
        for quad in store.quads(UNNAMED)
    )
    return stage


_UNNAMED_RECORDS: Final = ox.NamedNode(f"{RECORDS_GRAPHS}unnamed")


def flat(stage: EmbeddedStore) -> EmbeddedStore:
    """Return the graphs of a copy as one, in which each lookup is made once."""
    found = EmbeddedStore.memory()
    found.engine.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in stage.engine)
    return found


def is_closed(stage: EmbeddedStore) -> bool:
    """Return whether no record declares a class below another, which inference would not follow."""
    found = stage.engine.quads_for_pattern(None, _SUB_CLASS, None, None)
    return all(graph_name(q.graph_name) in _INFERRED_FROM for q in found)


_SUB_CLASS: Final = ox.NamedNode(f"{RDFS}subClassOf")
_INFERRED_FROM: Final = {ONTOLOGY_GRAPH, INFERRED_GRAPH}


def record_graphs(store: EmbeddedStore) -> list[str]:
    """Return the record graphs of a store that hold anything."""
    named = [graph for graph in store.graphs() if is_records(graph)]
    return [*named, UNNAMED] if next(store.quads(UNNAMED), None) is not None else named


def _undated(finding: CheckResult) -> CheckResult:
    """Return a finding without the changeset that would have brought it."""
    return replace(finding, since=None)


def _is_asserted(graph: GraphNode) -> bool:
    """Return whether inference starts from a graph."""
    name = graph_name(graph)
    return name in {ONTOLOGY_GRAPH, UNNAMED} or is_records(name)


def _inferred(triples: Iterable[ox.Triple]) -> list[ox.Quad]:
    return [ox.Quad(t.subject, t.predicate, t.object, _INFERRED) for t in triples]
