"""The SPARQL 1.1 Graph Store HTTP Protocol: whole graphs, read, replaced, merged and deleted.

A graph is named by `?graph=IRI` or `?default`, or by the path below /graphs/,
in which case its IRI is the request's own address (section 4.1).
"""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import pyoxigraph as ox
from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, NotFound, UnsupportedMediaType

from aimsgraph.access import Right
from aimsgraph.formats import GRAPH_FORMATS
from aimsgraph.ledger.change import Change, Intent, Replacement
from aimsgraph.namespaces import UNNAMED
from aimsgraph.rdf.parsing import FORMAT_FOR_SUFFIX
from aimsgraph.rdf.terms import graph_node, is_iri
from aimsgraph.terms import Receipt
from aimsgraph.web.bodies import body_quads, quads_of
from aimsgraph.web.changes import written
from aimsgraph.web.desk import Desk
from aimsgraph.web.door import SAFE
from aimsgraph.web.negotiation import choose, named, reply, unchanged
from aimsgraph.web.streaming import streamed

METHODS: Final = ["GET", "HEAD", "PUT", "POST", "DELETE"]

_PLAIN: Final = "!$&'()*+,;=:@/"
"""What stands in a path as it is, besides letters, digits and `-._~` (RFC 3986, 3.3)."""


def blueprint(desk: Desk) -> Blueprint:
    """Return the graph store of a graph."""
    part = Blueprint("graph_store", __name__)

    @part.before_request
    def require() -> None:
        if request.method not in SAFE:
            desk.caller.require(Right.WRITE)

    @part.route("/graphs", methods=METHODS, strict_slashes=False)
    def by_parameter() -> Response:
        named = request.args.getlist("graph")
        is_default = "default" in request.args
        if len(named) + is_default > 1:
            raise BadRequest("name one graph: ?graph=IRI or ?default")
        if not named and not is_default:
            return _without_name(desk)
        return _carried_out(desk, _iri(named[0]) if named else UNNAMED)

    @part.route("/graphs/<path:path>", methods=METHODS)
    def by_path(path: str) -> Response:
        del path
        return _carried_out(desk, _iri(_own_address()))

    return part


def _iri(name: str) -> str:
    if not is_iri(name):
        raise BadRequest(f"{name!r} is not an absolute IRI; name the graph by one")
    return name


def _own_address() -> str:
    """Return the address of the request as an IRI, in which what must be encoded stays so."""
    path = (one if one > "\x7f" else quote(one, safe=_PLAIN) for one in request.path)
    return request.root_url.rstrip("/") + "".join(path)


def _without_name(desk: Desk) -> Response:
    """List the graphs; or make a new one, whose name the service chooses (section 5.5)."""
    if request.method == "POST":
        name = f"{request.base_url.rstrip('/')}/{uuid4()}"
        quads = tuple(_quads(name))
        if not quads:
            raise BadRequest("the body says nothing; a graph is there while it holds a statement")
        response = written(desk.commit(Change(quads, kind="graph-store")), 201)
        response.headers["Location"] = name
        return response
    if request.method not in {"GET", "HEAD"}:
        raise BadRequest("name a graph: ?graph=IRI or ?default")
    view = desk.view
    listed = [{"graph": name, "statements": size} for name, size in view.graphs().items()]
    return reply(json.dumps(listed, indent=2) + "\n", "application/json", view.version, "graphs")


def _carried_out(desk: Desk, graph: str) -> Response:
    match request.method:
        case "PUT":
            return _changed(desk, graph, Replacement(graph, tuple(_quads(graph))))
        case "POST":
            change = Change(tuple(_quads(graph)), kind="graph-store")
            return _changed(desk, graph, change)
        case "DELETE":
            _require_there(desk, graph)
            return written(desk.commit(Replacement(graph)), 200)
    return _read(desk, graph)


def _changed(desk: Desk, graph: str, intent: Intent) -> Response:
    was_there = desk.graph.view(desk.caller).holds(graph) if desk.caller.role else False
    receipt: Receipt = desk.commit(intent)
    return written(receipt, 201 if receipt.added and not was_there else 200)


def _require_there(desk: Desk, graph: str) -> None:
    if not desk.graph.view(desk.caller).holds(graph):
        raise NotFound(f"There is no graph {graph or 'without a name'} here.")


def _quads(graph: str) -> list[ox.Quad]:
    """Return what the body holds, all of it in one graph."""
    node = graph_node(graph)
    base = graph or request.base_url
    if request.mimetype == "multipart/form-data":
        if request.form:
            raise BadRequest(f"the part {next(iter(request.form))!r} has no file name; send a file")
        files = [one for _, several in request.files.lists() for one in several]
        found = [quad for file in files for quad in _part(file, base)]
    else:
        found = body_quads(base=base)
    return [ox.Quad(quad.subject, quad.predicate, quad.object, node) for quad in found]


def _part(file: FileStorage, base: str) -> list[ox.Quad]:
    rdf_format = ox.RdfFormat.from_media_type(file.mimetype) if file.mimetype else None
    suffix = "." + (file.filename or "").rpartition(".")[2].lower()
    rdf_format = rdf_format or FORMAT_FOR_SUFFIX.get(suffix)
    if rdf_format is None:
        raise UnsupportedMediaType(f"the part {file.name!r} is {file.mimetype}; send RDF")
    return quads_of(file.read(), rdf_format, name=str(file.filename), base=base)


def _read(desk: Desk, graph: str) -> Response:
    view = desk.view
    if graph != UNNAMED and not view.holds(graph):
        raise NotFound(f"There is no graph {graph} here.")
    chosen = choose(GRAPH_FORMATS) or GRAPH_FORMATS[0]
    tag = f"graph-{graph}.{chosen.name}"
    if (same := unchanged(view.version, tag)) is not None:
        return same
    is_all = graph == UNNAMED and view.is_union
    found = view.stream(view.contents(None if is_all else graph), chosen.name)
    response = streamed(found, chosen.content_type)
    return named(response, view.version, tag)
