"""An update whose WHERE runs in a reader is the same update, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.errors import DeadlineError, LimitError
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import GRAPH
from aimsgraph.readers.asking import Turn
from aimsgraph.readers.places import COPY
from aimsgraph.readers.pool import Pool, readers
from aimsgraph.settings import Settings
from aimsgraph.terms import Terms
from tiny_support import memory, opened, update, workspace
from update_support import START, XSD, everything

ENDLESS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . ?s ?t ?u"
"""Takes longer than anybody waits."""

SETTINGS = Settings(readers=2, query_timeout=20.0)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with readers(SETTINGS) as found:
        yield found


VALUES = """
    INSERT DATA { GRAPH r:main {
        ex:x ex:v '01'^^xsd:integer , 1.50 , 1e3 , 'INF'^^xsd:double , 'abc'^^xsd:integer , true ,
            'text' , 'text'@en-GB , 'a\\n\\t\\"\\\\b' , 'ü\\u2028𝄞' , '' , '},{"' ,
            '2026-01-01'^^xsd:date ,
            'PT1H'^^xsd:duration , 'x'^^ex:own , <https://example.org/ü> .
        _:one ex:of _:two ; ex:v _:two . _:two ex:v 'blank' .
        ex:x ex:t <<( ex:s ex:p 'o' )>> , <<( ex:s ex:p <<( _:two ex:p 1.0 )>> )>>
    } }
