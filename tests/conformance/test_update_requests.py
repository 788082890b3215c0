"""Requests of SPARQL Update where the suites are silent: prologues, templates, what is refused.

What each operation form does to the records is in `tests/test_update_forms.py`.
"""

from __future__ import annotations

import pytest

from aimsgraph import Update
from aimsgraph.errors import QueryError
from aimsgraph.settings import Settings
from tiny_support import memory
from update_support import short

UNNAMED_MODE = Settings(default_graph="unnamed")


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
        ("INSERT { <urn:a> <urn:b> 1 } WHERE { BIND(1 AS ?any_) }", {"<urn:a> <urn:b> 1"}),
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
