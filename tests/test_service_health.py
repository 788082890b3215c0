"""The health and the numbers of the service."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event, Thread

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from aimsgraph.access import Role
from aimsgraph.errors import StoreLockedError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.journal import Journal
from aimsgraph.version import __version__
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from aimsgraph.web.upkeep import Upkeep, upkeep
from aimsgraph.web.watch import Watch
from site_support import signed_in
from tiny_support import SYSTEM, memory, opened, update, workspace


def served(door: Door | None = None) -> tuple[AimsGraph, Watch, FlaskClient]:
    """Return a served graph, its watch, and somebody who sends requests."""
    graph = memory()
    watch = Watch(graph)
    return graph, watch, create_app(graph, door, watch=watch).test_client()


def numbers(client: FlaskClient, **headers: str) -> dict[str, float]:
    """Return the numbers that are told, by name and labels."""
    text = client.get("/metrics", headers=headers).text
    return {
        sample.name + "".join(f",{value}" for _, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def break_writer(graph: AimsGraph, watch: Watch) -> None:
    del watch
    graph.writer._is_broken = True


def drain(graph: AimsGraph, watch: Watch) -> None:
    del graph
    watch.health.is_draining = True


def fail_upkeep(graph: AimsGraph, watch: Watch) -> None:
    del graph
    watch.upkeep.failure = "the day cannot be kept"


def lose_readers(graph: AimsGraph, watch: Watch) -> None:
    del graph
    watch.health.add("readers", lambda: "no reader answers")


def raise_in_check(graph: AimsGraph, watch: Watch) -> None:
    del graph

    def check() -> str | None:
        raise StoreLockedError(Path("w"))

    watch.health.add("store", check)


FAILURES = {
    "writer": break_writer,
    "draining": drain,
    "upkeep": fail_upkeep,
    "readers": lose_readers,
    "store": raise_in_check,
}


@pytest.mark.parametrize("part", FAILURES)
def test_a_service_that_is_not_ready_says_which_part(part: str) -> None:
    graph, watch, client = served()
    assert client.get("/healthz").status_code == 200

    FAILURES[part](graph, watch)
    response = client.get("/healthz")

    told = response.get_json(force=True)
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"
    assert list(told["failing"]) == [part]
    assert told["failing"][part] in told["detail"]
    assert client.get("/healthz/live").get_json() == {"status": "ok"}


def test_a_journal_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with opened(workspace(tmp_path / "w")) as graph:
        journal = graph.writer.ledger
        assert isinstance(journal, Journal)
        journal._failure = OSError("no space")
        told = create_app(graph).test_client().get("/healthz").get_json(force=True)
        journal._failure = None

    assert told["failing"] == {"writer": "the journal cannot be written"}


def test_strangers_are_told_no_more_than_that() -> None:
    graph, watch, client = served(Door(is_loopback=False))
    reader = signed_in(graph, "Eve", Role.READER)

    assert client.get("/healthz").get_json() == {"status": "ok"}
    drain(graph, watch)
    told = client.get("/healthz").get_json(force=True)

    assert told["detail"] == "The service is not ready."
    assert "failing" not in told
    assert "failing" in client.get("/healthz", headers=reader).get_json(force=True)


def test_it_lives_while_a_long_write_holds_the_graph() -> None:
    graph, _, client = served()
    held, done = Event(), Event()

    def write() -> None:
        with graph.writer.at_rest():
            held.set()
            done.wait(30)

    writing = Thread(target=write)
    writing.start()
    assert held.wait(30)
    status = client.get("/healthz/live").status_code
    was_held = writing.is_alive()
    done.set()
    writing.join()

    assert was_held
    assert status == 200


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, for as long as a busy machine may take."""
    for _ in range(1000):
        if is_so():
            return
        time.sleep(0.01)
    pytest.fail("it never came about")


def test_upkeep_tells_how_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, state = memory(), Upkeep()
    monkeypatch.setattr("aimsgraph.web.upkeep.PAUSE", 0.01)
    tick = graph.tick

    def failing() -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(graph, "tick", failing)
    with upkeep(graph, state):
        until(lambda: state.failure is not None)
        assert state.turned is None
        monkeypatch.setattr(graph, "tick", tick)
        until(lambda: state.failure is None)
        assert state.turned is not None


def test_requests_are_counted_by_route_and_not_by_path() -> None:
    graph, _, client = served()
    ada = signed_in(graph, "Ada")
    for path in ("/queries/a", "/queries/b", "/nowhere/1", "/nowhere/2"):
        client.get(path, buffered=True)
    client.open("/sparql", method="BREW", buffered=True)

    found = numbers(client, **ada)

    assert found["aimsgraph_requests_total,GET,/queries/<name>,404"] == 2
    assert found["aimsgraph_requests_total,GET,none,404"] == 2
    assert found["aimsgraph_requests_total,other,none,405"] == 1
    assert found["aimsgraph_request_seconds_count,/queries/<name>"] == 2
    assert found["aimsgraph_sent_bytes_total"] > 0
    assert found["aimsgraph_requests_under_way"] == 1


def test_the_state_of_the_graph_is_told() -> None:
    graph, watch, client = served()
    graph.commit(update(SYSTEM))
    watch.upkeep.turned = time.time() - 100

    found = numbers(client)

    assert found["aimsgraph_generation"] == graph.generation
    assert 100 <= found["aimsgraph_day_turned_seconds"] < 200
    assert any(__version__ in name for name in found if "build_info" in name)
    assert found["process_resident_memory_bytes"] > 0


def test_the_state_on_disk_is_told(tmp_path: Path) -> None:
    with opened(workspace(tmp_path / "w")) as graph:
        graph.commit(update(SYSTEM))
        graph.view()
        found = numbers(create_app(graph).test_client())

    assert found["aimsgraph_published_generation"] == 2
    assert found["aimsgraph_publication_age_seconds"] < 100
    assert found["aimsgraph_journal_bytes"] > 100


class Pool:
    """Readers with numbers."""

    def stats(self) -> Mapping[str, int]:
        return {"readers_busy": 2, "killed_deadline": 3, "cache_hits": 4}


def test_the_numbers_of_the_readers_are_told() -> None:
    _, watch, client = served()
    watch.metrics.pool = Pool()

    found = numbers(client)

    assert found["aimsgraph_pool_readers_busy"] == 2
    assert found["aimsgraph_pool_killed_deadline_total"] == 3
    assert found["aimsgraph_pool_cache_hits_total"] == 4


def test_refusals_are_counted_by_reason() -> None:
    graph, _, client = served(Door(open_reading="never"))
    client.get("/sparql?query=ASK+{}", buffered=True)
    client.post("/sparql", headers={"Content-Encoding": "gzip"}, buffered=True)

    found = numbers(client, **signed_in(graph, "Ada"))

    assert found["aimsgraph_refused_total,token"] == 1
    assert found["aimsgraph_refused_total,media type"] == 1


@pytest.mark.parametrize(("has_token", "status"), [(False, 401), (True, 200)])
def test_the_numbers_are_for_those_who_may_read(has_token: bool, status: int) -> None:
    graph, _, client = served(Door(open_reading="never"))
    headers = signed_in(graph, "Eve", Role.READER) if has_token else {}

    assert client.get("/metrics", headers=headers).status_code == status


def test_every_service_has_numbers_of_its_own() -> None:
    first, second = served()[2], served()[2]
    first.get("/none", buffered=True)

    assert "aimsgraph_requests_total,GET,none,404" in numbers(first)
    assert "aimsgraph_requests_total,GET,none,404" not in numbers(second)
