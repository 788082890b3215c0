"""Small ontologies and stores for the tests of inference."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from aimsgraph.inference.materialise import materialise
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH, RECORDS_GRAPHS, UNNAMED
from aimsgraph.rdf.terms import graph_node

EX = "https://example.org/"
PREFIXES = f"""
@prefix : <{EX}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
INFERRED = ox.NamedNode(INFERRED_GRAPH)
ONE, OTHER = f"{RECORDS_GRAPHS}one", f"{RECORDS_GRAPHS}other"
RECORDS = (ONE, OTHER, UNNAMED)
GRAPHS = (*RECORDS, ONTOLOGY_GRAPH)


def triples(turtle: str) -> set[ox.Triple]:
    """Return the triples of a snippet; blank nodes keep their labels."""
    return {quad.triple for quad in ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)}


def put(store: ox.Store, turtle: str, graph: str) -> None:
    """Add a snippet to a graph."""
    store.extend(
        ox.Quad(t.subject, t.predicate, t.object, graph_node(graph)) for t in triples(turtle)
    )


def store_with(ontology: str, records: str = "") -> ox.Store:
    """Return a store with an ontology and records."""
    store = ox.Store()
    put(store, ontology, ONTOLOGY_GRAPH)
    put(store, records, ONE)
    return store


def inferred(store: ox.Store) -> set[ox.Triple]:
    """Return what the inferred graph holds."""
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, INFERRED)}


def follows(ontology: str, records: str) -> set[ox.Triple]:
    """Return what follows from an ontology and records."""
    store = store_with(ontology, records)
    materialise(store, RECORDS)
    return inferred(store)


EVERYTHING = """
:Cat rdfs:subClassOf :Mammal . :Mammal rdfs:subClassOf :Animal . :Animal rdfs:subClassOf :Being .
:Dog rdfs:subClassOf :Mammal . :Beast owl:equivalentClass :Animal .
:hasPart a owl:TransitiveProperty ; owl:inverseOf :partOf .
:near a owl:SymmetricProperty ; rdfs:subPropertyOf :knows .
:knows rdfs:domain :Animal ; rdfs:range :Animal .
:owns rdfs:range :Thing1 .
:owns owl:inverseOf :ownedBy . :ownedBy rdfs:subPropertyOf :knows .
:grandparent owl:propertyChainAxiom ( :parent :parent ) .
:cousin owl:propertyChainAxiom ( :parent :knows :ownedBy :hasPart ) .
:parent rdfs:subPropertyOf :knows ; rdfs:subPropertyOf :elder .
:elder a owl:TransitiveProperty .
:Tame owl:equivalentClass [ owl:onProperty :status ; owl:hasValue :Calm ] .
:Priced owl:equivalentClass [ owl:onProperty :price ; owl:hasValue 5 ] .
:TameCat owl:equivalentClass [ owl:intersectionOf ( :Cat
    [ owl:onProperty :status ; owl:hasValue :Calm ] ) ] .
[ owl:onProperty :owns ; owl:someValuesFrom :Cat ] rdfs:subClassOf :CatOwner .
[ owl:onProperty :near ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :Neighbour .
[ owl:onProperty :parent ; owl:someValuesFrom [ owl:onProperty :owns ; owl:someValuesFrom :Cat ] ]
    rdfs:subClassOf :Heir .
:Heir rdfs:subClassOf [ owl:onProperty :owns ; owl:allValuesFrom :Heirloom ] .
[ owl:unionOf ( :Cat :Dog ) ] rdfs:subClassOf :Pet .
:Cursed rdfs:subClassOf [ owl:onProperty :parent ; owl:allValuesFrom :Cursed ] .
"""
"""An ontology with every sort of rule but those of identity."""

IDENTITY = """
:passport a owl:InverseFunctionalProperty . :parent a owl:FunctionalProperty .
:price a owl:FunctionalProperty , owl:DatatypeProperty .
"""


@dataclass
class World:
    """Makes up statements about few things, so that they meet."""

    dice: random.Random
    classes: tuple[str, ...] = (
        *("Cat", "Dog", "Mammal", "Animal", "Beast", "Tame", "TameCat", "Priced", "CatOwner"),
        *("Heir", "Heirloom", "Cursed", "Pet", "Being"),
    )
    links: tuple[str, ...] = (
        *("hasPart", "partOf", "near", "knows", "owns", "ownedBy", "parent", "elder"),
        *("grandparent", "cousin", "passport"),
    )
    things: tuple[ox.NamedNode | ox.BlankNode, ...] = (
        *(ox.NamedNode(f"{EX}{name}") for name in "abcd"),
        *(ox.BlankNode(name) for name in "xy"),
    )

    @classmethod
    def of(cls, seed: int) -> World:
        """Return the world of a seed."""
        return cls(random.Random(seed))  # noqa: S311 - a seeded generator is not cryptography

    def triple(self) -> ox.Triple:
        """Return a statement."""
        subject, pick = self.dice.choice(self.things), self.dice.random()
        if pick < 0.3:
            return ox.Triple(subject, _RDF_TYPE, self._name(self.classes))
        if pick < 0.4:
            return ox.Triple(subject, ox.NamedNode(f"{EX}status"), ox.NamedNode(f"{EX}Calm"))
        if pick < 0.5:
            value = ox.Literal(self.dice.choice((5, 6)))
            return ox.Triple(subject, self._name(("price", "knows", "near", "owns")), value)
        return ox.Triple(subject, self._name(self.links), self.dice.choice(self.things))

    def changes(self, number: int) -> Iterator[tuple[set[ox.Quad], set[ox.Quad]]]:
        """Yield changes, each what is put into the graphs and what is taken out."""
        held: set[ox.Quad] = set()
        for _ in range(number):
            came = {self._quad() for _ in range(self.dice.choice((0, 1, 1, 2, 3, 7)))} - held
            most = min(len(held), self.dice.choice((0, 1, 1, 2, 5)))
            went = set(self.dice.sample(sorted(held, key=str), most))
            held = (held | came) - went
            yield came, went

    def _quad(self) -> ox.Quad:
        t = self.triple()
        return ox.Quad(t.subject, t.predicate, t.object, graph_node(self.dice.choice(RECORDS)))

    def _name(self, names: Iterable[str]) -> ox.NamedNode:
        return ox.NamedNode(f"{EX}{self.dice.choice(tuple(names))}")


_RDF_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def asserted(store: ox.Store) -> set[ox.Triple]:
    """Return the union of the graphs that assert."""
    return {
        quad.triple
        for name in GRAPHS
        for quad in store.quads_for_pattern(None, None, None, graph_node(name))
    }
