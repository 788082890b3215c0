"""Changes over HTTP: SPARQL 1.1 Update by the Protocol, and RDF loaded as one changeset."""

from __future__ import annotations

import json

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from aimsgraph.access import Right
from aimsgraph.ledger.change import Change, records_graph
from aimsgraph.ledger.prov import changeset_iri
from aimsgraph.ledger.update import Update
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.terms import Receipt
from aimsgraph.web.bodies import body_quads
from aimsgraph.web.desk import Desk
from aimsgraph.web.logs import note
from aimsgraph.wording import summary

FORM = "application/x-www-form-urlencoded"


def blueprint(desk: Desk) -> Blueprint:
    """Return the routes that change a graph."""
    part = Blueprint("changes", __name__)

    @part.post("/update")
    def update() -> Response:
        dataset = Dataset(
            tuple(request.values.getlist("using-graph-uri")),
            tuple(request.values.getlist("using-named-graph-uri")),
        )
        text = _update_text()
        note(query=text)
        return written(desk.commit(Update(text, _message(), dataset, base=desk.base)))

    @part.post("/load")
    def load() -> Response:
        desk.caller.require(Right.WRITE)
        graph = ox.NamedNode(records_graph(request.args.get("graph", "main")))
        change = Change(tuple(body_quads(graph)), message=_message(), kind="load")
        return written(desk.commit(change))

    return part


def _message() -> str:
    return request.values.get("message", "")


def _update_text() -> str:
    """Return the update of a request (SPARQL 1.1 Protocol, 2.2)."""
    if request.mimetype == "application/sparql-update":
        try:
            return request.get_data().decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest("the update is not UTF-8 text") from error
    if request.mimetype == FORM:
        texts = request.form.getlist("update")
        if len(texts) != 1:
            raise BadRequest("the form takes one field 'update'")
        return texts[0]
    raise UnsupportedMediaType(
        f"send the update as application/sparql-update, or as the field 'update' of {FORM}"
    )


def written(receipt: Receipt, status: int = 200) -> Response:
    """Return what became of a change: its generation, its digest, and the conformity after it."""
    body = {
        "generation": receipt.generation,
        "changeset": changeset_iri(receipt.generation),
        "digest": receipt.digest,
        "changed": receipt.header is not None,
        "repeated": receipt.is_repeated,
        "added": receipt.added,
        "removed": receipt.removed,
        "results": {name.lower(): n for name, n in receipt.standing.count().items()},
        "appeared": len(receipt.appeared),
        "resolved": len(receipt.resolved),
        "summary": summary(receipt.standing),
    }
    note(generation=receipt.generation)
    response = Response(json.dumps(body) + "\n", status, content_type="application/json")
    response.set_etag(f"{receipt.generation}-{receipt.digest[:12]}", weak=True)
    return response
