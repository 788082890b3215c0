"""Materialising: the inferred graph of a store, made anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, cast

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.classes import AXIOMS
from aimsgraph.inference.extent import Extent
from aimsgraph.inference.rule import TYPE, Atom, InferenceRule, Var
from aimsgraph.inference.rules import read_rules
from aimsgraph.inference.strata import Stratum, strata
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH, shorten
from aimsgraph.rdf.terms import GraphNode, graph_node, value_of

ROUNDS: Final = 200
"""How often rules may run before we say that they don't come to rest."""

_INFERRED: Final = ox.NamedNode(INFERRED_GRAPH)


def materialise(store: ox.Store, records: Sequence[str], rounds: int = ROUNDS) -> int:
    """Make the inferred graph anew and return the number of its statements.

    Args:
        store: holds the ontology graph and the record graphs.
        records: the names of the graphs whose consequences are wanted.
        rounds: how often rules that feed each other may run.

    Raises:
        InferenceError: rules still add something after so many rounds.
    """
    store.clear_graph(_INFERRED)
    rules = read_rules(store)
    if not _states_axioms(store, records, rules):
        rules = [rule for rule in rules if not needs_stated_axiom(rule)]
    named = [graph_node(name) for name in dict.fromkeys((*records, ONTOLOGY_GRAPH))]
    run = _Run(store, [*named, _INFERRED], rounds)
    return sum(run.stratum(one) for one in strata(tuple(rules)))


def needs_stated_axiom(rule: InferenceRule) -> bool:
    """Return whether a rule is about axioms that stand beside the data."""
    return any(atom.predicate in AXIOMS for atom in rule.body)


def _states_axioms(store: ox.Store, records: Iterable[str], rules: Iterable[InferenceRule]) -> bool:
    """Return whether there may be axioms outside the ontology, whose own are rules already."""
    if any(rule.head.predicate in AXIOMS or isinstance(rule.head.predicate, Var) for rule in rules):
        return True
    return any(
        next(store.quads_for_pattern(None, axiom, None, graph_node(name)), None) is not None
        for name in records
        for axiom in AXIOMS
    )


class _Run:
    """Rules at work on a store."""

    def __init__(self, store: ox.Store, graphs: list[GraphNode], rounds: int) -> None:
        self._store = store
        self._graphs = graphs
        self._rounds = rounds
        self._extent = Extent(store)

    def stratum(self, stratum: Stratum) -> int:
        """Run the rules of a stratum until they come to rest; return what they added."""
        total = 0
        waiting: Sequence[InferenceRule] = stratum.rules
        for _ in range(self._rounds):
            added = {rule: size for rule in waiting if (size := self._add(rule))}
            total += sum(added.values())
            waiting = stratum.fed_by(list(added)) if stratum.is_circular else ()
            if not waiting:
                return total
        raise InferenceError(_restless(added, self._rounds))

    def _add(self, rule: InferenceRule) -> int:
        """Add what a rule concludes and is not known yet; return how much that is."""
        graphs = self._extent.needed(rule, self._graphs)
        if not graphs:
            return 0
        size = conclude(self._store, rule, graphs)
        if size:
            self._extent.concluded(rule)
        return size


def conclude(store: ox.Store, rule: InferenceRule, graphs: list[GraphNode]) -> int:
    """Add what a rule concludes and is not known yet; return how much that is."""
    found = cast(ox.QueryTriples, store.query(rule.construct(), default_graph=graphs))
    size = 0

    def quads() -> Iterator[ox.Quad]:
        nonlocal size
        for triple in found:
            size += 1
            yield ox.Quad(triple.subject, triple.predicate, triple.object, _INFERRED)

    store.extend(quads())
    return size


def _restless(added: dict[InferenceRule, int], rounds: int) -> str:
    """Say which rules go round in which circle, and what helps."""
    names = "; ".join(f"{rule.name} ({rule.because})" for rule in list(added)[:5])
    circle = ", ".join(sorted({_about(rule.head) for rule in added}))
    return (
        f"after {rounds} rounds these rules still add statements, in a circle through {circle}: "
        f"{names}; take one of their axioms out of the ontology"
    )


def _about(head: Atom) -> str:
    words = (head.predicate, head.object) if head.predicate == TYPE else (head.predicate,)
    return " ".join(shorten(value_of(word)) for word in words)
