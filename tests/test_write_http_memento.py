"""Moments by header (RFC 7089) on every reading route, and who may look at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from aimsgraph.access import Role
from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from tiny_support import OWNED, SYSTEM, memory, update

ROUTES = (
    "/sparql?query=ASK+{}",
    "/sparql",
    "/queries",
    "/queries/systems",
    "/queries/systems.csv",
    "/conformity",
    "/conformity?severity=violation",
    "/history",
    "/history/1",
    "/",
    "/id/aims:AISystem",
    "/id/?iri=https://w3id.org/aimsgraph%23AISystem",
    "/graphs",
    "/graphs?default",
    "/graphs?graph=https://w3id.org/aimsgraph/graph/ontology",
)
LONG_AGO = "Mon, 01 Jan 2001 00:00:00 GMT"


@pytest.fixture(scope="module")
def graph() -> AimsGraph:
    """Return a graph with a system at generation 2 that gets an owner at 3."""
    graph = memory()
    graph.commit(update(SYSTEM, "A bot"))
    graph.commit(update(OWNED, "An owner"))
    return graph


@pytest.fixture(scope="module")
def client(graph: AimsGraph) -> FlaskClient:
    """Return a client of the graph's service."""
    return create_app(graph).test_client()


def with_moment(path: str, query: str) -> str:
    """Return a path with a parameter more."""
    return f"{path}{'&' if '?' in path else '?'}{query}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ROUTES)
def test_before_the_ledger_there_is_its_first_state(
    client: FlaskClient, graph: AimsGraph, path: str, method: str
) -> None:
    answer = client.open(path, method=method, headers={"Accept-Datetime": LONG_AGO})

    assert answer.status_code == 200
    assert bool(answer.data) is (method == "GET")
    first = datetime.fromisoformat(graph.history()[-1].time).replace(microsecond=0)
    assert parsedate_to_datetime(answer.headers["Memento-Datetime"]) == first
    assert {"accept-datetime", "authorization"} <= {v.lower() for v in answer.vary}
    original = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert answer.headers["Link"] == f'<{original}>; rel="original timegate"'
    assert urlsplit(original).path == urlsplit(path).path
    asked = parse_qs(urlsplit(path).query, keep_blank_values=True)
    assert parse_qs(urlsplit(original).query, keep_blank_values=True) == asked
    memento = answer.headers["Content-Location"]
    again = client.open(memento, method=method)
    assert again.headers["Memento-Datetime"] == answer.headers["Memento-Datetime"]
    assert again.headers["Link"] == answer.headers["Link"]
    assert again.headers["Content-Location"] == memento
    if "systems" in path or "/conformity" in path or path.startswith("/graphs"):
        assert again.data == answer.data


@pytest.mark.parametrize("path", ROUTES)
def test_moments_that_are_none(client: FlaskClient, path: str) -> None:
    for wrong in ("yesterday", "2026-01-01", ""):
        status = client.get(path, headers={"Accept-Datetime": wrong}).status_code
        assert status == 400, wrong
    ahead = format_datetime(datetime.now(UTC) + timedelta(days=900), usegmt=True)
    answer = client.get(path, headers={"Accept-Datetime": ahead})
    assert answer.status_code == 200
    assert "Memento-Datetime" not in answer.headers
    for query, status in (
        ("as-of=nonsense", 400),
        ("effective=nonsense", 400),
        ("effective=2", 400),
        ("as-of=2&effective=2026-01-01", 400),
        ("as-of=2999-01-01", 404),
        ("as-of=2020-01-01", 404),
        ("as-of=0", 404),
        ("as-of=99", 404),
        ("at-least=99", 404),
        ("at-least=-1", 400),
        ("at-least=%C2%B2", 400),
        ("at-least=" + "9" * 5000, 400),
    ):
        answer = client.get(with_moment(path, query), headers={"Accept": "application/json, */*"})
        assert answer.status_code == status, query
        assert answer.content_type == "application/problem+json"
        assert "Memento-Datetime" not in answer.headers


@pytest.mark.parametrize("path", ROUTES)
def test_effective_time_is_no_memento(client: FlaskClient, path: str) -> None:
    answer = client.get(with_moment(path, "effective=2999-01-01"))

    assert answer.status_code == 200
    assert "Memento-Datetime" not in answer.headers
    assert "effective" not in answer.headers["Link"]


@pytest.mark.parametrize("path", ROUTES)
def test_a_memento_is_not_sent_twice(client: FlaskClient, path: str) -> None:
    answer = client.get(with_moment(path, "as-of=2"))
    present = client.get(path)

    sent = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(with_moment(path, "as-of=2"), headers=sent).status_code == 304
    assert client.get(path, headers=sent).status_code == 200
    assert present.headers["ETag"] != answer.headers["ETag"]


def test_a_parameter_comes_before_the_header(client: FlaskClient) -> None:
    answer = client.get("/conformity?as-of=2", headers={"Accept-Datetime": LONG_AGO})

    assert answer.headers["Content-Location"].endswith("as-of=2")


def test_a_changeset_that_was_not_there_then_is_not_shown(client: FlaskClient) -> None:
    for accept in ("application/json", "text/html", "text/turtle"):
        headers = {"Accept": accept}
        assert client.get("/history/2?as-of=2", headers=headers).status_code == 200
        assert client.get("/history/3?as-of=2", headers=headers).status_code == 404
        assert client.get("/history/3", headers=headers).status_code == 200


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", ROUTES)
def test_who_may_look_at_the_past(graph: AimsGraph, path: str, role: Role) -> None:
    name = f"{role} {path}"
    secret = graph.tokens.create(role, name)
    client = create_app(graph).test_client()
    shown = {"Authorization": f"Bearer {secret}"}
    expected = 403 if role is Role.READER else 200

    for query, headers in (
        ("as-of=2", {}),
        ("effective=2026-01-01", {}),
        ("at-least=1", {"Accept-Datetime": LONG_AGO}),
    ):
        answer = client.get(with_moment(path, query), headers={**shown, **headers})
        assert answer.status_code == expected, query
    present = client.get(path, headers=shown).status_code
    assert present == (403 if role is Role.READER and "/history" in path else 200)


@pytest.mark.parametrize("path", ROUTES)
def test_head_is_get_without_a_body(client: FlaskClient, path: str) -> None:
    got, head = client.get(path), client.head(path)

    assert (head.status_code, head.data) == (200, b"")
    assert head.content_type == got.content_type
    assert head.headers.get("ETag") == got.headers.get("ETag")


def test_no_reading_route_takes_a_body_to_change_things(client: FlaskClient) -> None:
    for path in ("/", "/queries", "/conformity", "/history", "/history/1", "/diff", "/healthz"):
        assert client.post(path).status_code == 405
        assert client.put(path).status_code == 405
        assert client.delete(path).status_code == 405


@pytest.mark.parametrize("moment", ["9999-12-31", "0001-01-01T00:00:00%2B14:00"])
@pytest.mark.parametrize("name", ["as-of", "effective"])
def test_a_moment_beyond_the_calendar(client: FlaskClient, name: str, moment: str) -> None:
    assert client.get(f"/conformity?{name}={moment}").status_code in {400, 404}


def test_a_header_beyond_the_calendar(client: FlaskClient) -> None:
    headers = {"Accept-Datetime": "Fri, 31 Dec 9999 23:59:59 -1400"}

    assert client.get("/conformity", headers=headers).status_code in {200, 400}
