"""The statements around a change: as they are, as they were, and both together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import (
    CONFORMITY_GRAPH,
    HISTORY_GRAPH,
    QUERIES_GRAPH,
    RDF,
    RDFS,
    SHAPES_GRAPH,
)
from aimsgraph.rdf.terms import GraphNode, Term

LEFT_OUT: Final = frozenset({SHAPES_GRAPH, QUERIES_GRAPH, CONFORMITY_GRAPH, HISTORY_GRAPH})
"""Graphs that no shape looks at."""

_LEFT_OUT_NODES: Final = {ox.NamedNode(name) for name in LEFT_OUT}
TYPE: Final = f"{RDF}type"
CLASS_AXIOM: Final = f"{RDFS}subClassOf"


class Net:
    """What a change does to the union of some graphs.

    Args:
        engine: the store after the change.
        added: quads that the change brought, in any graph.
        removed: quads that it took away.
        counts: tells whether a graph is one of these; those that shapes look at if not given.
    """

    def __init__(
        self,
        engine: ox.Store,
        added: Iterable[ox.Quad],
        removed: Iterable[ox.Quad],
        counts: Callable[[GraphNode], bool] = lambda graph: graph not in _LEFT_OUT_NODES,
    ) -> None:
        own = {q for q in added if counts(q.graph_name)}
        gone = {q.triple for q in removed if counts(q.graph_name)}

        def others(triple: ox.Triple) -> bool:
            """Return whether a triple stands in a graph that counts, added quads left aside."""
            found = engine.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
            return any(counts(q.graph_name) and q not in own for q in found)

        new = {q.triple for q in own}
        self.added = {one for one in new - gone if not others(one)}
        self.removed = {one for one in gone - new if not others(one)}

    def __bool__(self) -> bool:
        """Return whether anything changes."""
        return bool(self.added or self.removed)


class Overlay:
    """Looks up statements in a store and, where asked, those that a change has just removed.

    Args:
        engine: the store after the change.
        more: statements that count although the store does not hold them.
        less: statements that don't count although the store holds them.
    """

    def __init__(
        self,
        engine: ox.Store,
        more: Collection[ox.Triple] = (),
        less: Collection[ox.Triple] = (),
    ) -> None:
        self._engine = engine
        self._less = frozenset(less)
        self._out: defaultdict[Term, list[tuple[str, Term]]] = defaultdict(list)
        self._in: defaultdict[Term, list[tuple[str, Term]]] = defaultdict(list)
        for triple in more:
            self._out[triple.subject].append((triple.predicate.value, triple.object))
            self._in[triple.object].append((triple.predicate.value, triple.subject))
        self._objects: dict[tuple[Term, str], frozenset[Term]] = {}
        self._subjects: dict[tuple[str, Term], frozenset[Term]] = {}
        self._has_object: dict[tuple[Term, str], bool] = {}
        self._has_subject: dict[tuple[str, Term], bool] = {}
        self._classes: dict[Term, frozenset[Term]] = {}
        self._above: dict[Term, frozenset[Term]] = {}

    def objects(self, subject: Term, predicate: str) -> Collection[Term]:
        """Return the objects of a subject and a predicate."""
        key = subject, predicate
        found = self._objects.get(key)
        if found is None:
            quads = self._quads(subject, predicate, None)
            more = (o for p, o in self._out.get(subject, ()) if p == predicate)
            found = self._objects[key] = frozenset([*(q.object for q in quads), *more])
        return found

    def subjects(self, predicate: str, value: Term) -> Collection[Term]:
        """Return the subjects of a predicate and an object."""
        key = predicate, value
        found = self._subjects.get(key)
        if found is None:
            quads = self._quads(None, predicate, value)
            more = (s for p, s in self._in.get(value, ()) if p == predicate)
            found = self._subjects[key] = frozenset([*(q.subject for q in quads), *more])
        return found

    def has_object(self, subject: Term, predicate: str) -> bool:
        """Return whether a subject and a predicate have an object."""
        key = subject, predicate
        known = self._objects.get(key)
        if known is not None:
            return bool(known)
        found = self._has_object.get(key)
        if found is None:
            found = any(p == predicate for p, _ in self._out.get(subject, ()))
            found = found or self._any(subject, predicate, None)
            self._has_object[key] = found
        return found

    def has_subject(self, predicate: str, value: Term) -> bool:
        """Return whether a predicate and an object have a subject."""
        key = predicate, value
        known = self._subjects.get(key)
        if known is not None:
            return bool(known)
        found = self._has_subject.get(key)
        if found is None:
            found = any(p == predicate for p, _ in self._in.get(value, ()))
            found = found or self._any(None, predicate, value)
            self._has_subject[key] = found
        return found

    def outgoing(self, subject: Term) -> Collection[tuple[str, Term]]:
        """Return the predicates and objects of a subject."""
        quads = self._quads(subject, None, None)
        return {*((q.predicate.value, q.object) for q in quads), *self._out.get(subject, ())}

    def incoming(self, value: Term) -> Collection[tuple[str, Term]]:
        """Return the predicates and subjects of an object."""
        quads = self._quads(None, None, value)
        return {*((q.predicate.value, q.subject) for q in quads), *self._in.get(value, ())}

    def classes(self, node: Term) -> frozenset[Term]:
        """Return the classes of a node, those above them included (SHACL, 2.1.3.1)."""
        found = self._classes.get(node)
        if found is None:
            own = (self.classes_above(kind) for kind in self.objects(node, TYPE))
            found = self._classes[node] = frozenset().union(*own)
        return found

    def classes_above(self, kind: Term) -> frozenset[Term]:
        """Return a class and those above it."""
        found = self._above.get(kind)
        if found is None:
            reached = {kind}
            waiting = [kind]
            while waiting:
                new = set(self.objects(waiting.pop(), CLASS_AXIOM)) - reached
                reached |= new
                waiting += new
            found = self._above[kind] = frozenset(reached)
        return found

    def _any(self, subject: Term | None, predicate: str, value: Term | None) -> bool:
        return next(self._quads(subject, predicate, value), None) is not None

    def _quads(
        self, subject: Term | None, predicate: str | None, value: Term | None
    ) -> Iterator[ox.Quad]:
        if isinstance(subject, ox.Literal | ox.Triple):
            return
        link = None if predicate is None else ox.NamedNode(predicate)
        for quad in self._engine.quads_for_pattern(subject, link, value, None):
            if quad.graph_name not in _LEFT_OUT_NODES and not (
                self._less and quad.triple in self._less
            ):
                yield quad
