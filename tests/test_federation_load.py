"""LOAD from end to end: the settings, the writer and another host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aimsgraph.access import Caller, Role
from aimsgraph.errors import (
    AccessError,
    AimsGraphError,
    IntegrityRefusedError,
    QueryError,
    RefusedQueryError,
)
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import GRAPH
from aimsgraph.terms import Terms
from endpoint_support import Host, federated, playing
from tiny_support import memory, update
from update_support import START, begun, delta, everything, records

TURTLE = b"@prefix ex: <https://example.org/> . ex:c ex:p 4 , 4 . ex:d ex:has [ ex:p 5 ] ."


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Give a host that answers with four statements, one of them said twice."""
    with playing(monkeypatch) as host:
        host.body, host.media_type = TURTLE, "text/turtle"
        yield host


def loading(host: Host) -> AimsGraph:
    """Return a graph of three statements, which may load documents of a host."""
    graph = memory(host.settings)
    graph.commit(update(START))
    return graph


def test_a_document_is_loaded_into_a_graph_as_one_changeset(document: Host) -> None:
    graph = loading(document)
    before = graph.generation

    receipt = graph.commit(update(f"LOAD <{document.iri('/doc')}> INTO GRAPH r:new"))

    assert (receipt.generation, receipt.added, receipt.removed) == (before + 1, 3, 0)
    added, removed = delta(graph, receipt)
    assert "<c> <p> 4 <new>" in added
    assert len(added) == 3
    assert not removed
    assert added <= records(graph)
    assert document.seen == [("GET", "/doc")]


def test_a_document_is_loaded_over_http(document: Host) -> None:
    with federated(document.settings) as site:
        secret = site.graph.tokens.create(Role.EDITOR, "Ada")
        found = site.client.post(
            "/update",
            data=f"LOAD <{document.iri('/doc')}> INTO GRAPH <{GRAPH}records/new>",
            content_type="application/sparql-update",
            headers={"Authorization": f"Bearer {secret}"},
        )

        assert (found.status_code, found.json["added"]) == (200, 3)  # type: ignore[index]
        assert site.rows("SELECT ?o { ex:c ex:p ?o }") == [["4"]]


def test_what_is_loaded_is_there_for_the_next_operation(document: Host) -> None:
    graph = loading(document)

    graph.commit(
        update(
            f"LOAD <{document.iri('/doc')}> INTO GRAPH r:new ; "
            "DELETE { GRAPH r:new { ?s ?p ?o } } INSERT { GRAPH r:main { ?s ex:r ?o } } "
            "WHERE { GRAPH r:new { ?s ?p ?o FILTER(?s = ex:c) } }"
        )
    )

    assert "<c> <r> 4 <main>" in records(graph)
    assert "<c> <p> 4 <new>" not in records(graph)


@pytest.mark.parametrize(
    "iri", ["http://other.example.org/", "http://127.0.0.1:{port}/doc", "file:///etc/passwd"]
)
def test_a_silent_load_of_any_other_host_changes_nothing(document: Host, iri: str) -> None:
    graph = loading(document)
    before = everything(graph)
    named = iri.format(port=document.port)

    receipt = graph.commit(update(f"LOAD SILENT <{named}> INTO GRAPH r:new"))

    assert receipt.header is None
    with pytest.raises(RefusedQueryError):
        graph.commit(update(f"LOAD <{named}> INTO GRAPH r:new"))
    assert everything(graph) == before
    assert not document.seen


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 301},
        {"missing": 10},
        {"media_type": "text/html"},
        {"body": b"<urn:a> <urn:b>"},
        {"body": b"<!DOCTYPE x><x/>", "media_type": "application/rdf+xml"},
    ],
)
def test_a_document_that_cannot_be_loaded_leaves_every_quad_as_it_was(
    document: Host, answer: dict[str, object]
) -> None:
    graph = loading(document)
    before = everything(graph)
    vars(document).update(answer)
    load = f"<{document.iri('/doc')}> INTO GRAPH r:new"

    with pytest.raises(QueryError, match=r"data\.example\.org"):
        graph.commit(update(f"INSERT DATA {{ GRAPH r:main {{ ex:x ex:p 1 }} }} ; LOAD {load}"))

    assert everything(graph) == before
    assert graph.commit(update(f"LOAD SILENT {load}")).header is None
    assert len(document.seen) == 2


def test_a_document_that_breaks_a_rule_is_refused_whole(document: Host) -> None:
    graph = loading(document)
    before = everything(graph)
    document.body = (
        b"@prefix aims: <https://w3id.org/aimsgraph#> . "
        b"<urn:bot> a aims:AISystem ; aims:ownedBy <urn:nobody> ."
    )

    with pytest.raises(IntegrityRefusedError):
        graph.commit(update(f"LOAD SILENT <{document.iri('/doc')}> INTO GRAPH r:new"))

    assert everything(graph) == before


def test_without_listed_hosts_nothing_is_loaded(document: Host) -> None:
    graph = begun()
    before = everything(graph)

    for silent in ("", "SILENT "):
        with pytest.raises(RefusedQueryError):
            graph.commit(update(f"LOAD {silent}<{document.iri('/doc')}> INTO GRAPH r:new"))

    assert everything(graph) == before
    assert not document.seen


@pytest.mark.parametrize("silent", ["", "SILENT "])
@pytest.mark.parametrize(
    ("target", "graphs"),
    [
        (f"INTO GRAPH <{GRAPH}workspace>", None),
        (f"INTO GRAPH <{GRAPH}history>", None),
        ("INTO GRAPH r:main", frozenset({f"{GRAPH}records/own"})),
        ("", None),
    ],
)
def test_nothing_is_fetched_for_a_graph_that_is_not_the_callers_to_write(
    document: Host, silent: str, target: str, graphs: frozenset[str] | None
) -> None:
    graph = loading(document)
    caller = Caller("Ada", Role.EDITOR, graphs)
    before = everything(graph)

    with pytest.raises(AimsGraphError) as told:
        graph.commit(
            update(f"LOAD {silent}<{document.iri('/doc')}> {target}"), Terms(caller=caller)
        )

    assert isinstance(told.value, AccessError if target else QueryError)
    assert everything(graph) == before
    assert not document.seen
    assert not document.lookups


def test_who_may_only_read_loads_nothing(document: Host) -> None:
    graph = loading(document)

    with pytest.raises(AccessError):
        graph.commit(
            update(f"LOAD <{document.iri('/doc')}> INTO GRAPH r:new"),
            Terms(caller=Caller("Ada", Role.READER)),
        )

    assert not document.seen
