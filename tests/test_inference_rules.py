"""The rules that are read off an ontology, one sort of axiom at a time."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from aimsgraph.errors import InferenceError
from aimsgraph.inference import materialise as materialising
from aimsgraph.inference import reference
from aimsgraph.inference.expressions import EXPRESSIONS
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.rule import Atom, InferenceRule, Var
from aimsgraph.inference.rules import read_rules
from aimsgraph.inference.strata import strata
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH, RECORDS_GRAPHS
from aimsgraph.rdf.terms import GraphNode, graph_node
from inference_support import (
    EVERYTHING,
    EX,
    IDENTITY,
    ONE,
    RECORDS,
    World,
    follows,
    inferred,
    store_with,
    triples,
)

CASES = {
    "subclass": (":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .", ":x a :A .", ":x a :B , :C ."),
    "equivalent class": (
        ":A owl:equivalentClass :B .",
        ":x a :A . :y a :B .",
        ":x a :B . :y a :A .",
    ),
    "subproperty": (
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .",
        ':x :p :y , "a" .',
        ':x :q :y , "a" ; :r :y , "a" .',
    ),
    "equivalent property": (":p owl:equivalentProperty :q .", ":x :p :y .", ":x :q :y ."),
    "domain": (":p rdfs:domain :A . :A rdfs:subClassOf :B .", ":x :p 1 .", ":x a :A , :B ."),
    "range": (":p rdfs:range :A .", ":x :p :y , 1 , _:b .", ":y a :A . _:b a :A ."),
    "a range of values": (":p rdfs:range xsd:date .", ":x :p :y .", ""),
    "inverse": (
        ":p owl:inverseOf :q .",
        ':x :p :y , "a" . :v :q :w .',
        ":y :q :x . :w :p :v .",
    ),
    "inverse of itself": (":p owl:inverseOf :p .", ":x :p :y .", ":y :p :x ."),
    "symmetric": (":p a owl:SymmetricProperty .", ':x :p :y , "a" .', ":y :p :x ."),
    "transitive": (
        ":p a owl:TransitiveProperty .",
        ":a :p :b . :b :p :c . :c :p :d .",
        ":a :p :c , :d . :b :p :d .",
    ),
    "chain of two": (
        ":q owl:propertyChainAxiom ( :p :p ) .",
        ":a :p :b . :b :p :c , 1 .",
        ":a :q :c , 1 .",
    ),
    "chain of five": (
        ":q owl:propertyChainAxiom ( :a :b :c :d :e ) .",
        ":1 :a :2 . :2 :b :3 . :3 :c :4 . :4 :d :5 . :5 :e :6 . :9 :a :2 . :5 :d :1 .",
        ":1 :q :6 . :9 :q :6 .",
    ),
    "value": (
        "[ owl:onProperty :p ; owl:hasValue :v ] rdfs:subClassOf :A .",
        ":x :p :v . :y :p :w .",
        ":x a :A .",
    ),
    "class of a value": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue 5 ] .",
        ":x a :A .",
        ":x :p 5 .",
    ),
    "equivalent to a value": (
        ":A owl:equivalentClass [ owl:onProperty :p ; owl:hasValue true ] .",
        ":x a :A . :y :p true . :z :p false .",
        ":x :p true . :y a :A .",
    ),
    "some values": (
        "[ owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :A .",
        ":x :p :y . :y a :B . :v :p :w .",
        ":x a :A .",
    ),
    "some thing": (
        "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A .",
        ":x :p :y . :z :q :y .",
        ":x a :A .",
    ),
    "some values, one in another": (
        "[ owl:onProperty :p ; owl:someValuesFrom [ owl:onProperty :q ; owl:someValuesFrom "
        "[ owl:onProperty :r ; owl:hasValue 1 ] ] ] rdfs:subClassOf :A .",
        ":x :p :y . :y :q :z . :z :r 1 . :v :p :w . :w :q :u .",
        ":x a :A .",
    ),
    "all values": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] .",
        ":x a :A ; :p :y , 1 . :z :p :w .",
        ":y a :B .",
    ),
    "all values that make a value": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; "
        "owl:allValuesFrom [ owl:onProperty :q ; owl:hasValue :v ] ] .",
        ":x a :A ; :p :y , 1 .",
        ":y :q :v .",
    ),
    "all values of a sort of text": (
        ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom xsd:string ] .",
        ":x a :A ; :p :y .",
        "",
    ),
    "a range without a name, and some of its things": (
        ":p rdfs:range _:e . _:e owl:onProperty :q ; owl:hasValue 1 . "
        "[ owl:onProperty :r ; owl:someValuesFrom _:e ] rdfs:subClassOf :A .",
        ":z :p :y , 5 . :x :r :y . :v :r 5 .",
        ":y :q 1 . :x a :A .",
    ),
    "a range without a name, one expression further": (
        ":p rdfs:range _:e . _:e owl:onProperty :q ; owl:hasValue 1 . "
        "[ owl:intersectionOf ( :B [ owl:onProperty :r ; owl:someValuesFrom _:e ] ) ] "
        "rdfs:subClassOf :A .",
        ":z :p :y , 5 . :x a :B ; :r :y . :v a :B ; :r 5 .",
        ":y :q 1 . :x a :A .",
    ),
    "one expression twice in another": (
        "_:e owl:onProperty :p ; owl:someValuesFrom :B . [ owl:intersectionOf "
        "( _:e [ owl:onProperty :r ; owl:someValuesFrom _:e ] ) ] rdfs:subClassOf :A .",
        ":x :p :b ; :r :y . :y :p :c . :b a :B . :c a :B . :v :p :b ; :r :w .",
        ":x a :A .",
    ),
    "all of several": (
        ":A owl:equivalentClass [ owl:intersectionOf ( :B :C "
        "[ owl:onProperty :p ; owl:hasValue 1 ] ) ] .",
        ":x a :A . :y a :B , :C ; :p 1 . :z a :B , :C .",
        ":x a :B , :C ; :p 1 . :y a :A .",
    ),
    "one of several": (
        "[ owl:unionOf ( :B :C ) ] rdfs:subClassOf :A . :D owl:unionOf ( :B ) .",
        ":x a :B . :y a :C .",
        ":x a :A , :D . :y a :A .",
    ),
    "identity by one value": (
        ":p a owl:FunctionalProperty .",
        ":x :p :y , :z . :y :q 1 .",
        ":y owl:sameAs :z . :z owl:sameAs :y . :z :q 1 .",
    ),
    "no identity of values": (
        ":p a owl:FunctionalProperty . :q a owl:FunctionalProperty , owl:DatatypeProperty .",
        ":x :p 1 , 2 ; :q :a , :b .",
        "",
    ),
    "identity by one owner": (
        ":p a owl:InverseFunctionalProperty .",
        ":x :p 1 . :y :p 1 ; :q :z . :w :q :x .",
        ":x owl:sameAs :y ; :q :z . :y owl:sameAs :x . :w :q :y .",
    ),
    "identity where the ontology states any": (
        ":v owl:sameAs :w .",
        ":a owl:sameAs :b . :b owl:sameAs :c . :a :p 1 .",
        ":b owl:sameAs :a ; :p 1 . :c owl:sameAs :b , :a ; :p 1 . :a owl:sameAs :c . "
        ":w owl:sameAs :v .",
    ),
    "no identity where it does not": ("", ":a owl:sameAs :b . :a :p 1 .", ""),
    "axioms that follow": (
        ":kindOf rdfs:subPropertyOf rdfs:subClassOf .",
        ":A :kindOf :B . :x a :A .",
        ":A rdfs:subClassOf :B . :x a :B .",
    ),
    "axioms of records": (
        "",
        ":A rdfs:subClassOf :B . :B owl:equivalentClass :C . :C rdfs:subClassOf _:d . :x a :A .",
        ":x a :B , :C .",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_follows(name: str) -> None:
    ontology, records, wanted = CASES[name]

    assert follows(ontology, records) == triples(wanted)


def test_what_is_asserted_anywhere_is_not_inferred() -> None:
    store = store_with(":p owl:inverseOf :q . :y :q :x .", ":x :p :y . :a :p :b .")
    store.extend(
        ox.Quad(t.subject, t.predicate, t.object, graph_node(RECORDS[2]))
        for t in triples(":b :q :a .")
    )

    assert materialise(store, RECORDS) == 0
    assert inferred(store) == set()


def test_graphs_that_are_not_asked_for_take_no_part() -> None:
    store = store_with(":p a owl:TransitiveProperty .", ":x :p :y .")
    store.extend(
        ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(f"{RECORDS_GRAPHS}third"))
        for t in triples(":y :p :z .")
    )

    assert materialise(store, RECORDS) == 0
    assert materialise(store, [ONE, f"{RECORDS_GRAPHS}third"]) == 1


@pytest.mark.parametrize("ontology", [EVERYTHING, EVERYTHING + IDENTITY], ids=["plain", "identity"])
def test_no_name_of_an_expression_shows_in_any_rule(ontology: str) -> None:
    rules = read_rules(store_with(ontology))

    assert rules
    assert not [rule for rule in rules if EXPRESSIONS in str(rule)]
    assert all(rule.because and EXPRESSIONS not in rule.because for rule in rules)


def test_the_same_axioms_give_the_same_rules_whatever_the_blank_nodes_are_called() -> None:
    other = EVERYTHING.replace("[ owl:onProperty :status ; owl:hasValue :Calm ] .", "_:b .")
    other += "_:b owl:onProperty :status ; owl:hasValue :Calm ."

    assert read_rules(store_with(other)) == read_rules(store_with(EVERYTHING))


def test_a_rule_says_why_in_words() -> None:
    value = "[ owl:onProperty :p ; owl:hasValue 1 ]"
    ontology = f":A owl:equivalentClass [ owl:intersectionOf ( :B {value} ) ] ."
    reasons = {rule.because for rule in read_rules(store_with(ontology))}

    assert f"({EX}B and ({EX}p value 1)) means the same as {EX}A" in reasons


@pytest.mark.parametrize(
    ("axioms", "complaint"),
    [
        (":q owl:propertyChainAxiom ( :p ) .", r"two links or more; say rdfs:subPropertyOf"),
        (":q owl:propertyChainAxiom _:l . _:l rdf:first :p .", r"write it as \( a b c \)"),
        (":q owl:propertyChainAxiom _:l . _:l rdf:first :p ; rdf:rest _:l .", r"is broken"),
        (":q owl:propertyChainAxiom ( :p 1 ) .", r"needs an IRI"),
        (":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue [] ] .", r"give it an IRI"),
        (
            "_:e owl:onProperty :p ; owl:someValuesFrom _:e ; rdfs:subClassOf :A .",
            r"give the expression a name",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_a_remedy(axioms: str, complaint: str) -> None:
    with pytest.raises(InferenceError, match=complaint):
        read_rules(store_with(axioms))


def test_a_rule_concludes_about_nothing_new() -> None:
    x, y, p = Var("x"), Var("y"), ox.NamedNode(f"{EX}p")

    with pytest.raises(InferenceError, match=r"\?y, not in its body"):
        InferenceRule("odd", Atom(x, p, y), (Atom(x, p, x),))


def test_rules_that_do_not_come_to_rest_are_named_with_their_circle() -> None:
    chain = " ".join(f":n{i} :p :n{i + 1} ." for i in range(30))
    ontology = ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :A ] ."
    store = store_with(ontology, f":n0 a :A . {chain}")

    with pytest.raises(InferenceError, match=r"after 9 rounds .*rdf:type https\S+A: .*cls-avf \("):
        materialise(store, RECORDS, rounds=9)
    assert materialise(store, RECORDS) == 30


def test_what_feeds_a_rule_runs_before_it_and_only_circles_run_again() -> None:
    x, y = Var("x"), Var("y")
    names = ["d", "c", "b", "a"]
    rules = [
        InferenceRule(name, _link(x, chr(ord(name) + 1), y), (_link(x, name, y),)) for name in names
    ]
    circle = InferenceRule("e", _link(y, "b", x), (_link(x, "d", y),))

    assert [s.rules[0].name for s in strata(tuple(rules))] == ["a", "b", "c", "d"]
    assert not any(s.is_circular for s in strata(tuple(rules)))
    assert [len(s.rules) for s in strata((*rules, circle))] == [1, 3, 1]


def _link(one: Var, name: str, other: Var) -> Atom:
    return Atom(one, ox.NamedNode(EX + name), other)


def _is_of_owl(triple: ox.Triple) -> bool:
    """Return whether a statement relates things with names, or is about a data property."""
    if isinstance(triple.object, ox.Literal) and triple.predicate.value != f"{EX}price":
        return False
    return not any(isinstance(term, ox.BlankNode) for term in (triple.subject, triple.object))


SAME = ":passport a owl:InverseFunctionalProperty . :parent a owl:FunctionalProperty ."


@pytest.mark.parametrize("ontology", [EVERYTHING, EVERYTHING + SAME], ids=["plain", "identity"])
@pytest.mark.parametrize("seed", range(10))
def test_equals_owlrl(ontology: str, seed: int) -> None:
    store = store_with(ontology)
    world = World.of(seed)
    # owlrl keeps what it concludes about literals, and skips what has no name here.
    found = [t for t in (world.triple() for _ in range(25)) if _is_of_owl(t)]
    store.extend(ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(ONE)) for t in found)
    materialise(store, RECORDS)
    records, axioms, ours = (
        list(store.quads_for_pattern(None, None, None, ox.NamedNode(name)))
        for name in (ONE, ONTOLOGY_GRAPH, INFERRED_GRAPH)
    )

    assert reference.restricted(records, ours) == reference.closure(records, axioms)


def test_only_rules_that_can_add_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    really = materialising.conclude

    def counted(store: ox.Store, rule: InferenceRule, graphs: list[GraphNode]) -> int:
        runs.append(str(rule.head))
        return really(store, rule, graphs)

    monkeypatch.setattr(materialising, "conclude", counted)
    ontology = ":p owl:inverseOf :q . :q rdfs:subPropertyOf :r . :r rdfs:domain :A ."

    materialise(store_with(ontology, ":x :p :y ."), RECORDS)

    assert sorted(runs).count(f"?x <{EX}r> ?y") == 1
    assert len(runs) == 5
