"""Checking a store: which rule goes which way, and one report of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from aimsgraph.conformity import reference
from aimsgraph.conformity.compiled import compile_rules, population
from aimsgraph.conformity.report import CheckResult, Report, RuleEvaluation
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.namespaces import CONFORMITY_GRAPH, QUERIES_GRAPH, SHAPES_GRAPH
from aimsgraph.rdf.terms import to_rdflib_graph
from aimsgraph.store.embedded import EmbeddedStore

_LEFT_OUT = {SHAPES_GRAPH, QUERIES_GRAPH, CONFORMITY_GRAPH}


def check_store(
    store: EmbeddedStore, rules: RuleSet, focus: Collection[str] | None = None
) -> Report:
    """Check rules over the records, the inferences and the ontology of a store.

    SPARQL rules are asked of the store itself where that is the same; pySHACL
    checks the rest.

    Args:
        store: holds its inferences already.
        rules: the rules to check.
        focus: check these nodes only; None checks all targets.
    """
    graphs = [name for name in store.graphs() if name not in _LEFT_OUT]
    compiled = compile_rules(rules)
    results = [result for one in compiled.values() for result in one.check(store, graphs, focus)]
    rest = rules.without(compiled)
    if rest.rules:
        data = reference.PreparedGraph()
        for graph in graphs:
            to_rdflib_graph(store.quads(graph), data)
        results += reference.results(data, rest, focus)
    counts = Counter(result.rule for result in _once(results))
    return Report.of(
        _once(results),
        (
            RuleEvaluation(rule, population(store, graphs, rule, focus), counts[rule.iri])
            for rule in rules.rules.values()
        ),
    )


def _once(results: list[CheckResult]) -> list[CheckResult]:
    """Return each result once, whatever the wordings a rule found for it."""
    by_iri: dict[str, CheckResult] = {}
    for result in sorted(results, key=lambda one: one.message):
        by_iri.setdefault(result.iri, result)
    return list(by_iri.values())
