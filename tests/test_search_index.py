"""The index is in step with the ledger whenever it is asked, and can be lost at any time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aimsgraph.access import Role
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import RECORDS_GRAPHS
from aimsgraph.search.search import Search
from aimsgraph.terms import Terms
from search_support import EX, found, named, search_of, state
from tiny_support import memory, opened, update, workspace


@pytest.fixture(params=["memory", "disk"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AimsGraph]:
    """Return an empty graph, in memory and on disk."""
    made = memory() if request.param == "memory" else opened(workspace(tmp_path / "w"))
    with made:
        yield made


def test_finds_what_was_just_written_and_not_what_is_gone(graph: AimsGraph) -> None:
    search = search_of(graph)
    state(graph, named([("a", "first name"), ("b", "other name")]))
    assert found(search, graph.view(), "first name") == ["a"]

    graph.commit(update("DELETE DATA { GRAPH r:main { ex:a rdfs:label 'first name' } }"))
    state(graph, named([("a", "second")]))

    assert found(search, graph.view(), "first") == []
    assert found(search, graph.view(), "second") == ["a"]
    assert found(search, graph.view(), "first second") == []
    assert found(search, graph.view(), "name") == ["b"]


def test_a_name_that_was_given_up_does_not_rank(graph: AimsGraph) -> None:
    search = search_of(graph)
    state(graph, named([("old", "bot"), ("new", "bot of today")]))
    graph.commit(
        update(
            "DELETE DATA { GRAPH r:main { ex:old rdfs:label 'bot' } } ; "
            "INSERT DATA { GRAPH r:main { ex:old rdfs:label 'once a bot' } }"
        )
    )
    assert found(search, graph.view(), "bot") == ["new", "old"]


def test_a_text_is_looked_for_in_the_state_that_is_asked(graph: AimsGraph) -> None:
    search = search_of(graph)
    state(graph, named([("a", "first name")]))
    then = graph.generation
    graph.commit(update("DELETE DATA { GRAPH r:main { ex:a rdfs:label 'first name' } }"))
    state(graph, named([("a", "second name"), ("b", "third name")]))

    assert found(search, graph.as_of(then), "name") == ["a"]
    assert found(search, graph.as_of(then), "first") == ["a"]
    assert found(search, graph.as_of(then), "second") == []
    assert found(search, graph.as_of(then - 1), "name") == []
    assert sorted(found(search, graph.view(), "name")) == ["a", "b"]


def test_a_text_is_looked_for_in_what_had_taken_effect(graph: AimsGraph) -> None:
    search = search_of(graph)
    for day, name in (("2025-01-01", "early"), ("2025-06-01", "late")):
        terms = Terms(effective=graph.moment(day))  # type: ignore[arg-type]
        graph.commit(
            update(f"INSERT DATA {{ GRAPH r:main {{ ex:{name} rdfs:label 'bot' }} }}"), terms
        )

    assert found(search, graph.view(effective="2025-03-01"), "bot") == ["early"]
    assert found(search, graph.view(), "bot") == ["early", "late"]


def test_a_limited_caller_finds_what_is_said_in_their_graphs(graph: AimsGraph) -> None:
    search = search_of(graph)
    state(graph, 'ex:a rdfs:label "shared name" ; dct:identifier "S-1"', "r:one")
    state(graph, 'ex:a rdfs:label "hidden name" . ex:b rdfs:label "hidden too"', "r:two")
    secret = graph.tokens.create(Role.AUDITOR, "Ada", graphs=[f"{RECORDS_GRAPHS}one"])
    limited = graph.view(graph.tokens.caller(secret))

    assert found(search, limited, "name") == ["a"]
    assert found(search, limited, "hidden") == []
    assert search.find(limited, "hidden").count == "nothing"
    assert found(search, limited, "shared hidden") == []
    assert search.things(limited, "hidden") == []
    assert found(search, graph.view(), "shared hidden S-1") == ["a"]


def test_a_caller_of_no_graph_finds_nothing_of_records(graph: AimsGraph) -> None:
    state(graph, named([("a", "secret")]))
    secret = graph.tokens.create(Role.READER, "Bo", graphs=[f"{RECORDS_GRAPHS}none"])
    assert found(search_of(graph), graph.view(graph.tokens.caller(secret)), "secret") == []


def test_texts_of_several_graphs_are_searched_together(graph: AimsGraph) -> None:
    state(graph, 'ex:a rdfs:label "alpha"', "r:one")
    state(graph, 'ex:a dct:description "omega"', "r:two")
    graph.commit(
        update(
            "INSERT DATA { GRAPH <urn:own> { ex:a dct:description 'psi' } }".replace(
                "dct:description", "<http://purl.org/dc/terms/description>"
            )
        )
    )
    assert found(search_of(graph), graph.view(), "alpha omega psi") == ["a"]


def test_many_search_while_one_writes(graph: AimsGraph) -> None:
    search = search_of(graph)
    state(graph, named([("n0", "alpha 0")]))

    def look() -> bool:
        view = graph.view()
        hits = set(found(search, view, "alpha"))
        return hits == {f"n{n}" for n in range(view.generation - first + 1)}

    first = graph.generation
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(look) for _ in range(40)]
        for at in range(1, 12):
            state(graph, named([(f"n{at}", f"alpha {at}")]))
            looks.append(pool.submit(look))

    assert all(one.result() for one in looks)
    assert len(found(search, graph.view(), "alpha")) == 12


def test_the_searches_of_two_graphs_do_not_mix() -> None:
    one, other = memory(), memory()
    state(one, named([("a", "alpha")]))
    state(other, named([("b", "alpha")]))
    assert found(Search(one.ledger, None), one.view(), "alpha") == ["a"]
    assert search_of(other).things(other.view(), "alpha") == [f"{EX}b"]
