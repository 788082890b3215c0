"""A served graph, and somebody who sends requests to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aimsgraph.access import Role
from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from tiny_support import PREFIXES, memory

UPDATE: Final = "application/sparql-update"
TURTLE: Final = "text/turtle"
STATEMENT: Final = "<urn:a> <urn:b> 1 ."


@dataclass
class Site:
    """A served graph, and the headers of somebody who comes.

    Headers more are given as names of Python: `If_Match`.
    """

    graph: AimsGraph
    client: FlaskClient
    headers: dict[str, str]

    def open(
        self,
        method: str,
        path: str,
        data: str | None = None,
        content_type: str | None = None,
        **headers: str,
    ) -> TestResponse:
        """Send a request."""
        sent = {**self.headers, **{name.replace("_", "-"): v for name, v in headers.items()}}
        return self.client.open(
            path, method=method, data=data, content_type=content_type, headers=sent
        )

    def get(self, path: str, method: str = "GET", **headers: str) -> TestResponse:
        """Read a path that is not encoded yet."""
        return self.open(method, quote(path, safe="/?=&"), **headers)

    def update(self, text: str, query: str = "", **headers: str) -> TestResponse:
        """Send an update with the prefixes that tests use."""
        return self.open("POST", f"/update{query}", PREFIXES + text, UPDATE, **headers)

    def send(self, method: str, path: str, **headers: str) -> TestResponse:
        """Send one statement as Turtle."""
        return self.open(method, path, STATEMENT, TURTLE, **headers)

    def state(self) -> set[str]:
        """Return all that the graph holds."""
        return {str(quad) for quad in self.graph.view().quads()}


def signed_in(
    graph: AimsGraph, name: str, role: Role = Role.EDITOR, graphs: Iterable[str] | None = None
) -> dict[str, str]:
    """Make a token, and return the headers of who has it."""
    secret = graph.tokens.create(role, name, graphs=graphs)
    return {"Authorization": f"Bearer {secret}"}


def edited() -> Site:
    """Return a served graph with nothing in it, and an editor named Ada."""
    graph = memory()
    return Site(graph, create_app(graph).test_client(), signed_in(graph, "Ada"))
