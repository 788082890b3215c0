"""SERVICE from end to end: the settings, the readers, the relay and another host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aimsgraph.egress.addresses import is_public
from aimsgraph.errors import QueryError, RefusedQueryError
from aimsgraph.settings import Settings
from endpoint_support import Host, federated, playing
from tiny_support import memory, update

JOIN = "SELECT ?s ?o ?label {{ ?s ex:p ?o SERVICE {} {{ ?s rdfs:label ?label }} }}"
JOINED = [["https://example.org/a", "1", "Ada"]]


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    with playing(monkeypatch) as found:
        found.answer(s="https://example.org/a", label="Ada")
        yield found


def test_a_query_joins_what_is_here_with_what_a_listed_host_answers(host: Host) -> None:
    with federated(host.settings) as site:
        assert site.rows(JOIN.format(f"<{host.iri()}>")) == JOINED

    assert host.seen == [("POST", "/sparql")]


def test_what_another_host_answers_is_asked_anew_each_time(host: Host) -> None:
    query = JOIN.format(f"<{host.iri()}>")
    with federated(host.settings) as site:
        assert site.rows(query) == site.rows(query) == JOINED
        assert len(host.seen) == 2

        host.answer(s="https://example.org/b", label="Bob")

        assert site.rows(query) == [["https://example.org/b", "2", "Bob"]]
        assert site.pool.stats()["cache_hits"] == 0


def test_what_another_host_answers_has_no_tag(host: Host) -> None:
    query = JOIN.format(f"<{host.iri()}>")
    with federated(host.settings) as site:
        here = site.get("SELECT * { ?s ex:p ?o }")
        tag = here.headers["ETag"]
        assert b'"1"' in here.data
        for known in ("", tag, "*"):
            found = site.get(query, **{"If-None-Match": known})

            assert found.status_code == 200
            assert "ETag" not in found.headers
            assert found.headers["Cache-Control"] == "no-store"
            assert b"Ada" in found.data

    assert len(host.seen) == 3


@pytest.mark.parametrize(
    "service",
    [
        "<http://other.example.org/>",
        "<http://127.0.0.1:{port}/sparql>",
        "<http://169.254.169.254/>",
        "<file:///etc/passwd>",
        "?s",
        "SILENT ?s",
        "<{iri}> {{ SERVICE <{iri}>",
    ],
)
def test_any_other_host_is_refused_and_nobody_is_asked(host: Host, service: str) -> None:
    named = service.format(port=host.port, iri=host.iri())
    with federated(host.settings) as site:
        found = site.get(JOIN.format(named) + "}" * named.count("{"))

    assert (found.status_code, found.json["title"]) == (400, "Query refused")  # type: ignore[index]
    assert not host.seen
    assert not host.lookups


def test_without_listed_hosts_there_is_no_service(host: Host) -> None:
    with federated(Settings(readers=1)) as site:
        assert site.pool.relay is None
        for silent in ("", "SILENT "):
            found = site.get(JOIN.format(f"{silent}<{host.iri()}>"))

            assert (found.status_code, found.json["title"]) == (400, "Query refused")  # type: ignore[index]

    assert not host.seen


def no_results(host: Host) -> None:
    host.body, host.media_type = b"<html></html>", "text/html"


def nonsense(host: Host) -> None:
    host.body = b"{"


def an_error(host: Host) -> None:
    host.status = 500


def sent_on(host: Host) -> None:
    host.status = 302


FAILURES = [no_results, nonsense, an_error, sent_on]


@pytest.mark.parametrize("fail", FAILURES)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_failure_of_another_host_is_told_without_inner_addresses(
    host: Host, fail: object, accept: str
) -> None:
    assert callable(fail)
    fail(host)
    with federated(host.settings) as site:
        assert site.pool.relay is not None
        port = site.pool.relay.nowhere.split(":")[2].split("/")[0]
        found = site.get(JOIN.format(f"<{host.iri()}>"), Accept=accept)

        assert found.status_code == 400
        for leak in ("127.0.0.1", port, "/nowhere", "Traceback"):
            assert leak not in found.text.replace(host.name, "")
        assert site.rows("SELECT ?o { ?s ex:q ?o }") == [["3"]]

    assert host.seen


@pytest.mark.parametrize("fail", FAILURES)
def test_a_silent_failure_of_another_host_binds_nothing(host: Host, fail: object) -> None:
    assert callable(fail)
    fail(host)
    with federated(host.settings) as site:
        rows = site.rows(JOIN.format(f"SILENT <{host.iri()}>"))

    assert [row[2] for row in rows] == [None, None]
    assert host.seen


@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_an_answer_that_breaks_off_is_an_error_even_where_it_is_silent(
    host: Host, silent: str
) -> None:
    host.missing = 1000
    with federated(host.settings) as site, pytest.raises(QueryError, match="another endpoint"):
        site.rows(JOIN.format(f"{silent}<{host.iri()}>"))


def test_a_host_that_resolves_to_this_machine_is_not_reached(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    with federated(host.settings) as site:
        assert site.pool.relay is not None
        reach = site.pool.relay._reach
        monkeypatch.setitem(reach.__dict__, "is_public", is_public)
        found = site.get(JOIN.format(f"<{host.iri()}>"))

    assert found.status_code == 400
    assert "127.0.0.1" not in found.text
    assert host.lookups == ["data.example.org"]
    assert not host.seen


def test_a_host_that_takes_too_long_costs_the_query_and_no_more(host: Host) -> None:
    host.pause = 5.0
    settings = Settings(service_hosts=(host.name,), readers=1, query_timeout=1.0)
    with federated(settings) as site:
        found = site.get(JOIN.format(f"<{host.iri()}>"))

        assert found.status_code in {400, 504}
        assert "127.0.0.1" not in found.text
        assert site.rows("SELECT ?o { ?s ex:q ?o }") == [["3"]]


def test_an_update_asks_no_other_host_for_its_solutions(host: Host) -> None:
    graph = memory(host.settings)
    text = "INSERT {{ GRAPH r:main {{ ?s ex:p ?o }} }} WHERE {{ SERVICE <{}> {{ ?s ?p ?o }} }}"

    with pytest.raises(RefusedQueryError):
        graph.commit(update(text.format(host.iri())))

    assert not host.seen
