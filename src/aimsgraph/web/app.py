"""The application: its parts, and what every response carries."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

from aimsgraph.graph import AimsGraph
from aimsgraph.web import conformity, pages, problems, questions, resources, sparql
from aimsgraph.web.rendering import register_filters

MAX_BODY: Final = 16 * 1024 * 1024
"""The largest body taken, in bytes."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def create_app(graph: AimsGraph) -> Flask:
    """Return an application that serves a graph it was given."""
    app = Flask("aimsgraph.web", root_path=str(_here()))
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    register_filters(app, graph)
    for part in (pages, questions, conformity, resources, sparql):
        app.register_blueprint(part.blueprint(graph))
    problems.register(app)
    app.after_request(_finish)
    return app


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
    return response


def _here() -> str:
    return __file__.rpartition("/")[0]
