"""The ledger over HTTP: changesets, and what changed between two moments."""

from __future__ import annotations

import io
import json
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest

from aimsgraph.errors import NoSuchStateError
from aimsgraph.formats import GRAPH_FORMATS
from aimsgraph.history import Difference, by_resource, net
from aimsgraph.ledger.changeset import Changeset
from aimsgraph.ledger.prov import changeset_iri
from aimsgraph.namespaces import HISTORY_GRAPH, PREFIXES, expand
from aimsgraph.rdf.terms import Term
from aimsgraph.tables import Cell, readable
from aimsgraph.view import View
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import HTML, choose, negotiate, reply

MOST = 500
"""The most changesets or resources a page shows; it says so, and JSON has them all."""


def blueprint(desk: Desk) -> Blueprint:
    """Return the ledger of a graph."""
    part = Blueprint("history", __name__)

    @part.get("/history")
    def history() -> Response:
        subject = expand(request.args.get("subject", "")) or None
        since = request.args.get("since") or None
        view = desk.view
        found = [
            one
            for one in desk.graph.history(desk.caller, subject=subject, since=since)
            if one.generation <= view.generation
        ]
        tag = f"history-{request.query_string.decode('latin-1')}"
        if negotiate(["application/json", HTML]) == HTML:
            page = render_template("history.html", entries=found[:MOST], count=len(found))
            return reply(page, "text/html; charset=utf-8", view.version, f"{tag}.html")
        body = json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False)
        return reply(body + "\n", "application/json", view.version, f"{tag}.json")

    @part.get("/history/<int:generation>")
    def changeset(generation: int) -> Response:
        return _changeset(desk, generation)

    @part.get("/diff")
    def diff() -> Response:
        view = desk.view
        first, last = request.args.get("from"), request.args.get("to")
        if not first or not last:
            raise BadRequest("give two moments: /diff?from=2026-01-01&to=2026-11-20")
        by = request.args.get("by", "recorded")
        if by not in {"recorded", "effective"}:
            raise BadRequest("by takes recorded or effective")
        found = desk.graph.diff(first, last, desk.caller, effective=by == "effective")
        title = f"Between {first} and {last}"
        tag = f"diff-{request.query_string.decode('latin-1')}"
        if negotiate(["application/json", HTML]) == HTML:
            page = render_template("diff.html", title=title, **_shown(view, found))
            return reply(page, "text/html; charset=utf-8", view.version, f"{tag}.html")
        body = json.dumps([_as_json(one) for one in found], indent=2, ensure_ascii=False)
        return reply(body + "\n", "application/json", view.version, f"{tag}.json")

    return part


def _changeset(desk: Desk, generation: int) -> Response:
    view = desk.view
    found = desk.graph.changeset(generation, desk.caller)
    if generation > view.generation:
        raise NoSuchStateError(
            f"there was no changeset {generation} then; the ledger went to {view.generation}"
        )
    offered = ["application/json", HTML, *(one.media_type for one in GRAPH_FORMATS[:4])]
    best = negotiate(offered)
    tag = f"history-{generation}-{best}"
    if best == HTML:
        differences = by_resource(net([found], lambda _: True, generation))
        page = render_template(
            "changeset.html",
            header=found.header,
            signature=found.signature,
            derived=found.header.derived,
            **_shown(view, differences),
        )
        return reply(page, "text/html; charset=utf-8", view.version, tag)
    if best == "application/json":
        body = json.dumps(_whole(found), indent=2, ensure_ascii=False)
        return reply(body + "\n", best, view.version, tag)
    chosen = choose(GRAPH_FORMATS[:4]) or GRAPH_FORMATS[0]
    node = ox.NamedNode(changeset_iri(generation))
    quads = (q for q in view.describe(node.value) if q.graph_name.value == HISTORY_GRAPH)  # type: ignore[union-attr]
    triples = sorted({q.triple for q in quads if q.subject == node}, key=str)
    output = io.BytesIO()
    ox.serialize(triples, output, chosen.writer, prefixes=PREFIXES)  # type: ignore[arg-type]
    return reply(output.getvalue(), chosen.content_type, view.version, tag)


def _whole(changeset: Changeset) -> dict[str, Any]:
    return {
        **json.loads(changeset.header.text),
        "digest": changeset.header.digest,
        "signature": changeset.signature,
        "added": [f"{line.statement} ." for line in changeset.asserted if line.sign == "+"],
        "removed": [f"{line.statement} ." for line in changeset.asserted if line.sign == "-"],
    }


def _as_json(one: Difference) -> dict[str, Any]:
    return {
        "resource": one.subject,
        "removed": [{"predicate": p, "value": str(value)} for p, value in one.removed],
        "added": [{"predicate": p, "value": str(value)} for p, value in one.added],
    }


def _shown(view: View, found: list[Difference]) -> dict[str, Any]:
    """Return what a page shows of differences: by resource, a line per property."""
    return {
        "count": len(found),
        "most": MOST,
        "resources": [(one.subject, _lines(view, one)) for one in found[:MOST]],
    }


def _lines(view: View, one: Difference) -> list[tuple[str, list[Cell], list[Cell]]]:
    predicates = sorted({p for p, _ in (*one.removed, *one.added)}, key=view.names.label)
    return [
        (
            predicate,
            [_cell(view, value) for p, value in one.removed if p == predicate],
            [_cell(view, value) for p, value in one.added if p == predicate],
        )
        for predicate in predicates
    ]


def _cell(view: View, term: Term) -> Cell:
    if isinstance(term, ox.NamedNode):
        return Cell(view.names.label(term.value), term.value)
    return Cell(readable(term))
