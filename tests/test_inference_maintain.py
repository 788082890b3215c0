"""Maintaining the inferred graph gives what making it anew gives, whatever changes."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimsgraph.errors import InferenceError
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.maintain import maintain
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.rule import Atom, InferenceRule, Var, is_a
from aimsgraph.inference.rules import read_rules
from aimsgraph.namespaces import UNNAMED
from aimsgraph.rdf.terms import graph_node
from inference_support import (
    EVERYTHING,
    EX,
    GRAPHS,
    IDENTITY,
    INFERRED,
    ONE,
    OTHER,
    RECORDS,
    World,
    asserted,
    inferred,
    store_with,
    triples,
)


def _quads(found: set[ox.Triple]) -> list[ox.Quad]:
    return [ox.Quad(t.subject, t.predicate, t.object, INFERRED) for t in found]


def change(store: ox.Store, rules: RuleIndex, came: set[ox.Quad], went: set[ox.Quad]) -> None:
    """Make a change and maintain the inferred graph."""
    before = asserted(store)
    for quad in went:
        store.remove(quad)
    store.extend(came)
    after = asserted(store)
    held = set(store)
    enters, leaves = maintain(store, rules, GRAPHS, after - before, before - after)
    assert set(store) == held, "maintaining writes nothing"
    assert not enters & inferred(store)
    assert leaves <= inferred(store)
    for quad in _quads(leaves):
        store.remove(quad)
    store.extend(_quads(enters))


def rebuilt(store: ox.Store) -> set[ox.Triple]:
    """Return the inferred graph made anew, beside the store."""
    copy = ox.Store()
    copy.bulk_extend(store)
    materialise(copy, RECORDS)
    return inferred(copy)


@pytest.mark.parametrize("ontology", [EVERYTHING, EVERYTHING + IDENTITY], ids=["plain", "identity"])
@pytest.mark.parametrize("seed", range(20))
def test_any_sequence_of_changes_gives_what_a_rebuild_gives(ontology: str, seed: int) -> None:
    start = store_with(ontology)
    rules = RuleIndex.of(read_rules(start))
    materialise(start, RECORDS)
    for number in range(8):
        store = ox.Store()
        store.bulk_extend(start)
        for came, went in World.of(100 * seed + number).changes(5):
            change(store, rules, came, went)

        assert inferred(store) == rebuilt(store)


STATEMENTS = st.builds(
    lambda seed, graph: _quad(World.of(seed).triple(), graph),
    st.integers(0, 400),
    st.sampled_from(RECORDS),
)
CHANGES = st.lists(
    st.tuples(st.sets(STATEMENTS, max_size=5), st.sets(STATEMENTS, max_size=5)), max_size=4
)


def _quad(triple: ox.Triple, graph: str) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, graph_node(graph))


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(start=st.sets(STATEMENTS, max_size=12), changes=CHANGES)
def test_the_shortest_sequence_that_goes_wrong_is_shown(
    start: set[ox.Quad], changes: list[tuple[set[ox.Quad], set[ox.Quad]]]
) -> None:
    store = store_with(EVERYTHING + IDENTITY)
    store.extend(start)
    materialise(store, RECORDS)
    rules = RuleIndex.of(read_rules(store))

    for came, went in changes:
        change(store, rules, came, went - came)
        assert inferred(store) == rebuilt(store)


def world(before: str, ontology: str = EVERYTHING) -> tuple[ox.Store, RuleIndex]:
    """Return a store with records and what follows, and its rules."""
    store = store_with(ontology, before)
    materialise(store, RECORDS)
    return store, RuleIndex.of(read_rules(store))


def quads(turtle: str, graph: str = ONE) -> set[ox.Quad]:
    """Return the quads of a snippet."""
    return {ox.Quad(t.subject, t.predicate, t.object, graph_node(graph)) for t in triples(turtle)}


def test_what_becomes_asserted_leaves_the_inferred_graph() -> None:
    store, rules = world(":a :near :b .")
    assert triples(":b :near :a .") <= inferred(store)

    change(store, rules, quads(":b :near :a .", OTHER), set())

    assert not triples(":b :near :a .") & inferred(store)
    assert inferred(store) == rebuilt(store)


def test_what_is_asserted_no_longer_but_follows_enters_it() -> None:
    store, rules = world(":a :near :b . :b :near :a .")

    change(store, rules, set(), quads(":b :near :a ."))

    assert triples(":b :near :a .") <= inferred(store)
    assert inferred(store) == rebuilt(store)


def test_a_circle_does_not_hold_itself_up() -> None:
    store, rules = world(":a :near :b .")

    change(store, rules, set(), quads(":a :near :b ."))

    assert inferred(store) == set()


def test_what_two_graphs_assert_stays_until_both_let_go() -> None:
    store, rules = world(":a a :Cat .")
    change(store, rules, quads(":a a :Cat .", UNNAMED), set())
    held = inferred(store)

    change(store, rules, set(), quads(":a a :Cat ."))
    assert inferred(store) == held != set()

    change(store, rules, set(), quads(":a a :Cat .", UNNAMED))
    assert inferred(store) == set()


def test_axioms_in_records_count_and_stop_to_count() -> None:
    store, rules = world(":a a :Lynx .")

    change(store, rules, quads(":Lynx rdfs:subClassOf :Cat ."), set())
    assert triples(":a a :Cat , :Animal .") <= inferred(store) == rebuilt(store)

    change(store, rules, set(), quads(":Lynx rdfs:subClassOf :Cat ."))
    assert inferred(store) == set()


def test_what_follows_only_from_two_new_conclusions_is_found() -> None:
    store, rules = world(":z :p 1 .")

    change(store, rules, quads(":a :partOf :b . :b :partOf :c ."), set())

    assert triples(":c :hasPart :a .") <= inferred(store)


def test_a_pattern_with_one_variable_twice_fits_only_what_is_the_same() -> None:
    x, p = Var("x"), ox.NamedNode(f"{EX}p")
    rules = RuleIndex.of([InferenceRule("loop", is_a(x, p), (Atom(x, p, x),))])
    store = store_with("", ":a :p :b . :c :p :c .")

    enters, _ = maintain(store, rules, GRAPHS, triples(":a :p :b . :c :p :c ."), [])

    assert enters == triples(":c a :p .")


def test_other_graphs_and_nothing_changed_mean_nothing() -> None:
    store, rules = world(":a :near :b .")
    store.extend(quads(":b a :Cat .", "https://example.org/elsewhere"))

    assert maintain(store, rules, GRAPHS, [], []) == (set(), set())
    enters, leaves = maintain(store, rules, GRAPHS, triples(":b :owns :c ."), [])

    assert leaves == set()
    assert not triples(":b a :CatOwner .") & enters


def test_too_many_conclusions_are_refused_with_the_rule_and_a_remedy() -> None:
    store, rules = world(" ".join(f":t{i} :hasPart :t{i + 1} ." for i in range(20)))
    came = quads(":t20 :hasPart :t0 .")
    store.extend(came)

    with pytest.raises(InferenceError, match=r"prp-.*hasPart.*smaller parts"):
        maintain(store, rules, GRAPHS, triples(":t20 :hasPart :t0 ."), [], steps=100)
