"""One resource: a page, Turtle or JSON-LD, whatever its IRI."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound

from aimsgraph.errors import FormatError
from aimsgraph.formats import GRAPH_FORMATS, NOT_IN_JSON_LD, Format, graph_format
from aimsgraph.namespaces import CONFORMITY_GRAPH, DCTERMS, PREFIXES, RDF, RDFS
from aimsgraph.rdf.terms import Term, value_of
from aimsgraph.tables import Cell, readable
from aimsgraph.view import View
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import choose, reply
from aimsgraph.web.rendering import resource_iri

_OFFERED = GRAPH_FORMATS[:4]
_FIRST = [f"{RDF}type", f"{DCTERMS}identifier", f"{DCTERMS}description"]


def blueprint(desk: Desk) -> Blueprint:
    """Return the pages of a graph's resources."""
    part = Blueprint("resources", __name__)

    @part.get("/id/")
    def by_parameter() -> Response:
        if "iri" not in request.args:
            raise BadRequest("name a resource: /id/?iri=IRI, or /id/ and its path")
        return _resource(desk.view, request.args["iri"])

    @part.get("/id/<path:path>")
    def by_path(path: str) -> Response:
        return _resource(desk.view, resource_iri(path))

    return part


def _resource(view: View, iri: str) -> Response:
    stem, _, suffix = iri.rpartition(".")
    chosen = graph_format(suffix) if stem else None
    quads = _quads(view, iri)
    if not quads and chosen is not None:
        iri, quads = stem, _quads(view, stem)
    else:
        chosen = None
    if not quads:
        raise NotFound(f"Nothing is recorded of {iri}.")
    chosen = chosen or choose(_OFFERED, html=True)
    if chosen is not None:
        name = f"resource-{iri}.{chosen.name}"
        return reply(_rdf(quads, iri, chosen), chosen.content_type, view.version, name)
    return reply(
        _page(view, iri, quads), "text/html; charset=utf-8", view.version, f"resource-{iri}"
    )


def _quads(view: View, iri: str) -> list[ox.Quad]:
    try:
        return view.describe(iri)
    except ValueError:
        raise NotFound(f"{iri!r} is not an IRI.") from None


def _rdf(quads: list[ox.Quad], iri: str, chosen: Format) -> bytes:
    triples = {quad.triple for quad in quads if quad.subject == ox.NamedNode(iri)}
    output = io.BytesIO()
    try:
        ox.serialize(sorted(triples, key=str), output, chosen.writer, prefixes=PREFIXES)  # type: ignore[arg-type]
    except OSError as error:
        raise FormatError(NOT_IN_JSON_LD) from error
    return output.getvalue()


def _page(view: View, iri: str, quads: list[ox.Quad]) -> str:
    node = ox.NamedNode(iri)
    own = [q for q in quads if q.subject == node and value_of(q.graph_name) != CONFORMITY_GRAPH]
    to_it = [q for q in quads if q.object == node and isinstance(q.subject, ox.NamedNode)]
    found = () if view.caller.is_limited else view.report().results
    results = [r for r in found if r.focus == iri]
    return render_template(
        "resource.html",
        iri=iri,
        statements=_grouped(view, ((q.predicate.value, q.object) for q in own)),
        incoming=_grouped(
            view,
            (
                (q.predicate.value, q.subject)
                for q in to_it
                if value_of(q.graph_name) != CONFORMITY_GRAPH and q.predicate.value != f"{RDF}type"
            ),
        ),
        instances=sum(q.predicate.value == f"{RDF}type" for q in to_it),
        results=results,
    )


def _grouped(view: View, pairs: Iterable[tuple[str, Term]]) -> list[tuple[str, str, list[Cell]]]:
    found: dict[str, dict[Cell, None]] = {}
    for predicate, term in pairs:
        cell = Cell(readable(term))
        if isinstance(term, ox.NamedNode):
            cell = Cell(view.names.label(term.value), term.value)
        found.setdefault(predicate, {})[cell] = None
    order = {predicate: number for number, predicate in enumerate(_FIRST)}
    names = sorted(found, key=lambda one: (order.get(one, 99), view.names.label(one)))
    return [
        (name, view.names.label(name), sorted(found[name], key=lambda cell: cell.text))
        for name in names
        if name != f"{RDFS}label"
    ]
