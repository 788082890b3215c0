"""Search over HTTP and on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aimsgraph.access import Role
from aimsgraph.cli import main
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import RECORDS_GRAPHS
from aimsgraph.workspace import Workspace
from search_support import EX, named, state
from site_support import Site, edited, signed_in
from tiny_support import TODAY, update

HTML = "text/html"
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
def site() -> Site:
    """Return a served graph with a few named things."""
    site = edited()
    state(site.graph, f'ex:bot rdfs:label "chatbot {SCRIPT}" ; a aims:AISystem')
    state(site.graph, named((f"n{n}", f"thing {n}") for n in range(5)))
    return site


def told(site: Site, path: str, **headers: str) -> Any:
    """Return the JSON that a path answers with."""
    response = site.get(path, **headers)
    assert response.status_code == 200, response.text
    return response.json


def test_a_program_gets_json(site: Site) -> None:
    response = site.get("/search?q=CHATBOT")

    assert response.content_type == "application/json"
    assert response.json == {
        "query": "CHATBOT",
        "total": 1,
        "totalIsExact": True,
        "limit": 20,
        "page": 1,
        "next": None,
        "hits": [
            {
                "iri": f"{EX}bot",
                "label": f"chatbot {SCRIPT}",
                "type": "AI system",
                "property": "http://www.w3.org/2000/01/rdf-schema#label",
                "snippet": f"chatbot {SCRIPT}",
                "marks": [[0, 7]],
            }
        ],
    }


def test_pages_lead_to_each_other(site: Site) -> None:
    path: str | None = "/search?q=thing&limit=2"
    found = []
    while path is not None:
        page = told(site, path)
        assert page["total"] == 5
        found += [hit["label"] for hit in page["hits"]]
        path = page["next"]

    assert sorted(found) == [f"thing {n}" for n in range(5)]


def test_a_browser_gets_a_page_in_which_nothing_is_markup(site: Site) -> None:
    page = site.get("/search?q=alert*", Accept=HTML).text

    assert SCRIPT not in page
    assert "chatbot &lt;script&gt;<mark>alert</mark>(&#39;x&#39;)&lt;/script&gt;" in page
    assert f'href="/id/?iri={EX.replace(":", "%3A").replace("/", "%2F")}bot"' in page
    assert "1 found; shown from 1 to 1." in page


def test_the_page_shows_what_matched_where_it_is_not_the_label(site: Site) -> None:
    state(site.graph, "ex:bot dct:description 'answers & asks'")
    path = f"/search?q=answers&at-least={site.graph.generation}"
    page = site.get(path, Accept=HTML).text
    assert "</span> <mark>answers</mark> &amp; asks</p>" in page


def test_what_was_typed_is_no_markup_on_the_page(site: Site) -> None:
    page = site.get('/search?q="><script>alert(1)</script>', Accept=HTML).text
    assert "<script" not in page
    assert "Nothing found." in page


def test_the_page_without_words_is_the_form(site: Site) -> None:
    page = site.get("/search", Accept=HTML)
    assert page.status_code == 200
    assert 'type="search"' in page.text
    assert "found" not in page.text


def test_the_page_leads_to_more_hits(site: Site) -> None:
    page = site.get("/search?q=thing&limit=2&page=2", Accept=HTML).text

    links = re.findall(r'href="(/search[^"]*)"', page)

    assert links == [
        "/search?q=thing&amp;limit=2&amp;page=1",
        "/search?q=thing&amp;limit=2&amp;page=3",
    ]
    assert "shown from 3 to 4" in page


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "say what to search for"),
        ("q=", "say what to search for"),
        ("q=+", "say what to search for"),
        ("q=%22", "nothing to search for"),
        ("q=%00", "nothing to search for"),
        ("q=" + "x" * 501, "501 characters"),
        ("q=x&limit=0", "limit takes a whole number"),
        ("q=x&limit=101", "from 1 to 100"),
        ("q=x&limit=ten", "limit takes a whole number"),
        ("q=x&page=-1", "page takes a whole number"),
        ("q=x&page=%C2%B2", "page takes a whole number"),
        ("q=x&page=" + "9" * 5000, "page takes a whole number"),
        ("q=x&page=51", "first 1,000 hits"),
    ],
)
def test_a_search_that_cannot_be_made_is_a_problem(site: Site, query: str, reason: str) -> None:
    response = site.open("GET", f"/search?{query}")
    assert (response.status_code, response.content_type) == (400, "application/problem+json")
    assert reason in json.loads(response.text)["detail"]


def test_the_answer_is_of_one_state_and_need_not_be_sent_again(site: Site) -> None:
    first = site.open("GET", '/search?q="thing')
    again = site.open("GET", '/search?q="thing', If_None_Match=first.headers["ETag"])
    state(site.graph, named([("new", "thing new")]))
    path = f'/search?q="thing&at-least={site.graph.generation}'
    later = site.open("GET", path, If_None_Match=first.headers["ETag"])

    assert (json.loads(first.text)["total"], again.status_code) == (5, 304)
    assert (later.status_code, json.loads(later.text)["total"]) == (200, 6)


def test_the_past_is_searched_as_it_was(site: Site) -> None:
    then = site.graph.generation
    site.graph.commit(update("DELETE WHERE { GRAPH r:main { ex:bot ?p ?o } }"))

    assert told(site, f"/search?q=chatbot&at-least={then + 1}")["total"] == 0
    assert told(site, f"/search?q=chatbot&as-of={then}")["total"] == 1
    page = told(site, f"/search?q=thing&limit=1&as-of={then}")
    assert page["next"].endswith(f"&as-of={then}")


def test_a_limited_caller_is_told_of_nothing_else(site: Site) -> None:
    state(site.graph, named([("own", "thing of one")]), "r:one")
    limited = signed_in(site.graph, "Bo", Role.READER, [f"{RECORDS_GRAPHS}one"])
    site.headers = limited

    page = told(site, "/search?q=thing")

    assert [hit["label"] for hit in page["hits"]] == ["thing of one"]
    assert (page["total"], page["totalIsExact"]) == (1, True)


def test_every_page_has_a_box_to_search_in(site: Site) -> None:
    assert 'action="/search"' in site.get("/queries", Accept=HTML).text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of the release with a few named things."""
    folder = tmp_path_factory.mktemp("cli") / "w"
    Workspace.create(folder)
    with AimsGraph.open(folder, today=TODAY) as graph:
        state(graph, named([("bot", "quokka chatbot [bold]"), ("aid", "quokka and wombat")]))
    return folder


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run a command on a workspace on the day it stands at; return its code and what it says."""
    done = CliRunner().invoke(
        main, ["--workspace", str(folder), *arguments], env={"AIMSGRAPH_TODAY": TODAY.isoformat()}
    )
    return done.exit_code, done.output


def test_the_command_prints_hits(folder: Path) -> None:
    code, output = run(folder, "search", "quokka", "chat*")

    assert code == 0
    assert output.splitlines() == [
        f"quokka chatbot [bold]  {EX}bot",
        "1 found.",
    ]


def test_the_command_shows_what_matched_where_it_is_not_the_label(folder: Path) -> None:
    code, output = run(folder, "search", "GOVERN-1.1", "--limit", "1")
    assert code == 0
    assert output.splitlines()[1:] == ["    dcterms:identifier: GOVERN 1.1", "6 found, 1 shown."]


def test_the_command_says_how_many_are_not_shown(folder: Path) -> None:
    code, output = run(folder, "search", "quokka", "--limit", "1")
    assert (code, output.splitlines()[-1]) == (0, "2 found, 1 shown.")


def test_the_command_says_that_nothing_is_found(folder: Path) -> None:
    assert run(folder, "search", "quokka", "platypus") == (0, "Nothing found.\n")


def test_the_command_gives_json(folder: Path) -> None:
    code, output = run(folder, "search", "wombat", "--format", "json")
    found = json.loads(output)
    assert (code, found["total"], found["totalIsExact"]) == (0, 1, True)
    assert [hit["iri"] for hit in found["hits"]] == [f"{EX}aid"]


def test_the_command_looks_at_the_past(folder: Path) -> None:
    assert run(folder, "search", "wombat", "--as-of", "1") == (0, "Nothing found.\n")


@pytest.mark.parametrize(("words", "reason"), [("?", "nothing to search for"), ("x" * 501, "501")])
def test_the_command_refuses_what_is_no_word(folder: Path, words: str, reason: str) -> None:
    code, output = run(folder, "search", words)
    assert code == 2
    assert reason in output
    assert len(output.splitlines()) == 1
