"""LOAD of SPARQL Update: a document of another host, fetched by the checked client."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

import pyoxigraph as ox

from aimsgraph.egress.client import Reply, fetch
from aimsgraph.egress.reach import Reach
from aimsgraph.errors import QueryError, SourceError
from aimsgraph.rdf.parsing import FORMAT_FOR_SUFFIX, parse_quads
from aimsgraph.rdf.scan import refuse_hostile

ACCEPT: Final = (
    "text/turtle, application/n-triples, application/rdf+xml;q=0.9, application/ld+json;q=0.8"
)


def loaded(reach: Reach, iri: str, graph: ox.NamedNode | None) -> list[ox.Quad]:
    """Return the quads of a document of another host, all in one graph.

    Raises:
        RefusedQueryError: the host may not be reached.
        QueryError: it does not answer as it should, or the document is no RDF we read.
    """
    with fetch(reach, iri, {"Accept": ACCEPT}) as reply:
        if reply.status != 200:
            raise QueryError(f"{iri} cannot be loaded: it answers with status {reply.status}")
        rdf_format = _format(reply, iri)
        content = b"".join(reply.content)
    target = graph or ox.DefaultGraph()
    try:
        refuse_hostile(content, rdf_format, iri)
        found = list(parse_quads(content, rdf_format, graph, name=iri, base=iri))
    except SourceError as error:
        raise QueryError(f"{iri} cannot be loaded: {error.reason}") from error
    return [ox.Quad(one.subject, one.predicate, one.object, target) for one in found]


def _format(reply: Reply, iri: str) -> ox.RdfFormat:
    found = ox.RdfFormat.from_media_type(reply.media_type) if reply.media_type else None
    found = found or FORMAT_FOR_SUFFIX.get(PurePosixPath(urlsplit(iri).path).suffix.lower())
    if found is None:
        raise QueryError(f"{iri} cannot be loaded: {reply.media_type!r} is no RDF that is read")
    return found
