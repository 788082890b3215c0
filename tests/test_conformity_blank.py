"""Blank nodes are checked by themselves, with the results that a check of all gives them."""

from __future__ import annotations

from random import Random

import pyoxigraph as ox
import pytest

from aimsgraph.conformity.engine import Checker, Dataset
from aimsgraph.conformity.overlay import Overlay
from aimsgraph.conformity.plan import Unit, is_among
from aimsgraph.conformity.report import CheckResult, name_of
from aimsgraph.rdf.terms import Term
from aimsgraph.store.embedded import EmbeddedStore
from conformity_support import Kept, chance, quads, select, shapes

CONSTRAINTS = [
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:BlankNode",
    "sh:nodeKind sh:BlankNodeOrLiteral",
    "sh:class :D",
    "sh:pattern 'a'",
    "sh:minLength 1",
    "sh:in ( :a :b )",
    "sh:hasValue :a",
    "sh:closed true ; sh:ignoredProperties ( :p )",
    "sh:not [ sh:class :D ]",
    "sh:or ( [ sh:nodeKind sh:BlankNode ] [ sh:path :p ; sh:minCount 2 ] )",
    "sh:xone ( [ sh:class :D ] [ sh:nodeKind sh:IRI ] )",
    "sh:equals :q",
    "sh:disjoint :q",
    "sh:node [ sh:property [ sh:path ( :q :r ) ; sh:minCount 1 ] ]",
    "sh:property [ sh:path :p ; sh:minCount 2 ]",
    "sh:property [ sh:path :p ; sh:minCount 1 ; sh:maxCount 2 ]",
    "sh:property [ sh:path :p ; sh:maxCount 1 ]",
    "sh:property [ sh:path :p ; sh:nodeKind sh:IRI ; sh:class :D ; sh:hasValue :b ]",
    "sh:property [ sh:path :p ; sh:equals :q ]",
    "sh:property [ sh:path :p ; sh:disjoint :r ]",
    "sh:property [ sh:path :p ; sh:lessThan :q ]",
    "sh:property [ sh:path [ sh:inversePath :p ] ; sh:minCount 1 ]",
    "sh:property [ sh:path [ sh:oneOrMorePath :p ] ; sh:nodeKind sh:BlankNode ]",
    "sh:property [ sh:path :p ; sh:qualifiedMinCount 2 ; sh:qualifiedValueShape [ sh:class :D ] ]",
    "sh:property [ sh:path :p ; sh:qualifiedMaxCount 1 ;"
    " sh:qualifiedValueShape [ sh:nodeKind sh:BlankNode ] ]",
]
TARGETS = ["sh:targetClass :C", "sh:targetSubjectsOf :p", "sh:targetObjectsOf :q"]
QUERIES = [
    "SELECT $this ?value WHERE { $this :p ?value FILTER isBlank(?value) }",
    "SELECT $this ?path ?value WHERE { $this ?path ?value }",
    "SELECT * WHERE { $this :p ?value }",
    "SELECT $this WHERE { FILTER NOT EXISTS { $this :p ?x } }",
    "SELECT $this WHERE { FILTER NOT EXISTS { $this :p ?x FILTER EXISTS { ?x :q $this } } }",
    "SELECT $this WHERE { FILTER EXISTS { { $this :p :b } UNION { $this :q :b } } }",
    "SELECT $this WHERE { FILTER NOT EXISTS { ?x a :D { $this :p ?x } } }",
    "SELECT $this ?value WHERE { { $this :p ?value } UNION { ?value :q $this } }",
    "SELECT $this ?value WHERE { OPTIONAL { $this :p ?value } FILTER(!BOUND(?value)) }",
    "SELECT $this ?value WHERE { $this :p ?value OPTIONAL { { $this :q ?x } FILTER(?x = :b) } }",
    "SELECT $this ?value WHERE { ?value :p $this . ?value :q/:r* ?x FILTER(?x != $this) }",
    "SELECT $this (?n AS ?value) WHERE { { SELECT $this (COUNT(?x) AS ?n) WHERE { $this :p ?x }"
    " GROUP BY $this } FILTER(?n > 1) }",
    "SELECT $this (COUNT(?x) AS ?value) WHERE { $this :p ?x } GROUP BY $this",
    "SELECT $this ?value WHERE { BIND(EXISTS { $this :q ?y } AS ?value) FILTER(?value) }",
    "SELECT $this ?value WHERE { ?value a :D FILTER NOT EXISTS { { ?value :p $this } } }",
]
REPEATED = "FILTER EXISTS { { FILTER(BOUND($this)) FILTER EXISTS { $this :p :b } } }"
"""The focus nodes are bound in the inner group again, where nothing else says which one it is."""

QUERIES.append(f"SELECT $this WHERE {{ {REPEATED} }}")
CHECKERS = [
    *(f":S a sh:NodeShape ; {target} ; {one} ." for one in CONSTRAINTS for target in TARGETS),
    *QUERIES,
]


