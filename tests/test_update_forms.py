"""SPARQL Update in every operation form, where the default graph is the union of all graphs."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from aimsgraph.errors import AccessError, AimsGraphError, QueryError, RefusedQueryError
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import GRAPH, is_records
from tiny_support import OWNED, memory, update

PROTECTED = (
    *("ontology", "shapes", "queries"),
    *("inferred", "conformity", "history", "workspace"),
)


XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "


def records(graph: AimsGraph) -> set[str]:
    """Return what is said in the record graphs, with short names."""
    view = graph.view()
    found = (quad for name in view.graphs() if is_records(name) for quad in view.quads(name))
    return {
        str(quad).replace("https://example.org/", "").replace(f"{GRAPH}records/", "")
        for quad in found
    }


def done(*texts: str) -> tuple[set[str], list[int]]:
    """Carry out requests; return the records after them, and how much each changed."""
    graph = memory()
    receipts = [graph.commit(update(text)) for text in texts]
    return records(graph), [receipt.added + receipt.removed for receipt in receipts]


START = "INSERT DATA { GRAPH r:main { ex:a ex:p 1 . ex:b ex:p 2 } GRAPH r:other { ex:a ex:q 3 } }"
ONE, TWO, THREE = (
    f'{s} <{p}> "{n}"^^<http://www.w3.org/2001/XMLSchema#integer> <{g}>'
    for s, p, n, g in (
        ("<a>", "p", 1, "main"),
        ("<b>", "p", 2, "main"),
        ("<a>", "q", 3, "other"),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DELETE DATA { GRAPH r:main { ex:a ex:p 1 } }", {TWO, THREE}),
        ("DELETE DATA { GRAPH r:main { ex:a ex:p 9 } }", {ONE, TWO, THREE}),
        ("DELETE WHERE { GRAPH r:main { ?s ex:p ?o } }", {THREE}),
        ("WITH r:main DELETE { ?s ex:p ?o } WHERE { ?s ex:p ?o FILTER(?o > 1) }", {ONE, THREE}),
        (
            "WITH r:main DELETE { ?s ex:p ?o } INSERT { ?s ex:q ?o } WHERE { ?s ex:p ?o }",
            {ONE.replace("<p>", "<q>"), TWO.replace("<p>", "<q>"), THREE},
        ),
        (
            "INSERT { GRAPH r:other { ?s ex:p ?o } } USING r:main WHERE { ?s ?p ?o }",
            {ONE, TWO, THREE, ONE.replace("main", "other"), TWO.replace("main", "other")},
        ),
        (
            "DELETE { GRAPH ?g { ?s ?p ?o } } USING NAMED r:other WHERE { GRAPH ?g { ?s ?p ?o } }",
            {ONE, TWO},
        ),
        ("INSERT { GRAPH r:main { ?s ex:p 1 } } WHERE { ?s ex:q 3 }", {ONE, TWO, THREE}),
        ("CLEAR GRAPH r:main", {THREE}),
        ("DROP GRAPH r:main", {THREE}),
        ("CLEAR NAMED", set()),
        ("DROP ALL", set()),
        ("COPY r:main TO r:other", {ONE, TWO, *(x.replace("main", "other") for x in (ONE, TWO))}),
        ("MOVE r:other TO r:main", {THREE.replace("other", "main")}),
        ("ADD r:other TO r:main", {ONE, TWO, THREE, THREE.replace("other", "main")}),
        ("COPY SILENT r:none TO r:main", {ONE, TWO, THREE}),
        ("CREATE GRAPH r:new", {ONE, TWO, THREE}),
        ("CREATE SILENT GRAPH r:main", {ONE, TWO, THREE}),
        (
            "CLEAR GRAPH r:main ; INSERT { GRAPH r:main { ex:a ex:q 3 } } WHERE { ?s ex:p ?o }",
            {THREE},
        ),
        (
            "CLEAR GRAPH r:main ; "
            "INSERT { GRAPH r:main { ?s ex:q ?o } } WHERE { GRAPH r:other { ?s ?p ?o } }",
            {THREE, THREE.replace("other", "main")},
        ),
    ],
)
def test_an_operation_does_what_it_says(text: str, expected: set[str]) -> None:
    found, _ = done(START, text)

    assert found == expected


def test_what_is_undone_within_a_request_is_no_change() -> None:
    graph = memory()

    receipt = graph.commit(
        update(
            XSD + "INSERT DATA { GRAPH r:main { ex:a ex:p '01' } } ; "
            "DELETE DATA { GRAPH r:main { ex:a ex:p '01' } }"
        )
    )

    assert receipt.header is None


def test_values_are_recorded_as_the_engine_holds_them() -> None:
    found, sizes = done(
        XSD + "INSERT DATA { GRAPH r:main { ex:a ex:p '01'^^xsd:integer } }",
        "INSERT DATA { GRAPH r:main { ex:a ex:p 1 } }",
        XSD + "DELETE DATA { GRAPH r:main { ex:a ex:p '001'^^xsd:integer } }",
    )

    assert (found, sizes) == (set(), [1, 0, 1])


def test_blank_nodes_are_new_for_each_solution_and_shared_within_it() -> None:
    graph = memory()
    graph.commit(update(START))
    graph.commit(
        update(
            "INSERT { GRAPH r:new { ?s ex:has _:x . _:x ex:of ?s } } "
            "WHERE { GRAPH r:main { ?s ex:p ?o } }"
        )
    )

    quads = list(graph.view().quads("https://w3id.org/aimsgraph/graph/records/new"))

    nodes = {quad.object for quad in quads if isinstance(quad.object, ox.BlankNode)}
    assert len(quads) == 4
    assert len(nodes) == 2
    assert nodes == {quad.subject for quad in quads if isinstance(quad.subject, ox.BlankNode)}


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { ex:a ex:p 1 }",
        "INSERT { ?s ex:p 1 } WHERE { ?s ?p ?o }",
        "DELETE WHERE { ?s ex:p ?o }",
        "CLEAR DEFAULT",
        "COPY DEFAULT TO r:main",
        "MOVE r:main TO DEFAULT",
    ],
)
def test_the_union_cannot_be_written(text: str) -> None:
    graph = memory()
    graph.commit(update(START))

    with pytest.raises(QueryError, match=r"WITH|name a graph"):
        graph.commit(update(text))


@pytest.mark.parametrize("name", PROTECTED)
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH {g} { ex:a ex:p 1 } }",
        "DELETE DATA { GRAPH {g} { ex:a ex:p 1 } }",
        "DELETE WHERE { GRAPH {g} { ?s ?p ?o } }",
        "WITH {g} INSERT { ex:a ex:p 1 } WHERE { }",
        "INSERT { GRAPH ?g { ex:a ex:p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "CLEAR GRAPH {g}",
        "DROP SILENT GRAPH {g}",
        "CREATE GRAPH {g}",
        "COPY r:main TO {g}",
        "ADD r:main TO {g}",
        "MOVE r:main TO {g}",
        "MOVE {g} TO r:main",
    ],
)
def test_graphs_that_are_not_records_are_not_written(text: str, name: str) -> None:
    graph = memory()
    graph.commit(update(START))
    graph.commit(update(OWNED + "; INSERT DATA { GRAPH r:main { ex:x a aims:AISystem } }"))
    before = {str(quad) for quad in graph.view().quads()}

    with pytest.raises(AccessError, match="cannot be written"):
        graph.commit(update(text.replace("{g}", f"<{GRAPH}{name}>")))

    assert {str(quad) for quad in graph.view().quads()} == before


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <http://127.0.0.1/> INTO GRAPH r:main",
        "LOAD SILENT <file:///etc/passwd> INTO GRAPH r:main",
        "INSERT { GRAPH r:main { ?s ?p ?o } } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
    ],
)
def test_an_update_does_not_reach_out(text: str) -> None:
    with pytest.raises(RefusedQueryError):
        memory().commit(update(text))


@pytest.mark.parametrize("text", ["", "INSERT", "INSERT DATA { ?s ex:p 1 }", "SELECT * {}"])
def test_nonsense_is_said_to_be_nonsense(text: str) -> None:
    graph = memory()
    if not text:
        assert graph.commit(update(text)).header is None
        return
    with pytest.raises(QueryError, match="update"):
        graph.commit(update(text))


def test_a_request_that_fails_halfway_changes_nothing() -> None:
    graph = memory()
    graph.commit(update(START))
    before = records(graph)

    with pytest.raises(AimsGraphError):
        graph.commit(update("CLEAR GRAPH r:main ; MOVE r:none TO r:other"))

    assert records(graph) == before
