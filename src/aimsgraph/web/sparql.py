"""The SPARQL endpoint: queries by the SPARQL 1.1 Protocol, and a page to try them on."""

from __future__ import annotations

import io
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from aimsgraph.errors import AimsGraphError
from aimsgraph.formats import GRAPH_FORMATS, TABLE_FORMATS
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.store.answer import Answer
from aimsgraph.tables import cells, columns
from aimsgraph.view import View
from aimsgraph.web import problems
from aimsgraph.web.description import SD, VOID, Addresses, description
from aimsgraph.web.desk import Desk
from aimsgraph.web.kept import Kept
from aimsgraph.web.logs import note
from aimsgraph.web.negotiation import HTML, choose, named, negotiate, reply, unchanged
from aimsgraph.web.questions import MOST_ROWS
from aimsgraph.web.streaming import streamed
from aimsgraph.web.void import address

_READING: Final = {"GET", "HEAD"}

EXAMPLE: Final = """\
PREFIX aims: <https://w3id.org/aimsgraph#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?system ?systemLabel ?risk ?riskLabel ?level
WHERE {
  ?system a aims:AISystem ; rdfs:label ?systemLabel ; aims:hasRisk ?risk .
  ?risk rdfs:label ?riskLabel ; aims:residualRating ?rating .
  ?rating aims:level ?level .
}
ORDER BY DESC(?level) ?systemLabel ?riskLabel
"""


def blueprint(desk: Desk) -> Blueprint:
    """Return the endpoint of a graph."""
    part = Blueprint("sparql", __name__)
    sizes: Kept[dict[str, int]] = Kept()

    @part.route("/sparql", methods=["GET", "POST"])
    def endpoint() -> Response:
        text = _query_text()
        if text is None:
            if negotiate([*_rdf_types(), HTML]) == HTML:
                return _workbench(EXAMPLE, None, None)
            return _described(desk, sizes)
        note(query=text)
        if _prefers_page():
            return _tried(desk.view, text, desk.base)
        return _answer(desk.view, text, desk.base)

    @part.get("/sparql/")
    def with_slash() -> Response:
        return endpoint()

    return part


def _query_text() -> str | None:
    """Return the query of a request (SPARQL 1.1 Protocol, 2.1), or None where there is none."""
    if request.method in _READING:
        return _single(request.args.getlist("query"))
    if request.mimetype == "application/sparql-query":
        try:
            return request.get_data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest("the query is not UTF-8 text") from error
    if request.mimetype == "application/x-www-form-urlencoded":
        text = _single(request.form.getlist("query"))
        if text is None:
            raise BadRequest("the form has no field 'query'")
        return text
    raise UnsupportedMediaType(
        "send the query as application/sparql-query, or as the field 'query' of "
        "application/x-www-form-urlencoded"
    )


def _single(texts: list[str]) -> str | None:
    if len(texts) > 1:
        raise BadRequest("give one query, not several")
    return texts[0] if texts else None


def _dataset() -> Dataset:
    return Dataset(
        tuple(request.values.getlist("default-graph-uri")),
        tuple(request.values.getlist("named-graph-uri")),
    )


def _prefers_page() -> bool:
    return choose((*TABLE_FORMATS, *GRAPH_FORMATS), html=True) is None


def _answer(view: View, text: str, base: str | None) -> Response:
    query = view.prepared(text, dataset=_dataset(), base=base)
    formats = GRAPH_FORMATS if query.kind == "graph" else TABLE_FORMATS
    chosen = choose(formats) or formats[0]
    tag = repr(("sparql", query, chosen.name))
    if query.is_repeatable and (same := unchanged(view.version, tag)) is not None:
        return same
    response = streamed(view.stream(query, chosen.name), chosen.content_type)
    if query.is_repeatable:
        return named(response, view.version, tag)
    response.vary.add("Accept")
    response.cache_control.no_store = True
    return response


def _tried(view: View, text: str, base: str | None) -> Response:
    try:
        found = view.ask(text, dataset=_dataset(), base=base, first=MOST_ROWS)
        return _workbench(text, found, None)
    except AimsGraphError as error:
        response = _workbench(text, None, str(error))
        response.status_code = problems.status_of(error)
        return response


def _workbench(text: str, answer: Answer | None, error: str | None) -> Response:
    page = render_template(
        "sparql.html",
        text=text,
        error=error,
        answer=answer,
        columns=columns(answer.variables) if answer is not None else [],
        rows=list(cells(answer)) if answer is not None else [],
        graph_text=answer.text(ox.RdfFormat.TURTLE) if answer and answer.kind == "graph" else None,
        most=MOST_ROWS,
    )
    return Response(page, content_type="text/html; charset=utf-8")


def _rdf_types() -> list[str]:
    return [one.media_type for one in GRAPH_FORMATS]


def _described(desk: Desk, sizes: Kept[dict[str, int]]) -> Response:
    """Return what this endpoint is (SPARQL 1.1 Service Description)."""
    view, root = desk.view, request.root_url
    chosen = choose(GRAPH_FORMATS) or GRAPH_FORMATS[0]
    at = Addresses(request.base_url, f"{root}update", address(root))
    triples = description(view, sizes.get(view.version, view.graphs), at, desk.graph.settings)
    output = io.BytesIO()
    prefixes = {"sd": SD, "void": VOID}
    ox.serialize(triples, output, chosen.writer, prefixes=prefixes)  # type: ignore[arg-type]
    tag = f"sd-{request.base_url}-{desk.caller.role}-{chosen.name}"
    return reply(output.getvalue(), chosen.content_type, view.version, tag)
