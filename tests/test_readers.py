"""Queries in readers: the same answers, within limits, and a reader that dies hurts nobody."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pyoxigraph as ox
import pytest

from aimsgraph.errors import (
    BusyError,
    DeadlineError,
    EngineError,
    FormatError,
    LimitError,
    NoSuchStateError,
    QueryError,
)
from aimsgraph.formats import graph_format
from aimsgraph.readers.asking import Turn
from aimsgraph.readers.cache import ENTRY
from aimsgraph.readers.pool import Pool
from aimsgraph.readers.runner import Here
from aimsgraph.readers.turns import ClientLeftError
from aimsgraph.store.embedded import EmbeddedStore
from readers_support import ENDLESS, GRAPH, SIZE, pool_of, query, snapshot, turn

ALL = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s"
TABLES = ("json", "xml", "csv", "tsv")
TRICKY = (
    """SELECT ?v { VALUES ?v {
        "},{" "},{\\"" "a\\nb" "say \\"}\\"" "}},{" UNDEF "x,y\\r\\n" "<result>"
    } }""",
    "SELECT ?v { VALUES ?v { UNDEF UNDEF UNDEF } }",
    "SELECT ?v { VALUES ?v { } }",
    "SELECT * { }",
    ALL,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    return snapshot(tmp_path_factory.mktemp("readers") / "state")


@pytest.fixture(scope="module")
def shared() -> Iterator[Pool]:
    with pool_of() as pool:
        yield pool


@pytest.mark.parametrize("form", [*TABLES, "turtle", "jsonld"])
@pytest.mark.parametrize(
    "text",
    [ALL, "ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE <urn:s1>", *TRICKY],
)
def test_an_answer_is_that_of_the_engine(
    shared: Pool, store: EmbeddedStore, text: str, form: str
) -> None:
    wanted = b"".join(Here().stream(store, query(text), form))

    found = b"".join(turn(shared).stream(store, query(text), form))

    assert meaning(found, form) == meaning(wanted, form)


@pytest.mark.parametrize("text", TRICKY)
@pytest.mark.parametrize("form", TABLES)
def test_rows_are_counted_in_the_bytes(
    shared: Pool, store: EmbeddedStore, text: str, form: str
) -> None:
    stream = turn(shared).stream(store, query(text), form)

    assert list(stream)
    assert stream.rows == len(Here().ask(store, query(text), "").rows)


@pytest.mark.parametrize("text", TRICKY)
def test_the_first_rows_come_with_the_number_of_all(
    shared: Pool, store: EmbeddedStore, text: str
) -> None:
    whole = Here().ask(store, query(text), "")

    for runner in (Here(), turn(shared)):
        first = runner.ask(store, query(text), "", 3)

        assert first.rows == whole.rows[:3]
        assert first.count == len(whole.rows)


def test_rows_are_terms_again(shared: Pool, store: EmbeddedStore) -> None:
    text = """
    PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
    SELECT ?v { VALUES ?v { "x"@en 1.5 <urn:a> "2026-01-01"^^xsd:date } }
    """

    assert turn(shared).ask(store, query(text), "").rows == Here().ask(store, query(text), "").rows


def test_a_graph_is_triples_again(shared: Pool, store: EmbeddedStore) -> None:
    asked = query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 10")

    assert len(turn(shared).ask(store, asked, "").rows) == 10


@pytest.mark.parametrize("text", ["SELECT", "SELECT * { ?s ?p ?o", "nonsense", ""])
def test_what_is_no_query_is_told_as_without_readers(
    shared: Pool, store: EmbeddedStore, text: str
) -> None:
    with pytest.raises(QueryError) as here:
        Here().stream(store, query(text), "json")
    with pytest.raises(QueryError) as there:
        turn(shared).stream(store, query(text), "json")

    assert str(there.value) == str(here.value)


def test_a_query_that_takes_too_long_is_stopped_and_the_next_is_answered(
    store: EmbeddedStore,
) -> None:
    with pool_of(query_timeout=0.5, readers=1) as pool:
        with pytest.raises(DeadlineError, match=r"0\.5 seconds"):
            turn(pool).stream(store, query(ENDLESS), "json")

        assert turn(pool).ask(store, query(ALL), "").count == SIZE
        assert pool.stats()["killed_deadline"] == 1


def test_a_query_that_takes_too_much_memory_is_stopped_and_the_next_is_answered(
    store: EmbeddedStore,
) -> None:
    hungry = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"
    with pool_of(query_memory=256, readers=1) as pool:
        with pytest.raises(LimitError, match="256 megabytes of memory") as told:
            turn(pool).stream(store, query(hungry), "json")

        assert told.value.limit == "query_memory"
        assert turn(pool).ask(store, query(ALL), "").count == SIZE


@pytest.mark.parametrize("form", [*TABLES, "ntriples", "turtle"])
def test_an_answer_of_too_many_rows_breaks_off(store: EmbeddedStore, form: str) -> None:
    text = "CONSTRUCT WHERE { ?s ?p ?o }" if form in {"ntriples", "turtle"} else ALL
    with pool_of(max_rows=SIZE - 1) as pool, pytest.raises(LimitError, match="1,999 rows"):
        list(turn(pool).stream(store, query(text), form))


@pytest.mark.parametrize("form", [*TABLES, "ntriples"])
def test_an_answer_of_as_many_rows_as_may_be_is_whole(store: EmbeddedStore, form: str) -> None:
    text = "CONSTRUCT WHERE { ?s ?p ?o }" if form == "ntriples" else ALL
    with pool_of(max_rows=SIZE) as pool:
        stream = turn(pool).stream(store, query(text), form)

        assert b"".join(stream) == b"".join(turn(pool).stream(store, query(text), form))
        assert stream.rows == SIZE


def test_an_answer_of_too_many_bytes_breaks_off(store: EmbeddedStore) -> None:
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    with pool_of(max_megabytes=1) as pool, pytest.raises(LimitError, match="1 megabytes"):
        list(turn(pool).stream(store, query(text), "json"))


def test_a_client_that_leaves_frees_its_reader(store: EmbeddedStore) -> None:
    gone = Event()
    with pool_of(readers=1) as pool, ThreadPoolExecutor() as threads:
        left = Turn(pool, "Ada", gone.is_set)
        waiting = threads.submit(left.stream, store, query(ENDLESS), "json")
        while not pool.stats()["readers_busy"]:
            time.sleep(0.01)
        gone.set()
        with pytest.raises(ClientLeftError):
            waiting.result(timeout=5)

        assert turn(pool).ask(store, query(ALL), "").count == SIZE


def test_a_stream_that_is_given_up_frees_its_reader(store: EmbeddedStore) -> None:
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
    with pool_of(readers=1) as pool:
        stream = turn(pool).stream(store, query(text), "json")
        assert not stream.is_whole
        stream.close()

        assert pool.stats()["readers_busy"] == 0
        assert turn(pool).ask(store, query(ALL), "").count == SIZE


def test_a_reader_that_dies_is_told_and_replaced(store: EmbeddedStore) -> None:
    with pool_of(readers=1) as pool, ThreadPoolExecutor() as threads:
        waiting = threads.submit(turn(pool).stream, store, query(ENDLESS), "json")
        (pid,) = children_of(busy_nursery(pool))
        os.kill(pid, signal.SIGILL)

        with pytest.raises(EngineError):
            waiting.result(timeout=5)
        assert turn(pool).ask(store, query(ALL), "").count == SIZE


def test_an_idle_reader_that_dies_is_replaced_without_a_word(store: EmbeddedStore) -> None:
    with pool_of(readers=1, answer_cache=0) as pool:
        turn(pool).ask(store, query(ALL), "")
        (pid,) = children_of(nursery_of(pool))
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)

        assert turn(pool).ask(store, query(ALL), "").count == SIZE


def test_a_nursery_that_dies_is_replaced(store: EmbeddedStore) -> None:
    with pool_of(readers=1, answer_cache=0) as pool:
        turn(pool).ask(store, query(ALL), "")
        nursery = nursery_of(pool)
        readers = children_of(nursery)
        os.kill(nursery, signal.SIGKILL)
        for pid in readers:
            wait_until_gone(pid)

        assert turn(pool).ask(store, query(ALL), "").count == SIZE


def test_closing_leaves_no_process(store: EmbeddedStore) -> None:
    with pool_of() as pool:
        turn(pool).ask(store, query(ALL), "")
        pids = [nursery_of(pool), *children_of(nursery_of(pool))]

    for pid in pids:
        wait_until_gone(pid)


def test_one_caller_leaves_a_reader_to_the_others(store: EmbeddedStore) -> None:
    with pool_of(readers=2, caller_queries=1) as pool, ThreadPoolExecutor() as threads:
        gone = Event()
        hog = [
            threads.submit(Turn(pool, "hog", gone.is_set).stream, store, query(ENDLESS), "json")
            for _ in range(4)
        ]
        while pool.stats()["waiting"] < 3:
            time.sleep(0.01)

        assert turn(pool, "Ada").ask(store, query(ALL), "").count == SIZE
        assert pool.stats()["readers_busy"] == 1
        gone.set()
        for one in hog:
            with pytest.raises(ClientLeftError):
                one.result(timeout=5)


def test_no_more_wait_than_the_queue_takes(store: EmbeddedStore) -> None:
    with pool_of(readers=1, caller_queries=1, queue=4) as pool, ThreadPoolExecutor() as threads:
        gone = Event()
        hog = [
            threads.submit(Turn(pool, "hog", gone.is_set).stream, store, query(ENDLESS), "json")
            for _ in range(3)
        ]
        while pool.stats()["waiting"] < 2:
            time.sleep(0.01)
        with pytest.raises(BusyError) as own:
            turn(pool, "hog").stream(store, query(ALL), "json")
        others = [
            threads.submit(Turn(pool, name, gone.is_set).stream, store, query(ENDLESS), "json")
            for name in ("Bo", "Cy")
        ]
        while pool.stats()["waiting"] < 4:
            time.sleep(0.01)
        with pytest.raises(BusyError) as full:
            turn(pool, "Ada").stream(store, query(ALL), "json")

        assert (own.value.limit, full.value.limit) == ("caller_queries", "queue")
        gone.set()
        for one in (*hog, *others):
            with pytest.raises(ClientLeftError):
                one.result(timeout=5)


def test_who_waits_longer_than_a_query_may_take_is_told(store: EmbeddedStore) -> None:
    with pool_of(readers=1, query_timeout=2.0) as pool:
        stream = turn(pool).stream(store, query("SELECT * { ?a ?b ?c . ?d ?e ?f }"), "json")

        with pytest.raises(BusyError, match="within 2 seconds"):
            turn(pool, "Bo").stream(store, query(ALL), "json")
        stream.close()


def test_a_client_that_takes_too_little_is_cut_off_once_others_wait(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aimsgraph.readers.stream.PATIENCE", 0.1)
    monkeypatch.setattr("aimsgraph.readers.stream.LEAST_RATE", 1e12)
    with pool_of(readers=1) as pool:
        slow = turn(pool, "Bo").stream(store, query("SELECT * { ?a ?b ?c . ?d ?e ?f }"), "json")
        pieces = iter(slow)
        next(pieces)
        time.sleep(0.2)

        assert turn(pool).ask(store, query(ALL), "").count == SIZE
        with pytest.raises(LimitError, match="others waited"):
            list(pieces)


def test_a_slow_client_that_nobody_waits_for_is_let_be(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aimsgraph.readers.stream.PATIENCE", 0.1)
    monkeypatch.setattr("aimsgraph.readers.stream.LEAST_RATE", 1e12)
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"
    with pool_of(readers=2) as pool:
        slow = iter(turn(pool, "Bo").stream(store, query(text), "tsv"))
        first = next(slow)
        time.sleep(0.2)

        assert turn(pool).ask(store, query(ALL), "").count == SIZE
        assert (first + b"".join(slow)).count(b"\n") == 20_001


def test_a_long_query_takes_no_room_in_the_cache(store: EmbeddedStore) -> None:
    with pool_of(answer_cache=1) as pool:
        for number in range(30):
            list(turn(pool).stream(store, query(f"ASK {{}} # {number} {'x' * 150_000}"), "json"))

        assert 30 * ENTRY < pool.stats()["cache_bytes"] < 40 * ENTRY


@pytest.mark.parametrize("form", ["ntriples", "turtle", "rdfxml", "trig", "jsonld"])
def test_a_format_that_cannot_say_it_is_refused(shared: Pool, form: str) -> None:
    store = EmbeddedStore.memory()
    said = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("one"))
    store.engine.add(
        ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:says"), said, ox.NamedNode(GRAPH))
    )
    asked = query("CONSTRUCT WHERE { ?s ?p ?o }")
    if form == "jsonld":
        with pytest.raises(FormatError, match="ask for text/turtle"):
            turn(shared).stream(store, asked, form)
    else:
        assert b"one" in b"".join(turn(shared).stream(store, asked, form))


def test_the_same_question_comes_from_the_cache(store: EmbeddedStore) -> None:
    with pool_of() as pool:
        first = b"".join(turn(pool).stream(store, query(ALL), "json"))
        again = b"".join(turn(pool, "Bo").stream(store, query(ALL), "json"))

        assert first == again
        kept = len(first) + ENTRY
        assert (pool.stats()["cache_hits"], pool.stats()["cache_bytes"]) == (1, kept)


@pytest.mark.parametrize("call", ["NOW()", "RAND()", "UUID()", "STRUUID()"])
def test_what_differs_each_time_is_not_kept(store: EmbeddedStore, call: str) -> None:
    asked = query(f"SELECT ({call} AS ?x) {{ }}")
    with pool_of() as pool:
        answers = {b"".join(turn(pool).stream(store, asked, "json")) for _ in range(3)}

        assert len(answers) == 3


def test_another_set_of_graphs_is_another_question(store: EmbeddedStore) -> None:
    with pool_of() as pool:
        assert turn(pool).ask(store, query(ALL), "").count == SIZE

        hidden = query(ALL.replace("{ ?s", "FROM <urn:other> { ?s"))
        assert turn(pool).ask(store, hidden, "").count == 0


def test_the_cache_stays_within_its_bytes(store: EmbeddedStore) -> None:
    with pool_of(answer_cache=1) as pool:
        for limit in range(100, 1000, 10):
            list(turn(pool).stream(store, query(f"{ALL} LIMIT {limit}"), "xml"))

        assert 0 < pool.stats()["cache_bytes"] <= 1024 * 1024


def test_an_answer_that_was_given_up_is_not_kept(store: EmbeddedStore) -> None:
    asked = query("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 3000")
    with pool_of() as pool:
        stream = turn(pool).stream(store, asked, "json")
        next(iter(stream))
        stream.close()

        assert pool.stats()["cache_bytes"] == 0
        assert turn(pool).ask(store, asked, "").count == 3000


def test_a_store_in_memory_is_read_in_a_reader_too() -> None:
    store = EmbeddedStore.memory()
    store.engine.update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ _:b <urn:p> 'x'@en }} }}")
    with pool_of() as pool:
        answer = turn(pool).ask(store, query("SELECT * { ?s ?p ?o }"), "")

        assert answer.rows == Here().ask(store, query("SELECT * { ?s ?p ?o }"), "").rows


def test_a_store_that_changes_is_asked_as_it_is_now(tmp_path: Path) -> None:
    live = EmbeddedStore.open(tmp_path / "live")
    with pool_of() as pool:
        counts = []
        for number in range(3):
            live.engine.update(f"INSERT DATA {{ GRAPH <{GRAPH}> {{ <urn:s> <urn:p> {number} }} }}")
            counts.append(turn(pool).ask_live(live, query("SELECT * { ?s ?p ?o }")).count)

        assert counts == [1, 2, 3]
    assert [path.name for path in tmp_path.iterdir()] == ["live"]


def test_a_state_that_is_gone_is_told(store: EmbeddedStore, tmp_path: Path) -> None:
    gone = EmbeddedStore(store.engine, path=tmp_path / "gone")
    with pool_of() as pool, pytest.raises(NoSuchStateError, match="ask again"):
        turn(pool).stream(gone, query(ALL), "json")


def meaning(body: bytes, form: str) -> object:
    """Return what two answers share: blank nodes and the order of a graph may differ."""
    rdf = graph_format(form)
    if rdf is None or not isinstance(rdf.writer, ox.RdfFormat):
        return body
    return Counter(
        (quad.predicate.value, None if isinstance(quad.object, ox.BlankNode) else quad.object)
        for quad in ox.parse(body, rdf.writer)
    )


def nursery_of(pool: Pool) -> int:
    """Return the process that makes the readers of a pool."""
    assert pool.nursery_pid is not None
    return pool.nursery_pid


def busy_nursery(pool: Pool) -> int:
    """Return the process that makes the readers of a pool, once one of them works."""
    while pool.nursery_pid is None or not children_of(pool.nursery_pid):
        time.sleep(0.01)
    time.sleep(0.3)
    return pool.nursery_pid


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has made and that have not ended."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    found = listed.read_text().split() if listed.exists() else []
    return [int(one) for one in found]


def wait_until_gone(pid: int) -> None:
    """Wait until a process has ended, whoever has to hear of it."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            threads = list(Path(f"/proc/{pid}/task").iterdir())
        except OSError:
            return
        if state in {"Z", "X"} and len(threads) == 1:
            return
        time.sleep(0.01)
    raise AssertionError(f"the process {pid} still runs")
