"""Errors as `application/problem+json` (RFC 9457), and as a page for people."""

from __future__ import annotations

import json
from typing import Final

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from aimsgraph.errors import (
    AimsGraphError,
    IntegrityRefusedError,
    ParameterError,
    QueryError,
    RefusedQueryError,
    SourceError,
    UnknownNameError,
)
from aimsgraph.web.negotiation import HTML

STATUS_FOR_ERROR: Final[dict[type[AimsGraphError], tuple[int, str]]] = {
    UnknownNameError: (404, "No such name"),
    ParameterError: (400, "Wrong parameter"),
    QueryError: (400, "Query not understood"),
    RefusedQueryError: (400, "Query refused"),
    SourceError: (400, "Body not understood"),
    IntegrityRefusedError: (422, "Change refused"),
}
"""Status and title of each error; it is found along the error's own classes."""


def register(app: Flask) -> None:
    """Let the application answer errors."""
    app.register_error_handler(AimsGraphError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _ours(error: AimsGraphError) -> Response:
    for kind in type(error).__mro__:
        if kind in STATUS_FOR_ERROR:
            status, title = STATUS_FOR_ERROR[kind]
            return problem(status, title, str(error))
    return problem(500, "Internal error", "The service could not answer this request.")


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


def problem(status: int, title: str, detail: str) -> Response:
    """Return a problem document, or a page where the caller prefers one."""
    best = request.accept_mimetypes.best_match(["application/problem+json", HTML])
    if best == HTML and request.accept_mimetypes.quality(HTML) > request.accept_mimetypes.quality(
        "application/json"
    ):
        page = render_template("problem.html", status=status, title=title, detail=detail)
        return Response(page, status, content_type="text/html; charset=utf-8")
    body = json.dumps({"title": title, "status": status, "detail": detail}, ensure_ascii=False)
    return Response(body + "\n", status, content_type="application/problem+json")
