"""The application: its parts, and what every response carries."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

from aimsgraph.graph import AimsGraph
from aimsgraph.web import (
    changes,
    conformity,
    graph_store,
    history,
    pages,
    problems,
    questions,
    resources,
    sparql,
)
from aimsgraph.web.desk import Desk
from aimsgraph.web.door import SAFE, Door
from aimsgraph.web.rendering import register_filters

MAX_BODY: Final = 16 * 1024 * 1024
"""The largest body taken at the public door, in bytes."""

MAX_OWNERS_BODY: Final = 4 * 1024 * 1024 * 1024
"""The largest body taken from a command of the owner, in bytes."""

PARTS: Final = (
    pages,
    questions,
    conformity,
    resources,
    sparql,
    changes,
    graph_store,
    history,
)

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def create_app(graph: AimsGraph, door: Door | None = None) -> Flask:
    """Return an application that serves a graph it was given.

    Args:
        graph: what is served.
        door: where requests come in; this machine's own if not given.
    """
    app = Flask("aimsgraph.web", root_path=str(_here()))
    app.url_map.merge_slashes = False
    desk = Desk(graph, door or Door(open_reading=graph.settings.open_reading))
    app.config["MAX_CONTENT_LENGTH"] = MAX_OWNERS_BODY if desk.door.is_owners else MAX_BODY
    register_filters(app, desk)
    for part in PARTS:
        app.register_blueprint(part.blueprint(desk))
    problems.register(app)

    @app.after_request
    def finish(response: Response) -> Response:
        desk.remember(response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.method in SAFE and (
            desk.door.shares_with_other_sites or request.method == "OPTIONS"
        ):
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Memento-Datetime"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Accept, Content-Type"
        return response

    return app


def _here() -> str:
    return __file__.rpartition("/")[0]
