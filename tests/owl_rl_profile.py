"""A checker of the OWL 2 RL profile over RDF (OWL 2 Profiles, section 4.2).

It walks the axioms and looks at each class expression in the position it stands
in: subclass, superclass or equivalent class, which allow different things.
What it does not know of OWL's vocabulary it reports rather than passes over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

ALLOWED: Final = {
    "subclass": {
        OWL.intersectionOf,
        OWL.unionOf,
        OWL.oneOf,
        OWL.someValuesFrom,
        OWL.hasValue,
    },
    "superclass": {
        OWL.intersectionOf,
        OWL.complementOf,
        OWL.allValuesFrom,
        OWL.hasValue,
        OWL.maxCardinality,
        OWL.maxQualifiedCardinality,
    },
    "equivalent class": {OWL.intersectionOf, OWL.hasValue},
}
"""What makes up a class expression, by the position it stands in."""

CONSTRUCTORS: Final = (
    *sorted(set().union(*ALLOWED.values())),
    OWL.cardinality,
    OWL.minCardinality,
    OWL.qualifiedCardinality,
    OWL.minQualifiedCardinality,
    OWL.hasSelf,
    OWL.disjointUnionOf,
)

DATATYPES: Final = {
    *(RDF.PlainLiteral, RDF.XMLLiteral, RDF.langString, RDFS.Literal),
    *(XSD.decimal, XSD.integer, XSD.nonNegativeInteger, XSD.nonPositiveInteger),
    *(XSD.positiveInteger, XSD.negativeInteger, XSD.long, XSD.int, XSD.short, XSD.byte),
    *(XSD.unsignedLong, XSD.unsignedInt, XSD.unsignedShort, XSD.unsignedByte),
    *(XSD.float, XSD.double, XSD.string, XSD.normalizedString, XSD.token, XSD.language),
    *(XSD.Name, XSD.NCName, XSD.NMTOKEN, XSD.boolean, XSD.hexBinary, XSD.base64Binary),
    *(XSD.anyURI, XSD.dateTime, XSD.dateTimeStamp),
}
"""The datatypes of the profile. A date has none there: dates stay out of axioms."""

KNOWN_PREDICATES: Final = {
    *CONSTRUCTORS,
    *(OWL.onProperty, OWL.onClass, OWL.onDataRange, OWL.inverseOf, OWL.propertyChainAxiom),
    *(OWL.equivalentClass, OWL.equivalentProperty, OWL.disjointWith, OWL.propertyDisjointWith),
    *(OWL.members, OWL.hasKey, OWL.sameAs, OWL.differentFrom, OWL.distinctMembers),
    *(OWL.imports, OWL.versionIRI, OWL.versionInfo, OWL.priorVersion, OWL.deprecated),
}
KNOWN_TYPES: Final = {
    *(OWL.Ontology, OWL.Class, OWL.Restriction, OWL.NamedIndividual, OWL.AllDisjointClasses),
    *(OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.AllDifferent),
    *(OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.SymmetricProperty),
    *(OWL.AsymmetricProperty, OWL.IrreflexiveProperty, OWL.TransitiveProperty),
}
PROPERTY_KINDS: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def violations(graph: Graph) -> list[str]:
    """Return a sentence for everything in an ontology that the profile forbids."""
    found = [
        *_vocabulary(graph),
        *_property_kinds(graph),
        *_class_axioms(graph),
        *_property_axioms(graph),
        *_literals(graph),
    ]
    return sorted(set(found))


def _vocabulary(graph: Graph) -> Iterator[str]:
    for subject, predicate, value in graph:
        if str(predicate).startswith(str(OWL)) and predicate not in KNOWN_PREDICATES:
            yield f"{_at(graph, subject)}: {_short(predicate)} is not of the profile"
        if predicate == RDF.type and str(value).startswith(str(OWL)) and value not in KNOWN_TYPES:
            yield f"{_at(graph, subject)}: {_short(value)} is not of the profile"


def _property_kinds(graph: Graph) -> Iterator[str]:
    for name in set(graph.subjects(RDF.type, None)):
        kinds = [kind for kind in PROPERTY_KINDS if (name, RDF.type, kind) in graph]
        if len(kinds) > 1:
            yield f"{name}: a property is of one kind, not {len(kinds)}"


AXIOMS: Final = (
    (RDFS.subClassOf, "subclass", "superclass"),
    (OWL.equivalentClass, "equivalent class", "equivalent class"),
    (OWL.disjointWith, "subclass", "subclass"),
)
"""What relates two classes, and the positions of the two."""


def _class_axioms(graph: Graph) -> Iterator[str]:
    for axiom, first, second in AXIOMS:
        for one, other in graph.subject_objects(axiom):
            yield from _expression(graph, one, first)
            yield from _expression(graph, other, second)
    for group in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for member in _members(graph, group):
            yield from _expression(graph, member, "subclass")
    for subject in graph.subjects(OWL.hasKey):
        yield from _expression(graph, subject, "subclass")
    yield from _memberships(graph)


def _members(graph: Graph, group: Node) -> Iterator[Node]:
    for members in graph.objects(group, OWL.members):
        yield from Collection(graph, members)


def _memberships(graph: Graph) -> Iterator[str]:
    for subject, kind in graph.subject_objects(RDF.type):
        if isinstance(kind, BNode):
            yield from _expression(graph, kind, "superclass")
        elif kind == OWL.Class and isinstance(subject, URIRef):
            yield from _constructors(graph, subject, "equivalent class")


def _property_axioms(graph: Graph) -> Iterator[str]:
    for _, domain in graph.subject_objects(RDFS.domain):
        yield from _expression(graph, domain, "superclass")
    for name, value in graph.subject_objects(RDFS.range):
        if _is_data(graph, value) or (name, RDF.type, OWL.DatatypeProperty) in graph:
            yield from _data_range(graph, value)
        else:
            yield from _expression(graph, value, "superclass")


def _literals(graph: Graph) -> Iterator[str]:
    for name in graph.subjects(RDF.type, OWL.DatatypeProperty):
        for subject, value in graph.subject_objects(name):
            yield from _literal(graph, subject, value)


def _literal(graph: Graph, subject: Node, value: Node) -> Iterator[str]:
    if isinstance(value, Literal) and value.datatype and value.datatype not in DATATYPES:
        yield f"{_at(graph, subject)}: the datatype {_short(value.datatype)} is not of the profile"


def _expression(graph: Graph, node: Node, position: str) -> Iterator[str]:
    if node == OWL.Thing:
        yield f"owl:Thing as {position}"
    elif isinstance(node, BNode):
        yield from _constructors(graph, node, position)


def _constructors(graph: Graph, node: Node, position: str) -> Iterator[str]:
    for constructor in CONSTRUCTORS:
        for value in graph.objects(node, constructor):
            if constructor not in ALLOWED[position]:
                yield f"{_at(graph, node)}: {_short(constructor)} as {position}"
            else:
                yield from _parts(graph, node, constructor, value, position)


def _parts(
    graph: Graph, node: Node, constructor: URIRef, value: Node, position: str
) -> Iterator[str]:
    if constructor in {OWL.intersectionOf, OWL.unionOf}:
        for member in Collection(graph, value):
            yield from _expression(graph, member, position)
    elif constructor == OWL.complementOf:
        yield from _expression(graph, value, "subclass")
    elif constructor in {OWL.someValuesFrom, OWL.allValuesFrom}:
        yield from _filler(graph, value, position)
    elif constructor == OWL.hasValue:
        yield from _literal(graph, node, value)
    elif constructor in {OWL.maxCardinality, OWL.maxQualifiedCardinality}:
        yield from _cardinality(graph, node, value)


def _filler(graph: Graph, value: Node, position: str) -> Iterator[str]:
    if _is_data(graph, value):
        yield from _data_range(graph, value)
    elif not (value == OWL.Thing and position == "subclass"):
        yield from _expression(graph, value, position)


def _cardinality(graph: Graph, node: Node, value: Node) -> Iterator[str]:
    if str(value) not in {"0", "1"}:
        yield f"{_at(graph, node)}: a maximum of {value} is more than one"
    for kind in graph.objects(node, OWL.onClass):
        if kind != OWL.Thing:
            yield from _expression(graph, kind, "subclass")
    for datatype in graph.objects(node, OWL.onDataRange):
        yield from _data_range(graph, datatype)


def _is_data(graph: Graph, node: Node) -> bool:
    named = isinstance(node, URIRef) and (node in DATATYPES or str(node).startswith(str(XSD)))
    return named or (node, RDF.type, RDFS.Datatype) in graph


def _data_range(graph: Graph, node: Node) -> Iterator[str]:
    if isinstance(node, URIRef):
        if node not in DATATYPES:
            yield f"the datatype {_short(node)} is not of the profile"
        return
    members = graph.value(node, OWL.intersectionOf)
    if members is None:
        yield "a data range is neither a datatype nor an intersection of datatypes"
        return
    for member in Collection(graph, members):
        yield from _data_range(graph, member)


def _at(graph: Graph, node: Node) -> str:
    """Return the name of a node, or for a blank node of the nearest one that leads to it."""
    seen: set[Node] = set()
    while isinstance(node, BNode) and node not in seen:
        seen.add(node)
        node = next(iter(graph.subjects(None, node)), node)
    return _short(node)


def _short(node: Node) -> str:
    return "an expression" if isinstance(node, BNode) else str(node).rsplit("#", 1)[-1]
