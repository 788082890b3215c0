"""The token pass sees keywords and brackets only where SPARQL does."""

from __future__ import annotations

import contextlib
import time

import pyoxigraph as ox
import pytest

from aimsgraph.errors import QueryError, RefusedQueryError
from aimsgraph.rdf.tokens import (
    MAX_CHAIN,
    MAX_DEPTH,
    MAX_LENGTH,
    Dataset,
    dataset_of,
    guard,
    tokens,
    with_full_iris,
)
from aimsgraph.store.embedded import EmbeddedStore


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT * { sErViCe SILENT ?x { } }",
        "LOAD <file:///etc/passwd>",
        'SELECT * { ?s ?p "a" } # "\nSERVICE <http://x/> {}',
        "SELECT * { ?s ?p 'it\\'s' . SERVICE ?x {} }",
        "SELECT * { SERVICE#comment\n<http://x/> {} }",
        "SELECT * { ?s ?p trueSERVICE<http://x/>{} }",
        "SELECT * { SERVICESILENT<http://x/>{} }",
        "PREFIX a: <http://x/> SELECT * { SERVICEa:b {} }",
        "PREFIX a: <http://x/> SELECT * { SERVICESILENTa:b {} }",
        "PREFIX : <http://x/> PREFIX load: <rel> LOADload:x",
        "PREFIXa: <http://x/> SELECT * { ?s ?p a:x.y.SERVICE <http://x/> {} }",
        "SELECT * { ?s ?p _:x.SERVICE <http://x/> {} }",
        "SELECT * { ?s <\\u0061:'> ?o . SERVICE <http://x/> {} } # '",
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
        "PREFIX service: <http://x/> SELECT * { ?s service:x.load ?o }",
        "SELECT * { ?s <\\u0061:SERVICE'> ?o . ?s ?p 'x' }",
        "SELECT * { ?s ?p _:load , _:x-y , 'SERVICE\\u0027' }",
    ],
)
def test_takes_the_same_words_where_they_are_no_keywords(text: str) -> None:
    assert guard(text)


AT_HOME = "http://127.0.0.1:9/"


@pytest.mark.parametrize(
    "pattern",
    [
        "FILTER(?a <b:c#d>'''\n) SERVICE <http://127.0.0.1:9/> {} #'''",
        "FILTER(?a\u00b7 <b:c#d>'''\n) SERVICE <http://127.0.0.1:9/> {} #'''",
        "FILTER(COALESCE(?a <b:c,'>,?z,')) SERVICE a:b {} #'",
        "service:x { ?s ?p ?o }",
    ],
)
def test_what_the_engine_could_read_in_two_ways_is_written_in_one(pattern: str) -> None:
    prefixes = f"PREFIX a: <{AT_HOME}> PREFIX : <{AT_HOME}> PREFIX b: <u:> PREFIX service: <u:> "
    text = f"{prefixes} ASK {{ {pattern}\n}}"
    ox.Store().query(text.replace("SERVICE", "SERVICE SILENT").replace("service:x", ":x ?p ?o . "))

    with pytest.raises(SyntaxError):
        ox.Store().query(with_full_iris(text, guard(text)))


@pytest.mark.parametrize(
    "pattern",
    [
        "VALUES ?x { '''abc' } SERVICE <http://127.0.0.1:9/> {} #\\z'''\n",
        "VALUES ?x { '''abc' } SERVICE <http://127.0.0.1:9/> {} #\\uD800'''\n",
        "?s ?p 'a\nb'",
        "?s ?p 'never ends",
        '?s ?p "never ends\\',
        "?s ?p \\u0053ERVICE",
        "?s ?p '''''",
    ],
)
def test_a_string_that_can_be_read_in_two_ways_is_refused(pattern: str) -> None:
    with pytest.raises(RefusedQueryError, match=r"cannot be read at line 2, column"):
        guard(f"ASK {{\n{pattern} }}")


def test_a_word_that_is_allowed_passes_alone() -> None:
    assert guard("SELECT * { SERVICE <http://x/> {} }", {"SERVICE"})
    for text in ("LOAD <http://x/>", "SELECT * { trueSERVICE <http://x/> {} }"):
        with pytest.raises(RefusedQueryError, match="not allowed here"):
            guard(text, {"SERVICE"})


def chain(before: str, link: str, after: str) -> tuple[str, str]:
    """Return a text with half a chain, and one with two."""
    few, many = MAX_CHAIN // 2, MAX_CHAIN * 2
    return before + link * few + after, before + link * many + after


@pytest.mark.parametrize(
    ("short", "long"),
    [
        chain("SELECT * {?s ?p ?o FILTER(", "!", "true)}"),
        chain("SELECT * {?s ?p ?o FILTER(", "! ", "true)}"),
        chain("SELECT * {?s ?p ?o FILTER(?o", "+?o", ">1)}"),
        chain("SELECT * {?s ?p ?o FILTER(1", "-1", ">1)}"),
        chain("SELECT * {?s ?p ?o FILTER(?o", "||?o", ")}"),
        chain("SELECT * {?s ?p ?o FILTER(?o", "&&?o", ")}"),
        chain("SELECT * {?s (<a:>", "|<a:>", ") ?o}"),
        chain("SELECT * {?s ?p ?o ", "MINUS{?s ?p 5}", "}"),
        chain("SELECT * {{?s ?p ?o}", "UNION{?s ?p 5}", "}"),
        chain("SELECT * {?s ?p ?o ", "FILTER(?o)", "}"),
        chain("SELECT (1 AS ?x)", "(1 AS ?y)", "{}"),
    ],
)
def test_a_long_chain_is_refused_before_the_parser(short: str, long: str) -> None:
    assert guard(short)
    with pytest.raises(RefusedQueryError, match="chains more than 1,000"):
        guard(long)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { VALUES ?x {" + "-1 " * 20_000 + "} }",
        "SELECT * { ?s ?p ?o FILTER(?o IN (1" + ",1" * 50_000 + ")) }",
        "INSERT DATA { " + "<a:a> <a:b> -1 . " * 5_000 + "}",
        "SELECT * { VALUES (?x ?y) {" + "(<a:> <b:>)" * 10_000 + "} }",
    ],
)
def test_a_long_list_is_no_chain(text: str) -> None:
    assert guard(text)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            '"',
            "'",
            "\\",
            "<",
            "<a",
            "_:",
            "a-",
            "a.",
            "a:",
            "a:b.",
            "?x ",
            "1.",
            "@a-",
            "#",
            "# \n",
        ),
        *("(", "{", "!", "''", "'a'", '"\n', '"""a', "'''", "'\\u00", "é", "service:a ", "1e", "%"),
    ],
)
def test_the_pass_takes_time_by_the_length_and_no_more(piece: str) -> None:
    text = (piece * MAX_LENGTH)[:MAX_LENGTH]
    begun = time.process_time()

    found = list(tokens(text))
    with contextlib.suppress(RefusedQueryError):
        guard(text)
    with_full_iris(text, found)

    assert time.process_time() - begun < 10


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
