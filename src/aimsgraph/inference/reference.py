"""Inference by owlrl, the reference: slow, and complete for OWL 2 RL.

owlrl also states what nobody asks (that a thing is itself, that a literal has
its type), so its closure is restricted to statements about the records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import owlrl
import pyoxigraph as ox
import rdflib
from rdflib import OWL, RDF, RDFS, Literal, URIRef
from rdflib.term import Node

from aimsgraph.rdf.terms import to_rdflib_graph

_NOISE: Final = {OWL.sameAs, OWL.differentFrom}
_TOP: Final = {OWL.Thing, RDFS.Resource, RDFS.Literal, OWL.NamedIndividual}

Statement = tuple[Node, Node, Node]


def closure(records: Iterable[ox.Quad], ontology: Iterable[ox.Quad]) -> set[Statement]:
    """Return what owlrl infers about the records, without what they state themselves."""
    stated = to_rdflib_graph(records)
    graph = rdflib.Graph(bind_namespaces="none")
    for triple in (*stated, *_schema(to_rdflib_graph(ontology))):
        graph.add(triple)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, rdfs_closure=False).expand(graph)
    return _about(stated, graph)


def restricted(records: Iterable[ox.Quad], inferred: Iterable[ox.Quad]) -> set[Statement]:
    """Return the inferred statements that are about the records, as `closure` does."""
    return _about(to_rdflib_graph(records), to_rdflib_graph(inferred))


def _about(stated: rdflib.Graph, inferred: Iterable[Statement]) -> set[Statement]:
    subjects = {subject for subject in stated.subjects() if isinstance(subject, URIRef)}
    known = set(stated)
    return {triple for triple in inferred if _is_wanted(triple, subjects) and triple not in known}


def _schema(ontology: rdflib.Graph) -> Iterable[Statement]:
    """Return the axioms of an ontology: annotations only slow the closure down."""
    lists = {RDF.type, RDF.first, RDF.rest}
    for subject, predicate, value in ontology:
        is_axiom = str(predicate).startswith((str(OWL), str(RDFS))) or predicate in lists
        if is_axiom and (predicate == OWL.hasValue or not isinstance(value, Literal)):
            yield subject, predicate, value


def _is_wanted(triple: Statement, subjects: set[URIRef]) -> bool:
    subject, predicate, value = triple
    if isinstance(subject, Literal) or predicate in _NOISE or value in _TOP:
        return False
    if not isinstance(value, URIRef | Literal):
        return False
    return subject in subjects or value in subjects
