"""How a token comes in over HTTP, at the public door and at the owner's socket."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any, cast

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from access_support import HISTORY, MAIN, OTHER
from aimsgraph.access import Role
from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from aimsgraph.web.server import listen
from site_support import signed_in
from tiny_support import PREFIXES, SYSTEM, memory, update

ASK = "/sparql?query=ASK+{}"
UPDATE = "application/sparql-update"


def _bearer(secret: str) -> str:
    return f"Bearer {secret}"


def _basic(secret: str) -> str:
    return "Basic " + b64encode(f"anybody:{secret}".encode()).decode()


@pytest.fixture
def served() -> tuple[AimsGraph, FlaskClient]:
    """Return a graph, and a client of its service that has to show a token."""
    graph = memory()
    return graph, create_app(graph, Door(open_reading="never")).test_client()


@pytest.mark.parametrize("sent", [_bearer, _basic, lambda s: f"bearer {s}"])
def test_a_token_comes_in(
    served: tuple[AimsGraph, FlaskClient], sent: Callable[[str], str]
) -> None:
    graph, client = served
    secret = graph.tokens.create(Role.READER, "Ada")

    assert client.get(ASK).status_code == 401
    assert client.get(ASK, headers={"Authorization": sent(secret)}).status_code == 200
    graph.tokens.revoke("Ada")
    assert client.get(ASK, headers={"Authorization": sent(secret)}).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer aimsgraph_wrong",
        "Digest username=a",
        "Token SECRET",
        "SECRET",
        "Basic !!!",
        "Basic " + b64encode(b"SECRET:").decode(),
        _basic("wrong"),
        "Bearer SECRET, Bearer SECRET",
        "Bearer \xff",
    ],
)
def test_anything_else_is_refused_even_where_reading_is_open(header: str) -> None:
    graph = memory()
    secret = graph.tokens.create(Role.READER, "Ada")
    client = create_app(graph).test_client()

    answer = client.get(ASK, headers={"Authorization": header.replace("SECRET", secret)})

    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert "Basic" in answer.headers["WWW-Authenticate"]
    assert answer.content_type == "application/problem+json"
    assert secret not in answer.text
    assert client.get(ASK).status_code == 200


def test_health_needs_no_token(served: tuple[AimsGraph, FlaskClient]) -> None:
    _, client = served

    for headers in ({}, {"Authorization": "Bearer aimsgraph_wrong"}, {"Host": "rebound.example"}):
        assert client.get("/healthz", headers=headers).status_code == 200


def test_health_tells_strangers_the_status_alone(served: tuple[AimsGraph, FlaskClient]) -> None:
    graph, client = served
    reader = signed_in(graph, "Eve", Role.READER)

    assert client.get("/healthz").get_json() == {"status": "ok"}
    known = client.get("/healthz", headers=reader).get_json()
    assert set(known) == {"status", "generation", "today"}


@pytest.mark.parametrize(
    "header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-proto"]
)
def test_what_came_through_a_proxy_is_not_local(header: str) -> None:
    client = create_app(memory()).test_client()

    assert client.get(ASK).status_code == 200
    assert client.get(ASK, headers={header: "x"}).status_code == 401


@pytest.mark.parametrize("host", ["", "[::1", "[", "a]b", "localhost.example", "127.0.0.1.nip.io"])
def test_an_odd_host_is_a_foreign_one(host: str) -> None:
    client = create_app(memory()).test_client()

    assert client.get(ASK, headers={"Host": host}).status_code == 401


@pytest.mark.parametrize(
    ("door", "anonymous", "shared"),
    [
        (Door(), 200, False),
        (Door(is_loopback=False), 401, False),
        (Door(open_reading="never"), 401, False),
        (Door(is_loopback=False, open_reading="always"), 200, True),
    ],
)
def test_who_may_read_without_a_token(door: Door, anonymous: int, shared: bool) -> None:
    client = create_app(memory(), door).test_client()

    answer = client.get(ASK)

    assert answer.status_code == anonymous
    assert ("Access-Control-Allow-Origin" in answer.headers) is shared
    assert client.post("/update", data=PREFIXES + SYSTEM, content_type=UPDATE).status_code == 401
    before = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    asked = client.options(ASK, headers=before)
    assert asked.status_code == 200
    assert ("Access-Control-Allow-Headers" in asked.headers) is shared


def test_the_owners_socket_makes_an_owner_of_whoever_shows_no_token() -> None:
    graph = memory()
    client = create_app(graph, Door(is_owners=True)).test_client()

    answer = client.post("/update?author=Ada", data=PREFIXES + SYSTEM, content_type=UPDATE)

    assert answer.status_code == 200
    assert graph.history()[0].author == "Ada"


@pytest.mark.parametrize(
    ("role", "graph_name", "status"),
    [
        (Role.READER, MAIN, 403),
        (Role.AUDITOR, MAIN, 403),
        (Role.EDITOR, MAIN, 200),
        (Role.EDITOR, OTHER, 403),
        (Role.ADMIN, HISTORY, 403),
    ],
)
def test_a_token_counts_at_the_owners_socket_too(role: Role, graph_name: str, status: int) -> None:
    graph = memory()
    secret = graph.tokens.create(role, "Eve", graphs=[MAIN])
    client = create_app(graph, Door(is_owners=True)).test_client()
    headers = {"Authorization": f"Bearer {secret}"}
    text = f"INSERT DATA {{ GRAPH <{graph_name}> {{ <urn:a> <urn:b> 1 }} }}"

    answer = client.post("/update?author=Ada", data=text, content_type=UPDATE, headers=headers)

    assert answer.status_code == status
    if status == 200:
        assert graph.history()[0].author == "Eve"


def test_a_reader_learns_no_name_from_the_ledger() -> None:
    graph = memory()
    graph.commit(update(SYSTEM))
    agent = "https://w3id.org/aimsgraph/agent/owner"
    names = {}
    for role in (Role.READER, Role.AUDITOR):
        secret = graph.tokens.create(role, role.value)
        names[role] = graph.view(graph.tokens.caller(secret)).names.label(agent)

    assert names == {Role.READER: agent, Role.AUDITOR: "owner"}


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "10.0.0.1"},
        {"X-Forwarded-Host": "aims.example"},
        {"Forwarded": "for=10.0.0.1"},
    ],
)
def test_the_server_leaves_the_door_what_a_proxy_says(headers: dict[str, str]) -> None:
    server = listen(memory(), "127.0.0.1", 0, 1)
    try:
        client = Client(cast(Any, server).application)
        statuses = [client.get(ASK, headers=sent).status_code for sent in ({}, headers)]
    finally:
        server.close()

    assert statuses == [200, 401]
