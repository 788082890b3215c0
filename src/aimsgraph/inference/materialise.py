"""Materialising: the inferred graph of a store, made anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.rules import EXPRESSIONS, InferenceRule, read_rules
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH
from aimsgraph.rdf.terms import value_of

ROUNDS: Final = 60
"""How often the rules may run before we say that they don't come to rest."""


def materialise(store: ox.Store, records: Sequence[str]) -> int:
    """Make the inferred graph anew and return the number of its statements.

    Args:
        store: holds the ontology graph and the record graphs.
        records: the names of the graphs whose consequences are wanted.

    Raises:
        InferenceError: the rules still add something after `ROUNDS` rounds.
    """
    inferred = ox.NamedNode(INFERRED_GRAPH)
    store.clear_graph(inferred)
    rules = read_rules(store)
    working = [*records, ONTOLOGY_GRAPH, INFERRED_GRAPH]
    for _ in range(ROUNDS):
        if not _round(store, rules, working):
            _drop_helpers(store)
            return _size(store)
    raise InferenceError(f"the ontology's rules still add statements after {ROUNDS} rounds")


def _round(store: ox.Store, rules: list[InferenceRule], graphs: list[str]) -> int:
    before = _size(store)
    for rule in rules:
        store.update(rule.update(graphs))
    return _size(store) - before


def _size(store: ox.Store) -> int:
    text = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{INFERRED_GRAPH}> {{ ?s ?p ?o }} }}"
    found = cast(ox.QuerySolutions, store.query(text))
    return int(value_of(next(iter(found))["n"]))


def _drop_helpers(store: ox.Store) -> None:
    """Remove the memberships in class expressions, which have no name outside."""
    store.update(
        f"DELETE {{ GRAPH <{INFERRED_GRAPH}> {{ ?x a ?c }} }} "
        f"WHERE {{ GRAPH <{INFERRED_GRAPH}> {{ ?x a ?c }} "
        f'FILTER(STRSTARTS(STR(?c), "{EXPRESSIONS}")) }}'
    )
