"""Which graphs matter to a rule.

The engine looks into each graph for each pattern, so that fewer graphs save time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import pyoxigraph as ox

from aimsgraph.inference.rule import TYPE, Atom, InferenceRule, Var
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH
from aimsgraph.rdf.terms import GraphNode, Term

_ONTOLOGY: Final = ox.NamedNode(ONTOLOGY_GRAPH)
_INFERRED: Final = ox.NamedNode(INFERRED_GRAPH)

Sort = tuple[Term, Term | None]
"""A predicate; for types, with the class."""


class Extent:
    """What the ontology and the inferred graph hold, by predicate and class.

    Record graphs are too large to look through: they always matter.
    """

    def __init__(self, store: ox.Store) -> None:
        self._sorts: dict[GraphNode, set[Sort]] = {_ONTOLOGY: set(), _INFERRED: set()}
        for row in _rows(store, "SELECT DISTINCT ?a { ?s ?a ?o }"):
            self._sorts[_ONTOLOGY].add((row, None))
        for row in _rows(store, "SELECT DISTINCT ?a { ?s a ?a }"):
            self._sorts[_ONTOLOGY].add((TYPE, row))
        self._everything_inferred = False

    def concluded(self, rule: InferenceRule) -> None:
        """Take note that a rule added something to the inferred graph."""
        sort = _sort(rule.head)
        if sort is None:
            self._everything_inferred = True
        else:
            self._sorts[_INFERRED].add(sort)

    def needed(self, rule: InferenceRule, graphs: Sequence[GraphNode]) -> list[GraphNode]:
        """Return those of some graphs that may hold anything that fits a pattern of a rule."""
        sorts = {_sort(atom) for atom in (rule.head, *rule.body)}
        if None in sorts:
            return list(graphs)
        return [
            graph
            for graph in graphs
            if graph not in self._sorts
            or (graph == _INFERRED and self._everything_inferred)
            or not sorts.isdisjoint(self._sorts[graph])
        ]


def _sort(atom: Atom) -> Sort | None:
    """Return what a pattern is about, or None where that may be several things."""
    if isinstance(atom.predicate, Var):
        return None
    if atom.predicate != TYPE:
        return atom.predicate, None
    return None if isinstance(atom.object, Var) else (TYPE, atom.object)


def _rows(store: ox.Store, query: str) -> list[Term]:
    found = cast(ox.QuerySolutions, store.query(query, default_graph=[_ONTOLOGY]))
    return [row["a"] for row in found]
