"""Shapes and data at the edge: what is rare is checked and kept like what is not."""

from __future__ import annotations

import pytest

from aimsgraph.conformity import reference
from aimsgraph.rdf.terms import to_rdflib_graph
from aimsgraph.store.embedded import EmbeddedStore
from conformity_support import EX, Kept, Row, judged_by_pyshacl, quads, row, select, shapes


def differences(document: str, data: str) -> set[Row]:
    """Return what the compiled shapes and pySHACL tell differently."""
    checker = shapes(document)
    store = EmbeddedStore.memory()
    store.engine.extend(quads(data))
    found = {row(result) for result in checker.check(store).results}
    return found ^ judged_by_pyshacl(checker, store)


def test_a_focus_node_that_no_statement_mentions_is_its_own_value() -> None:
    path = "sh:path [ sh:zeroOrOnePath :p ]"

    assert not differences(f":S sh:targetNode :nowhere ; {path} ; sh:nodeKind sh:Literal .", "")


def test_an_inverse_may_be_turned_round_again() -> None:
    twice = "[ sh:inversePath [ sh:inversePath :p ] ]"

    assert not differences(f":S sh:targetClass :C ; sh:path {twice} ; sh:minCount 1 .", ":a a :C .")


def test_the_reference_reports_no_details() -> None:
    checker = shapes(":S sh:targetClass :C ; sh:node :T . :T sh:nodeKind sh:Literal .")
    data = to_rdflib_graph(quads(":a a :C ."))

    found = reference.results(data, checker.rules, None)

    assert {result.rule for result in found} == {f"{EX}S"}


def test_results_of_shapes_without_a_name_are_kept() -> None:
    kept = Kept(shapes(":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ] ."), ())

    kept.change(quads(":a a :C ."))

    assert kept.held == kept.anew()


@pytest.mark.parametrize("statement", [":a :p <<( :x :p :y )>> .", ":a a <<( :x :p :y )>> ."])
def test_a_triple_term_is_a_value_like_others(statement: str) -> None:
    kept = Kept(shapes(":S sh:targetClass :C ; sh:path ( :p :q ) ; sh:minCount 1 ."), ())

    kept.change(quads(statement))

    assert kept.held == kept.anew()


@pytest.mark.parametrize("value", ["1.50", "2.0"])
def test_a_constant_is_what_it_means(value: str) -> None:
    kept = Kept(shapes(f":S sh:targetClass :C ; sh:path :p ; sh:hasValue {value} ."), ())
    kept.change(quads(":a a :C ."))

    kept.change(quads(f":a :p {value} ."))

    assert kept.held == kept.anew()


def test_a_projection_may_ask_what_exists() -> None:
    checker = select("SELECT $this (EXISTS { $this :q ?y } AS ?value) WHERE { $this :p ?x }")
    kept = Kept(checker, quads(":a a :C ."))

    kept.change(quads(":a :p :x ."))

    assert kept.held == kept.anew()


def test_the_calendar_is_a_node_like_others() -> None:
    first, second = (quads(f":calendar aims:today '2026-11-{day}'^^xsd:date .") for day in (20, 21))
    kept = Kept(shapes(":S sh:targetNode :calendar ; sh:closed true ."), first)

    kept.change(second, first)

    assert kept.held == kept.anew()


def test_solutions_may_be_counted_within_exists() -> None:
    counted = "SELECT $this WHERE { $this :p ?x } GROUP BY $this HAVING (COUNT(*) > 1)"
    checker = select(f"SELECT $this WHERE {{ FILTER NOT EXISTS {{ {counted} }} }}")
    kept = Kept(checker, quads(":a a :C ; :p :x ."))

    kept.change(quads(":a :p :y ."))

    assert kept.held == kept.anew()
