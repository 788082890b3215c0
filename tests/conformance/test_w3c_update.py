"""All update tests of the W3C SPARQL 1.1 suite, of syntax and of effect, through the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, RDFS
from rdflib.term import Node

from aimsgraph import Change, Update
from aimsgraph.errors import QueryError, RefusedQueryError
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.rdf.parsing import format_of
from aimsgraph.rdf.terms import graph_name
from aimsgraph.settings import Settings
from conformance.suite import MF, entries, expected_failures, manifest, required
from tiny_support import memory

UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
FOLDERS = (
    *("add", "basic-update", "clear", "copy", "delete", "delete-data", "delete-insert"),
    *("delete-where", "drop", "move", "update-silent"),
)
SYNTAX_FOLDERS = ("syntax-update-1", "syntax-update-2")
EXPECTED, EXPECTED_SYNTAX = 94, 63

ROOT = required()


def cases(folders: tuple[str, ...], types: str) -> list[tuple[str, rdflib.Graph, Node]]:
    """Return all tests of some types with their manifests."""
    found = []
    for folder in folders:
        graph = manifest(ROOT / folder / "manifest.ttl")
        found += [
            (f"{folder}/{str(one).rpartition('#')[2]}", graph, one)
            for one in entries(graph)
            if types in str(graph.value(one, RDF.type))
        ]
    return found


CASES = cases(FOLDERS, "UpdateEvaluationTest")
SYNTAX = [*cases(SYNTAX_FOLDERS, "SyntaxTest"), *cases(FOLDERS, "SyntaxTest")]


def path_of(node: Node | None) -> Path:
    """Return the file that an IRI of a manifest names."""
    return Path(unquote(urlsplit(str(node)).path))


def dataset(graph: rdflib.Graph, node: Node) -> list[ox.Quad]:
    """Return the quads of an action or a result."""
    quads = []
    for data in graph.objects(node, UT.data):
        quads += _read(path_of(data), ox.DefaultGraph())
    for data in graph.objects(node, UT.graphData):
        name = str(graph.value(data, RDFS.label))
        quads += _read(path_of(graph.value(data, UT.graph)), ox.NamedNode(name))
    return quads


def _read(path: Path, target: ox.NamedNode | ox.DefaultGraph) -> list[ox.Quad]:
    found = ox.parse(
        path=path, format=format_of(path), base_iri=path.as_uri(), rename_blank_nodes=True
    )
    return [ox.Quad(one.subject, one.predicate, one.object, target) for one in found]


def records(graph: AimsGraph) -> list[ox.Quad]:
    """Return what the organisation says, in all graphs."""
    view = graph.view()
    names = [name for name in (*view.graphs(), UNNAMED) if is_records(name)]
    return [quad for name in dict.fromkeys(names) for quad in view.quads(name)]


def canonical(quads: list[ox.Quad]) -> set[str]:
    """Return quads as text, with blank nodes named the same in equal datasets."""
    found = ox.Dataset(quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in found}


def test_the_suite_has_all_its_tests() -> None:
    # The W3C's repository has one more than the edition of 2013, which rdflib's sources hold.
    assert len(CASES) in {EXPECTED, EXPECTED - 1}
    assert len(SYNTAX) == EXPECTED_SYNTAX
    known = {n for n in expected_failures() if not n.startswith(("shacl/", "query/"))}
    assert known <= {name for name, _, _ in (*CASES, *SYNTAX)}


def expect(name: str, request: pytest.FixtureRequest) -> None:
    """Mark a test that is on the list of failures; it fails where it passes after all."""
    if name in expected_failures():
        reason, error = expected_failures()[name], RefusedQueryError
        request.applymarker(pytest.mark.xfail(reason=reason, raises=error, strict=True))


def text_of(node: Node | None) -> str:
    """Return a request, with its file as the base of its IRIs."""
    path = path_of(node)
    return f"BASE <{path.as_uri()}>\n{path.read_text('utf-8')}"


@pytest.mark.parametrize("case", SYNTAX, ids=[name for name, _, _ in SYNTAX])
def test_syntax(case: tuple[str, rdflib.Graph, Node], request: pytest.FixtureRequest) -> None:
    name, tests, test = case
    expect(name, request)
    is_good = "Positive" in str(tests.value(test, RDF.type))
    update = Update(text_of(tests.value(test, MF.action)))
    graph = memory(Settings(default_graph="unnamed"))

    if is_good:
        graph.commit(update)
        return
    with pytest.raises((QueryError, RefusedQueryError), match=r"not valid SPARQL|LOAD"):
        graph.commit(update)


@pytest.mark.parametrize("case", CASES, ids=[name for name, _, _ in CASES])
def test_update(case: tuple[str, rdflib.Graph, Node], request: pytest.FixtureRequest) -> None:
    name, tests, test = case
    expect(name, request)
    action, result = tests.value(test, MF.action), tests.value(test, MF.result)
    assert action is not None
    assert result is not None
    graph = memory(Settings(default_graph="unnamed"))
    graph.commit(Change(tuple(dataset(tests, action))))
    before = records(graph)

    receipt = graph.commit(Update(text_of(tests.value(action, UT.request))))

    after = records(graph)
    assert canonical(after) == canonical(dataset(tests, result))
    delta = graph.changeset(receipt.generation) if receipt.header else None
    added = set(_asserted(delta.added())) if delta else set()
    removed = set(_asserted(delta.removed())) if delta else set()
    assert set(after) == (set(before) - removed) | added
    assert removed <= set(before)
    assert not added & set(before)


def _asserted(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    return [quad for quad in quads if is_records(graph_name(quad.graph_name))]
