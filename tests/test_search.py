"""What people find: all words, phrases and beginnings, what is called so first."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.errors import ParameterError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.delta import Delta
from aimsgraph.namespaces import RDFS, RECORDS_GRAPHS
from aimsgraph.rdf.terms import graph_node
from aimsgraph.search.search import COUNTED, DEEPEST, Search
from aimsgraph.search.snippets import Snippet
from aimsgraph.search.texts import COLUMN_FOR_PREDICATE, COLUMNS, NOT_SEARCHED
from aimsgraph.search.words import LONGEST, MOST_WORDS, Words
from search_support import EX, found, named, search_of, state
from tiny_support import memory

LABEL = f"{RDFS}label"

RECORDS = """
ex:bot rdfs:label "Support chatbot"@en ; dct:identifier "A.6.2.4" ;
    dct:description "Answers questions about café bills, in Swedish; not for credit." .
ex:credit rdfs:label "credit scoring" ; dct:description "Decides on the credit of persons." .
ex:creditworthiness rdfs:label "Credit" .
ex:credits rdfs:label "credit notes of ages past" .
ex:part rdfs:label "Control A.6.2.4.1" ; dct:identifier "A.6.2.4.1" .
ex:govern dct:identifier "GOVERN-1.1" ; rdfs:label "Legal duties" .
ex:strasse rdfs:label "Straßenbahn ΟΔΟΣ" .
ex:number dct:identifier 4711 .
[] rdfs:label "a nameless chatbot" .
"""


@pytest.fixture(scope="module")
def graph() -> AimsGraph:
    """Return a graph with a few things in it."""
    graph = memory()
    state(graph, RECORDS)
    return graph


@pytest.fixture(scope="module")
def search(graph: AimsGraph) -> Search:
    """Return its search."""
    return search_of(graph)


FINDS = {
    "chatbot": ["bot"],
    "support CHATBOT": ["bot"],
    "chatbot support": ["bot"],
    "chatbot scoring": [],
    '"support chatbot"': ["bot"],
    '"chatbot support"': [],
    '"chatbot support': ["bot"],
    "chat": [],
    "chat*": ["bot"],
    '"support cha"*': ["bot"],
    "A.6.2.4": ["bot", "part"],
    "a 6 2 4": ["bot", "part"],
    "A.6.2.4.1": ["part"],
    "GOVERN-1.1": ["govern"],
    "govern 1.1 duties": ["govern"],
    "credit": ["creditworthiness", "credit", "credits", "bot"],
    "CAFE": ["bot"],
    "caf\u00e9": ["bot"],
    "cafe\u0301": ["bot"],
    "οδος": ["strasse"],
    "4711": ["number"],
    "chatbot \N{ROBOT FACE} - !": ["bot"],
    "chatbot answers": ["bot"],
    '"chatbot answers"': [],
    "nameless": [],
}


@pytest.mark.parametrize("text", FINDS, ids=list(FINDS))
def test_finds_what_has_all_words_and_what_is_called_so_first(
    search: Search, graph: AimsGraph, text: str
) -> None:
    assert found(search, graph.view(), text) == FINDS[text]


HOSTILE = {
    "a AND": [],
    "OR": [],
    "chatbot OR": [],
    "NOT chatbot": ["bot"],
    "NEAR(a b, 3)": [],
    "name : chatbot": [],
    "{name identifier} : x": [],
    "^chatbot": ["bot"],
    "chatbot + support": ["bot"],
    "-chatbot": ["bot"],
    "* chatbot": ["bot"],
    "chat*bot*": [],
    "'; DROP TABLE words; --": [],
    '" OR 1=1 --': [],
    "words MATCH 'x'": [],
    "chatbot\0support": ["bot"],
    "\ud800chatbot": ["bot"],
    "\x02chatbot\x03": ["bot"],
    "\ue000 chatbot": ["bot"],
    "?1 :a @b $c": [],
}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_that_is_typed_is_an_operator(search: Search, graph: AimsGraph, text: str) -> None:
    assert found(search, graph.view(), text) == HOSTILE[text]
    assert found(search, graph.view(), "chatbot") == ["bot"]


@pytest.mark.parametrize(
    ("text", "limit", "offset", "reason"),
    [
        ("", 1, 0, "nothing to search for"),
        ("  - * ", 1, 0, "nothing to search for"),
        ('""""', 1, 0, "nothing to search for"),
        ("(((%_%", 1, 0, "nothing to search for"),
        ("\0\ue000", 1, 0, "nothing to search for"),
        ("x" * (LONGEST + 1), 1, 0, "501 characters"),
        ("x " * (MOST_WORDS + 1), 1, 0, "33 words"),
        ("x", 0, 0, "from 1 to 100"),
        ("x", 101, 0, "from 1 to 100"),
        ("x", 1, -1, "first 1,000"),
        ("x", 1, DEEPEST, "first 1,000"),
    ],
)
def test_says_what_cannot_be_searched_for(
    search: Search, graph: AimsGraph, text: str, limit: int, offset: int, reason: str
) -> None:
    with pytest.raises(ParameterError, match=reason):
        search.find(graph.view(), text, limit, offset)


