"""What several operations share: schemas, parameters, ways to come in, and refusals."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

TEXT: Final[Json] = {"type": "string"}
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
IRI: Final[Json] = {"type": "string", "format": "iri"}
DAY: Final[Json] = {"type": "string", "format": "date"}
FLAG: Final[Json] = {"type": "boolean"}
TEXTS: Final[Json] = {"type": "array", "items": TEXT}


def record(*optional: str, **properties: Json) -> Json:
    """Return the schema of an object with these properties, all of them there but some."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def listed(items: Json) -> Json:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def schema(name: str) -> Json:
    """Return a reference to a schema of this table."""
    return {"$ref": f"#/components/schemas/{name}"}


_COUNTS: Final = record(violation=COUNT, warning=COUNT, info=COUNT)
_VALUES: Final = listed(record(predicate=IRI, value=TEXT))
_TERM: Final = {
    "type": "object",
    "properties": {"type": {"enum": ["uri", "literal", "bnode", "triple"]}, "value": {}},
    "required": ["type", "value"],
}

SCHEMAS: Final[Json] = {
    "Problem": {
        **record(
            "type",
            type={"type": "string", "format": "uri-reference", "default": "about:blank"},
            title=TEXT,
            status={"type": "integer", "minimum": 400, "maximum": 599},
            detail=TEXT,
        ),
        "description": "A problem document (RFC 9457); detail says what to do about it.",
    },
    "SparqlResults": {
        "description": "SPARQL 1.1 Query Results JSON Format: a table, or yes or no.",
        "type": "object",
        "properties": {
            "head": {"type": "object", "properties": {"vars": TEXTS}},
            "results": record(
                bindings=listed({"type": "object", "additionalProperties": _TERM}),
            ),
            "boolean": FLAG,
        },
        "required": ["head"],
        "oneOf": [{"required": ["results"]}, {"required": ["boolean"]}],
    },
    "Receipt": {
        **record(
            generation=COUNT,
            changeset=IRI,
            digest=TEXT,
            changed=FLAG,
            repeated=FLAG,
            added=COUNT,
            removed=COUNT,
            results=_COUNTS,
            appeared=COUNT,
            resolved=COUNT,
            summary=TEXT,
        ),
        "description": "What became of a change, and the state of conformity after it.",
    },
    "Report": {
        **record(
            conforms=FLAG,
            counts=_COUNTS,
            results=listed({"type": "object"}),
            rules=listed(
                record(
                    rule=IRI,
                    name=TEXT,
                    severity={"enum": ["violation", "warning", "info"]},
                    requirements=listed(IRI),
                    population=COUNT,
                    results=COUNT,
                    verdict=TEXT,
                )
            ),
        ),
        "description": "The state of conformity: every result, and how every rule stands.",
    },
    "Question": record(
        name=TEXT,
        theme=TEXT,
        summary=TEXT,
        question=TEXT,
        clauses=TEXTS,
        expects={"enum": ["no-rows", "rows", "any"]},
        empty=TEXT,
        parameters=listed(
            record(
                name=TEXT,
                type={"enum": ["iri", "string", "date", "integer", "decimal", "boolean"]},
                label=TEXT,
                optional=FLAG,
                default={"type": ["string", "null"]},
            )
        ),
    ),
    "Graph": record(graph=TEXT, statements=COUNT),
    "Entry": record(
        generation=COUNT,
        time=TEXT,
        author=TEXT,
        kind=TEXT,
        message=TEXT,
        added=COUNT,
        removed=COUNT,
        effective=TEXT,
        digest=TEXT,
        filled=FLAG,
    ),
    "Changeset": record(
        generation=COUNT,
        time=TEXT,
        author=TEXT,
        kind=TEXT,
        message=TEXT,
        parent=TEXT,
        digest=TEXT,
        signature={"type": ["string", "null"]},
        added=TEXTS,
        removed=TEXTS,
    ),
    "Difference": record(resource=TEXT, removed=_VALUES, added=_VALUES),
    "Hits": record(
        query=TEXT,
        total=COUNT,
        totalIsExact=FLAG,
        limit=COUNT,
        page=COUNT,
        next={"type": ["string", "null"]},
        hits=listed(
            record(
                iri=IRI,
                label=TEXT,
                type={"type": ["string", "null"]},
                property=TEXT,
                snippet=TEXT,
                marks=listed(listed(COUNT)),
            )
        ),
    ),
    "Health": record("generation", "today", status={"const": "ok"}, generation=COUNT, today=DAY),
}

