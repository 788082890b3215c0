"""What the reference needs of a store to check some shapes: a part of it, where that is known.

A shape of SHACL Core only follows predicates that it names, and looks at types;
one with SPARQL in it, or a closed one, may look at anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import SH, URIRef
from rdflib.term import BNode, Node

from aimsgraph.conformity import reference
from aimsgraph.conformity.core import CARRIED_OUT
from aimsgraph.conformity.overlay import CLASS_AXIOM, LEFT_OUT, TYPE
from aimsgraph.rdf.terms import is_iri, to_rdflib_graph
from aimsgraph.store.embedded import EmbeddedStore

_ANYWHERE: Final = {SH.sparql, SH.closed}


def predicates_of(shapes: rdflib.Graph, names: Iterable[str]) -> frozenset[str] | None:
    """Return the predicates that some shapes can follow; None where that may be any."""
    found = {TYPE, CLASS_AXIOM}
    for subject in _reached(shapes, names):
        for predicate, value in shapes.predicate_objects(subject):
            is_shacl = str(predicate).startswith(str(SH))
            if predicate in _ANYWHERE or (is_shacl and predicate not in _KNOWN):
                return None
            if not is_shacl and (None, SH.path, predicate) in shapes and _declares(shapes):
                return None
            if isinstance(value, URIRef):
                found.add(str(value))
    return frozenset(found)


_KNOWN: Final = {
    *CARRIED_OUT,
    SH.inversePath, SH.alternativePath, SH.zeroOrMorePath, SH.oneOrMorePath, SH.zeroOrOnePath,
}  # fmt: skip


def _declares(shapes: rdflib.Graph) -> bool:
    """Return whether the shapes declare components of their own."""
    return (None, SH.parameter, None) in shapes


def _reached(shapes: rdflib.Graph, names: Iterable[str]) -> set[Node]:
    waiting: list[Node] = [BNode(n[2:]) if n.startswith("_:") else URIRef(n) for n in names]
    found: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [value for value in shapes.objects(node) if (value, None, None) in shapes]
    return found


def extracted(store: EmbeddedStore, predicates: frozenset[str] | None) -> rdflib.Graph:
    """Return the statements of a store with some predicates, as an rdflib graph."""
    data = reference.PreparedGraph()
    for graph in (*store.graphs(), ""):
        if graph in LEFT_OUT:
            continue
        if predicates is None:
            to_rdflib_graph(store.quads(graph), data)
            continue
        for name in filter(is_iri, sorted(predicates)):
            to_rdflib_graph(store.quads(graph, ox.NamedNode(name)), data)
    return data
