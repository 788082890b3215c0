"""The W3C's tests of SPARQL 1.1 Query, asked of a running service.

Every data file is a graph of its own; each request names by the protocol those
it is asked of. An answer has to be what the engine gives in this process, and
what the suite expects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF
from rdflib.term import Node

from aimsgraph.rdf.parsing import format_of
from conformance.solutions import Outcome, of_answer, of_csv, of_result_graph, of_statements
from conformance.suite import MF, entries, expected_failures, required
from served_support import Reply, Served, served

QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
FOLDERS = (
    *("aggregates", "bind", "bindings", "cast", "construct", "csv-tsv-res", "exists", "functions"),
    *("grouping", "json-res", "negation", "project-expression", "property-path", "subquery"),
)
EDITIONS = {(235, 103), (183, 95)}
"""How many tests there are, of answers and of syntax: in the W3C's repository, and as of 2013."""

BASE = "http://www.example/sparql11/"
NOTHING = f"{BASE}nothing"
FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)

CSV, TURTLE = "text/csv", "text/turtle"
XML, JSON = "application/sparql-results+xml", "application/sparql-results+json"
MEDIA_TYPE_FOR_SUFFIX = {
    ".srx": XML,
    ".srj": JSON,
    ".csv": CSV,
    ".tsv": "text/tab-separated-values",
}

ROOT = required()


@dataclass(frozen=True)
class Case:
    """A test of the suite; files are named by their addresses."""

    name: str
    kind: str
    query: str
    data: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    result: str = ""

    @property
    def text(self) -> str:
        """Return the query, with its own address as the base of its IRIs."""
        return f"BASE <{self.query}>\n{path_of(self.query).read_text('utf-8')}"

    @property
    def asked_for(self) -> tuple[str, ...]:
        """Return the files that the query itself names."""
        return tuple(urljoin(self.query, one) for one in FROM.findall(self.text))

    @property
    def is_graph(self) -> bool:
        """Return whether the answer is a graph."""
        return re.search(r"^\s*CONSTRUCT\b", self.text, re.IGNORECASE | re.MULTILINE) is not None

    @property
    def media_type(self) -> str:
        """Return in what format the answer is asked for: that of the result, where it has one."""
        if self.is_graph:
            return TURTLE
        return MEDIA_TYPE_FOR_SUFFIX.get(path_of(self.result).suffix, JSON)


def path_of(address: str) -> Path:
    """Return the file of an address."""
    return ROOT / address.removeprefix(BASE)


def cases(folder: str) -> Iterator[Case]:
    """Yield the tests of a folder."""
    tests = rdflib.Graph().parse(
        ROOT / folder / "manifest.ttl", publicID=f"{BASE}{folder}/manifest.ttl", format="turtle"
    )
    for one in entries(tests):
        action = tests.value(one, MF.action)
        name = f"{folder}/{str(one).rpartition('#')[2]}"
        kind = str(tests.value(one, RDF.type)).rpartition("#")[2]
        query = tests.value(action, QT.query)
        yield Case(
            name,
            kind,
            str(action if query is None else query),
            _files(tests, action, "data"),
            _files(tests, action, "graphData"),
            str(tests.value(one, MF.result) or ""),
        )


def _files(tests: rdflib.Graph, action: Node | None, role: str) -> tuple[str, ...]:
    return tuple(sorted(str(one) for one in tests.objects(action, QT[role])))


ALL = [
    case
    for folder in (*FOLDERS, "syntax-query")
    if (ROOT / folder).exists()
    for case in cases(folder)
]
SYNTAX = [case for case in ALL if "Syntax" in case.kind]
CASES = [case for case in ALL if case not in SYNTAX]


