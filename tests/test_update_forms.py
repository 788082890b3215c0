"""SPARQL Update in every operation form, where the default graph is the union of all graphs."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from aimsgraph import Change
from aimsgraph.errors import AimsGraphError, QueryError, RefusedQueryError
from aimsgraph.namespaces import GRAPH
from tiny_support import OWNED, SYSTEM, memory, update
from update_support import ONE, THREE, TWO, XSD, begun, delta, everything, records

ALL = {ONE, TWO, THREE}
IN_OTHER = {one.replace("main", "other") for one in (ONE, TWO)}
IN_MAIN = {THREE.replace("other", "main")}


@pytest.mark.parametrize(
    ("text", "added", "removed"),
    [
        ("DELETE DATA { GRAPH r:main { ex:a ex:p 1 } }", (), {ONE}),
        ("DELETE DATA { GRAPH r:main { ex:a ex:p 9 } }", (), ()),
        ("DELETE WHERE { GRAPH r:main { ?s ex:p ?o } }", (), {ONE, TWO}),
        ("WITH r:main DELETE { ?s ex:p ?o } WHERE { ?s ex:p ?o FILTER(?o > 1) }", (), {TWO}),
        (
            "WITH r:main DELETE { ?s ex:p ?o } INSERT { ?s ex:q ?o } WHERE { ?s ex:p ?o }",
            {ONE.replace("<p>", "<q>"), TWO.replace("<p>", "<q>")},
            {ONE, TWO},
        ),
        ("INSERT { GRAPH r:other { ?s ex:p ?o } } USING r:main WHERE { ?s ?p ?o }", IN_OTHER, ()),
        (
            "DELETE { GRAPH ?g { ?s ?p ?o } } USING NAMED r:other WHERE { GRAPH ?g { ?s ?p ?o } }",
            (),
            {THREE},
        ),
        ("INSERT { GRAPH r:main { ?s ex:p 1 } } WHERE { ?s ex:q 3 }", (), ()),
        ("CLEAR GRAPH r:main", (), {ONE, TWO}),
        ("DROP GRAPH r:main", (), {ONE, TWO}),
        ("CLEAR NAMED", (), ALL),
        ("DROP ALL", (), ALL),
        ("COPY r:main TO r:other", IN_OTHER, {THREE}),
        ("MOVE r:other TO r:main", IN_MAIN, ALL),
        ("ADD r:other TO r:main", IN_MAIN, ()),
        ("COPY SILENT r:none TO r:main", (), ()),
        ("CREATE GRAPH r:new", (), ()),
        ("CREATE SILENT GRAPH r:main", (), ()),
        (
            "CLEAR GRAPH r:main ; INSERT { GRAPH r:main { ex:a ex:q 3 } } WHERE { ?s ex:p ?o }",
            (),
            {ONE, TWO},
        ),
        (
            "CLEAR GRAPH r:main ; "
            "INSERT { GRAPH r:main { ?s ex:q ?o } } WHERE { GRAPH r:other { ?s ?p ?o } }",
            IN_MAIN,
            {ONE, TWO},
        ),
        ("INSERT DATA { GRAPH r:main { ex:a ex:p 1 . ex:a ex:p 5 } }", {"<a> <p> 5 <main>"}, ()),
        ("DELETE DATA { GRAPH r:main { ex:a ex:p 1 , 9 } }", (), {ONE}),
        ("WITH r:main DELETE { ?s ?p ?o } INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }", (), ()),
        (
            "WITH r:main DELETE { ?s ?p ?o } INSERT { ?s ?p 2 } WHERE { ?s ?p ?o }",
            {"<a> <p> 2 <main>"},
            {ONE},
        ),
        (
            "WITH r:main INSERT { ?s ex:r ?o } USING r:other WHERE { ?s ?p ?o }",
            {"<a> <r> 3 <main>"},
            (),
        ),
        (
            "WITH r:main INSERT { ?s ex:r ?g } "
            "USING r:main USING NAMED r:other WHERE { ?s ex:p 1 GRAPH ?g { ?s ?p ?o } }",
            {"<a> <r> <other> <main>"},
            (),
        ),
        ("WITH r:main INSERT { ?s ex:r 1 } USING NAMED r:other WHERE { ?s ?p ?o }", (), ()),
        ("WITH r:other DELETE { GRAPH r:main { ?s ex:p ?o } } WHERE { ?s ex:q 3 ; ?p ?o }", (), ()),
        (
            "DELETE WHERE { GRAPH ?g { ex:a ?p ?o } GRAPH r:other { ex:a ex:q 3 } }",
            (),
            {ONE, THREE},
        ),
        ("CLEAR ALL ; INSERT DATA { GRAPH r:main { ex:b ex:p 2 } }", (), {ONE, THREE}),
        ("COPY r:main TO r:other ; COPY r:other TO r:main", IN_OTHER, {THREE}),
        ("MOVE r:main TO r:new ; MOVE r:new TO r:main", (), ()),
        ("ADD r:main TO r:main ; COPY r:main TO r:main ; MOVE r:main TO r:main", (), ()),
        ("MOVE SILENT r:none TO r:main ; ADD SILENT r:none TO r:main", (), ()),
        ("CLEAR GRAPH r:none ; CLEAR SILENT GRAPH r:none ; DROP GRAPH r:none", (), ()),
        (
            "INSERT { GRAPH ?g { ?s ex:p 1 } } WHERE { VALUES (?g ?s) { (UNDEF ex:c) (1 ex:c) "
            "(r:main 'text') (r:main UNDEF) (r:main ex:c) } }",
            {"<c> <p> 1 <main>"},
            (),
        ),
    ],
)
def test_an_operation_does_what_it_says_and_its_changeset_is_the_net_delta(
    text: str, added: set[str] | tuple[()], removed: set[str] | tuple[()]
) -> None:
    graph = begun()

    receipt = graph.commit(update(text))

    assert records(graph) == (ALL - set(removed)) | set(added)
    assert delta(graph, receipt) == (set(added), set(removed))


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
    graph = memory()

    receipts = [
        graph.commit(update(XSD + text))
        for text in (
            "INSERT DATA { GRAPH r:main { ex:a ex:p '01'^^xsd:integer } }",
            "INSERT DATA { GRAPH r:main { ex:a ex:p 1 } }",
            "DELETE DATA { GRAPH r:main { ex:a ex:p '001'^^xsd:integer } }",
        )
    ]

    assert records(graph) == set()
    assert [one.added + one.removed for one in receipts] == [1, 0, 1]


def test_values_are_taken_away_as_they_were_recorded() -> None:
    group = "{ GRAPH r:main { ex:a ex:p '01'^^xsd:integer } }"
    computed = "BIND(STRDT('001', xsd:integer) AS ?v)"
    for text in (
        f"INSERT DATA {group} ; DELETE DATA {group}",
        f"WITH r:main DELETE {{ ex:a ex:p ?v }} WHERE {{ {computed} }}",
    ):
        graph = begun()

        assert delta(graph, graph.commit(update(XSD + text))) == (set(), {ONE})


def test_blank_nodes_are_new_for_each_solution_and_shared_within_it() -> None:
    graph = begun()
    graph.commit(
        update(
            "INSERT { GRAPH r:new { ?s ex:has _:x . _:x ex:of ?s } } "
            "WHERE { GRAPH r:main { ?s ex:p ?o } }"
        )
    )

    quads = list(graph.view().quads(f"{GRAPH}records/new"))

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
    graph = begun()

    with pytest.raises(QueryError, match=r"WITH|name a graph"):
        graph.commit(update(text))


@pytest.mark.parametrize("text", ["CLEAR ALL", "DROP ALL", "CLEAR NAMED", "DROP SILENT NAMED"])
def test_clearing_all_clears_the_records_only(text: str) -> None:
    graph = memory()
    kept = {one for one in everything(graph) if f"<{GRAPH}history>" not in one}
    graph.commit(update(f"{SYSTEM} ; {OWNED}"))

    graph.commit(update(text))

    left = {one for one in everything(graph) if f"<{GRAPH}history>" not in one}
    assert not any(f"<{GRAPH}records/" in one for one in left)
    assert {one for one in kept if f"<{GRAPH}workspace>" not in one} <= left


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


@pytest.mark.parametrize(
    "text",
    ["CLEAR GRAPH r:main ; MOVE r:none TO r:other", "CLEAR ALL ; COPY r:main TO r:other"],
)
def test_a_request_that_fails_halfway_leaves_every_quad_as_it_was(text: str) -> None:
    graph = begun()
    before = everything(graph)

    with pytest.raises(AimsGraphError):
        graph.commit(update(text))

    assert everything(graph) == before
    assert graph.commit(Change()).header is None
