"""The W3C's tests of the SPARQL 1.1 Protocol, over a socket to a running service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDFS
from rdflib.term import Node

from conformance.conversation import Conversation, described, stored
from conformance.suite import MF, entries, required
from conformance.test_w3c_update import UT
from served_support import Reply, Served, served

ROOT = required() / "protocol"
TESTS = described(ROOT / "manifest.ttl")
CASES = {str(one).rpartition("#")[2]: one for one in entries(TESTS)}
EXPECTED = 34

ENDPOINT = "/sparql/"
QUERY, UPDATE = "/sparql", "/update"
KEPT = "/graphs?graph=urn:kept"
N_TRIPLES = "application/n-triples"
NOT_FOR_WHAT_IT_SAYS = {401, 403, 404}

RESULTS = ("application/sparql-results+xml", "application/sparql-results+json")
MEDIA_TYPES = {
    "boolean": RESULTS,
    "tabular": (*RESULTS, "text/csv", "text/tab-separated-values"),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service whose default graph is the one without a name, as the suite wants."""
    with served(tmp_path_factory.mktemp("protocol"), default_graph="unnamed") as running:
        yield running


def is_update(name: str, body: bytes | None, headers: dict[str, str]) -> bool:
    """Return whether a request is one for the address of updates."""
    media_type = headers.get("content-type", "").partition(";")[0]
    return (
        name.startswith("bad_update")
        or media_type == "application/sparql-update"
        or (body or b"").startswith(b"update=")
    )


def prepared(service: Served, test: Node) -> None:
    """Store the graphs of a test, and one that nothing refused may take away.

    What earlier tests left stays: the suite's updates begin by taking it out.
    """
    for data in TESTS.objects(test, UT.graphData):
        file = Path(unquote(urlsplit(str(TESTS.value(data, UT.graph))).path))
        name = quote(str(TESTS.value(data, RDFS.label)), safe="")
        stored(service, f"/graphs?graph={name}", file.read_bytes(), N_TRIPLES)
    stored(service, KEPT, b"<urn:a> <urn:b> <urn:c> .", N_TRIPLES)


def check(tests: rdflib.Graph, expected: Node, reply: Reply) -> None:
    """Compare an answer with what the suite says of it."""
    form = str(tests.value(expected, MF.expectedFormat) or "")
    truth = tests.value(expected, MF.expectedBoolean)
    assert not form or reply.media_type in MEDIA_TYPES[form]
    if form == "RDF":
        list(ox.parse(reply.body, ox.RdfFormat.from_media_type(reply.media_type)))
    elif form:
        kind = ox.QueryResultsFormat.from_media_type(reply.media_type)
        assert kind is not None
        found = ox.parse_query_results(reply.body, kind)
        assert truth is None or bool(found) == bool(truth.toPython())  # type: ignore[attr-defined]


def test_the_suite_has_all_its_tests() -> None:
    assert len(CASES) == EXPECTED


def exchanges(service: Served, name: str) -> Iterator[tuple[Reply, Conversation, Node]]:
    """Yield each answer of a test's requests, with what the suite says of it."""
    prepared(service, CASES[name])
    talk = Conversation(TESTS, CASES[name], service)
    for request, expected in talk.requests():
        body = talk.body(request)
        endpoint = UPDATE if is_update(name, body, dict(talk.headers(request))) else QUERY
        target = talk.path(request).replace(ENDPOINT, endpoint, 1)
        yield talk.send(request, target, body), talk, expected


@pytest.mark.parametrize("name", CASES)
def test_protocol(service: Served, name: str) -> None:
    for reply, talk, expected in exchanges(service, name):
        assert reply.status in talk.statuses(expected) - NOT_FOR_WHAT_IT_SAYS, reply.text
        check(TESTS, expected, reply)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("bad_")])
def test_what_is_refused_says_so_and_does_nothing(service: Served, name: str) -> None:
    for reply, _, _ in exchanges(service, name):
        assert reply.media_type == "application/problem+json"

    assert service.send("GET", KEPT, headers=service.bearer()).status == 200
