"""The border between pyoxigraph's terms and rdflib's, and terms as SPARQL text.

`to_rdflib` is the only conversion the program needs: pySHACL and owlrl read
rdflib graphs, everything else stays in the engine.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import pyoxigraph as ox
import rdflib
from rdflib.term import Node

from aimsgraph.namespaces import UNNAMED, XSD

# A value that is not of its datatype is a check result of ours, not a log entry of rdflib's.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_STRING = f"{XSD}string"


def to_rdflib(term: Term | ox.DefaultGraph) -> Node:
    """Return an engine's term as rdflib's; triple terms have no counterpart there."""
    match term:
        case ox.NamedNode():
            return rdflib.URIRef(term.value)
        case ox.BlankNode():
            return rdflib.BNode(term.value)
        case ox.Literal(language=str() as language):
            return rdflib.Literal(term.value, lang=language)
        case ox.Literal():
            datatype = term.datatype.value
            plain = datatype == _STRING
            return rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(datatype))
    raise TypeError(f"rdflib has no counterpart of {term}")


def to_rdflib_graph(quads: Iterable[ox.Quad], into: rdflib.Graph | None = None) -> rdflib.Graph:
    """Copy quads into an rdflib graph, whatever named graph they lie in."""
    graph = rdflib.Graph(bind_namespaces="none") if into is None else into
    known: dict[Term, Node] = {}

    def node(term: Term) -> Node:
        found = known.get(term)
        if found is None:
            found = known[term] = to_rdflib(term)
        return found

    for quad in quads:
        graph.add((node(quad.subject), node(quad.predicate), node(quad.object)))
    return graph


def from_rdflib(node: Node) -> Term:
    """Return rdflib's term as the engine's."""
    match node:
        case rdflib.URIRef():
            return ox.NamedNode(str(node))
        case rdflib.BNode():
            return ox.BlankNode(str(node))
        case rdflib.Literal(language=str() as language):
            return ox.Literal(str(node), language=language)
        case rdflib.Literal(datatype=rdflib.URIRef() as datatype):
            return ox.Literal(str(node), datatype=ox.NamedNode(str(datatype)))
        case rdflib.Literal():
            return ox.Literal(str(node))
    raise TypeError(f"the engine has no counterpart of {node!r}")


def iri(text: str) -> ox.NamedNode:
    """Return an IRI; raises ValueError where the text is not one."""
    return ox.NamedNode(text)


def is_iri(text: str) -> bool:
    """Return whether a text is an IRI."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def value_of(term: object) -> str:
    """Return what a person reads of a term: an IRI, a label, a lexical form."""
    match term:
        case ox.NamedNode() | ox.Literal() | ox.BlankNode():
            return term.value
    return str(term)


def read_term(text: str) -> Term:
    """Return a term from the way Turtle and SPARQL write it.

    Raises:
        SyntaxError: the text is no term.
    """
    found: Term = next(iter(ox.parse(f"<urn:s> <urn:p> {text} .", ox.RdfFormat.TURTLE))).object
    return found


def as_stored(term: Term) -> Term:
    """Return a term as the engine gives it back: values of datatypes in their canonical form."""
    if not isinstance(term, ox.Literal | ox.Triple):
        return term
    scratch, any_node = ox.Store(), ox.NamedNode("urn:any")
    scratch.add(ox.Quad(any_node, any_node, term))
    found: Term = next(iter(scratch)).object
    return found


def typed(text: str, datatype: str) -> ox.Literal:
    """Return a literal of an XML Schema datatype, named without its namespace."""
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


GraphNode = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


def graph_node(name: str) -> ox.NamedNode | ox.DefaultGraph:
    """Return the graph of a name; `UNNAMED` is the graph without one."""
    return ox.DefaultGraph() if name == UNNAMED else ox.NamedNode(name)


def graph_name(node: GraphNode) -> str:
    """Return the name of a graph, as `graph_node` takes it."""
    return UNNAMED if isinstance(node, ox.DefaultGraph) else node.value
