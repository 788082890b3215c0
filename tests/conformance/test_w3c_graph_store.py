"""The W3C's graph store protocol tests, over HTTP.

These are the machine-readable ones of `graph-store-protocol`; the prose of
`http-rdf-update` says the same and is deprecated in their favour.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib import RDF
from rdflib.collection import Collection
from rdflib.term import Node
from werkzeug.test import TestResponse

from aimsgraph.access import Role
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from conformance.suite import MF, manifest, required
from tiny_support import memory

HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
BASE = "http://www.example"
PREFIX = "/gsp"
OURS = "/graphs"

STATUS_FOR_NAME = {
    "OK": 200,
    "Created": 201,
    "NoContent": 204,
    "NotFound": 404,
    "BadRequest": 400,
    "MethodNotAllowed": 405,
    "UnsupportedMediaType": 415,
}

ROOT = required() / "graph-store-protocol"
CASES = [
    (f"{name}/{str(one).rpartition('#')[2]}", graph, one)
    for name in ("direct", "indirect")
    for graph in [manifest(ROOT / f"manifest-{name}.ttl")]
    # By type: one of them is missing from its manifest's list.
    for one in sorted(graph.subjects(RDF.type, MF.GraphStoreProtocolTest), key=str)
]
EXPECTED = 14


class Conversation:
    """The requests of one test, with what earlier responses said put into later ones."""

    def __init__(self, tests: rdflib.Graph) -> None:
        self.tests = tests
        graph = memory(Settings(default_graph="unnamed"))
        secret = graph.tokens.create(Role.EDITOR, "w3c")
        self.client: FlaskClient = create_app(graph).test_client()
        self.authorization = f"Bearer {secret}"
        self.graph = graph
        self.known: dict[str, str] = {}

    def filled(self, text: str) -> str:
        """Return a text with our path in the place of the suite's, and locations filled in."""
        for name, location in self.known.items():
            text = text.replace(f"graph={name}", f"graph={quote(location, safe='')}")
            text = text.replace(name, location.removeprefix(BASE))
        encoded = PREFIX.replace("/", "%2F"), OURS.replace("/", "%2F")
        return text.replace(PREFIX, OURS).replace(*encoded)

    def send(self, request: Node) -> TestResponse:
        """Send one request."""
        value = self.tests.value
        headers = dict(self.headers(request))
        body = value(value(request, HT.body), CNT.chars)
        self.graph.view()
        return self.client.open(
            self.filled(str(value(request, HT.absolutePath))),
            base_url=BASE,
            method=str(value(request, HT.methodName)),
            headers={**headers, "Authorization": self.authorization},
            data=None if body is None else self.filled(str(body)).encode(),
        )

    def headers(self, node: Node) -> Iterator[tuple[str, str]]:
        """Yield the headers of a request or a response."""
        listed = self.tests.value(node, HT.headers)
        for one in Collection(self.tests, listed) if listed is not None else ():
            name, value = (self.tests.value(one, HT[part]) for part in ("fieldName", "fieldValue"))
            yield str(name), str(value)

    def check(self, expected: Node, response: TestResponse) -> None:
        """Compare a response with what the suite says."""
        names = [str(one).rpartition("#")[2] for one in self.tests[expected : MF.expectedStatus]]
        assert response.status_code in set(_statuses(names)), response.get_data(as_text=True)
        location = self.tests.value(expected, MF.expectedLocation)
        if location is not None:
            self.known[str(location)] = response.headers["Location"]
        media_type = dict(self.headers(expected)).get("content-type", "").partition(";")[0]
        assert media_type in {"", response.mimetype}
        body = self.tests.value(self.tests.value(expected, HT.body), CNT.chars)
        if body is not None:
            wanted = self.filled(str(body)).encode()
            assert canonical(response.get_data()) == canonical(wanted)


def _statuses(names: list[str]) -> Iterator[int]:
    for name in names:
        if name.startswith("StatusCode"):
            first = int(name.removeprefix("StatusCode")[0]) * 100
            yield from range(first, first + 100)
        else:
            yield STATUS_FOR_NAME[name]


def canonical(turtle: bytes) -> set[str]:
    """Return Turtle as statements, with blank nodes named the same in equal graphs."""
    found = ox.Dataset(ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=f"{BASE}/"))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in found}


def test_the_suite_has_all_its_tests() -> None:
    assert len(CASES) == EXPECTED


@pytest.mark.parametrize("case", CASES, ids=[name for name, _, _ in CASES])
def test_graph_store(case: tuple[str, rdflib.Graph, Node]) -> None:
    _, tests, test = case
    talk = Conversation(tests)
    requests = tests.value(tests.value(test, MF.action), HT.requests)
    assert requests is not None
    for request in Collection(tests, requests):
        expected = tests.value(request, HT.resp)
        assert expected is not None
        talk.check(expected, talk.send(request))