"""
"""Values of every kind, blank nodes and triple terms among them."""

FORMS = {
    "delete where": "DELETE WHERE { GRAPH r:main { ?s ex:p ?o } }",
    "delete all": "DELETE WHERE { GRAPH ?g { ?s ?p ?o } GRAPH r:main { ex:x ex:v 'text' } "
    "GRAPH ?g { ex:x ex:v 'text' } }",
    "with": "WITH r:main DELETE { ?s ?p ?o } INSERT { ?s ex:q ?o } WHERE { ?s ?p ?o }",
    "filter": "WITH r:main DELETE { ?s ex:p ?o } WHERE { ?s ex:p ?o FILTER(?o > 1) }",
    "using": "INSERT { GRAPH r:other { ?s ex:w ?o } } USING r:main WHERE { ?s ex:v ?o }",
    "using named": "DELETE { GRAPH ?g { ?s ?p ?o } } USING NAMED r:other "
    "WHERE { GRAPH ?g { ?s ?p ?o } }",
    "copies of values": "INSERT { GRAPH r:copy { ?s ?p ?o } } WHERE { GRAPH r:main { ?s ?p ?o } }",
    "blank nodes go": "WITH r:main DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isBlank(?s)) }",
    "blank objects go": "WITH r:main DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isBlank(?o)) }",
    "triple terms go": "WITH r:main DELETE { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isTriple(?o)) }",
    "parts of triple terms": "WITH r:main INSERT { ?a ex:named ?c } "
    "WHERE { ?s ex:t ?t BIND(SUBJECT(?t) AS ?a) BIND(OBJECT(?t) AS ?c) FILTER(isTriple(?c)) }",
    "new blank nodes": "INSERT { GRAPH r:new { ?s ex:has _:x . _:x ex:of ?s } } "
    "WHERE { GRAPH r:main { ?s ex:v ?o } }",
    "blank nodes kept": "INSERT { GRAPH r:new { ?o ex:back ?s } } "
    "WHERE { GRAPH r:main { ?s ex:v ?o FILTER(isBlank(?o)) } }",
    "computed": "INSERT { GRAPH r:new { ex:n ex:v ?n , ?t , ?d } } WHERE { "
    "{ SELECT (COUNT(*) AS ?n) (AVG(?v) AS ?d) { GRAPH r:main { ?s ex:p ?v } } } "
    "BIND(STRLANG('x', 'fi') AS ?t) }",
    "undefined": "INSERT { GRAPH r:new { ?s ex:p ?w . ?s ex:q 1 } } "
    "WHERE { GRAPH r:main { ?s ex:p ?o OPTIONAL { ?s ex:none ?w } } }",
    "nothing": "INSERT { GRAPH r:main { ?s ex:p 1 } } WHERE { ?s ex:none 3 }",
    "empty": "INSERT { GRAPH r:main { ex:c ex:p 1 } } WHERE { }",
    "each other's effect": "CLEAR GRAPH r:other ; "
    "INSERT { GRAPH r:other { ?s ex:q ?o } } WHERE { GRAPH r:main { ?s ex:p ?o } } ; "
    "DELETE { GRAPH r:main { ?s ex:p ?o } } WHERE { GRAPH r:other { ?s ex:q ?o FILTER(?o = 2) } } ;"
    "INSERT { GRAPH r:new { ?s ?p ?o } } WHERE { GRAPH r:main { ?s ?p ?o } }",
    "data and its use": "INSERT DATA { GRAPH r:new { _:b ex:p 1 . _:b ex:q 2 } } ; "
    "DELETE { GRAPH r:new { ?b ex:p ?o } } WHERE { GRAPH r:new { ?b ex:p ?o ; ex:q 2 } }",
    "what follows is seen": "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; "
    "aims:ownedBy ex:ada . ex:ada a aims:Person ; rdfs:label 'Ada' } } ; "
    "INSERT { GRAPH r:new { ?s ex:seen ?c } } WHERE { ?s a ?c }",
    "the union": "INSERT { GRAPH r:new { ?s ex:seen ?c } } WHERE { ?s a ?c }",
    "what is undone": "INSERT { GRAPH r:main { ?s ex:u ?o } } WHERE { GRAPH r:main { ?s ex:p ?o } }"
    " ; DELETE WHERE { GRAPH r:main { ?s ex:u ?o } }",
}


def canonical(graph: AimsGraph) -> set[str]:
    """Return the record graphs, with names for blank nodes that the statements themselves give."""
    quads = ox.Dataset(_records(graph))
    quads.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in quads}


def _records(graph: AimsGraph) -> Iterable[ox.Quad]:
    view = graph.view()
    for name in view.graphs():
        if name.startswith(f"{GRAPH}records/"):
            yield from view.quads(name)


@dataclass
class Pair:
    """The same records twice, in memory or on disk."""

    alone: AimsGraph
    through: AimsGraph


@pytest.fixture(params=["memory", "disk"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    on_disk = request.param == "disk"
    graphs = [opened(workspace(tmp_path / n)) if on_disk else memory() for n in ("a", "b")]
    for graph in graphs:
        graph.commit(update(START))
        graph.commit(update(XSD + VALUES))
    yield Pair(*graphs)
    for graph in graphs:
        graph.close()


def through(pool: Pool) -> Terms:
    return Terms(ask=Turn(pool, "Ada", lambda: False).ask_live)


@pytest.mark.parametrize("form", FORMS)
def test_an_update_through_a_reader_gives_exactly_what_it_gives_without(
    pair: Pair, pool: Pool, form: str
) -> None:
    before = canonical(pair.alone)
    assert canonical(pair.through) == before

    alone = pair.alone.commit(update(XSD + FORMS[form]))
    found = pair.through.commit(update(XSD + FORMS[form]), through(pool))

    after = canonical(pair.alone)
    assert canonical(pair.through) == after
    assert (found.added, found.removed) == (alone.added, alone.removed)
    assert (before == after) == (form in {"nothing", "what is undone"})


# -- an update that takes too much -------------------------------------------------------

TOO_MUCH = {
    "a cross product": f"INSERT {{ GRAPH r:new {{ ?a ex:x ?u }} }} WHERE {{ {ENDLESS} }}",
    "a sorted one": "INSERT { GRAPH r:new { ?a ex:x ?o } } "
    f"WHERE {{ SELECT ?a ?o {{ {ENDLESS} }} ORDER BY ?o }}",
    "after another": "CLEAR GRAPH r:main ; "
    f"INSERT {{ GRAPH r:new {{ ?a ex:x ?u }} }} WHERE {{ {ENDLESS} FILTER(?c > ?f) }}",
}


@pytest.mark.parametrize("on_disk", [True, False])
@pytest.mark.parametrize("text", TOO_MUCH.values(), ids=list(TOO_MUCH))
def test_an_update_that_takes_too_much_changes_nothing_and_the_next_works(
    tmp_path: Path, text: str, on_disk: bool
) -> None:
    settings = Settings(readers=1, query_timeout=1.5, query_memory=400)
    made = opened(workspace(tmp_path / "w"), settings=settings) if on_disk else memory(settings)
    with made as graph, readers(settings) as limited:
        graph.commit(update(START))
        before = everything(graph), graph.generation

        with pytest.raises(LimitError) as told:
            graph.commit(update(text), through(limited))

        assert isinstance(told.value, DeadlineError) or told.value.limit == "query_memory"
        assert (everything(graph), graph.generation) == before
        after = graph.commit(update(FORMS["filter"]), through(limited))
        assert (after.generation, after.removed) == (before[1] + 1, 1)
        assert not list(tmp_path.rglob(f"{COPY}*"))
