"""On what terms a write over HTTP is made: nothing by halves, nothing in another's name."""

from __future__ import annotations

import pytest

from site_support import UPDATE, Site, edited
from tiny_support import DANGLING, OWNED, PREFIXES, SYSTEM

MAIN = "https://w3id.org/aimsgraph/graph/records/main"
OTHER = "https://w3id.org/aimsgraph/graph/records/other"


@pytest.fixture
def site() -> Site:
    """Return a served graph with nothing in it."""
    return edited()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"/graphs?graph={MAIN}"),
        ("POST", f"/graphs?graph={MAIN}"),
        ("DELETE", f"/graphs?graph={MAIN}"),
        ("POST", "/load?graph=main"),
        ("POST", "/graphs"),
    ],
)
def test_every_write_keeps_its_condition(site: Site, method: str, path: str) -> None:
    stale = site.client.get(f"/graphs?graph={MAIN}").headers.get("ETag", '"1"')
    site.update(SYSTEM)
    fresh = site.client.get(f"/graphs?graph={MAIN}&at-least=2").headers["ETag"]
    past = site.client.get("/conformity?as-of=1").headers["ETag"]
    before = site.state()

    refused = [site.send(method, path, If_Match=tag) for tag in (stale, past, '"2-000000000000"')]

    assert [one.status_code for one in refused] == [412, 412, 412]
    assert {one.content_type for one in refused} == {"application/problem+json"}
    assert site.state() == before
    assert site.send(method, path, If_Match=f"{fresh}, {stale}").status_code == 400
    assert site.state() == before
    assert site.send(method, path, If_Match=fresh).status_code in {200, 201}
    assert site.graph.generation == 3


@pytest.mark.parametrize("tag", ["*", '"2"', 'W/"2"'])
def test_a_condition_may_be_wide(site: Site, tag: str) -> None:
    site.update(SYSTEM)

    assert site.update(OWNED, If_Match=tag).status_code == 200


def test_nothing_is_changed_by_a_refused_update(site: Site) -> None:
    before = site.state()

    for text in (DANGLING, f"{SYSTEM} ; {DANGLING}", f"{SYSTEM} ; CLEAR GRAPH <{MAIN[:-5]}x> ; ?"):
        assert site.update(text).status_code in {400, 422}
        assert site.state() == before
    assert site.graph.history()[0].generation == 1


def test_one_key_makes_one_changeset_by_any_door(site: Site) -> None:
    for path in ("/load", f"/graphs?graph={OTHER}"):
        before = site.graph.generation
        first = site.send("POST", path, Idempotency_Key=path).get_json()
        again = site.send("POST", path, Idempotency_Key=path)
        assert (first["repeated"], again.get_json()["repeated"]) == (False, True)
        assert again.get_json()["digest"] == first["digest"]
        assert again.headers["ETag"].startswith(f'W/"{before + 1}-')
        assert site.graph.generation == before + 1


def test_a_refused_request_may_be_repeated(site: Site) -> None:
    refused = site.update(DANGLING, Idempotency_Key="k")
    done = site.update(SYSTEM, Idempotency_Key="k")

    assert (refused.status_code, done.get_json()["repeated"]) == (422, False)


def test_a_repeated_request_is_recognised_before_its_condition(site: Site) -> None:
    sent = {"Idempotency_Key": "k", "If_Match": '"1"'}

    once, again = site.update(SYSTEM, **sent), site.update(SYSTEM, **sent)

    assert (once.status_code, again.status_code) == (200, 200)
    assert again.get_json()["repeated"] is True


def test_a_change_says_when_it_took_effect_but_not_when_it_was_made(site: Site) -> None:
    answer = site.update(SYSTEM, "?effective=2020-05-01&author=Mallory&message=old")

    entry = site.graph.history()[0]
    assert answer.status_code == 200
    assert entry.effective.startswith("2020-05-01T23:59:59")
    assert entry.time > "2026-01-01"
    assert (entry.author, entry.message) == ("Ada", "old")
    for wrong in ("3", "soon", "2020-13-01"):
        assert site.update(OWNED, f"?effective={wrong}").status_code == 400
    assert site.graph.generation == 2


@pytest.mark.parametrize("name", ["author", "Author", "X-Author"])
def test_nobody_writes_in_the_name_of_another(site: Site, name: str) -> None:
    site.update(SYSTEM, f"?{name}=Mallory", **{name: "Mallory"})
    site.client.post(
        f"/update?{name}=Mallory",
        data={"update": PREFIXES + OWNED, name: "Mallory"},
        headers=site.headers,
    )

    assert [one.author for one in site.graph.history()[:2]] == ["Ada", "Ada"]


def test_named_graphs_of_the_protocol(site: Site) -> None:
    site.update(SYSTEM)
    text = "INSERT { GRAPH r:main { ?s ex:seen ?g } } WHERE { GRAPH ?g { ?s a aims:AISystem } }"

    assert site.update(text, f"?using-named-graph-uri={OTHER}").get_json()["added"] == 0
    assert site.update(text, f"?using-named-graph-uri={MAIN}").get_json()["added"] == 1


@pytest.mark.parametrize(
    "text", ["INSERT {} USING <urn:g> WHERE {}", f"WITH <{MAIN}> INSERT {{}} WHERE {{}}"]
)
@pytest.mark.parametrize("name", ["using-graph-uri", "using-named-graph-uri"])
def test_graphs_are_named_in_one_place(site: Site, text: str, name: str) -> None:
    answer = site.update(text, f"?{name}={MAIN}")

    assert answer.status_code == 400
    assert "one of both" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"data": {"update": "CLEAR ALL", "other": "x"}}, 200),
        ({"data": {"other": "x"}}, 400),
        ({"data": {"update": ["CLEAR ALL", "CLEAR ALL"]}}, 400),
        ({"data": b"\xff", "content_type": UPDATE}, 400),
        ({"data": "CLEAR ALL", "content_type": "application/sparql-query"}, 415),
        ({"data": "CLEAR ALL"}, 415),
        ({"query_string": {"update": "CLEAR ALL"}}, 415),
    ],
)
def test_an_update_comes_in_two_ways_only(
    site: Site, arguments: dict[str, object], status: int
) -> None:
    answer = site.client.post("/update", headers=site.headers, **arguments)

    assert answer.status_code == status
    assert site.client.get("/update?update=CLEAR+ALL", headers=site.headers).status_code == 405


@pytest.mark.parametrize("flag", ["true", "1", "TRUE"])
def test_integrity_may_be_advisory(site: Site, flag: str) -> None:
    assert site.update(DANGLING, f"?advisory={flag}").get_json()["results"]["violation"] == 1
    assert site.update(DANGLING, "?advisory=maybe").status_code == 400


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
def test_a_refusal_is_negotiated(site: Site, accept: str, content_type: str) -> None:
    answer = site.update(DANGLING, **({"Accept": accept} if accept else {}))

    assert (answer.status_code, answer.content_type) == (422, content_type)
    assert "nobody" in answer.text
