"""The ontology as other editors complete from it: which class has which properties, as VoID.

They look in the endpoint itself for partitions of the data. These are read off
the ontology, which says what a class may have, so they count nothing; the
service counts at `/.well-known/void`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import OWL, PREFIXES, QUERIES_GRAPH, RDF, RECORDS_GRAPHS, XSD

VOID: Final = "http://rdfs.org/ns/void#"
VOID_EXT: Final = "http://ldf.fi/void-ext#"
DATASET: Final = RECORDS_GRAPHS.rstrip("/")
"""What stands for the records of any organisation."""

_DOMAIN: Final = ox.NamedNode(f"{PREFIXES['schema']}domainIncludes")
_RANGE: Final = ox.NamedNode(f"{PREFIXES['schema']}rangeIncludes")
_TYPE: Final = ox.NamedNode(f"{RDF}type")
_CLASS: Final = ox.NamedNode(f"{OWL}Class")
_GRAPH: Final = ox.NamedNode(QUERIES_GRAPH)

Node = ox.NamedNode | ox.BlankNode
Links = dict[str, list[str]]


def partitions(ontology: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield the partitions that an ontology speaks of: classes, their properties, their values."""
    properties: Links = defaultdict(list)
    ranges: Links = defaultdict(list)
    classes = set()
    for quad in ontology:
        subject, value = quad.subject, quad.object
        if not isinstance(subject, ox.NamedNode) or not isinstance(value, ox.NamedNode):
            continue
        if quad.predicate == _DOMAIN:
            properties[value.value].append(subject.value)
        elif quad.predicate == _RANGE:
            ranges[subject.value].append(value.value)
        elif quad.predicate == _TYPE and value == _CLASS:
            classes.add(subject.value)
    yield _quad(ox.NamedNode(DATASET), _TYPE.value, ox.NamedNode(f"{VOID}Dataset"))
    for name in sorted(classes | set(properties)):
        yield from _class(name, properties[name], ranges)


def _class(name: str, properties: list[str], ranges: Links) -> Iterator[ox.Quad]:
    part = _part(name)
    yield _quad(ox.NamedNode(DATASET), f"{VOID}classPartition", part)
    yield _quad(part, f"{VOID}class", ox.NamedNode(name))
    for of in properties:
        inner = _part(name, of)
        yield _quad(part, f"{VOID}propertyPartition", inner)
        yield _quad(inner, f"{VOID}property", ox.NamedNode(of))
        for value in ranges[of]:
            yield from _value(inner, _part(name, of, value), value)


def _value(inner: ox.BlankNode, part: ox.BlankNode, value: str) -> Iterator[ox.Quad]:
    """Yield what a property points to: things of a class, or values of a datatype."""
    is_datatype = value.startswith(XSD) or value == f"{RDF}langString"
    word = f"{VOID_EXT}datatype" if is_datatype else f"{VOID}class"
    yield _quad(inner, f"{word}Partition", part)
    yield _quad(part, word, ox.NamedNode(value))


def _part(*names: str) -> ox.BlankNode:
    """Return what stands for the part with some names, one within the other; always the same."""
    return ox.BlankNode(sha256(" ".join((DATASET, *names)).encode()).hexdigest()[:32])


def _quad(subject: Node, predicate: str, value: Node) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value, _GRAPH)
