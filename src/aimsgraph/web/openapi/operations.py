"""Every route of the service, by the name of its endpoint and its method: what it takes and gives.

The document is made of the application's own routes and of this table; a test
sees that neither knows one that the other does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from aimsgraph.conformity.formats import WRITERS
from aimsgraph.formats import GRAPH_FORMATS, TABLE_FORMATS, XLSX
from aimsgraph.web.openapi.components import (
    COUNT,
    IRI,
    MOMENT,
    TEXT,
    Json,
    listed,
    parameter,
    schema,
)

READING: Final = (400, 401, 403, 404, 406, 422, 429, 500, 503, 504)
"""How whatever reads the graph may refuse."""

POSTED: Final = (*READING, 413, 415)
"""How whatever reads the graph and takes a body may refuse."""

WRITING: Final = (400, 401, 403, 404, 412, 413, 415, 422, 429, 500, 503, 504)
"""How whatever writes the graph may refuse."""

OPEN: Final = (400, 404, 429, 500, 503)
"""How what needs no graph may refuse."""

VIEW: Final = ("as-of", "effective", "at-least", "Accept-Datetime")
READ: Final = (*VIEW, "If-None-Match")
_WRITE: Final = ("effective-since", "advisory", "If-Match", "Idempotency-Key")

_HTML: Final = {"text/html": TEXT}
_RDF: Final = {one.media_type: {} if one.name == "jsonld" else TEXT for one in GRAPH_FORMATS}
_TABLES: Final = {
    one.media_type: schema("SparqlResults") if one.name == "json" else TEXT for one in TABLE_FORMATS
}
_SOME_RDF: Final = {one.media_type: _RDF[one.media_type] for one in GRAPH_FORMATS[:4]}
_REPORTS: Final = {
    media_type: schema("Report") if name == "json" else {}
    for name, (media_type, _) in WRITERS.items()
}
_RECEIPT: Final = {"application/json": schema("Receipt")}
FORM: Final = "application/x-www-form-urlencoded"

SUFFIXES: Final = {
    "csv": "text/csv",
    "html": "text/html",
    "json": "application/sparql-results+json",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "xlsx": XLSX,
    "xml": "application/sparql-results+xml",
}
"""The media type of each suffix of a named question."""

_ANSWERS: Final = {**_TABLES, "text/turtle": TEXT, **_HTML}

QUESTION_ANSWERS: Final[Json] = {
    "Answer": _ANSWERS,
    "AnswerAs": {media_type: _ANSWERS.get(media_type, {}) for media_type in SUFFIXES.values()},
}
"""What a named question answers in: as Accept has it, and as a suffix has it."""


def _json(kind: Json) -> Json:
    return {"application/json": kind, **_HTML}


@dataclass(frozen=True)
class Operation:
    """What one method of one route takes and gives."""

    summary: str
    answers: dict[int, Json | str]
    """The schema of each media type, by status; or the name of an answer of named questions."""
    refusals: tuple[int, ...] = READING
    parameters: tuple[str | Json, ...] = ()
    """Names of shared parameters, or parameters of its own."""
    body: Json = field(default_factory=dict)
    """The schema of each media type it takes."""
    needs_body: bool = True
    writes: bool = False
    is_open: bool = False
    """Whether it never needs a token."""
    about: str = ""


def _query(name: str, said: str, kind: Json, **more: Any) -> Json:
    return parameter(name, "query", said, kind, **more)


def _reads(summary: str, answer: Json, *parameters: Json, about: str = "") -> Operation:
    """Return a reading operation: of one moment, with an ETag."""
    answers: dict[int, Json | str] = {200: answer, 304: {}}
    return Operation(summary, answers, parameters=(*parameters, *READ), about=about)


def _writes(
    summary: str, body: Json, *parameters: str | Json, statuses: tuple[int, ...] = (200,)
) -> Operation:
    """Return a writing operation, on the terms that its headers and parameters state."""
    return Operation(
        summary,
        dict.fromkeys(statuses, _RECEIPT),
        WRITING,
        (*parameters, *_WRITE),
        body,
        writes=True,
    )


_GRAPHS: Final = (
    _query("default-graph-uri", "A graph of the default graph", listed(IRI)),
    _query("named-graph-uri", "A named graph", listed(IRI)),
)
_USING: Final = (
    _query("using-graph-uri", "A graph that WHERE reads by default", listed(IRI)),
    _query("using-named-graph-uri", "A named graph that WHERE reads", listed(IRI)),
)
_NAMED: Final = (
    _query("graph", "The name of the graph", IRI),
    _query(
        "default",
        "The graph without a name; give this or graph",
        {"type": "string", "maxLength": 0},
        allowEmptyValue=True,
    ),
)
_QUERY_FORM: Final = {
    "type": "object",
    "properties": {
        "query": TEXT,
        "default-graph-uri": listed(IRI),
        "named-graph-uri": listed(IRI),
    },
    "required": ["query"],
}
_UPDATE_FORM: Final = {
    "type": "object",
    "properties": {
        "update": TEXT,
        "message": TEXT,
        "using-graph-uri": listed(IRI),
        "using-named-graph-uri": listed(IRI),
    },
    "required": ["update"],
}
_FILES: Final = {
    "multipart/form-data": {
        "type": "object",
        "additionalProperties": {"type": "string", "contentMediaType": "text/turtle"},
    }
}
_PATH: Final = parameter("path", "path", "The rest of the path; it may hold slashes", TEXT)
_ASKED: Final = _reads(
    "Ask a SPARQL query; without one, what the endpoint is",
    {**_TABLES, **_RDF, **_HTML},
    _query("query", "The query", TEXT),
    *_GRAPHS,
    about="SPARQL 1.1 Protocol and Service Description. A page where HTML is preferred.",
)

OPERATIONS: Final[dict[tuple[str, str], Operation]] = {
    ("pages.home", "GET"): _reads("The home page", _HTML),
    ("questions.catalogue", "GET"): _reads(
        "The catalogue of named questions", _json(listed(schema("Question")))
    ),
    ("conformity.conformity", "GET"): _reads(
        "The current check results",
        {**_REPORTS, **_HTML},
        _query("clause", "Only those of this requirement", TEXT),
        _query("severity", "Only those as grave", {"enum": ["violation", "warning", "info"]}),
    ),
    ("conformity.validate", "POST"): Operation(
        "Check a body on its own; nothing is kept", {200: _REPORTS}, POSTED, body=_RDF
    ),
    ("resources.by_parameter", "GET"): _reads(
        "One resource by its IRI",
        {**_SOME_RDF, **_HTML},
        _query("iri", "The IRI", IRI, is_required=True),
    ),
    ("resources.by_path", "GET"): _reads(
        "One resource by the end of its IRI, or prefix:name; a suffix names the format",
        {**_SOME_RDF, **_HTML},
        _PATH,
    ),
    ("sparql.endpoint", "GET"): _ASKED,
    ("sparql.with_slash", "GET"): _ASKED,
    ("sparql.endpoint", "POST"): Operation(
        "Ask a SPARQL query",
        {200: {**_TABLES, **_RDF, **_HTML}},
        POSTED,
        (*_GRAPHS, *VIEW),
        {"application/sparql-query": TEXT, FORM: _QUERY_FORM},
    ),
    ("changes.update", "POST"): _writes(
        "Carry out a SPARQL update, as one changeset",
        {"application/sparql-update": TEXT, FORM: _UPDATE_FORM},
        "message",
        *_USING,
    ),
    ("changes.load", "POST"): _writes(
        "Load RDF, as one changeset",
        _RDF,
        "message",
        _query(
            "graph", "The records graph that takes what names none", {**TEXT, "default": "main"}
        ),
    ),
    ("graph_store.by_parameter", "GET"): _reads(
        "Read a graph; without a name, the list of graphs",
        {**_RDF, "application/json": listed(schema("Graph"))},
        *_NAMED,
    ),
    ("graph_store.by_parameter", "PUT"): _writes(
        "Replace a graph", {**_RDF, **_FILES}, *_NAMED, statuses=(200, 201)
    ),
    ("graph_store.by_parameter", "POST"): _writes(
        "Add to a graph; without a name, to a new one",
        {**_RDF, **_FILES},
        *_NAMED,
        statuses=(200, 201),
    ),
    ("graph_store.by_parameter", "DELETE"): _writes("Delete a graph", {}, *_NAMED),
    ("graph_store.by_path", "GET"): _reads("Read the graph of this address", _RDF, _PATH),
    ("graph_store.by_path", "PUT"): _writes(
        "Replace the graph of this address", {**_RDF, **_FILES}, _PATH, statuses=(200, 201)
    ),
    ("graph_store.by_path", "POST"): _writes(
        "Add to the graph of this address", {**_RDF, **_FILES}, _PATH, statuses=(200, 201)
    ),
    ("graph_store.by_path", "DELETE"): _writes("Delete the graph of this address", {}, _PATH),
    ("history.history", "GET"): _reads(
        "The changesets, the newest first",
        _json(listed(schema("Entry"))),
        _query("subject", "Only those that changed this record", IRI),
        _query("since", "Only those after this moment", MOMENT),
    ),
    ("history.changeset", "GET"): _reads(
        "One changeset",
        {**_json(schema("Changeset")), **_SOME_RDF},
        parameter("generation", "path", "Its number", COUNT),
    ),
    ("history.diff", "GET"): _reads(
        "How the records differ between two moments",
        _json(listed(schema("Difference"))),
        _query("from", "The earlier moment", MOMENT, is_required=True),
        _query("to", "The later moment", MOMENT, is_required=True),
        _query(
            "by",
            "Which time counts: that of the ledger, or the declared one",
            {"enum": ["recorded", "effective"], "default": "recorded"},
        ),
    ),
    ("search.search", "GET"): _reads(
        "Things by words in their labels, descriptions and identifiers",
        _json(schema("Hits")),
        _query("q", "The words", TEXT),
        _query("limit", "How many a page has", {"type": "integer", "minimum": 1}),
        _query("page", "Which page", {"type": "integer", "minimum": 1, "default": 1}),
    ),
    ("void.void", "GET"): _reads("What the dataset holds, as VoID says it", _RDF),
    ("openapi.openapi", "GET"): _reads("This document", {"application/json": {"type": "object"}}),
    ("health.ready", "GET"): Operation(
        "Whether the service is ready to answer",
        {200: {"application/json": schema("Health")}},
        OPEN,
        is_open=True,
    ),
    ("health.live", "GET"): Operation(
        "Whether the service is alive",
        {200: {"application/json": schema("Health")}},
        OPEN,
        is_open=True,
    ),
    ("metrics.numbers", "GET"): Operation(
        "The numbers of the service, for Prometheus",
        {200: {"text/plain": TEXT, "application/openmetrics-text": TEXT}},
        (*OPEN, 401, 403),
    ),
    ("static", "GET"): Operation(
        "What pages need to look as they do",
        {200: {"*/*": {}}, 304: {}},
        OPEN,
        (parameter("filename", "path", "Its name", TEXT), "If-None-Match"),
        is_open=True,
    ),
}
"""Every operation but the named questions, which the catalogue tells."""
