"""Answers in gzip: for whom, of what, and as a stream."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from aimsgraph.web import create_app
from aimsgraph.web.compression import Gzipped
from tiny_support import PREFIXES, SYSTEM, memory

LONG = "a row of an answer\n" * 1000


@pytest.fixture
def app() -> Flask:
    """Return a served graph with answers of several kinds beside its own."""
    app = create_app(memory())

    @app.get("/try")
    def attempt() -> Response:
        size = int(request.args.get("size", len(LONG)))
        response = Response(LONG[:size], content_type=request.args.get("type", "text/plain"))
        if "tag" in request.args:
            response.set_etag(request.args["tag"], weak="weak" in request.args)
            response.make_conditional(request)
        return response

    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return somebody who sends requests."""
    return app.test_client()


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("*", True),
        ("br;q=1, gzip;q=0.5", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("x-gzip-", False),
        (";;,q", False),
    ],
)
def test_whoever_takes_gzip_gets_it(
    client: FlaskClient, accepted: str, is_compressed: bool
) -> None:
    response = client.get("/try", headers={"Accept-Encoding": accepted})

    assert "Accept-Encoding" in response.vary
    assert (response.headers.get("Content-Encoding") == "gzip") is is_compressed
    body = gzip.decompress(response.data) if is_compressed else response.data
    assert body == LONG.encode()
    assert response.content_length == len(response.data)


@pytest.mark.parametrize(
    ("query", "is_compressed"),
    [
        ("type=text/turtle", True),
        ("type=application/sparql-results%2Bjson", True),
        ("type=application/rdf%2Bxml; charset=utf-8", True),
        ("type=application/n-triples", True),
        ("type=application/octet-stream", False),
        ("type=image/png", False),
        ("size=1023", False),
        ("size=1024", True),
    ],
)
def test_text_that_is_long_enough_is_compressed(
    client: FlaskClient, query: str, is_compressed: bool
) -> None:
    response = client.get(f"/try?{query}", headers={"Accept-Encoding": "gzip"})

    assert ("Content-Encoding" in response.headers) is is_compressed


@pytest.mark.parametrize(
    ("query", "sent", "status", "tag"),
    [
        ("tag=a", "", 200, '"a-gzip"'),
        ("tag=a", '"a-gzip"', 304, '"a-gzip"'),
        ("tag=a", '"b-gzip", "a-gzip"', 304, '"a-gzip"'),
        ("tag=a", '"a"', 304, '"a"'),
        ("tag=a", '"b-gzip"', 200, '"a-gzip"'),
        ("tag=a&weak=1", "", 200, 'W/"a"'),
        ("tag=a&weak=1", 'W/"a"', 304, 'W/"a"'),
        ("tag=a&size=9", "", 200, '"a"'),
    ],
)
def test_a_strong_tag_names_the_compressed_answer(
    client: FlaskClient, query: str, sent: str, status: int, tag: str
) -> None:
    headers = {"Accept-Encoding": "gzip", "If-None-Match": sent}

    response = client.get(f"/try?{query}", headers=headers)

    assert (response.status_code, response.headers["ETag"]) == (status, tag)


def test_a_style_sheet_is_compressed_and_known_again(client: FlaskClient) -> None:
    accepts = {"Accept-Encoding": "gzip"}

    first = client.get("/static/style.css", headers=accepts, buffered=True)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/static/style.css", headers={**accepts, **tag}, buffered=True)

    assert first.headers["Content-Encoding"] == "gzip"
    assert b"{" in gzip.decompress(first.data)
    assert first.headers["ETag"].endswith('-gzip"')
    assert again.status_code == 304


def test_a_head_says_what_a_get_would(client: FlaskClient) -> None:
    headers = {"Accept-Encoding": "gzip"}

    head, got = client.head("/try", headers=headers), client.get("/try", headers=headers)

    for name in ("Content-Encoding", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name]
    assert head.data == b""


class Rows:
    """Rows that say how many were read, and whether they were let go of."""

    def __init__(self, count: int) -> None:
        self.count, self.read, self.is_closed = count, 0, False

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self.count):
            self.read += 1
            yield f"row {number}\n".encode()

    def close(self) -> None:
        self.is_closed = True


def test_the_first_row_of_a_stream_is_sent_at_once() -> None:
    rows = Rows(1000)
    stream = iter(Gzipped(rows))

    first = next(stream)

    assert rows.read == 1
    assert zlib.decompressobj(31).decompress(first) == b"row 0\n"
    rest = b"".join(stream)
    assert gzip.decompress(first + rest).count(b"\n") == 1000


@pytest.mark.parametrize("reads", [0, 1, 1000])
def test_a_stream_is_let_go_of_by_whoever_leaves(app: Flask, reads: int) -> None:
    rows = Rows(100)
    app.add_url_rule("/rows", "rows", lambda: Response(rows, content_type="text/csv"))

    response = app.test_client().get("/rows", headers={"Accept-Encoding": "gzip"})
    for _, _chunk in zip(range(reads), response.iter_encoded(), strict=False):
        pass
    response.close()

    assert response.headers["Content-Encoding"] == "gzip"
    assert "Content-Length" not in response.headers
    assert rows.is_closed


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "identity, gzip", "x"])
def test_a_compressed_body_is_not_unpacked(client: FlaskClient, coding: str) -> None:
    body = gzip.compress((PREFIXES + SYSTEM).encode())

    response = client.post(
        "/sparql",
        data=body,
        content_type="application/sparql-query",
        headers={"Content-Encoding": coding},
    )

    assert response.status_code == 415
    assert "without Content-Encoding" in response.get_json(force=True)["detail"]


def test_the_longest_query_fits_into_a_form(client: FlaskClient) -> None:
    text = "ASK {} # " + "\N{GRINNING FACE}" * 199_000

    assert client.post("/sparql", data={"query": text}).status_code == 200


@pytest.mark.parametrize("form", [{"query": "x" * 2_600_000}, {"query": ["ASK {}"] * 1001}])
def test_a_larger_form_is_refused(client: FlaskClient, form: dict[str, object]) -> None:
    response = client.post("/sparql", data=form)

    assert response.status_code == 413
    assert "2,500,000 bytes and 1,000 fields" in response.get_json(force=True)["detail"]
