"""The W3C's graph store protocol tests, over a socket to a running service.

These are the machine-readable ones of `graph-store-protocol`; the prose of
`http-rdf-update` says the same and is deprecated in their favour.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.term import Node

from conformance.conversation import BASE, Conversation, described, stored
from conformance.suite import MF, required
from served_support import Reply, Served, served

PREFIX = "/gsp"
OURS = "/graphs"
BALLAST = "/graphs?graph=urn:ballast"

ROOT = required() / "graph-store-protocol"
CASES = [
    (f"{name}/{str(one).rpartition('#')[2]}", graph, one)
    for name in ("direct", "indirect")
    for graph in [described(ROOT / f"manifest-{name}.ttl")]
    # By type: one of them is missing from its manifest's list.
    for one in sorted(graph.subjects(rdflib.RDF.type, MF.GraphStoreProtocolTest), key=str)
]
EXPECTED = 14


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service with one graph, beside which those of the tests come and go."""
    with served(tmp_path_factory.mktemp("graphs"), default_graph="unnamed") as service:
        stored(service, BALLAST, b"<urn:a> <urn:b> 1 .", "text/turtle")
        yield service


@pytest.fixture
def service(running: Served) -> Served:
    """Return a service that has no graph of the suite."""
    listed = json.loads(running.send("GET", OURS, headers=running.bearer()).body)
    for name in (one["graph"] for one in listed):
        if name.startswith(BASE):
            target = f"{OURS}?graph={quote(name, safe='')}"
            assert running.send("DELETE", target, headers=running.bearer()).status in {200, 204}
    return running


class Places:
    """Our addresses in the place of the suite's, and those that answers give new graphs."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def filled(self, text: str) -> str:
        """Return a text with our path in the place of the suite's, and locations filled in."""
        for name, location in self.known.items():
            text = text.replace(f"graph={name}", f"graph={quote(location, safe='')}")
            text = text.replace(name, location.removeprefix(BASE))
        encoded = PREFIX.replace("/", "%2F"), OURS.replace("/", "%2F")
        return text.replace(PREFIX, OURS).replace(*encoded)

    def check(self, talk: Conversation, expected: Node, reply: Reply) -> None:
        """Compare an answer with what the suite says of it."""
        assert reply.status in talk.statuses(expected), reply.text
        location = talk.tests.value(expected, MF.expectedLocation)
        if location is not None:
            self.known[str(location)] = reply.headers["Location"]
        media_type = dict(talk.headers(expected)).get("content-type", "").partition(";")[0]
        assert media_type in {"", reply.media_type}
        body = talk.body(expected)
        if body is not None:
            assert canonical(reply.body) == canonical(self.filled(body.decode()).encode())


def canonical(turtle: bytes) -> set[str]:
    """Return Turtle as statements, with blank nodes named the same in equal graphs."""
    found = ox.Dataset(ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=f"{BASE}/"))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in found}


def test_the_suite_has_all_its_tests() -> None:
    assert len(CASES) == EXPECTED


@pytest.mark.parametrize("case", CASES, ids=[name for name, _, _ in CASES])
def test_graph_store(service: Served, case: tuple[str, rdflib.Graph, Node]) -> None:
    _, tests, test = case
    places, talk = Places(), Conversation(tests, test, service)
    for request, expected in talk.requests():
        body = talk.body(request)
        sent = None if body is None else places.filled(body.decode()).encode()
        places.check(talk, expected, talk.send(request, places.filled(talk.path(request)), sent))
