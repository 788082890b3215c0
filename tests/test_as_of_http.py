"""The past over HTTP: parameters, `Accept-Datetime` (RFC 7089), and what pages say of it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from flask.testing import FlaskClient

from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from tiny_support import OWNED, PREFIXES, SYSTEM, memory, update

ROUTES = (
    "/sparql?query=ASK+{}",
    "/queries",
    "/queries/systems",
    "/queries/systems.csv",
    "/conformity",
    "/history",
    "/",
    "/id/?iri=https://example.org/bot",
    "/graphs?graph=https://w3id.org/aimsgraph/graph/records/main",
)


@pytest.fixture
def graph() -> AimsGraph:
    """Return a graph with a system at generation 2 that gets an owner at 3."""
    graph = memory()
    graph.commit(update(SYSTEM, "A bot"))
    graph.commit(update(OWNED, "An owner"))
    return graph


@pytest.fixture
def client(graph: AimsGraph) -> FlaskClient:
    """Return a client of the graph's service."""
    return create_app(graph).test_client()


def at(path: str, **params: str) -> str:
    """Return a path with parameters."""
    query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in params.items())
    return f"{path}{'&' if '?' in path else '?'}{query}"


@pytest.mark.parametrize("path", ROUTES)
def test_every_reading_route_knows_the_past(client: FlaskClient, path: str) -> None:
    now, then = client.get(path), client.get(at(path, as_of="2"))

    assert (now.status_code, then.status_code) == (200, 200)
    assert "Memento-Datetime" not in now.headers
    assert "Memento-Datetime" in then.headers
    assert 'rel="original timegate"' in then.headers["Link"]
    assert "Accept-Datetime" in now.headers["Vary"]
    assert now.headers["ETag"] != then.headers["ETag"]
    assert client.get(at(path, as_of="nonsense")).status_code == 400
    assert client.get(at(path, as_of="2020-01-01")).status_code == 404
    assert client.get(at(path, as_of="2999-01-01")).status_code == 404
    assert client.get(at(path, as_of="2", effective="2026-01-01")).status_code == 400


def test_the_answer_is_that_of_the_moment(client: FlaskClient) -> None:
    ask = "/sparql?query=" + (PREFIXES + "ASK { ?a aims:owns ?b }").replace("#", "%23").replace(
        "\n", "%20"
    )

    assert client.get(ask).get_json(force=True)["boolean"] is True
    assert client.get(at(ask, as_of="2")).get_json(force=True)["boolean"] is False
    assert client.get("/conformity").get_json()["counts"]["violation"] == 0
    assert client.get("/conformity?as-of=2").get_json()["counts"]["violation"] == 1
    assert len(client.get("/history?as-of=2").get_json()) == 2


def test_a_moment_may_be_asked_for_by_header(client: FlaskClient, graph: AimsGraph) -> None:
    second = datetime.fromisoformat(graph.history()[1].time)
    later = datetime.now(UTC)

    def asked(moment: datetime) -> tuple[int, str | None]:
        sent = {"Accept-Datetime": format_datetime(moment.astimezone(UTC), usegmt=True)}
        response = client.get("/conformity", headers=sent)
        return response.status_code, response.headers.get("Content-Location")

    assert asked(datetime(2001, 1, 1, tzinfo=UTC)) == (200, "http://localhost/conformity?as-of=1")
    assert asked(later.replace(year=later.year + 1)) == (200, None)
    assert asked(second)[0] == 200
    assert client.get("/", headers={"Accept-Datetime": "yesterday"}).status_code == 400


def test_pages_say_that_they_show_the_past_and_stay_there(client: FlaskClient) -> None:
    page = client.get("/queries?as-of=2", headers={"Accept": "text/html"}).get_data(as_text=True)

    assert "You look at the graph as of generation 2" in page
    assert 'href="/queries/systems?as-of=2"' in page
    assert 'href="/conformity?as-of=2"' in page


def test_a_read_can_ask_for_what_was_written(client: FlaskClient, graph: AimsGraph) -> None:
    receipt = graph.commit(update("CLEAR GRAPH r:main"))
    path = f"/conformity?at-least={receipt.generation}"

    assert f'"{receipt.generation}-' in client.get(path).headers["ETag"]
    assert client.get("/conformity?at-least=99").status_code == 404
    assert client.get("/conformity?at-least=x").status_code == 400


def test_the_ledger_is_shown(client: FlaskClient) -> None:
    listed = client.get("/history").get_json()
    whole = client.get("/history/3").get_json()
    difference = client.get("/diff?from=2&to=3").get_json()

    assert [one["message"] for one in listed][:2] == ["An owner", "A bot"]
    assert len(whole["added"]) == 3
    assert {one["resource"] for one in difference} == {
        "https://example.org/ada",
        "https://example.org/bot",
    }
    assert (
        b"wasAssociatedWith"
        in client.get("/history/3", headers={"Accept": "text/turtle"}).get_data()
    )
    for path in ("/history", "/history/3", "/diff?from=2&to=3", "/diff?from=1&to=3&by=effective"):
        assert client.get(path, headers={"Accept": "text/html"}).status_code in {200, 400}
    assert client.get("/history/9").status_code == 404
    assert client.get("/diff").status_code == 400
    assert client.get("/diff?from=3&to=2").status_code == 400
    assert client.get("/history?subject=not+an+iri").status_code == 400
