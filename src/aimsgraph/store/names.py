"""How things are called: labels, identifiers, and requirements by name."""

from __future__ import annotations

from collections.abc import Collection

import pyoxigraph as ox

from aimsgraph.errors import UnknownNameError
from aimsgraph.namespaces import DCTERMS, ONTOLOGY_GRAPH, RDFS, shorten
from aimsgraph.rdf.terms import value_of
from aimsgraph.store.embedded import EmbeddedStore

_IDENTIFIER = f"{DCTERMS}identifier"


class Names:
    """The names of the things in a store, as far as some graphs tell them."""

    def __init__(self, store: EmbeddedStore, readable: Collection[str] | None = None) -> None:
        self._store = store
        self._readable = readable

    def label(self, iri: str) -> str:
        """Return the name people know a thing by, or its IRI made short."""
        if iri.startswith("_:"):
            return iri
        found = self._store.values(iri, f"{RDFS}label", among=self._readable)
        return value_of(found[0]) if found else shorten(iri)

    def identifier(self, iri: str) -> str | None:
        """Return the identifier of a thing, such as 6.1.4, if it has one."""
        found = self._store.values(iri, _IDENTIFIER, among=self._readable)
        return value_of(found[0]) if found else None

    def requirement(self, iri: str) -> str:
        """Return the IRI of a requirement that a framework has.

        Raises:
            UnknownNameError: no framework has it; the nearest are offered.
        """
        if self._store.values(iri, _IDENTIFIER, ONTOLOGY_GRAPH):
            return iri
        standard, _, name = iri.rpartition("/")
        subjects = (
            value_of(quad.subject)
            for quad in self._store.engine.quads_for_pattern(
                None, ox.NamedNode(_IDENTIFIER), None, ox.NamedNode(ONTOLOGY_GRAPH)
            )
        )
        known = [one.rpartition("/")[2] for one in subjects if one.startswith(f"{standard}/")]
        raise UnknownNameError(f"requirement of {standard.rpartition('/')[2]}", name, known)
