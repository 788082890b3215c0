"""Proofs: short, never circular, each step an instance of a rule, resting on what is asserted."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from aimsgraph.inference.explain import Proof, explain
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.rule import Atom, InferenceRule, Var
from aimsgraph.inference.rules import read_rules
from aimsgraph.namespaces import ONTOLOGY_GRAPH, UNNAMED
from aimsgraph.rdf.terms import Term, graph_node
from inference_support import (
    EVERYTHING,
    EX,
    GRAPHS,
    IDENTITY,
    ONE,
    OTHER,
    RECORDS,
    World,
    inferred,
    store_with,
    triples,
)


def proof_of(store: ox.Store, turtle: str) -> Proof | None:
    """Return the proof of a statement in a store."""
    (triple,) = triples(turtle)
    return explain(store, RuleIndex.of(read_rules(store)), GRAPHS, triple)


def world(ontology: str, records: str) -> ox.Store:
    """Return a store with what follows."""
    store = store_with(ontology, records)
    materialise(store, RECORDS)
    return store


def steps(proof: Proof, above: frozenset[ox.Triple] = frozenset()) -> Iterator[Proof]:
    """Yield the steps of a proof, after a look for circles."""
    assert proof.triple not in above, "a proof does not rest on itself"
    yield proof
    for premise in proof.premises:
        yield from steps(premise, above | {proof.triple})


def is_instance(rule: InferenceRule, step: Proof) -> bool:
    """Return whether a step is a rule with terms in place of its variables."""
    if rule.name != step.rule or len(rule.body) != len(step.premises):
        return False
    values: dict[Var, Term] = {}
    pairs = [(rule.head, step.triple)]
    pairs += [(atom, one.triple) for atom, one in zip(rule.body, step.premises, strict=True)]
    return all(_fits(atom, triple, values) for atom, triple in pairs)


def _fits(atom: Atom, triple: ox.Triple, values: dict[Var, Term]) -> bool:
    for slot, term in zip(atom, (triple.subject, triple.predicate, triple.object), strict=True):
        wanted = values.setdefault(slot, term) if isinstance(slot, Var) else slot
        if wanted != term:
            return False
    return True


@pytest.mark.parametrize("ontology", [EVERYTHING, EVERYTHING + IDENTITY], ids=["plain", "identity"])
@pytest.mark.parametrize("seed", range(8))
def test_every_inference_has_a_sound_proof(ontology: str, seed: int) -> None:
    store = store_with(ontology)
    for came, _ in World.of(seed).changes(8):
        store.extend(came)
    materialise(store, RECORDS)
    rules = RuleIndex.of(read_rules(store))
    found = inferred(store)
    assert found

    for triple in found:
        proof = explain(store, rules, GRAPHS, triple)
        assert proof is not None
        assert proof.triple == triple
        for step in steps(proof):
            if step.rule is None:
                assert step.graphs
                t = step.triple
                for name in step.graphs:
                    assert ox.Quad(t.subject, t.predicate, t.object, graph_node(name)) in store
            else:
                assert any(is_instance(rule, step) for rule in rules.rules), step


def test_an_asserted_statement_is_a_leaf_with_all_graphs_that_assert_it() -> None:
    store = world("", ":a :p :b .")
    for name in (OTHER, UNNAMED, "https://example.org/not-ours"):
        store.add(ox.Quad(*_terms(":a :p :b ."), graph_node(name)))

    proof = proof_of(store, ":a :p :b .")

    assert proof is not None
    assert (proof.rule, proof.premises) == (None, ())
    assert proof.graphs == tuple(sorted((ONE, OTHER, UNNAMED)))


def test_a_proof_names_the_rule_and_the_axiom() -> None:
    store = world(":hasRisk owl:inverseOf :riskOf .", ":r :riskOf :s .")

    proof = proof_of(store, ":s :hasRisk :r .")

    assert proof is not None
    assert proof.rule == "prp-inv2"
    assert proof.because == f"{EX}hasRisk is the inverse of {EX}riskOf"
    assert [leaf.triple for leaf in proof.leaves()] == [*triples(":r :riskOf :s .")]


def test_the_flattest_proof_is_preferred() -> None:
    links = " ".join(f":n{i} :p :n{i + 1} ." for i in range(8))
    store = world(
        ":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p .", f"{links} :n0 :q :n8 ."
    )

    proof = proof_of(store, ":n0 :p :n8 .")

    assert proof is not None
    assert proof.rule == "prp-spo1"
    assert proof.size == 2


def test_a_long_chain_has_a_flat_proof() -> None:
    links = " ".join(f":n{i} :p :n{i + 1} ." for i in range(32))
    store = world(":p a owl:TransitiveProperty .", links)

    proof = proof_of(store, ":n0 :p :n32 .")

    assert proof is not None
    assert len({leaf.triple for leaf in proof.leaves()}) == 32


def test_axioms_in_records_are_premises() -> None:
    store = world("", ":A rdfs:subClassOf :B . :x a :A .")

    proof = proof_of(store, ":x a :B .")

    assert proof is not None
    assert {leaf.triple for leaf in proof.leaves()} == triples(":A rdfs:subClassOf :B . :x a :A .")


def test_what_does_not_hold_has_no_proof() -> None:
    store = world(":p owl:inverseOf :q .", ":x :p :y .")

    assert proof_of(store, ":x :q :y .") is None


def test_what_only_holds_itself_up_has_no_proof() -> None:
    store = world(":p a owl:SymmetricProperty .", "")
    for one in (":a :p :b .", ":b :p :a ."):
        store.add(ox.Quad(*_terms(one), ox.NamedNode("https://w3id.org/aimsgraph/graph/inferred")))

    assert proof_of(store, ":a :p :b .") is None


def test_the_ontology_asserts_too() -> None:
    proof = proof_of(world(":p rdfs:domain :A . :x :p 1 .", ""), ":x a :A .")

    assert proof is not None
    assert [leaf.graphs for leaf in proof.leaves()] == [(ONTOLOGY_GRAPH,)]


def _terms(turtle: str) -> tuple[ox.NamedNode, ox.NamedNode, Term]:
    (triple,) = triples(turtle)
    assert isinstance(triple.subject, ox.NamedNode)
    return triple.subject, triple.predicate, triple.object