REFUSALS: Final[dict[int, str]] = {
    400: "The request, a parameter or the query is malformed; the detail says where",
    401: "A token is needed, or the one sent is not known",
    403: "The caller may not do this",
    404: "There is no such thing, name or state",
    406: "None of the media types asked for is offered",
    412: "The graph is not in the state that If-Match names; nothing was written",
    413: "The body is larger than is taken",
    415: "The body is of a media type that is not taken",
    422: "Integrity rules refuse the change, or an answer is larger than is given",
    429: "The caller asks too much at a time; Retry-After says when to come back",
    500: "The engine broke down on this request",
    503: "The service is busy, stopping, or cannot record; Retry-After may say when to come back",
    504: "The query took longer than it may",
}
"""Every status that refuses, and what it means."""


HEADERS: Final[Json] = {
    "ETag": {"description": "Names the state of the graph the answer is of", "schema": TEXT},
    "Location": {"description": "The name of the graph that was made", "schema": IRI},
    "Retry-After": {"description": "Seconds until it may go well", "schema": COUNT},
    "WWW-Authenticate": {"description": "How to come in", "schema": TEXT},
}

HEADERS_FOR_STATUS: Final[dict[int, tuple[str, ...]]] = {
    200: ("ETag",),
    201: ("ETag", "Location"),
    304: ("ETag",),
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
"""The headers that answers of a status may have, besides the usual."""


def headers(status: int) -> Json:
    """Return the headers of answers of a status, as an answer has them."""
    names = HEADERS_FOR_STATUS.get(status, ())
    found = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {"headers": found} if found else {}


def refusals() -> Json:
    """Return the answers that refuse, by status."""
    content = {"application/problem+json": {"schema": schema("Problem")}, "text/html": {}}
    change = {"application/ld+json": {}, "text/turtle": {"schema": TEXT}}
    return {
        f"Refusal{status}": {
            "description": said,
            **headers(status),
            "content": {**content, **change} if status == 422 else content,
        }
        for status, said in REFUSALS.items()
    }


def parameter(
    name: str, where: str, said: str, kind: Json, *, is_required: bool = False, **more: Any
) -> Json:
    """Return a parameter."""
    told: Json = {"name": name, "in": where, "description": said, "schema": kind, **more}
    if is_required or where == "path":
        told["required"] = True
    return told


MOMENT: Final[Json] = {"type": "string", "examples": ["2026-11-20", "2026-11-20T17:00:00Z", "12"]}

PARAMETERS: Final[Json] = {
    "as-of": parameter(
        "as-of", "query", "When the graph knew it: a day, a time, or a generation", MOMENT
    ),
    "effective": parameter(
        "effective", "query", "When it held, as declared: a day or a time; not with as-of", MOMENT
    ),
    "at-least": parameter(
        "at-least",
        "query",
        "A generation that the answer may not be older than",
        {"type": "string", "pattern": "^[0-9]{1,15}$"},
    ),
    "Accept-Datetime": parameter(
        "Accept-Datetime",
        "header",
        "When the graph knew it (RFC 7089), where as-of and effective are not given",
        {"type": "string", "examples": ["Fri, 20 Nov 2026 17:00:00 GMT"]},
    ),
    "If-None-Match": parameter(
        "If-None-Match", "header", "The ETag of what the caller has; 304 if it is the same", TEXT
    ),
    "If-Match": parameter(
        "If-Match", "header", "The ETag of the state the change is meant for, or *", TEXT
    ),
    "Idempotency-Key": parameter(
        "Idempotency-Key",
        "header",
        "A name of this request: sent again, it is not carried out again",
        TEXT,
    ),
    "advisory": parameter("advisory", "query", "Record findings instead of refusing", FLAG),
    "effective-since": parameter("effective", "query", "When the change took effect", MOMENT),
    "message": parameter("message", "query", "Why the change is made", TEXT),
}

SECURITY: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the workspace"},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Any name, and a token as the password; for browsers",
    },
}
"""How a caller shows who they are, as the door reads it."""


def components() -> Json:
    """Return all of it, as the document has it."""
    return {
        "schemas": SCHEMAS,
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "responses": refusals(),
        "securitySchemes": SECURITY,
    }
