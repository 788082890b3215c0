"""A host of somebody else's, as tests play it: it answers SERVICE and LOAD."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aimsgraph import assembly
from aimsgraph.egress.reach import Reach
from aimsgraph.graph import AimsGraph
from aimsgraph.readers import pool
from aimsgraph.readers.asking import Turn
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from tiny_support import PREFIXES, memory, update
from update_support import START

JSON: Final = "application/sparql-results+json"


@dataclass
class Host:
    """What a host answers, and what it has been asked."""

    body: bytes = b""
    media_type: str = JSON
    status: int = 200
    missing: int = 0
    """Bytes that it promises and does not send."""
    pause: float = 0.0
    port: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return its name and port, as settings list it."""
        return f"data.example.org:{self.port}"

    def iri(self, path: str = "/sparql") -> str:
        """Return an address at this host."""
        return f"http://{self.name}{path}"

    @property
    def settings(self) -> Settings:
        """Return settings that list this host."""
        return Settings(service_hosts=(self.name,), readers=2, query_timeout=10.0)

    def answer(self, **row: str) -> None:
        """Answer with one row, of IRIs where there is a colon and of text elsewhere."""
        found = {
            name: {"type": "uri" if ":" in value else "literal", "value": value}
            for name, value in row.items()
        }
        table = {"head": {"vars": list(row)}, "results": {"bindings": [found]}}
        self.body = json.dumps(table).encode()

    def resolve(self, host: str, _: int) -> Sequence[str]:
        """Look up a name."""
        self.lookups.append(host)
        return ["127.0.0.1"]


@contextmanager
def playing(patch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Play a host which counts as public, for the time of the context."""
    host = Host()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, host))
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    host.port = server.server_port
    reach = partial(Reach, resolve=host.resolve, is_public=lambda one: one == "127.0.0.1")
    patch.setattr(assembly, "Reach", reach)
    patch.setattr(pool, "Reach", reach)
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, host: Host, *given: Any) -> None:
        self.host = host
        super().__init__(*given)

    def do_GET(self) -> None:
        host = self.host
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        host.seen.append((self.command, self.path))
        time.sleep(host.pause)
        self.send_response(host.status)
        self.send_header("Content-Type", host.media_type)
        self.send_header("Content-Length", str(len(host.body) + host.missing))
        self.end_headers()
        self.wfile.write(host.body)

    do_POST = do_GET  # noqa: N815 - named by the base class

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@dataclass
class Federated:
    """A graph that is asked through readers, and somebody who sends requests to it."""

    graph: AimsGraph
    pool: pool.Pool
    client: FlaskClient

    def rows(self, query: str) -> list[list[str | None]]:
        """Return the rows of a query that is asked through a reader."""
        view = self.graph.view().through(Turn(self.pool, "Ada", lambda: False))
        found = view.ask(PREFIXES + query).rows
        return [[getattr(one, "value", None) for one in row] for row in found]

    def get(self, query: str, **headers: str) -> TestResponse:
        """Send a query."""
        asked = {"query": PREFIXES + query}
        return self.client.get("/sparql", query_string=asked, headers=headers)


@contextmanager
def federated(settings: Settings) -> Iterator[Federated]:
    """Give a graph of three statements, for the time of the context."""
    graph = memory(settings)
    graph.commit(update(START))
    with pool.readers(settings) as found:
        yield Federated(graph, found, create_app(graph, pool=found).test_client())
