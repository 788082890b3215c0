"""Checking a store: which rules go which way, and one report of all."""

from __future__ import annotations

from collections.abc import Collection

from aimsgraph.conformity import reference
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.namespaces import CONFORMITY_GRAPH, QUERIES_GRAPH, SHAPES_GRAPH
from aimsgraph.rdf.terms import to_rdflib_graph
from aimsgraph.store.embedded import EmbeddedStore

_LEFT_OUT = {SHAPES_GRAPH, QUERIES_GRAPH, CONFORMITY_GRAPH}


def check_store(
    store: EmbeddedStore, rules: RuleSet, focus: Collection[str] | None = None
) -> Report:
    """Check rules over the records, the inferences and the ontology of a store.

    Args:
        store: holds its inferences already.
        rules: the rules to check.
        focus: check these nodes only; None checks all targets.
    """
    data = reference.PreparedGraph()
    for graph in store.graphs():
        if graph not in _LEFT_OUT:
            to_rdflib_graph(store.quads(graph), data)
    return reference.check(data, rules, focus)
