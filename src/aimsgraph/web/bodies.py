"""RDF in the body of a request."""

from __future__ import annotations

import pyoxigraph as ox
from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from aimsgraph.rdf.parsing import parse_quads
from aimsgraph.rdf.scan import refuse_hostile


def body_quads(graph: ox.NamedNode | None = None, base: str | None = None) -> list[ox.Quad]:
    """Return the quads of the request's body.

    Args:
        graph: where statements go that name no graph.
        base: against which relative IRIs are resolved.

    Raises:
        UnsupportedMediaType: the body is no RDF we read.
        SourceError: it is malformed, or of a kind that is refused.
    """
    return quads_of(request.get_data(), body_format(), graph, name="body", base=base)


def quads_of(
    content: bytes,
    rdf_format: ox.RdfFormat,
    graph: ox.NamedNode | None = None,
    *,
    name: str,
    base: str | None = None,
) -> list[ox.Quad]:
    """Return the quads of a document that came with a request.

    Raises:
        SourceError: it is malformed, or of a kind that is refused.
    """
    refuse_hostile(content, rdf_format, name)
    return list(parse_quads(content, rdf_format, graph, name=name, base=base))


def body_format() -> ox.RdfFormat:
    """Return the RDF format of the request's body.

    Raises:
        UnsupportedMediaType: it is none we read.
    """
    rdf_format = ox.RdfFormat.from_media_type(request.mimetype) if request.mimetype else None
    if rdf_format is None:
        raise UnsupportedMediaType(
            f"the body is {request.mimetype or 'of no media type'}; send RDF as text/turtle, "
            "application/trig, application/n-triples, application/n-quads, application/ld+json "
            "or application/rdf+xml and name it in Content-Type"
        )
    return rdf_format
