"""Why a statement holds: who recorded it, or by which rule it follows from what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from aimsgraph.access import Right
from aimsgraph.derivation import record_graphs
from aimsgraph.history import Entry, entries
from aimsgraph.inference.explain import Proof, explain
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.rules import read_rules
from aimsgraph.ledger.lines import ADDED, quads
from aimsgraph.ledger.memory import Ledger
from aimsgraph.namespaces import ONTOLOGY_GRAPH
from aimsgraph.rdf.terms import graph_node, value_of
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.view import View


@dataclass(frozen=True)
class Assertion:
    """A graph that states something, and the changeset that brought it there."""

    graph: str
    entry: Entry | None
    """None where the release states it."""


@dataclass(frozen=True)
class Explanation:
    """A statement with the ground on which it holds.

    Args:
        triple: the statement.
        rule: the rule of OWL 2 RL that concludes it; None where it is stated.
        because: the ontology's axiom behind the rule, in words.
        premises: what the rule started from.
        assertions: where and by which changeset it is stated.
    """

    triple: ox.Triple
    rule: str | None = None
    because: str = ""
    premises: tuple[Explanation, ...] = ()
    assertions: tuple[Assertion, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Explanation]]:
        """Yield this and all below it, each with its depth."""
        yield depth, self
        for premise in self.premises:
            yield from premise.walk(depth + 1)


def explained(
    view: View, store: EmbeddedStore, ledger: Ledger, triple: ox.Triple
) -> Explanation | None:
    """Return why a statement holds in a view, or None where it does not.

    Args:
        view: what the caller sees.
        store: the generation that the view looks at.
        ledger: tells who recorded what.
        triple: the statement.

    Raises:
        AccessError: the caller may not read history, or sees some graphs only.
        InferenceError: no proof was found in the steps one search may take.
    """
    view.caller.require(Right.HISTORY)
    view.caller.require_everything("why a statement holds")
    engine = store.engine
    graphs = [*record_graphs(store), ONTOLOGY_GRAPH]
    proof = explain(engine, RuleIndex.of(read_rules(engine)), graphs, triple)
    return None if proof is None else _explanation(proof, _origin_in(view, ledger))


_Origin = Callable[[ox.Triple, str], Entry | None]


def _explanation(proof: Proof, origin: _Origin) -> Explanation:
    return Explanation(
        triple=proof.triple,
        rule=proof.rule,
        because=proof.because,
        premises=tuple(_explanation(premise, origin) for premise in proof.premises),
        assertions=tuple(Assertion(name, origin(proof.triple, name)) for name in proof.graphs),
    )


def _origin_in(view: View, ledger: Ledger) -> _Origin:
    """Return what finds the changeset that brought a statement into a graph last."""

    @cache
    def listed(subject: str | None) -> list[Entry]:
        return entries(view, ledger, subject=subject)

    def origin(triple: ox.Triple, graph: str) -> Entry | None:
        if graph == ONTOLOGY_GRAPH:
            return None
        quad = ox.Quad(triple.subject, triple.predicate, triple.object, graph_node(graph))
        named = isinstance(triple.subject, ox.NamedNode)
        for entry in listed(value_of(triple.subject) if named else None):
            changeset = next(iter(ledger.changesets(entry.generation)))
            about = [line for line in changeset.asserted if str(triple.predicate) in line.statement]
            if quad in quads(about, ADDED):
                return entry
        return None

    return origin
