"""SPARQL Update where the suites are silent: exact changesets, prologues, templates, SILENT.

What each operation form does to the records is in `tests/test_update_forms.py`.
"""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from aimsgraph import Change, Update
from aimsgraph.errors import AccessError, AimsGraphError, QueryError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.changeset import Changeset
from aimsgraph.namespaces import GRAPH
from aimsgraph.settings import Settings
from tiny_support import OWNED, SYSTEM, memory, update

XSD = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
START = "INSERT DATA { GRAPH r:main { ex:a ex:p 1 . ex:b ex:p 2 } GRAPH r:other { ex:a ex:q 3 } }"
PROTECTED = ("ontology", "inferred", "conformity", "history", "shapes", "queries", "workspace")
UNNAMED_MODE = Settings(default_graph="unnamed")


def short(quad: ox.Quad) -> str:
    """Return a quad with short names, its value without its datatype."""
    text = str(quad).replace("https://example.org/", "").replace(f"{GRAPH}records/", "")
    return text.replace("^^<http://www.w3.org/2001/XMLSchema#integer>", "")


def delta(changeset: Changeset) -> tuple[set[str], set[str]]:
    """Return what somebody stated to enter and to leave; derived graphs are left out."""
    derived = tuple(f"<{GRAPH}{name}>" for name in ("inferred", "conformity"))
    added, removed = (
        {short(one) for one in quads if not str(one.graph_name).startswith(derived)}
        for quads in (changeset.added(), changeset.removed())
    )
    return added, removed


def changed(text: str) -> tuple[set[str], set[str]]:
    """Return what a request adds to and takes from the beginning."""
    graph = memory()
    graph.commit(update(START))
    receipt = graph.commit(update(text))
    if receipt.header is None:
        return set(), set()
    return delta(graph.changeset(receipt.generation))


ONE, TWO, THREE = '<a> <p> "1" <main>', '<b> <p> "2" <main>', '<a> <q> "3" <other>'


