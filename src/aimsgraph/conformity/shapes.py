"""Shapes as SHACL means them, read from a graph of shapes (SHACL, section 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import rdflib
from rdflib import RDF, RDFS, SH, URIRef
from rdflib.collection import Collection
from rdflib.term import BNode, Node

from aimsgraph.conformity.paths import Alternative, Inverse, Link, Path, Repeat, Sequence
from aimsgraph.errors import RuleError
from aimsgraph.rdf.terms import Term, as_stored, from_rdflib

TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)

_REPEATED: Final = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


@dataclass(frozen=True)
class Target:
    """Which nodes a shape is about: `targetClass` and so on, and its value."""

    kind: str
    value: Term


@dataclass(frozen=True)
class Focus:
    """Targets, and the paths that lead from them to the nodes a nested shape looks at."""

    targets: frozenset[Target]
    via: tuple[Path, ...] = ()


class Shape:
    """One shape of a graph of shapes."""

    def __init__(self, graph: rdflib.Graph, node: Node) -> None:
        self.graph = graph
        self.node = node

    @property
    def name(self) -> str:
        """Return the IRI of the shape, or `_:label` where it has none."""
        return f"_:{self.node}" if isinstance(self.node, BNode) else str(self.node)

    @cached_property
    def path(self) -> Path | None:
        """Return the path of a property shape."""
        node = self.graph.value(self.node, SH.path)
        return None if node is None else read_path(self.graph, node)

    @property
    def severity(self) -> str:
        """Return the IRI of the severity of its results."""
        return str(self.graph.value(self.node, SH.severity) or SH.Violation)

    @property
    def is_deactivated(self) -> bool:
        """Return whether the shape is switched off (SHACL, 2.1.8)."""
        return any(value.value is True for value in self.all(SH.deactivated))  # type: ignore[attr-defined]

    @property
    def message(self) -> str | None:
        """Return what the shape says of its results, in English where there is a choice."""
        return message_of(self.graph, self.node)

    def all(self, predicate: URIRef) -> list[Node]:
        """Return the values of a parameter, in a fixed order."""
        return sorted(self.graph.objects(self.node, predicate), key=str)

    def one(self, predicate: URIRef) -> Node | None:
        """Return the value of a parameter."""
        return self.graph.value(self.node, predicate)

    def members(self, head: Node) -> list[Node]:
        """Return the members of a list.

        Raises:
            RuleError: it is none.
        """
        if head != RDF.nil and (head, RDF.first, None) not in self.graph:
            raise RuleError(f"{head} is no list; write it in round brackets")
        return list(Collection(self.graph, head))

    def other(self, node: Node) -> Shape:
        """Return another shape of the same graph.

        Raises:
            RuleError: nothing is said of it.
        """
        if (node, None, None) not in self.graph:
            raise RuleError(f"nothing is said of the shape {node}; declare it, or correct its name")
        return Shape(self.graph, node)

    def parents(self) -> Iterator[Shape]:
        """Yield the shapes that have this one as `sh:property`."""
        yield from (Shape(self.graph, node) for node in self.graph.subjects(SH.property, self.node))

    def targets(self) -> frozenset[Target]:
        """Return its own targets, that of a class which is a shape too included (SHACL, 2.1.3)."""
        found = {
            Target(str(kind).rpartition("#")[2], as_stored(from_rdflib(value)))
            for kind in TARGETS
            for value in self.graph.objects(self.node, kind)
        }
        if isinstance(self.node, URIRef) and self._is_class():
            found.add(Target("targetClass", from_rdflib(self.node)))
        return frozenset(found)

    def _is_class(self) -> bool:
        kinds = set(self.graph.objects(self.node, RDF.type))
        return any(
            RDFS.Class in self.graph.transitive_objects(kind, RDFS.subClassOf) for kind in kinds
        )


def shapes_with_targets(graph: rdflib.Graph) -> list[Shape]:
    """Return the shapes that have targets of their own, sorted by name."""
    nodes = {node for kind in TARGETS for node in graph.subjects(kind)}
    classes = {RDFS.Class, *graph.transitive_subjects(RDFS.subClassOf, RDFS.Class)}
    for kind in (SH.NodeShape, SH.PropertyShape):
        nodes |= {
            node
            for node in graph.subjects(RDF.type, kind)
            if classes.intersection(graph.objects(node, RDF.type))
        }
    return sorted((Shape(graph, node) for node in nodes), key=lambda shape: shape.name)


def focuses(shape: Shape, seen: tuple[Node, ...] = ()) -> frozenset[Focus]:
    """Return where the focus nodes of a shape come from: its targets, and those of its parents."""
    own = shape.targets()
    found = {Focus(own)} if own else set()
    for parent in shape.parents():
        if parent.node in seen or parent.is_deactivated:
            continue
        for focus in focuses(parent, (*seen, shape.node)):
            via = focus.via if parent.path is None else (*focus.via, parent.path)
            found.add(Focus(focus.targets, via))
    return frozenset(found)


def message_of(graph: rdflib.Graph, node: Node) -> str | None:
    """Return a message of a shape or constraint, in English where there is a choice."""
    found = sorted(
        graph.objects(node, SH.message),
        key=lambda text: (getattr(text, "language", None) not in {"en", None}, str(text)),
    )
    return str(found[0]) if found else None


def read_path(graph: rdflib.Graph, node: Node) -> Path:
    """Return a SHACL path (SHACL, 2.3.1).

    Raises:
        RuleError: it is no well-formed path.
    """
    return _path(graph, node, ())


def _path(graph: rdflib.Graph, node: Node, above: tuple[Node, ...]) -> Path:
    if isinstance(node, URIRef):
        return Link(str(node))
    if node in above or not isinstance(node, BNode):
        raise RuleError(f"{node} is no property path")
    below = (*above, node)
    if (node, RDF.first, None) in graph:
        return Sequence(tuple(_members(graph, node, below)))
    for predicate, value in graph.predicate_objects(node):
        if predicate == SH.inversePath:
            return Inverse(_path(graph, value, below))
        if predicate == SH.alternativePath:
            return Alternative(tuple(_members(graph, value, below)))
        if predicate in _REPEATED:
            return Repeat(_path(graph, value, below), _REPEATED[predicate])  # type: ignore[index]
    raise RuleError("a sh:path is no property path; write an IRI, a list or one of the sh:...Path")


def _members(graph: rdflib.Graph, head: Node, above: tuple[Node, ...]) -> Iterator[Path]:
    members = list(Collection(graph, head))
    if len(members) < 2:
        raise RuleError("a sh:path that is a list needs two members or more")
    for member in members:
        yield _path(graph, member, above)
