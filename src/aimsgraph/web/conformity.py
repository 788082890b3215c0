"""Conformity over HTTP: the current check results, and checking a body on its own."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest

from aimsgraph.access import Right
from aimsgraph.catalogue.question import requirement_iri
from aimsgraph.checking import checked
from aimsgraph.conformity.formats import WRITERS
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import SEVERITIES
from aimsgraph.view import View
from aimsgraph.web.bodies import body_quads
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import HTML, negotiate, reply

NAME_FOR_MEDIA_TYPE: Final = {media_type: name for name, (media_type, _) in WRITERS.items()}


def blueprint(desk: Desk) -> Blueprint:
    """Return the conformity routes of a graph."""
    part = Blueprint("conformity", __name__)

    @part.get("/conformity")
    def conformity() -> Response:
        view = desk.view
        report = _narrowed(view)
        media_type = negotiate([*NAME_FOR_MEDIA_TYPE, HTML])
        tag = f"conformity-{request.query_string.decode('latin-1')}-{media_type}"
        if media_type != HTML:
            return reply(_written(report, media_type), media_type, view.version, tag)
        page = render_template(
            "conformity.html",
            counts=report.count(),
            groups=[
                (view.rules.rules.get(rule), rule, list(results))
                for rule, results in groupby(report.results, key=lambda one: one.rule)
            ],
            evaluations=report.evaluations,
            day_of=view.day_of,
        )
        return reply(page, "text/html; charset=utf-8", view.version, tag)

    @part.post("/validate")
    def validate() -> Response:
        media_type = negotiate(list(NAME_FOR_MEDIA_TYPE))
        desk.caller.require(Right.READ)
        quads = ox.serialize(body_quads(), format=ox.RdfFormat.N_QUADS) or b""
        form = NAME_FOR_MEDIA_TYPE[media_type]
        report = desk.present.call(checked, {"quads": quads.decode(), "form": form})
        return Response(report, content_type=media_type)

    return part


def _narrowed(view: View) -> Report:
    clause, severity = request.args.get("clause"), request.args.get("severity")
    if severity and severity.capitalize() not in SEVERITIES:
        known = ", ".join(one.lower() for one in SEVERITIES)
        raise BadRequest(f"severity is {severity!r}; it can be {known}")
    return view.report().where(
        clause=view.names.requirement(requirement_iri(clause)) if clause else None,
        severity=severity.capitalize() if severity else None,
    )


def _written(report: Report, media_type: str) -> str:
    return WRITERS[NAME_FOR_MEDIA_TYPE[media_type]][1](report)