def test_every_word_is_quoted() -> None:
    assert Words.read('one "two  three"* A.5 ! fo*').match == (
        '"one" AND "two three"* AND "A.5" AND "fo"*'
    )


def test_a_hit_tells_what_it_is_and_shows_what_matched(search: Search, graph: AimsGraph) -> None:
    (hit,) = search.find(graph.view(), "swedish bill*").hits

    assert (hit.label, hit.predicate) == ("Support chatbot", "http://purl.org/dc/terms/description")
    assert [part for part, is_match in hit.snippet.parts if is_match] == ["bills", "Swedish"]
    assert "".join(part for part, _ in hit.snippet.parts) == hit.snippet.text


def test_a_hit_is_called_by_its_type(search: Search, graph: AimsGraph) -> None:
    (hit,) = search.find(graph.view(), '"AI system"', limit=1).hits
    assert (hit.label, hit.type) == ("AI system", "owl:Class")


def test_a_long_text_is_shown_around_the_first_word_that_matched() -> None:
    text = "long " * 100 + "\x02here\x03 and " + "after " * 50 + "\x02here\x03"

    snippet = Snippet.of(text)

    assert snippet.text.startswith("… ")
    assert snippet.text.endswith(" …")
    assert len(snippet.text) < 250
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["here"]


def test_a_text_of_one_endless_word_is_shown_in_part() -> None:
    snippet = Snippet.of("x" * 5000 + " \x02y\x03" + "z" * 5000)
    assert len(snippet.text) < 250
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["y"]


def test_pages_follow_each_other_and_the_total_is_honest() -> None:
    graph = memory()
    many = COUNTED + 150
    state(graph, named((f"thing{n}", f"thing number {n}") for n in range(many)))
    search, view = search_of(graph), graph.view()

    first, second = search.find(view, "thing", 100), search.find(view, "thing", 100, 100)
    last = search.find(view, "thing", 100, 200)

    assert not {hit.iri for hit in first.hits} & {hit.iri for hit in second.hits}
    assert (first.total, first.count) == (COUNTED + 100, "at least 200")
    assert (len(last.hits), last.total, last.count) == (many - 200, many, "250")
    assert search.find(view, "number 17").count == "1"


def test_every_column_is_filled() -> None:
    assert set(COLUMN_FOR_PREDICATE.values()) == set(COLUMNS)


@pytest.mark.parametrize("name", sorted(NOT_SEARCHED))
def test_what_follows_from_records_is_not_found_beside_them(name: str) -> None:
    graph = memory()
    said = [
        ox.Quad(ox.NamedNode(f"{EX}{at}"), ox.NamedNode(LABEL), ox.Literal("lost"), graph_node(one))
        for at, one in enumerate((name, f"{RECORDS_GRAPHS}main"))
    ]
    graph.writer.keep(Delta(dict.fromkeys(said)), "api", "both say the same")

    assert found(search_of(graph), graph.view(), "lost") == ["1"]


def test_an_unwritable_folder_makes_the_index_live_in_memory(
    graph: AimsGraph, tmp_path: Path
) -> None:
    blocked = tmp_path / "cache"
    blocked.write_text("not a folder", "utf-8")

    search = Search(graph.ledger, blocked)

    assert found(search, graph.view(), "chatbot") == ["bot"]
    assert found(search, graph.view(), "4711") == ["number"]
    assert blocked.read_text("utf-8") == "not a folder"
