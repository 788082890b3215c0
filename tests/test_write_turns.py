"""Changes take turns: some at a time, some waiting, and a page is served meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aimsgraph.access import Role
from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from site_support import UPDATE, signed_in
from tiny_support import PREFIXES, SYSTEM, memory

MANY = 40
TAKEN = 8 + 16
"""Those that are under way, and those that wait."""


def test_no_more_changes_wait_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, go = memory(), Event()
    commit = AimsGraph.commit

    def slow(self: AimsGraph, *given: object, **more: object) -> object:
        go.wait(20)
        return commit(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(AimsGraph, "commit", slow)
    app = create_app(graph)
    editors = [signed_in(graph, f"Ada {number}", Role.EDITOR) for number in range(MANY)]

    def send(number: int) -> TestResponse:
        client: FlaskClient = app.test_client()
        return client.post(
            "/update", data=PREFIXES + SYSTEM, content_type=UPDATE, headers=editors[number]
        )

    with ThreadPoolExecutor(MANY) as threads:
        waiting = [threads.submit(send, number) for number in range(MANY)]
        while sum(one.done() for one in waiting) < MANY - TAKEN:
            go.wait(0.01)
        assert app.test_client().get("/healthz/live").status_code == 200
        go.set()
        found = [one.result() for one in waiting]

    codes = [one.status_code for one in found]
    assert (codes.count(200), codes.count(503)) == (TAKEN, MANY - TAKEN)
    assert {one.headers.get("Retry-After") for one in found if one.status_code == 503} == {"1"}
