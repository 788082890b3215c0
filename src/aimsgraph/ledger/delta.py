"""A delta: quads that enter and leave, net; and work on the live store that can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import pyoxigraph as ox

from aimsgraph.egress.reach import Reach
from aimsgraph.namespaces import UNNAMED
from aimsgraph.rdf.terms import GraphNode, graph_name
from aimsgraph.store.answer import Answer
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.prepared import Prepared

MANY: Final = 50_000
"""From so many quads on the engine's bulk loader is faster than a transaction."""

Ask = Callable[[EmbeddedStore, Prepared], Answer]
"""Answers a query on a store that somebody holds still."""

_BATCH: Final = 5_000


@dataclass
class Delta:
    """Quads added and removed; neither holds a quad of the other."""

    added: dict[ox.Quad, None] = field(default_factory=dict)
    removed: dict[ox.Quad, None] = field(default_factory=dict)

    def add(self, quad: ox.Quad) -> None:
        """Note that a quad which was absent is there now."""
        if quad in self.removed:
            del self.removed[quad]
        else:
            self.added[quad] = None

    def remove(self, quad: ox.Quad) -> None:
        """Note that a quad which was there is absent now."""
        if quad in self.added:
            del self.added[quad]
        else:
            self.removed[quad] = None

    def then(self, other: Delta) -> None:
        """Note what a later delta did."""
        for quad in other.removed:
            self.remove(quad)
        for quad in other.added:
            self.add(quad)

    def inverse(self) -> Delta:
        """Return what takes this delta back."""
        return Delta(dict(self.removed), dict(self.added))

    def __bool__(self) -> bool:
        """Return whether anything changes."""
        return bool(self.added or self.removed)

    def apply(self, engine: ox.Store) -> None:
        """Make the change in a store that nobody else reads."""
        _remove(engine, self.removed)
        if len(self.added) < MANY:
            engine.extend(self.added)
        else:
            engine.bulk_extend(self.added)
        for graph in {quad.graph_name for quad in self.removed}:
            _drop_if_empty(engine, graph)


class Work:
    """The live store while one changeset is being made.

    Every step is applied at once, so that the next one sees it, and noted, so
    that all can be taken back.

    Args:
        store: the live store.
        ask: runs queries of a caller on it; this process itself if not given.
        reach: which other hosts may be asked for documents; none if not given.
    """

    def __init__(
        self, store: EmbeddedStore, ask: Ask | None = None, reach: Reach | None = None
    ) -> None:
        self.store = store
        self.reach = reach or Reach()
        self.delta = Delta()
        self._ask = ask

    def ask(self, query: Prepared) -> Answer:
        """Answer a query on the store as it is now.

        Raises:
            QueryError: it is not valid SPARQL, or fails.
            LimitError: it takes more than it may.
        """
        if self._ask is not None:
            return self._ask(self.store, query)
        return Answer(lambda: self.store.run(query))

    def change(self, added: Iterable[ox.Quad], removed: Iterable[ox.Quad] = ()) -> Delta:
        """Remove quads, then add quads; return what that changed."""
        step = Delta()
        engine = self.store.engine
        stays = normal(added)
        for quad in normal(removed):
            if quad in engine and quad not in stays:
                step.removed[quad] = None
        full = {graph for graph in {q.graph_name for q in stays} if _holds_any(engine, graph)}
        for quad in stays:
            if quad.graph_name not in full or quad not in engine:
                step.added[quad] = None
        step.apply(engine)
        self.delta.then(step)
        return step

    def undo(self) -> None:
        """Take back everything."""
        self.delta.inverse().apply(self.store.engine)
        self.delta = Delta()


def normal(quads: Iterable[ox.Quad]) -> dict[ox.Quad, None]:
    """Return quads as the engine gives them back: once each, values in their canonical form.

    The engine stores `"01"^^xsd:integer` as `1`; digests and deltas are made
    of what it stores.
    """
    canonical = Canonical()
    found: dict[ox.Quad, None] = {}
    for quad in quads:
        value = quad.object
        if isinstance(value, ox.Literal):
            other = canonical(value)
            if other is not value:
                quad = ox.Quad(quad.subject, quad.predicate, other, quad.graph_name)
        elif isinstance(value, ox.Triple):
            quad = _as_stored(quad)
        found[quad] = None
    return found


class Canonical:
    """Literals as the engine stores them; each distinct one is asked of it once."""

    def __init__(self) -> None:
        self._known: dict[ox.Literal, ox.Literal] = {}

    def __call__(self, literal: ox.Literal) -> ox.Literal:
        """Return the literal itself where the engine stores it as it is, else what it stores."""
        if literal.language is not None or literal.datatype == _STRING:
            return literal
        found = self._known.get(literal)
        if found is None:
            stored = _as_stored(ox.Quad(_ANY, _ANY, literal, _ANY)).object
            found = literal if stored == literal else stored  # type: ignore[assignment]
            self._known[literal] = found  # type: ignore[assignment]
        return found  # type: ignore[return-value]


_STRING: Final = ox.Literal("").datatype
_ANY: Final = ox.NamedNode("urn:any")


def _as_stored(quad: ox.Quad) -> ox.Quad:
    scratch = ox.Store()
    scratch.add(quad)
    found: ox.Quad = next(iter(scratch))
    return found


def _holds_any(engine: ox.Store, graph: GraphNode) -> bool:
    return next(engine.quads_for_pattern(None, None, None, graph), None) is not None


def _drop_if_empty(engine: ox.Store, graph: GraphNode) -> None:
    if graph_name(graph) != UNNAMED and not _holds_any(engine, graph):
        engine.remove_graph(graph)


def _remove(engine: ox.Store, removed: Iterable[ox.Quad]) -> None:
    """Remove quads; many at a time where no blank node or triple term stands in the way."""
    named = []
    for quad in removed:
        if isinstance(quad.object, ox.Triple) or " _:" in f" {quad}":
            engine.remove(quad)
        else:
            named.append(quad)
    rest = iter(named)
    while batch := list(islice(rest, _BATCH)):
        if len(batch) < 50:
            for quad in batch:
                engine.remove(quad)
        else:
            engine.update("DELETE DATA {" + "\n".join(_as_data(batch)) + "}")


def _as_data(quads: list[ox.Quad]) -> Iterator[str]:
    for quad in quads:
        triple = f"{quad.subject} {quad.predicate} {quad.object}"
        yield (
            f"GRAPH {quad.graph_name} {{ {triple} }}"
            if graph_name(quad.graph_name)
            else triple + " ."
        )
