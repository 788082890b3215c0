"""What held before a change and what holds after it, over an engine that is only read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import product
from typing import Final

import pyoxigraph as ox

from aimsgraph.inference.plan import Known
from aimsgraph.inference.rule import Fact
from aimsgraph.namespaces import INFERRED_GRAPH
from aimsgraph.rdf.terms import GraphNode, graph_node

ASSERTED: Final = 1
INFERRED: Final = 2
Key = tuple[Known, Known, Known]


def fact_of(triple: ox.Triple) -> Fact:
    """Return a triple of the engine as the rules handle it."""
    return triple.subject, triple.predicate, triple.object


def triple_of(fact: Fact) -> ox.Triple:
    """Return a fact as the engine's triple."""
    return ox.Triple(*fact)  # type: ignore[arg-type]


class Base:
    """The facts of an engine, each with whether it is asserted, inferred, or both.

    What was looked up once is kept: this lives as long as one change.
    """

    def __init__(self, engine: ox.Store, graphs: Collection[str]) -> None:
        self._engine = engine
        self._bits: dict[object, int] = {graph_node(name): ASSERTED for name in graphs}
        self._bits[ox.NamedNode(INFERRED_GRAPH)] = INFERRED
        self._known: dict[Key, dict[Fact, int]] = {}

    def find(self, s: Known, p: Known, o: Known) -> dict[Fact, int]:
        """Return the facts that fit a pattern."""
        key = (s, p, o)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._looked_up(s, p, o)
        return found

    def _looked_up(self, s: Known, p: Known, o: Known) -> dict[Fact, int]:
        if isinstance(s, ox.Literal | ox.Triple) or not isinstance(p, ox.NamedNode | None):
            return {}
        found: dict[Fact, int] = {}
        for quad in self._engine.quads_for_pattern(s, p, o, None):
            if bit := self._bits.get(quad.graph_name):
                fact = (s or quad.subject, p or quad.predicate, o or quad.object)
                found[fact] = found.get(fact, 0) | bit
        return found

    def bits(self, fact: Fact) -> int:
        """Return whether a fact is asserted, inferred, both or neither."""
        return self.find(*fact).get(fact, 0)

    def is_asserted(self, fact: Fact) -> bool:
        """Return whether any of the graphs asserts a fact."""
        return bool(self.bits(fact) & ASSERTED)

    def is_inferred(self, fact: Fact) -> bool:
        """Return whether the inferred graph holds a fact."""
        return bool(self.bits(fact) & INFERRED)

    def facts(self, s: Known, p: Known, o: Known) -> Iterable[Fact]:
        """Return the facts that fit a pattern, asserted or inferred."""
        return self.find(s, p, o)

    def asserting(self, fact: Fact) -> list[GraphNode]:
        """Return the graphs that assert a fact."""
        found = self._engine.quads_for_pattern(*fact, None)  # type: ignore[arg-type]
        return [q.graph_name for q in found if self._bits.get(q.graph_name) == ASSERTED]


class Facts:
    """A set of facts that finds those that fit a pattern."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self.all: set[Fact] = set()
        self._by_pattern: dict[Key, list[Fact]] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """Take in a fact that is not there yet."""
        self.all.add(fact)
        for key in product(*((term, None) for term in fact)):
            self._by_pattern.setdefault(key, []).append(fact)  # type: ignore[arg-type]

    def find(self, s: Known, p: Known, o: Known) -> list[Fact]:
        """Return the facts that fit a pattern."""
        return self._by_pattern.get((s, p, o), [])


class Before:
    """What held before a change, over an engine that holds what is asserted after it."""

    def __init__(self, base: Base, added: set[Fact], removed: Iterable[Fact]) -> None:
        self._base = base
        self._added = added
        self._removed = Facts(removed)

    def facts(self, s: Known, p: Known, o: Known) -> list[Fact]:
        """Return the facts that fit a pattern."""
        held = [
            fact
            for fact, bits in self._base.find(s, p, o).items()
            if bits & INFERRED or fact not in self._added
        ]
        return held + self._removed.find(s, p, o)


class After:
    """What holds after a change, as far as it is known: it grows while it is worked out."""

    def __init__(self, base: Base, gone: set[Fact]) -> None:
        self._base = base
        self._gone = gone
        self.new = Facts()

    def __contains__(self, fact: Fact) -> bool:
        if fact in self.new.all:
            return True
        return fact not in self._gone and self._base.bits(fact) > 0

    def facts(self, s: Known, p: Known, o: Known) -> list[Fact]:
        """Return the facts that fit a pattern."""
        held = [fact for fact in self._base.find(s, p, o) if fact not in self._gone]
        return held + self.new.find(s, p, o)
