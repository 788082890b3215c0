"""The application: its parts, and what every response carries."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from aimsgraph.graph import AimsGraph
from aimsgraph.readers.pool import Pool
from aimsgraph.web import (
    changes,
    conformity,
    graph_store,
    health,
    history,
    metrics,
    openapi,
    pages,
    problems,
    questions,
    resources,
    search,
    sparql,
    void,
)
from aimsgraph.web.compression import compress, understand_tags
from aimsgraph.web.desk import Desk
from aimsgraph.web.door import Door
from aimsgraph.web.forms import MAX_FIELDS, MAX_FORM
from aimsgraph.web.rendering import register_filters
from aimsgraph.web.sharing import protect, share
from aimsgraph.web.visits import Visits
from aimsgraph.web.watch import Watch

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
    search,
    void,
    openapi,
)


def create_app(
    graph: AimsGraph,
    door: Door | None = None,
    pool: Pool | None = None,
    *,
    watch: Watch | None = None,
) -> Flask:
    """Return an application that serves a graph it was given.

    Args:
        graph: what is served.
        door: where requests come in; this machine's own if not given.
        pool: the processes that answer queries; those of `watch` if not given, or this process.
        watch: is shared by the doors of one service; one of its own if not given.
    """
    app = Flask("aimsgraph.web", root_path=str(_here()))
    app.url_map.merge_slashes = False
    known = watch or Watch(graph, pool)
    desk = Desk(graph, door or Door(open_reading=graph.settings.open_reading), known.pool)
    app.config["MAX_CONTENT_LENGTH"] = MAX_OWNERS_BODY if desk.door.is_owners else MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_FORM
    app.config["MAX_FORM_PARTS"] = MAX_FIELDS
    register_filters(app, desk)
    for part in PARTS:
        app.register_blueprint(part.blueprint(desk))
    app.register_blueprint(health.blueprint(desk, known.health))
    app.register_blueprint(metrics.blueprint(desk, known.metrics))
    problems.register(app)
    _frame(app, desk, known)
    return app


def _frame(app: Flask, desk: Desk, watch: Watch) -> None:
    """Put around every request what all of them have in common."""
    settings = desk.graph.settings

    @app.before_request
    def begin() -> None:
        watch.enter(desk)
        understand_tags()

    @app.after_request
    def finish(response: Response) -> Response:
        desk.remember(response)
        protect(response)
        share(response, desk.door, settings.origins)
        compress(response)
        watch.leave(response)
        return response

    # Flask has one's own middleware put in the place of the method.
    app.wsgi_app = Visits(app.wsgi_app, watch.under_way, watch.finished)  # type: ignore[method-assign]
    proxies = 0 if desk.door.is_owners else settings.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies, x_prefix=0
        )


def _here() -> str:
    return __file__.rpartition("/")[0]
