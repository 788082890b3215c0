"""Checking a store: which rule goes which way, and one report of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from aimsgraph.conformity import reference
from aimsgraph.conformity.compiled import compile_rules, population
from aimsgraph.conformity.report import CheckResult, Report, RuleEvaluation
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.namespaces import (
    CONFORMITY_GRAPH,
    HISTORY_GRAPH,
    QUERIES_GRAPH,
    SHAPES_GRAPH,
)
from aimsgraph.rdf.terms import to_rdflib_graph
from aimsgraph.store.embedded import EmbeddedStore

_LEFT_OUT = {SHAPES_GRAPH, QUERIES_GRAPH, CONFORMITY_GRAPH, HISTORY_GRAPH}


class Checker:
    """Some rules, made ready to check any store.

    SPARQL rules are asked of the store itself where that is the same; pySHACL
    checks the rest.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules.rules
        self._compiled = compile_rules(rules)
        self._rest = rules.without(self._compiled)

    def check(self, store: EmbeddedStore, focus: Collection[str] | None = None) -> Report:
        """Check records, inferences and ontology of a store.

        Args:
            store: holds its inferences already.
            focus: check these nodes only; None checks all targets.
        """
        graphs = [name for name in store.graphs() if name not in _LEFT_OUT]
        results = _once([*self._asked(store, graphs, focus), *self._referred(store, graphs, focus)])
        counts = Counter(result.rule for result in results)
        return Report.of(
            results,
            (
                RuleEvaluation(rule, population(store, graphs, rule, focus), counts[rule.iri])
                for rule in self._rules.values()
            ),
        )

    def _asked(
        self, store: EmbeddedStore, graphs: list[str], focus: Collection[str] | None
    ) -> Iterator[CheckResult]:
        for one in self._compiled.values():
            yield from one.check(store, graphs, focus)

    def _referred(
        self, store: EmbeddedStore, graphs: list[str], focus: Collection[str] | None
    ) -> Iterator[CheckResult]:
        if self._rest.rules:
            data = reference.PreparedGraph()
            for graph in graphs:
                to_rdflib_graph(store.quads(graph), data)
            yield from reference.results(data, self._rest, focus)


def check_store(
    store: EmbeddedStore, rules: RuleSet, focus: Collection[str] | None = None
) -> Report:
    """Check rules over a store, once."""
    return Checker(rules).check(store, focus)


def _once(results: list[CheckResult]) -> list[CheckResult]:
    """Return each result once, whatever the wordings a rule found for it."""
    by_iri: dict[str, CheckResult] = {}
    for result in sorted(results, key=lambda one: one.message):
        by_iri.setdefault(result.iri, result)
    return list(by_iri.values())
