"""Conformity over HTTP: the current check results, and checking a body on its own."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from aimsgraph.catalogue.question import requirement_iri
from aimsgraph.conformity.formats import WRITERS
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import SEVERITIES
from aimsgraph.graph import AimsGraph
from aimsgraph.rdf.parsing import parse_quads
from aimsgraph.web.negotiation import HTML, negotiate, reply
from aimsgraph.wording import sentence

NAME_FOR_MEDIA_TYPE: Final = {media_type: name for name, (media_type, _) in WRITERS.items()}


def blueprint(graph: AimsGraph) -> Blueprint:
    """Return the conformity routes of a graph."""
    part = Blueprint("conformity", __name__)

    @part.get("/conformity")
    def conformity() -> Response:
        report = _narrowed(graph)
        media_type = negotiate([*NAME_FOR_MEDIA_TYPE, HTML])
        tag = f"conformity-{request.query_string.decode('latin-1')}-{media_type}"
        if media_type != HTML:
            return reply(_written(report, media_type), media_type, graph.version, tag)
        page = render_template(
            "conformity.html",
            counts=report.count(),
            groups=[
                (graph.rules.rules.get(rule), rule, list(results))
                for rule, results in groupby(report.results, key=lambda one: one.rule)
            ],
            evaluations=report.evaluations,
            sentence=lambda result: sentence(result, graph.names.label),
        )
        return reply(page, "text/html; charset=utf-8", graph.version, tag)

    @part.post("/validate")
    def validate() -> Response:
        media_type = negotiate(list(NAME_FOR_MEDIA_TYPE))
        report = graph.check(list(parse_quads(request.get_data(), _body_format(), name="body")))
        return Response(_written(report, media_type), content_type=media_type)

    return part


def _narrowed(graph: AimsGraph) -> Report:
    clause, severity = request.args.get("clause"), request.args.get("severity")
    if severity and severity.capitalize() not in SEVERITIES:
        known = ", ".join(one.lower() for one in SEVERITIES)
        raise BadRequest(f"severity is {severity!r}; it can be {known}")
    return graph.report().where(
        clause=graph.names.requirement(requirement_iri(clause)) if clause else None,
        severity=severity.capitalize() if severity else None,
    )


def _written(report: Report, media_type: str) -> str:
    return WRITERS[NAME_FOR_MEDIA_TYPE[media_type]][1](report)


def _body_format() -> ox.RdfFormat:
    rdf_format = ox.RdfFormat.from_media_type(request.mimetype) if request.mimetype else None
    if rdf_format is None:
        raise UnsupportedMediaType(
            f"the body is {request.mimetype or 'of no media type'}; send RDF as text/turtle, "
            "application/trig, application/n-triples, application/n-quads, application/ld+json "
            "or application/rdf+xml and name it in Content-Type"
        )
    return rdf_format
