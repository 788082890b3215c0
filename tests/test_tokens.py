"""The token pass sees keywords and brackets only where SPARQL does."""

from __future__ import annotations

import pytest

from aimsgraph.errors import QueryError, RefusedQueryError
from aimsgraph.rdf.tokens import MAX_DEPTH, MAX_LENGTH, Dataset, dataset_of, guard
from aimsgraph.store.embedded import EmbeddedStore


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { sErViCe SILENT ?x { } }",
        "LOAD <file:///etc/passwd>",
        'SELECT * { ?s ?p "a" } # "\nSERVICE <http://x/> {}',
        "SELECT * { ?s ?p 'it\\'s' . SERVICE ?x {} }",
    ],
)
def test_refuses_what_reaches_out(text: str) -> None:
    with pytest.raises(RefusedQueryError, match="not allowed here"):
        guard(text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?s ?p "SERVICE <http://x/>" }',
        "SELECT * { ?s ?p ?service } # SERVICE and LOAD",
        "PREFIX x: <http://x/> SELECT * { ?s x:SERVICE ?load }",
        "SELECT * { <http://x/SERVICE> ?p '''LOAD\n''' }",
        "SELECT * { ?s <http://x/LOAD#SERVICE> ?o }",
        "PREFIX : <http://x/> SELECT * { ?s :LOAD ?o }",
    ],
)
def test_takes_the_same_words_where_they_are_no_keywords(text: str) -> None:
    assert guard(text)


def test_refuses_deep_nesting_before_the_parser() -> None:
    with pytest.raises(RefusedQueryError, match="nests deeper than 128"):
        guard("SELECT * " + "{" * 2500 + "}" * 2500)

    assert guard("SELECT * " + "{" * MAX_DEPTH + "}" * MAX_DEPTH)


def test_refuses_overlong_text() -> None:
    with pytest.raises(RefusedQueryError, match="characters"):
        guard("SELECT * { } #" + " " * MAX_LENGTH)


def test_reads_the_dataset_clauses() -> None:
    text = (
        "PREFIX g: <http://g/> SELECT * FROM g:a FROM <http://g/b> FROM NAMED g:c { ?s ?p 'FROM' }"
    )

    assert dataset_of(guard(text)) == Dataset(("http://g/a", "http://g/b"), ("http://g/c",))


def test_an_undeclared_prefix_after_from_is_named() -> None:
    with pytest.raises(RefusedQueryError, match="g:a"):
        dataset_of(guard("SELECT * FROM g:a { }"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SELECT * { ?s a aims:Risk }", "the prefix aims: is not declared"),
        ("SELEC * { }", "not valid SPARQL at or just before"),
        ("SELECT ?x { ?x ?y ?z } GROUP BY ?z", "contains a variable that is unbound"),
        ("INSERT DATA { <a:a> <a:b> <a:c> }", "not valid SPARQL"),
    ],
)
def test_a_syntax_error_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(QueryError, match=sentence) as caught:
        EmbeddedStore.memory().query(text, [])

    assert "\n" not in str(caught.value)


def test_from_narrows_and_never_widens() -> None:
    store = EmbeddedStore.memory()
    store.engine.update(
        "INSERT DATA { GRAPH <urn:a> { <urn:x> <urn:p> 1 } GRAPH <urn:b> { <urn:x> <urn:p> 2 } }"
    )

    everything = store.query("SELECT ?o { ?s ?p ?o } ORDER BY ?o", ["urn:a", "urn:b"])
    narrowed = store.query("SELECT ?o FROM <urn:b> { ?s ?p ?o }", ["urn:a", "urn:b"])
    forbidden = store.query("SELECT ?o FROM <urn:b> { ?s ?p ?o }", ["urn:a"])
    by_graph = store.query("SELECT ?o { GRAPH <urn:b> { ?s ?p ?o } }", ["urn:a"])

    assert len(everything.rows) == 2
    assert [str(row[0].value) for row in narrowed.rows if row[0] is not None] == ["2"]  # type: ignore[union-attr]
    assert not forbidden.rows
    assert not by_graph.rows


@pytest.mark.parametrize("name", ["iso42001:6.1.4", "iso42001:A.6.2.8", "iso42001:A\\.6\\.2\\.8"])
def test_names_with_dots_are_names(name: str) -> None:
    store = EmbeddedStore.memory()
    iri = "https://w3id.org/aimsgraph/iso42001/" + name.partition(":")[2].replace("\\", "")
    store.engine.update(f"INSERT DATA {{ GRAPH <urn:a> {{ <urn:x> <urn:p> <{iri}> }} }}")
    prefix = "PREFIX iso42001: <https://w3id.org/aimsgraph/iso42001/>"

    found = store.query(f"{prefix} SELECT ?s {{ ?s ?p {name}. }}", ["urn:a"])

    assert len(found.rows) == 1
