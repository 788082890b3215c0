"""The ontology's own closure: which class and which property falls under which.

Only axioms take part, and what is worked out is kept: in the process, and in
the user's cache folder. A cache that cannot be used is no error.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Final

import owlrl
import pyoxigraph as ox
import rdflib

from aimsgraph.inference.expressions import Axiom, is_expression, named
from aimsgraph.namespaces import ONTOLOGY_GRAPH, OWL, RDF, RDFS, XSD
from aimsgraph.rdf.terms import to_rdflib

CLOSED: Final = (f"{RDFS}subClassOf", f"{RDFS}subPropertyOf")
"""The relations of which the closure is taken; the rules carry out all others."""

_PARTS: Final = (
    *CLOSED,
    *(f"{RDFS}{name}" for name in ("domain", "range")),
    *(f"{RDF}{name}" for name in ("first", "rest")),
    *(f"{OWL}{name}" for name in ("equivalentClass", "equivalentProperty", "inverseOf")),
    *(f"{OWL}{name}" for name in ("propertyChainAxiom", "intersectionOf", "unionOf")),
    *(f"{OWL}{name}" for name in ("onProperty", "hasValue", "someValuesFrom", "allValuesFrom")),
    f"{OWL}sameAs",
)
KINDS: Final = tuple(
    f"{OWL}{name}Property"
    for name in ("Symmetric", "Transitive", "Functional", "InverseFunctional", "Datatype")
)
_TRIVIAL: Final = {f"{OWL}Thing", f"{OWL}Nothing", f"{RDFS}Resource", f"{RDFS}Literal"}
_BUILT_IN: Final = (OWL, RDF, RDFS, XSD)
_FORMAT: Final = "1"
"""Grows when the same axioms would give another closure."""


def axioms(store: ox.Store) -> frozenset[Axiom]:
    """Return the axioms in the ontology graph of a store, class expressions named."""
    graph, kind = ox.NamedNode(ONTOLOGY_GRAPH), ox.NamedNode(f"{RDF}type")
    patterns = [
        *((ox.NamedNode(part), None) for part in _PARTS),
        *((kind, ox.NamedNode(one)) for one in KINDS),
    ]
    return named(
        (quad.subject, quad.predicate, quad.object)
        for predicate, value in patterns
        for quad in store.quads_for_pattern(None, predicate, value, graph)
        if not isinstance(quad.subject, ox.Triple)
    )


@lru_cache(maxsize=16)
def closed(stated: frozenset[Axiom]) -> frozenset[Axiom]:
    """Return axioms with what follows among classes and among properties."""
    path = _path(_digest(stated))
    kept = None if path is None else _read(path)
    if kept is None:
        kept = frozenset(_worked_out(stated))
        if path is not None:
            _write(path, kept)
    return stated | kept


def _worked_out(stated: Iterable[Axiom]) -> Iterator[Axiom]:
    graph = rdflib.Graph(bind_namespaces="none")
    for subject, predicate, value in stated:
        if predicate.value != f"{OWL}sameAs" and not isinstance(value, ox.Literal):
            graph.add((to_rdflib(subject), to_rdflib(predicate), to_rdflib(value)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, rdfs_closure=False).expand(graph)
    for predicate in map(ox.NamedNode, CLOSED):
        for one, other in graph.subject_objects(rdflib.URIRef(predicate.value)):
            if isinstance(one, rdflib.URIRef) and isinstance(other, rdflib.URIRef):
                axiom = (ox.NamedNode(one), predicate, ox.NamedNode(other))
                if not (is_trivial(axiom) or any(map(is_expression, axiom))):
                    yield axiom


def is_trivial(axiom: Axiom) -> bool:
    """Return whether an axiom about falling under says nothing about any ontology."""
    one, _, other = axiom
    ends = (str(one.value), str(getattr(other, "value", "")))
    built_in = all(end.startswith(_BUILT_IN) for end in ends)
    return one == other or built_in or not _TRIVIAL.isdisjoint(ends)


def _digest(stated: Iterable[Axiom]) -> str:
    lines = [_FORMAT, version("owlrl"), *sorted(map(_line, stated))]
    return sha256("\n".join(lines).encode()).hexdigest()


def _line(axiom: Axiom) -> str:
    return " ".join((*map(str, axiom), "."))


def _path(digest: str) -> Path | None:
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        folder = given if given.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "aimsgraph" / f"schema-{digest[:32]}.nt"


def _read(path: Path) -> frozenset[Axiom] | None:
    """Return what a file of the cache holds, or nothing where it is not as it was written."""
    try:
        seal, _, text = path.read_text("utf-8").partition("\n")
        if seal != _seal(text):
            return None
        found = ox.parse(text, format=ox.RdfFormat.N_TRIPLES)
        return frozenset((quad.subject, quad.predicate, quad.object) for quad in found)
    except (OSError, ValueError, SyntaxError):
        return None


def _write(path: Path, found: Iterable[Axiom]) -> None:
    """Keep what was worked out, as a whole file or not at all."""
    text = "".join(sorted(f"{_line(axiom)}\n" for axiom in found))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".schema-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{_seal(text)}\n{text}")
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise


def _seal(text: str) -> str:
    return f"# sha256 {sha256(text.encode()).hexdigest()}"