@pytest.mark.parametrize(
    ("text", "added", "removed"),
    [
        ("INSERT DATA { GRAPH r:main { ex:a ex:p 1 . ex:a ex:p 5 } }", {'<a> <p> "5" <main>'}, ()),
        ("DELETE DATA { GRAPH r:main { ex:a ex:p 1 , 9 } }", (), {ONE}),
        ("WITH r:main DELETE { ?s ?p ?o } INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }", (), ()),
        (
            "WITH r:main DELETE { ?s ?p ?o } INSERT { ?s ?p 2 } WHERE { ?s ?p ?o }",
            {'<a> <p> "2" <main>'},
            {ONE},
        ),
        (
            "WITH r:main INSERT { ?s ex:r ?o } USING r:other WHERE { ?s ?p ?o }",
            {'<a> <r> "3" <main>'},
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
        ("COPY r:main TO r:other ; COPY r:other TO r:main", {
            ONE.replace("main", "other"), TWO.replace("main", "other")}, {THREE}),
        ("MOVE r:main TO r:new ; MOVE r:new TO r:main", (), ()),
        ("ADD r:main TO r:main ; COPY r:main TO r:main ; MOVE r:main TO r:main", (), ()),
        ("MOVE SILENT r:none TO r:main ; ADD SILENT r:none TO r:main", (), ()),
        ("CLEAR GRAPH r:none ; CLEAR SILENT GRAPH r:none ; DROP GRAPH r:none", (), ()),
        ("INSERT { GRAPH ?g { ?s ex:p 1 } } WHERE { VALUES (?g ?s) { (UNDEF ex:c) (1 ex:c) "
         "(r:main 'text') (r:main UNDEF) (r:main ex:c) } }", {'<c> <p> "1" <main>'}, ()),
    ],
)  # fmt: skip
def test_a_changeset_is_the_net_delta(
    text: str, added: set[str] | tuple[()], removed: set[str] | tuple[()]
) -> None:
    assert changed(text) == (set(added), set(removed))


def test_values_are_taken_away_as_they_were_recorded() -> None:
    text = "{ GRAPH r:main { ex:a ex:p '01'^^xsd:integer } }"

    assert changed(f"{XSD} INSERT DATA {text} ; DELETE DATA {text}") == (set(), {ONE})
    computed = "BIND(STRDT('001', xsd:integer) AS ?v)"
    written = f"{XSD} WITH r:main DELETE {{ ex:a ex:p ?v }} WHERE {{ {computed} }}"
    assert changed(written) == (set(), {ONE})


def unnamed(text: str) -> set[str]:
    """Return what a request puts into the graph without a name."""
    graph = memory(UNNAMED_MODE)
    graph.commit(Update(text))
    return {short(quad) for quad in graph.view().quads("")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "PREFIX e: <urn:1/> INSERT DATA { e:a e:b e:c } ;\n"
            "PREFIX e: <urn:2/> INSERT DATA { e:a.b.c <urn:b> e:c }",
            {"<urn:1/a> <urn:1/b> <urn:1/c>", "<urn:2/a.b.c> <urn:b> <urn:2/c>"},
        ),
        (
            "BASE <http://x/y/> INSERT DATA { <a> <b> <c> } ; BASE <../z/> PREFIX : <#> "
            "INSERT DATA { <a> :b <c> } ; PREFIX unused: <urn:unused>",
            {
                "<http://x/y/a> <http://x/y/b> <http://x/y/c>",
                "<http://x/z/a> <http://x/z/#b> <http://x/z/c>",
            },
        ),
        ("INSERT { <urn:a> <urn:b> 1 } WHERE { BIND(1 AS ?any_) }", {'<urn:a> <urn:b> "1"'}),
        ("INSERT { ?s <urn:b> '?s }' } # ?s }\n WHERE { BIND(<urn:a> AS $s) # }\n }",
         {'<urn:a> <urn:b> "?s }"'}),
    ],
)  # fmt: skip
def test_a_request_means_what_the_grammar_says(text: str, expected: set[str]) -> None:
    assert unnamed(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("CLEAR ALL ;\nINSERT DATA { e:a e:b e:c } ;\nPREFIX e: <urn:1/> CLEAR ALL", "line 2"),
        ("CLEAR ALL ;\nPREFIX e <urn:1/> CLEAR ALL", "line 2"),
        ("CLEAR ALL ;; CLEAR ALL", "no operation before a ';'"),
        ("INSERT DATA { _:x <urn:p> 1 } ; INSERT DATA { _:x <urn:p> 2 }", "_:x"),
        ("INSERT { 'text' <urn:p> 1 } WHERE { }", "never a subject"),
        ("BASE <urn:x> " * 101 + "CLEAR ALL", "more than 100"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        memory(UNNAMED_MODE).commit(Update(text))


def test_many_declarations_do_not_add_up() -> None:
    text = "".join(f"PREFIX p{n}: <urn:{n}/> CLEAR ALL ; " for n in range(2000))

    assert unnamed(f"{text} INSERT DATA {{ p7:a p8:b p9:c }}") == {"<urn:7/a> <urn:8/b> <urn:9/c>"}


def test_blank_nodes_within_triple_terms_are_new_for_each_solution() -> None:
    written = unnamed(
        "INSERT DATA { <urn:a> <urn:p> 1, 2, 3 } ; "
        "INSERT { <urn:x> <urn:p> <<( _:b <urn:q> _:b )>> } WHERE { <urn:a> <urn:p> ?o }"
    )

    assert len(written) == 6


@pytest.mark.parametrize("name", PROTECTED)
@pytest.mark.parametrize(
    "text",
    [
        "DELETE { GRAPH {g} { ?s ?p ?o } } WHERE { GRAPH r:main { ?s ?p ?o } }",
        "WITH {g} DELETE { ?s ?p ?o } WHERE { GRAPH r:main { ?s ?p ?o } }",
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { VALUES ?g { {g} } GRAPH r:main { ?s ?p ?o } }",
        "CLEAR SILENT GRAPH {g}",
        "CREATE SILENT GRAPH {g}",
        "COPY SILENT r:main TO {g}",
        "ADD SILENT {g} TO {g}",
        "MOVE SILENT {g} TO r:main",
        "INSERT DATA { GRAPH r:main { ex:ok ex:p 1 } } ; INSERT DATA { GRAPH {g} { ex:a ex:p 1 } }",
    ],
)
def test_silent_is_no_way_into_a_graph_that_is_not_of_records(text: str, name: str) -> None:
    graph = memory()
    graph.commit(update(START))
    before = everything(graph)

    with pytest.raises(AccessError, match="cannot be written"):
        graph.commit(update(text.replace("{g}", f"<{GRAPH}{name}>")))

    assert everything(graph) == before


@pytest.mark.parametrize("text", ["CLEAR ALL", "DROP ALL", "CLEAR NAMED", "DROP SILENT NAMED"])
def test_clearing_all_clears_the_records_only(text: str) -> None:
    graph = memory()
    kept = {one for one in everything(graph) if f"<{GRAPH}history>" not in one}
    graph.commit(update(f"{SYSTEM} ; {OWNED}"))

    graph.commit(update(text))

    left = {one for one in everything(graph) if f"<{GRAPH}history>" not in one}
    assert not any(f"<{GRAPH}records/" in one for one in left)
    assert {one for one in kept if f"<{GRAPH}workspace>" not in one} <= left


def test_a_request_that_fails_late_leaves_every_quad_as_it_was() -> None:
    graph = memory()
    graph.commit(update(START))
    before = everything(graph)

    with pytest.raises(AimsGraphError):
        graph.commit(update("CLEAR ALL ; COPY r:main TO r:other"))

    assert everything(graph) == before
    assert graph.commit(Change()).header is None


def everything(graph: AimsGraph) -> set[str]:
    """Return all quads, those of our own graphs too."""
    return {str(quad) for quad in graph.view().quads()}
