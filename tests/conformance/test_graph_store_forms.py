"""The graph store protocol where the suite is silent: names in the path, and what is no graph."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from aimsgraph.access import Role
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from tiny_support import memory

TURTLE = "text/turtle"
SOME = "<urn:a> <urn:p> 1 ."
UNNAMED_PART = (
    '--b\r\nContent-Disposition: form-data; name="x"\r\n'
    f"Content-Type: {TURTLE}\r\n\r\n{SOME}\r\n--b--\r\n"
)

Send = Callable[..., TestResponse]


@pytest.fixture
def send() -> Send:
    """Return what sends a request to an empty graph, as somebody who may write it."""
    graph = memory(Settings(default_graph="unnamed"))
    client = create_app(graph).test_client()
    headers = {"Authorization": f"Bearer {graph.tokens.create(Role.EDITOR, 'w3c')}"}

    def sent(method: str, path: str, data: object = None, kind: str | None = None) -> TestResponse:
        graph.view()
        return client.open(path, method=method, data=data, content_type=kind, headers=headers)

    return sent


@pytest.mark.parametrize(
    "path", ["a%25b", "a%20b", "a%2520b", "a%3Cb%3E%22%7B", "%C3%A9/x", "a;b=c,d@e:f", "~a._-"]
)
def test_every_path_is_the_name_of_a_graph_of_its_own(send: Send, path: str) -> None:
    assert send("PUT", "/graphs/a%20b/other", SOME, TURTLE).status_code == 201
    assert send("PUT", f"/graphs/{path}", "<> <urn:p> 7 .", TURTLE).status_code == 201

    read = send("GET", f"/graphs/{path}")

    assert read.status_code == 200
    name = send("GET", "/graphs").get_json()
    names = [one["graph"] for one in name if one["graph"].startswith("http://localhost/graphs/")]
    assert len(names) == 2
    assert any(f"<{one}>" in read.text for one in names)


def test_an_encoded_percent_sign_is_no_encoding(send: Send) -> None:
    send("PUT", "/graphs/a%20b", SOME, TURTLE)

    assert send("GET", "/graphs/a%2520b").status_code == 404


def test_a_graph_is_there_while_it_holds_a_statement(send: Send) -> None:
    assert send("PUT", "/graphs?graph=urn:g", "", TURTLE).status_code == 200
    assert send("POST", "/graphs?graph=urn:g", "", TURTLE).status_code == 200
    assert send("GET", "/graphs?graph=urn:g").status_code == 404
    assert send("PUT", "/graphs?graph=urn:g", SOME, TURTLE).status_code == 201
    assert send("PUT", "/graphs?graph=urn:g", "", TURTLE).status_code == 200
    assert send("HEAD", "/graphs?graph=urn:g").status_code == 404
    refused = send("POST", "/graphs", "", TURTLE)
    assert (refused.status_code, "Location" in refused.headers) == (400, False)


def test_every_part_of_a_form_counts_or_none_does(send: Send) -> None:
    form = "multipart/form-data; boundary=b"

    assert send("POST", "/graphs?graph=urn:g", UNNAMED_PART, form).status_code == 400
    mixed = {"one": (io.BytesIO(SOME.encode()), "one.ttl"), "two": SOME}
    assert send("POST", "/graphs?graph=urn:g", mixed).status_code == 400
    assert send("GET", "/graphs?graph=urn:g").status_code == 404
    files = {name: (io.BytesIO(SOME.encode()), f"{name}.ttl") for name in ("one", "two")}
    assert send("POST", "/graphs?graph=urn:g", files).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/graphs?graph=relative", 400),
        ("PUT", "/graphs?graph=", 400),
        ("PUT", "/graphs?graph=urn:a&default", 400),
        ("PUT", "/graphs?graph=urn:a&graph=urn:b", 400),
        ("PUT", "/graphs", 400),
        ("DELETE", "/graphs", 400),
        ("PATCH", "/graphs?default", 405),
        ("PUT", "/graphs/%FF", 400),
        ("PUT", "/graphs?graph=https://w3id.org/aimsgraph/graph/inferred", 403),
        ("POST", "/graphs?graph=https://w3id.org/aimsgraph/graph/ontology", 403),
        ("DELETE", "/graphs?graph=https://w3id.org/aimsgraph/graph/ontology", 403),
    ],
)
def test_what_cannot_be_written_is_refused(send: Send, method: str, path: str, status: int) -> None:
    assert send(method, path, SOME, TURTLE).status_code == status
