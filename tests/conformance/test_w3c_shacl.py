"""The W3C's SHACL test suite: what is compiled, and what pySHACL is handed, gives its results."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, SH, URIRef
from rdflib.term import Node

from aimsgraph.conformity.engine import Checker
from aimsgraph.conformity.report import CheckResult
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.errors import RuleError
from aimsgraph.rdf.terms import from_rdflib
from aimsgraph.store.embedded import EmbeddedStore
from conformance.suite import MF, expected_failures, shacl_suite

SHT: Final = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")

Row = tuple[str, str | None, str | None, str, str, str]


def _cases() -> list[tuple[str, Path]]:
    root = shacl_suite()
    if root is None:
        return []
    return [
        (str(path.relative_to(root).with_suffix("")), path)
        for path in sorted(root.rglob("*.ttl"))
        if (None, RDF.type, SHT.Validate) in rdflib.Graph().parse(path)
    ]


CASES: Final = _cases()


@pytest.mark.skipif(bool(CASES), reason="the suite is here")
def test_suite_is_here() -> None:
    pytest.skip("the W3C SHACL tests are not here: set W3C_DATA_SHAPES to a clone of data-shapes")


def test_suite_is_whole() -> None:
    counts = Counter(name.partition("/")[0] for name, _ in CASES)

    assert not CASES or counts == {"core": 98, "sparql": 23}


@pytest.mark.parametrize(("name", "path"), CASES, ids=[name for name, _ in CASES])
def test_case(name: str, path: Path, request: pytest.FixtureRequest) -> None:
    reason = expected_failures().get(f"shacl/{name}")
    if reason is not None:
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    manifest = _parsed(path)
    (test,) = manifest.subjects(RDF.type, SHT.Validate)
    action = manifest.value(test, MF.action)
    data, shapes = (
        _graph(manifest.value(action, kind)) for kind in (SHT.dataGraph, SHT.shapesGraph)
    )
    expected = manifest.value(test, MF.result)
    store = EmbeddedStore(ox.Store())
    store.engine.extend(_quads(data))

    if expected == SHT.Failure:
        with pytest.raises(RuleError):
            Checker(RuleSet(shapes)).check(store)
        return
    report = Checker(RuleSet(shapes)).check(store)

    assert set(map(_row, report.results)) == set(_expected(manifest, expected))
    assert str(report.conforms).lower() == str(manifest.value(expected, SH.conforms))


def _parsed(path: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(path, publicID=path.as_uri())


def _graph(node: Node | None) -> rdflib.Graph:
    return _parsed(Path(str(node).removeprefix("file://")))


def _quads(graph: rdflib.Graph) -> list[ox.Quad]:
    terms = (tuple(map(from_rdflib, triple)) for triple in graph)
    return [ox.Quad(s, p, o) for s, p, o in terms]  # type: ignore[arg-type]


def _row(result: CheckResult) -> Row:
    value = None if result.value is None else _text(result.value)
    severity = result.severity if ":" in result.severity else f"{SH}{result.severity}"
    return (
        _anonymous(result.focus),
        result.path,
        value,
        result.component,
        severity,
        _anonymous(result.rule),
    )


def _expected(graph: rdflib.Graph, report: Node | None) -> list[Row]:
    rows = []
    for node in graph.objects(report, SH.result):
        path, value = graph.value(node, SH.resultPath), graph.value(node, SH.value)
        focus = graph.value(node, SH.focusNode)
        rows.append(
            (
                _stored(focus) or "",
                str(path) if isinstance(path, URIRef) else None,
                _stored(value),
                str(graph.value(node, SH.sourceConstraintComponent)),
                str(graph.value(node, SH.resultSeverity)),
                _stored(graph.value(node, SH.sourceShape)) or "",
            )
        )
    return rows


def _stored(node: Node | None) -> str | None:
    """Return a term as a store gives it back, and as this test compares it."""
    if node is None:
        return None
    store, any_node = ox.Store(), ox.NamedNode("urn:any")
    store.add(ox.Quad(any_node, any_node, from_rdflib(node)))
    return _text(next(iter(store)).object)


def _text(term: object) -> str:
    return _anonymous(term.value if isinstance(term, ox.NamedNode) else str(term))


def _anonymous(text: str) -> str:
    return "_:" if text.startswith("_:") else text
