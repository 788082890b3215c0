"""Errors as `application/problem+json` (RFC 9457), and as a page for people."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from aimsgraph.conformity.formats import WRITERS
from aimsgraph.conformity.report import Report
from aimsgraph.errors import (
    AccessError,
    AimsGraphError,
    ConflictError,
    EngineError,
    FormatError,
    IntegrityRefusedError,
    JournalError,
    LimitError,
    NoSuchStateError,
    ParameterError,
    QueryError,
    RefusedQueryError,
    SourceError,
    UnknownNameError,
    UnknownTokenError,
)
from aimsgraph.readers.turns import ClientLeftError
from aimsgraph.web.logs import note, request_id
from aimsgraph.web.negotiation import HTML

STATUS_FOR_ERROR: Final[dict[type[AimsGraphError], tuple[int, str]]] = {
    UnknownNameError: (404, "No such name"),
    ParameterError: (400, "Wrong parameter"),
    QueryError: (400, "Query not understood"),
    RefusedQueryError: (400, "Query refused"),
    SourceError: (400, "Body not understood"),
    IntegrityRefusedError: (422, "Change refused"),
    ConflictError: (412, "The graph has changed"),
    NoSuchStateError: (404, "No such state"),
    UnknownTokenError: (401, "Token needed"),
    AccessError: (403, "Not allowed"),
    JournalError: (503, "Cannot be recorded"),
    EngineError: (500, "Engine failure"),
    FormatError: (406, "Not in this format"),
    LimitError: (422, "Limit reached"),
}
"""Status and title of each error; it is found along the error's own classes."""

STATUS_FOR_LIMIT: Final = {
    "query_timeout": (504, "Query took too long"),
    "queue": (503, "Too many queries"),
    "readers": (503, "No reader"),
    "caller_queries": (429, "Too many queries of one caller"),
}
"""Status and title where the limit is not one of the answer."""

SERVERS_FAULT: Final = 500
"""From this status on a problem names the request, so that it can be found in the logs."""

TRY_AGAIN: Final = frozenset({429, 503})
"""What may go well a moment later."""

CLIENT_LEFT: Final = 499
"""Nobody reads it; it is for the logs."""


UNAUTHORIZED: Final = 401

CHALLENGE: Final = 'Bearer realm="aimsgraph", Basic realm="aimsgraph: any name, token as password"'
"""How to come in (RFC 9110, 11.6.1): programs with a bearer token, browsers by asking for it."""

_RDF: Final = {WRITERS[name][0]: name for name in ("turtle", "jsonld") if name in WRITERS}


def register(app: Flask) -> None:
    """Let the application answer errors."""
    app.register_error_handler(AimsGraphError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ClientLeftError, _left)
    app.register_error_handler(Exception, _bug)


def status_of(error: AimsGraphError) -> int:
    """Return the status an error is answered with."""
    return _ours(error).status_code


def _ours(error: AimsGraphError) -> Response:
    if isinstance(error, LimitError):
        return _limit(error)
    for kind in type(error).__mro__:
        if kind in STATUS_FOR_ERROR:
            status, title = STATUS_FOR_ERROR[kind]
            if isinstance(error, IntegrityRefusedError) and isinstance(error.report, Report):
                return _refusal(status, title, error, error.report)
            response = problem(status, title, str(error))
            if status == UNAUTHORIZED:
                response.headers["WWW-Authenticate"] = CHALLENGE
            return response
    return _bug(error)


def _left(_: ClientLeftError) -> Response:
    note(aborted="client left")
    return Response(status=CLIENT_LEFT)


def _limit(error: LimitError) -> Response:
    """Return which limit it is, and whether it is worth trying again."""
    note(aborted=error.limit)
    status, title = STATUS_FOR_LIMIT.get(error.limit, STATUS_FOR_ERROR[LimitError])
    response = problem(status, title, str(error), limit=error.limit)
    if status in TRY_AGAIN:
        response.headers["Retry-After"] = "1"
    return response


def _refusal(status: int, title: str, error: IntegrityRefusedError, report: Report) -> Response:
    """Return why a change is refused, with the validation report: as JSON within, or as RDF."""
    offered = ["application/problem+json", *_RDF]
    best = request.accept_mimetypes.best_match(offered) if request.accept_mimetypes else None
    if best in _RDF:
        return Response(WRITERS[_RDF[best]][1](report), status, content_type=best)
    told = json.loads(WRITERS["json"][1](report))
    return problem(status, title, str(error), report=told)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return Response(status=error.code or 500, headers=list(error.get_headers()))
    detail = error.description or error.name
    if isinstance(error, NotFound) and detail == NotFound.description:
        detail = f"There is nothing at {request.path}."
    if isinstance(error, RequestEntityTooLarge):
        detail = f"The body is larger than {current_app.config['MAX_CONTENT_LENGTH']:,} bytes."
    response = problem(error.code, error.name, detail)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _bug(error: Exception) -> Response:
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return problem(500, "Internal error", "The service could not answer this request.")


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """Return a problem document, or a page where the caller prefers one."""
    best = request.accept_mimetypes.best_match(["application/problem+json", HTML])
    if best == HTML and request.accept_mimetypes.quality(HTML) > request.accept_mimetypes.quality(
        "application/json"
    ):
        page = render_template("problem.html", status=status, title=title, detail=detail)
        return Response(page, status, content_type="text/html; charset=utf-8")
    told = {"title": title, "status": status, "detail": detail, **more}
    if status >= SERVERS_FAULT and (name := request_id()) is not None:
        told["instance"] = UUID(name).urn
    body = json.dumps(told, ensure_ascii=False)
    return Response(body + "\n", status, content_type="application/problem+json")