def checker_of(rule: str) -> Checker:
    """Return a checker of a shape or of a query."""
    return select(rule) if rule.startswith("SELECT") else shapes(rule)


def statements(dice: Random, count: int) -> set[ox.Quad]:
    """Return statements about few things, most of them blank nodes."""
    things = (":a", ":b", "_:c", "_:d", "_:e", "_:0f", "_:abcdef0123456789abcdef0123456789")
    said = []
    for _ in range(count):
        one, other = dice.choice(things), dice.choice((*things, "5", "'x'@en"))
        kind = dice.choice((":C", ":C", ":D"))
        way = dice.choice((":p", ":p", ":q", ":r"))
        said.append(f"{one} a {kind} ." if dice.random() < 0.4 else f"{one} {way} {other} .")
    return quads(" ".join(said))


def stored(records: set[ox.Quad]) -> EmbeddedStore:
    """Return a store with some records."""
    store = EmbeddedStore.memory()
    store.engine.bulk_extend(records)
    return store


def focus_nodes(unit: Unit, store: EmbeddedStore) -> set[Term]:
    """Return the focus nodes of a unit."""
    facts = Overlay(store.engine)
    nodes: set[Term] = {term for quad in store.quads() for term in (quad.subject, quad.object)}
    return {node for node in nodes if is_among(unit.targets or frozenset(), node, facts)}


def of_some(results: list[CheckResult], nodes: set[Term]) -> set[CheckResult]:
    """Return those results that are about some nodes."""
    names = set(map(name_of, nodes))
    return {result for result in results if result.focus in names}


@pytest.mark.parametrize("rule", CHECKERS)
def test_some_focus_nodes_have_the_results_that_all_give_them(rule: str) -> None:
    checker, seen = checker_of(rule), 0
    for seed in range(20):
        dice = chance(seed)
        store = stored(statements(dice, 24))
        dataset = Dataset(store.engine)
        for unit in (unit for unit in checker.plan.units if unit.targets is not None):
            focus = sorted(focus_nodes(unit, store), key=str)
            nodes = set(dice.sample(focus, dice.randint(0, len(focus))))
            wanted = of_some(dataset.all_of(unit), nodes)
            seen += len(wanted)
            assert set(dataset.some_of(unit, nodes)) == wanted
    assert seen


@pytest.mark.parametrize("seed", range(8))
def test_statements_of_blank_nodes_have_the_results_that_all_give_them(seed: int) -> None:
    query = "SELECT $this ?path ?value WHERE { $this ?path ?value FILTER(?value != :a) }"
    (unit,) = select(query, "sh:targetSubjectsOf :p").plan.units
    records = statements(chance(seed), 24) | quads(":a :p <<( _:e :q :b )>> , <<( :a :q :b )>> .")
    store = stored(records)
    dataset, focus = Dataset(store.engine), focus_nodes(unit, store)
    triples = {quad.triple for quad in records if quad.subject in focus}
    some = set(chance(seed).sample(sorted(triples, key=str), len(triples) // 2))

    found = {(one.focus, one.path, one.value) for one in dataset.rows_of(unit, some)}

    everything = {(one.focus, one.path, one.value) for one in dataset.all_of(unit)}
    wanted = {(name_of(one.subject), one.predicate.value, one.object) for one in some}
    assert found == everything & wanted
    assert found


def test_a_node_that_is_bound_around_a_group_is_not_written_over_in_it() -> None:
    (unit,) = select(QUERIES[-1]).plan.units
    records = quads("_:c a :C ; :p :b . _:d a :C ; :r :b . :a a :C ; :p :b .")
    nodes: set[Term] = {quad.subject for quad in records}

    found = Dataset(stored(records).engine).some_of(unit, nodes)

    assert sorted(result.focus for result in found) == ["_:c", "https://example.org/a"]


def test_more_blank_nodes_than_are_asked_of_at_once_are_all_checked() -> None:
    (unit,) = shapes(":S a sh:NodeShape ; sh:targetClass :C ; sh:nodeKind sh:IRI .").plan.units
    records = quads(" ".join(f"_:n{number} a :C ." for number in range(1203)))
    nodes: set[Term] = {quad.subject for quad in records}

    found = Dataset(stored(records).engine).some_of(unit, nodes)

    assert {result.focus for result in found} == set(map(str, nodes))


@pytest.mark.parametrize("rule", [*CHECKERS[:30:3], *QUERIES[:6]])
def test_a_change_of_blank_nodes_leaves_the_others_alone(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(checker_of(rule), statements(chance(1), 24))

    def refuse(_self: Dataset, unit: Unit) -> list[CheckResult]:
        raise AssertionError(f"all focus nodes of {unit.shape} are checked")

    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "all_of", refuse)
        affected, _ = kept.change(quads(":b :p _:new . _:new a :C ; :p _:c , 7 ; :q :b ."))
        kept.change((), quads("_:new :p _:c ."))

    assert affected.some or affected.rows
    assert kept.held == kept.anew()
