"""The requests that a manifest of the W3C describes, sent over a socket as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.term import Node

from conformance.suite import MF, manifest
from served_support import Reply, Served

HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
AUTHORITY = "www.example"
BASE = f"http://{AUTHORITY}"

STATUS_FOR_NAME = {
    "OK": 200,
    "Created": 201,
    "NoContent": 204,
    "NotFound": 404,
    "BadRequest": 400,
    "MethodNotAllowed": 405,
    "UnsupportedMediaType": 415,
}


def described(path: Path) -> rdflib.Graph:
    """Read a manifest; skip the module where it is of an edition that has no requests in it."""
    found = manifest(path) if path.exists() else rdflib.Graph()
    if (None, HT.requests, None) not in found:
        pytest.skip(f"{path} holds no requests; take a newer edition", allow_module_level=True)
    return found


class Conversation:
    """The requests of one test, in their order.

    They are sent to the authority that the suite names, by somebody who may
    write: what is refused is refused for what it says, not for who says it.
    """

    def __init__(self, tests: rdflib.Graph, test: Node, service: Served) -> None:
        self.tests = tests
        self.test = test
        self.service = service

    def requests(self) -> Iterator[tuple[Node, Node]]:
        """Yield each request with what is expected of its answer."""
        listed = self.tests.value(self.tests.value(self.test, MF.action), HT.requests)
        assert listed is not None
        for request in Collection(self.tests, listed):
            expected = self.tests.value(request, HT.resp)
            assert expected is not None
            yield request, expected

    def send(self, request: Node, target: str, body: bytes | None) -> Reply:
        """Send a request to one of our addresses."""
        method = str(self.tests.value(request, HT.methodName))
        headers = {**dict(self.headers(request)), **self.service.bearer(), "Host": AUTHORITY}
        return self.service.send(method, target, body, headers)

    def path(self, request: Node) -> str:
        """Return where the suite sends a request."""
        return str(self.tests.value(request, HT.absolutePath))

    def body(self, node: Node) -> bytes | None:
        """Return the body of a request or a response, in the encoding it is meant to have."""
        content = self.tests.value(node, HT.body)
        text = self.tests.value(content, CNT.chars)
        encoding = self.tests.value(content, CNT.characterEncoding)
        return None if text is None else str(text).encode(str(encoding or "UTF-8"))

    def headers(self, node: Node) -> Iterator[tuple[str, str]]:
        """Yield the headers of a request or a response."""
        listed = self.tests.value(node, HT.headers)
        for one in Collection(self.tests, listed) if listed is not None else ():
            name, value = (self.tests.value(one, HT[part]) for part in ("fieldName", "fieldValue"))
            yield str(name), str(value)

    def statuses(self, expected: Node) -> set[int]:
        """Return the statuses that an answer may have."""
        names = (str(one).rpartition("#")[2] for one in self.tests[expected : MF.expectedStatus])
        return {status for name in names for status in _statuses(name)}


def _statuses(name: str) -> Iterator[int]:
    if not name.startswith("StatusCode"):
        yield STATUS_FOR_NAME[name]
        return
    first = int(name.removeprefix("StatusCode")[0]) * 100
    yield from range(first, first + 100)


def stored(service: Served, target: str, content: bytes, media_type: str) -> None:
    """Store a graph."""
    reply = service.send("PUT", target, content, {**service.bearer(), "Content-Type": media_type})
    assert reply.status in {200, 201, 204}, reply.text
