"""Explaining a statement: down to the changesets, and only to those who may read them."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from aimsgraph.access import Caller, Role
from aimsgraph.cli import main
from aimsgraph.errors import AccessError
from aimsgraph.namespaces import AIMS
from aimsgraph.terms import Terms
from tiny_support import OWNED, SYSTEM, memory, update

EX = "https://example.org/"


def statement(subject: str, link: str, value: str) -> ox.Triple:
    return ox.Triple(
        ox.NamedNode(EX + subject), ox.NamedNode(AIMS + link), ox.NamedNode(EX + value)
    )


def test_what_is_inferred_rests_on_the_changeset_that_recorded_its_ground() -> None:
    graph = memory()
    graph.commit(update(SYSTEM))
    done = graph.commit(update(OWNED, "An owner"), Terms(author="Ada"))

    found = graph.explain(statement("ada", "owns", "bot"))

    assert found is not None
    assert found.rule is not None
    assert not found.assertions
    (ground,) = found.premises
    assert ground.triple == statement("bot", "ownedBy", "ada")
    (assertion,) = ground.assertions
    assert assertion.entry is not None
    assert assertion.entry.generation == done.generation
    assert (assertion.entry.author, assertion.entry.message) == ("Ada", "An owner")


def test_what_was_recorded_twice_names_each_graph_and_the_last_time() -> None:
    graph = memory()
    link = "ex:bot aims:ownedBy ex:ada . ex:bot a aims:AISystem . ex:ada a aims:Person"
    graph.commit(update(f"INSERT DATA {{ GRAPH r:main {{ {link} }} }}"))
    graph.commit(update("DELETE DATA { GRAPH r:main { ex:bot aims:ownedBy ex:ada } }"))
    again = graph.commit(update(f"INSERT DATA {{ GRAPH r:main {{ {link} }} }}"))
    other = graph.commit(update("INSERT DATA { GRAPH r:two { ex:bot aims:ownedBy ex:ada } }"))

    found = graph.explain(statement("bot", "ownedBy", "ada"))

    assert found is not None
    told = {one.graph.rpartition("/")[2]: one.entry for one in found.assertions}
    assert {name: entry and entry.generation for name, entry in told.items()} == {
        "main": again.generation,
        "two": other.generation,
    }


def test_what_does_not_hold_has_no_explanation() -> None:
    graph = memory()
    graph.commit(update(f"{SYSTEM} ; {OWNED}"))

    assert graph.explain(statement("bot", "ownedBy", "nobody")) is None
    assert graph.explain(statement("ada", "owns", "bot"), as_of=1) is None


@pytest.mark.parametrize(
    "caller",
    [Caller("r", Role.READER), Caller("e", Role.EDITOR, frozenset({f"{EX}graph"}))],
    ids=["reader", "limited"],
)
def test_who_may_not_read_history_gets_no_explanation(caller: Caller) -> None:
    graph = memory()
    graph.commit(update(f"{SYSTEM} ; {OWNED}"))

    with pytest.raises(AccessError):
        graph.explain(statement("ada", "owns", "bot"), caller)


def test_an_auditor_gets_one() -> None:
    graph = memory()
    graph.commit(update(f"{SYSTEM} ; {OWNED}"))

    assert graph.explain(statement("ada", "owns", "bot"), Caller("a", Role.AUDITOR)) is not None


def test_the_command_tells_it_in_words_and_as_json(tmp_path: Path) -> None:
    folder = str(tmp_path / "w")
    run = CliRunner().invoke
    assert run(main, ["init", folder]).exit_code == 0
    text = (
        "PREFIX aims: <https://w3id.org/aimsgraph#> PREFIX ex: <https://example.org/> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> INSERT DATA { "
        "GRAPH <https://w3id.org/aimsgraph/graph/records/main> { ex:bot a aims:AISystem ; "
        "rdfs:label 'Bot' ; aims:hasStage aims:Operation } }"
    )
    assert run(main, ["--workspace", folder, "update", text, "--author", "Ada"]).exit_code == 0
    asked = ["--workspace", folder, "explain", f"{EX}bot", "a"]

    told = run(main, [*asked, "aims:LiveAISystem"])
    as_json = json.loads(run(main, [*asked, "aims:LiveAISystem", "--format", "json"]).stdout)
    denied = run(main, [*asked, "aims:Risk"])
    wrong = run(main, ["--workspace", folder, "explain", "bot", "a", "aims:Risk"])

    assert told.exit_code == 0
    assert "Bot (https://example.org/bot) is a" in told.stdout
    assert "recorded in 'main' by Ada, changeset" in told.stdout
    assert as_json["rule"]
    assert as_json["premises"][0]["asserted"][0]["changeset"]["author"] == "Ada"
    assert denied.exit_code == 1
    assert denied.stdout.startswith("This does not hold: Bot")
    assert wrong.exit_code == 2
    assert "neither an IRI nor a prefixed name" in wrong.stderr
