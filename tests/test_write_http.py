"""Writing over HTTP: receipts, refusals, conditions, and pages of other sites."""

from __future__ import annotations

import pytest

from site_support import STATEMENT, TURTLE, UPDATE, Site, edited, signed_in
from tiny_support import DANGLING, OWNED, PREFIXES, SYSTEM


@pytest.fixture
def site() -> Site:
    """Return a served graph with nothing in it."""
    return edited()


def test_an_update_gives_a_receipt(site: Site) -> None:
    response = site.update(SYSTEM, "?message=A+bot&author=Mallory")

    told = response.get_json()
    assert (told["generation"], told["added"], told["results"]["violation"]) == (2, 2, 1)
    entry = site.graph.history()[0]
    assert (entry.author, entry.message, entry.digest) == ("Ada", "A bot", told["digest"])


def test_an_update_may_come_as_a_form(site: Site) -> None:
    response = site.client.post(
        "/update",
        data={"update": PREFIXES + SYSTEM, "message": "by form"},
        headers=site.headers,
    )

    assert response.get_json()["generation"] == 2
    assert site.graph.history()[0].message == "by form"


def test_graphs_of_the_protocol_narrow_an_update(site: Site) -> None:
    site.update(SYSTEM)
    query = "?using-graph-uri=https://w3id.org/aimsgraph/graph/records/none"

    text = "INSERT { GRAPH r:main { ?s ex:seen 1 } } WHERE { ?s a aims:AISystem }"

    assert site.update(text, query).get_json()["changed"] is False
    assert site.update(text).get_json()["added"] == 1


@pytest.mark.parametrize(
    ("text", "content_type", "status"),
    [("nonsense", UPDATE, 400), ("x", "text/plain", 415), ("LOAD <file:///x>", UPDATE, 400)],
)
def test_a_bad_update_is_a_problem(site: Site, text: str, content_type: str, status: int) -> None:
    response = site.open("POST", "/update", text, content_type)

    assert response.status_code == status
    assert response.content_type == "application/problem+json"


def test_a_refusal_holds_the_validation_report(site: Site) -> None:
    refused = site.update(DANGLING)
    turtle = site.update(DANGLING, Accept="text/turtle")

    assert (refused.status_code, turtle.status_code) == (422, 422)
    told = refused.get_json(force=True)
    assert "nobody" in told["detail"]
    assert told["report"]["results"][0]["focus"] == "https://example.org/bot"
    assert b"ValidationReport" in turtle.get_data()
    assert site.graph.generation == 1
    assert site.update(DANGLING, "?advisory=true").status_code == 200


def test_a_condition_is_kept(site: Site) -> None:
    tag = site.client.get("/conformity").headers["ETag"]

    first = site.update(SYSTEM, If_Match=tag)
    second = site.update(OWNED, If_Match=tag)
    third = site.update(OWNED, If_Match=first.headers["ETag"])

    assert [one.status_code for one in (first, second, third)] == [200, 412, 200]
    assert "generation 2, not 1" in second.get_json(force=True)["detail"]


def test_a_request_sent_twice_is_carried_out_once(site: Site) -> None:
    once = site.update(SYSTEM, Idempotency_Key="k").get_json()
    again = site.update(SYSTEM, Idempotency_Key="k").get_json()
    eve = Site(site.graph, site.client, signed_in(site.graph, "Eve"))
    other = eve.update(OWNED, Idempotency_Key="k").get_json()

    assert eve.headers != site.headers
    assert (again["generation"], again["repeated"]) == (once["generation"], True)
    assert other["generation"] == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
        ({"Sec_Fetch_Site": "none"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"}, 200),
        ({}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/update", "/load", "/graphs?graph=urn:g"])
def test_pages_of_other_sites_cannot_write(
    site: Site, path: str, headers: dict[str, str], status: int
) -> None:
    body, kind = STATEMENT, TURTLE
    if path == "/update":
        body, kind = PREFIXES + SYSTEM, UPDATE

    response = site.open("POST", path, body, kind, **headers)

    expected = 201 if status == 200 and path.startswith("/graphs") else status
    assert response.status_code == expected
    if status == 403:
        assert site.graph.generation == 1


def test_open_reading_is_for_this_machine_alone(site: Site) -> None:
    nobody = Site(site.graph, site.client, {})

    def status(**headers: str) -> int:
        return nobody.open("GET", "/sparql?query=ASK+{}", **headers).status_code

    assert status() == 200
    assert status(Host="127.0.0.1:8420") == 200
    assert status(Host="[::1]:8420") == 200
    assert status(Host="rebound.example") == 401
    assert status(X_Forwarded_For="10.0.0.1") == 401
    assert status(Forwarded="for=10.0.0.1") == 401
    assert status(Host="rebound.example", **site.headers) == 200


def test_pages_of_other_sites_read_nothing_even_with_a_token(site: Site) -> None:
    nobody = Site(site.graph, site.client, {})

    for who in (nobody, site):
        answer = who.open("GET", "/sparql?query=ASK+{}", Origin="https://a.example")
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_missing_token_says_how_to_come_in(site: Site) -> None:
    response = site.client.post("/update", data=SYSTEM, content_type=UPDATE)

    assert response.status_code == 401
    assert "Bearer" in response.headers["WWW-Authenticate"]
    assert "a token is needed" in response.get_json(force=True)["detail"]
