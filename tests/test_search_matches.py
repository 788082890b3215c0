"""In SPARQL, a triple with `aims:matches` stands for what its words find."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aimsgraph.errors import AimsGraphError, ParameterError, QueryError
from aimsgraph.graph import AimsGraph
from aimsgraph.rdf.matches import HOW, with_matches
from aimsgraph.rdf.terms import value_of
from aimsgraph.rdf.tokens import tokens
from aimsgraph.search import search as searching
from aimsgraph.search.search import Search
from search_support import EX, named, search_of, state
from tiny_support import memory

AIMS = "PREFIX aims: <https://w3id.org/aimsgraph#> "
TWO = "VALUES ?x { <urn:a> <urn:b> }"


def replaced(text: str) -> str:
    """Return a query in which every word finds two things, except `nothing`."""

    def hits(words: str) -> Sequence[str]:
        return [] if words == "nothing" else ["urn:a", "urn:b"]

    return with_matches(text, list(tokens(text)), hits)


WRITTEN = {
    AIMS + 'SELECT * { ?x aims:matches "w" . }': AIMS + f"SELECT * {{ {TWO} . }}",
    AIMS + 'SELECT * { ?x aims:matches "w" }': AIMS + f"SELECT * {{ {TWO} }}",
    AIMS + "SELECT * { $x aims:matches 'w' }": AIMS + f"SELECT * {{ {TWO.replace('?', '$')} }}",
    AIMS + 'ASK { ?x aims:matches """w"""@en-GB . ?x ?p ?o }': AIMS + f"ASK {{ {TWO} . ?x ?p ?o }}",
    AIMS + 'ASK { ?x aims:matches "nothing" }': AIMS + "ASK { VALUES ?x {  } }",
    'PREFIX a: <https://w3id.org/aimsgraph#> ASK { ?x a:matches "w" }': (
        f"PREFIX a: <https://w3id.org/aimsgraph#> ASK {{ {TWO} }}"
    ),
    'PREFIX : <https://w3id.org/aimsgraph#> ASK { ?x :matches "w" }': (
        f"PREFIX : <https://w3id.org/aimsgraph#> ASK {{ {TWO} }}"
    ),
    'PREFIX m: <https://w3id.org/aimsgraph#matches> ASK { ?x m: "w" }': (
        f"PREFIX m: <https://w3id.org/aimsgraph#matches> ASK {{ {TWO} }}"
    ),
    'BASE <https://w3id.org/aimsgraph> ASK { ?x <#matches> "w" }': (
        f"BASE <https://w3id.org/aimsgraph> ASK {{ {TWO} }}"
    ),
    'ASK { ?x <https://w3id.org/aimsgraph#matches> "w" }': f"ASK {{ {TWO} }}",
    'ASK { ?x <https://w3id.org/aimsgraph#matches> "w"^^'
    "<http://www.w3.org/2001/XMLSchema#string> }": f"ASK {{ {TWO} }}",
    AIMS + 'ASK { ?a ?b ?c . ?x aims:matches "w" FILTER(?c > 1) }': (
        AIMS + f"ASK {{ ?a ?b ?c . {TWO} FILTER(?c > 1) }}"
    ),
    AIMS + 'ASK { FILTER(?c > 1) ?x aims:matches "w" . ?y ?b ?c }': (
        AIMS + f"ASK {{ FILTER(?c > 1) {TWO} . ?y ?b ?c }}"
    ),
    AIMS + 'ASK { OPTIONAL { ?y ?b ?c } ?x aims:matches "w" }': (
        AIMS + f"ASK {{ OPTIONAL {{ ?y ?b ?c }} {TWO} }}"
    ),
    AIMS + 'CONSTRUCT { ?x ?p "w" } WHERE { ?x aims:matches "w" . ?x ?p ?o }': (
        AIMS + f'CONSTRUCT {{ ?x ?p "w" }} WHERE {{ {TWO} . ?x ?p ?o }}'
    ),
    AIMS + 'DESCRIBE ?x { ?x aims:matches "w" }': AIMS + f"DESCRIBE ?x {{ {TWO} }}",
    AIMS + 'SELECT * { { SELECT ?x { ?x aims:matches "w" } LIMIT 1 } }': (
        AIMS + f"SELECT * {{ {{ SELECT ?x {{ {TWO} }} LIMIT 1 }} }}"
    ),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_the_triple_becomes_inline_data(text: str) -> None:
    assert replaced(text) == WRITTEN[text]


def test_a_relative_name_is_resolved_against_the_base_of_the_protocol() -> None:
    text = 'ASK { ?x <#matches> "w" }'
    found = with_matches(text, list(tokens(text)), lambda _: [], "https://w3id.org/aimsgraph")
    assert found == "ASK { VALUES ?x {  } }"


LEFT = [
    AIMS + 'ASK { ?x ?p "aims:matches" } # ?x aims:matches "w"',
    "PREFIX aims: <https://example.org/> ASK { ?x aims:matches 'w' }",
    AIMS + "ASK { ?x aims:matchesNot 'w' }",
    AIMS + "ASK { VALUES ?p { aims:matches } ?p ?q ?r }",
    "ASK { ?x <https://example.org/matches> 'w' }",
    'ASK { ?x aims:matches "w" }',
]


@pytest.mark.parametrize("text", LEFT)
def test_what_is_no_use_of_it_is_left_as_it_is(text: str) -> None:
    assert replaced(text) == text


REFUSED = [
    'SELECT * { ?x a ?t ; aims:matches "w" }',
    'SELECT * { ?x aims:matches "w" ; a ?t }',
    'SELECT * { ?x aims:matches "w" , "v" }',
    "SELECT * { ?x aims:matches ?words }",
    "SELECT * { ?x aims:matches 5 }",
    'SELECT * { ?x aims:matches "5"^^aims:number }',
    'SELECT * { <urn:a> aims:matches "w" }',
    'SELECT * { [] aims:matches "w" }',
    'SELECT * { [ aims:matches "w" ] ?p ?o }',
    'SELECT * { ?x aims:matches+ "w" }',
    'SELECT * { ?x ^aims:matches "w" }',
    'SELECT * { ?x aims:matches/aims:other "w" }',
    "SELECT * { ?x ?p aims:matches }",
    "SELECT * { ?x ?p ?o FILTER(?p = aims:matches) }",
    'CONSTRUCT { ?x aims:matches "w" } WHERE { ?x ?p ?o }',
    'CONSTRUCT WHERE { ?x aims:matches "w" }',
    "DESCRIBE aims:matches",
    'DELETE { ?x ?p ?o } WHERE { ?x aims:matches "w" . ?x ?p ?o }',
    'INSERT DATA { <urn:a> aims:matches "w" }',
    'WITH <urn:g> DELETE { ?x ?p ?o } WHERE { ?x aims:matches "w" . ?x ?p ?o }',
    "SELECT * { ?x aims:matches",
    'SELECT * { ?x aims:matches "\\q" }',
]


@pytest.mark.parametrize("text", REFUSED)
def test_every_other_use_is_refused_with_the_way_to_write_it(text: str) -> None:
    with pytest.raises(QueryError) as told:
        replaced(AIMS + text)
    assert str(told.value) == HOW


@pytest.mark.parametrize(
    ("literal", "words"),
    [
        (r'"a \"b\" c"', 'a "b" c'),
        (r"'\u0061\t*'", "a\t*"),
        ("'''it's\nso'''", "it's\nso"),
        ('"} . ?y ?p ?o"', "} . ?y ?p ?o"),
    ],
)
def test_the_words_are_those_of_the_literal(literal: str, words: str) -> None:
    asked: list[str] = []
    text = f"{AIMS} ASK {{ ?x aims:matches {literal} . ?y aims:matches {literal} }}"

    with_matches(text, list(tokens(text)), lambda found: asked.append(found) or [])  # type: ignore[func-returns-value]

    assert asked == [words]


@pytest.fixture(scope="module")
def graph() -> AimsGraph:
    """Return a graph of a few named things."""
    graph = memory()
    state(graph, named([("a", "alpha one"), ("b", "alpha two"), ("c", "beta")]))
    return graph


@pytest.fixture(scope="module")
def search(graph: AimsGraph) -> Search:
    """Return its search."""
    return search_of(graph)


def asked(graph: AimsGraph, search: Search, pattern: str) -> list[str]:
    """Return the things that a pattern finds."""
    view = graph.view()
    text = f"{AIMS} SELECT DISTINCT ?x {{ {pattern} }} ORDER BY ?x"
    query = with_matches(text, list(tokens(text)), lambda words: search.things(view, words))
    return [value_of(row[0]).removeprefix(EX) for row in view.ask(query).rows]


@pytest.mark.parametrize(
    ("pattern", "things"),
    [
        ('?x aims:matches "alpha" .', ["a", "b"]),
        ('?x aims:matches "alpha" . ?x aims:matches "two"', ["b"]),
        ('{ ?x aims:matches "one" } UNION { ?x aims:matches "beta" . }', ["a", "c"]),
        ('?x ?p ?o FILTER EXISTS { ?x aims:matches "alpha" . }', ["a", "b"]),
        ('VALUES ?n { 1 } ?x ?p "beta" . MINUS { ?x aims:matches "alpha" }', ["c"]),
        ('GRAPH ?g { ?x aims:matches "beta" . ?x ?p ?o }', ["c"]),
        ('?x aims:matches "gamma" . ?x ?p ?o', []),
    ],
)
def test_it_joins_with_the_rest_of_a_query(
    graph: AimsGraph, search: Search, pattern: str, things: list[str]
) -> None:
    assert asked(graph, search, pattern) == things


def test_too_many_hits_are_an_error_and_not_cut(
    graph: AimsGraph, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_IN_SPARQL", 1)

    assert asked(graph, search, '?x aims:matches "beta"') == ["c"]
    with pytest.raises(QueryError, match="finds more than 1 things with 'alpha'; give more words"):
        asked(graph, search, '?x aims:matches "alpha"')


def test_words_that_cannot_be_searched_for_are_told(graph: AimsGraph, search: Search) -> None:
    with pytest.raises(ParameterError, match="nothing to search for") as told:
        asked(graph, search, '?x aims:matches "?"')
    assert isinstance(told.value, AimsGraphError)
