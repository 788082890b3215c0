"""The SPARQL endpoint: queries by the SPARQL 1.1 Protocol, and a page to try them on."""

from __future__ import annotations

import io
from hashlib import sha256
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from aimsgraph.errors import AimsGraphError
from aimsgraph.formats import GRAPH_FORMATS, TABLE_FORMATS
from aimsgraph.namespaces import RDF
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.store.answer import Answer
from aimsgraph.store.prepared import Prepared
from aimsgraph.tables import cells, columns
from aimsgraph.view import View
from aimsgraph.web import problems
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import HTML, choose, negotiate, reply, unchanged
from aimsgraph.web.questions import MOST_ROWS
from aimsgraph.web.streaming import streamed

SD: Final = "http://www.w3.org/ns/sparql-service-description#"

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

    @part.route("/sparql", methods=["GET", "POST"])
    def endpoint() -> Response:
        text = _query_text()
        if text is None:
            if negotiate([*_rdf_types(), HTML]) == HTML:
                return _workbench(EXAMPLE, None, None)
            return _description(desk.view)
        if _prefers_page():
            return _tried(desk.view, text)
        return _answer(desk.view, text)

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


def _answer(view: View, text: str) -> Response:
    query = view.prepared(text, dataset=_dataset(), base=request.base_url)
    formats = GRAPH_FORMATS if query.kind == "graph" else TABLE_FORMATS
    chosen = choose(formats) or formats[0]
    tag = f"sparql-{_digest(query)}-{chosen.name}"
    if query.is_repeatable and (same := unchanged(view.version, tag)) is not None:
        return same
    response = streamed(view.stream(query, chosen.name), chosen.content_type)
    response.vary.add("Accept")
    if query.is_repeatable:
        response.set_etag(f"{view.version}-{tag}", weak=True)
    else:
        response.cache_control.no_store = True
    return response


def _digest(query: Prepared) -> str:
    asked = repr((query.text, query.default, query.named, query.base))
    return sha256(asked.encode()).hexdigest()[:16]


def _tried(view: View, text: str) -> Response:
    try:
        found = view.ask(text, dataset=_dataset(), base=request.base_url, first=MOST_ROWS)
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


def _description(view: View) -> Response:
    """Return what this endpoint is (SPARQL 1.1 Service Description)."""
    chosen = choose(GRAPH_FORMATS) or GRAPH_FORMATS[0]
    service, dataset = ox.BlankNode(), ox.BlankNode()
    a = ox.NamedNode(f"{RDF}type")

    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(SD + name)

    triples = [
        ox.Triple(service, a, sd("Service")),
        ox.Triple(service, sd("endpoint"), ox.NamedNode(request.base_url)),
        ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query")),
        ox.Triple(service, sd("defaultDataset"), dataset),
        ox.Triple(dataset, a, sd("Dataset")),
    ]
    if view.is_union:
        triples.append(ox.Triple(service, sd("feature"), sd("UnionDefaultGraph")))
    for one in (*TABLE_FORMATS, *GRAPH_FORMATS):
        known = ox.NamedNode(one.writer.iri)
        triples.append(ox.Triple(service, sd("resultFormat"), known))
    for name in view.graphs():
        node = ox.BlankNode()
        triples += [
            ox.Triple(dataset, sd("namedGraph"), node),
            ox.Triple(node, a, sd("NamedGraph")),
            ox.Triple(node, sd("name"), ox.NamedNode(name)),
        ]
    output = io.BytesIO()
    ox.serialize(triples, output, chosen.writer, prefixes={"sd": SD})  # type: ignore[arg-type]
    return reply(output.getvalue(), chosen.content_type, view.version, f"sd-{chosen.name}")