def parsed(address: str, graph: str | None = None) -> list[ox.Quad]:
    """Return the statements of a file in a graph."""
    target = ox.DefaultGraph() if graph is None else ox.NamedNode(graph)
    path = path_of(address)
    found = ox.parse(path=path, format=format_of(path), base_iri=address, rename_blank_nodes=True)
    return [ox.Quad(one.subject, one.predicate, one.object, target) for one in found]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service that holds all data of the suite."""
    files = sorted({one for case in CASES for one in (*case.data, *case.named, *case.asked_for)})
    quads = [quad for one in files for quad in parsed(one, one)]
    body = ox.serialize(quads, format=ox.RdfFormat.N_QUADS)
    with served(tmp_path_factory.mktemp("query"), default_graph="unnamed") as running:
        headers = {**running.bearer(), "Content-Type": "application/n-quads"}
        loaded = running.send("POST", "/load", body, headers)
        assert loaded.status == 200, loaded.text
        yield running


def asked(service: Served, case: Case) -> Reply:
    """Ask the query of a test, over the graphs of the test."""
    dataset = [("default-graph-uri", one) for one in case.data or (NOTHING,)]
    dataset += [("named-graph-uri", one) for one in case.named]
    target = "/sparql" if case.asked_for else f"/sparql?{urlencode(dataset)}"
    headers = {
        **service.bearer(),
        "Content-Type": "application/sparql-query",
        "Accept": case.media_type,
    }
    return service.send("POST", target, case.text, headers)


def read(body: bytes, media_type: str, base: str, *, stored: bool = False) -> Outcome:
    """Return an answer from its serialisation."""
    if media_type == TURTLE:
        found = ox.parse(body, ox.RdfFormat.TURTLE, base_iri=base)
        return of_statements((quad.triple for quad in found), stored=stored)
    if media_type == CSV:
        return of_csv(body.decode("utf-8"))
    kind = ox.QueryResultsFormat.from_media_type(media_type)
    assert kind is not None
    return of_answer(ox.parse_query_results(body, kind), stored=stored)


def answered(service: Served, case: Case, *, stored: bool = False) -> Outcome:
    """Return the service's answer to the query of a test."""
    reply = asked(service, case)
    assert (reply.status, reply.media_type) == (200, case.media_type), reply.text
    return read(reply.body, case.media_type, case.query, stored=stored)


def reference(case: Case) -> Outcome:
    """Return the engine's own answer to the query of a test."""
    store = ox.Store()
    for one in case.data:
        store.extend(parsed(one))
    for one in dict.fromkeys((*case.named, *case.asked_for)):
        store.add_graph(ox.NamedNode(one))
        store.extend(parsed(one, one))
    answer = store.query(case.text)
    if case.media_type == CSV:
        assert isinstance(answer, ox.QuerySolutions)
        written = answer.serialize(format=ox.QueryResultsFormat.CSV)
        assert written is not None
        return of_csv(written.decode("utf-8"))
    return of_answer(answer)


def wanted(case: Case) -> Outcome:
    """Return what the suite expects of a test."""
    path = path_of(case.result)
    if path.suffix == ".ttl" and not case.is_graph:
        graph = rdflib.Graph().parse(path, publicID=case.result, format="turtle")
        return of_result_graph(graph)
    return read(path.read_bytes(), case.media_type, case.result, stored=True)


def test_the_suite_has_all_its_tests() -> None:
    assert (len(CASES), len(SYNTAX)) in EDITIONS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer_is_the_engines_own(service: Served, case: Case) -> None:
    assert answered(service, case) == reference(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_answer_is_the_expected_one(
    service: Served, case: Case, request: pytest.FixtureRequest
) -> None:
    reason = expected_failures().get(f"query/{case.name}")
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason, raises=AssertionError, strict=True))

    assert answered(service, case, stored=True) == wanted(case)


def is_answerable(case: Case) -> bool:
    """Return whether the engine answers a valid query; it refuses functions it does not know."""
    try:
        ox.Store().query(case.text)
    except (OSError, RuntimeError, ValueError):
        return False
    return True


@pytest.mark.parametrize("case", SYNTAX, ids=lambda case: case.name)
def test_syntax(service: Served, case: Case) -> None:
    is_valid = case.kind.startswith("Positive")

    reply = asked(service, case)

    if is_valid and is_answerable(case):
        assert reply.status == 200, reply.text
        return
    assert (reply.status, reply.media_type) == (400, "application/problem+json")
    assert ("not supported" in reply.text) == is_valid
