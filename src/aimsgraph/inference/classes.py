"""The rules about what things are: subclasses, and the class expressions of OWL 2 RL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.ontology import Ontology
from aimsgraph.inference.rule import Atom, InferenceRule, Var, is_a
from aimsgraph.namespaces import OWL, RDFS, XSD
from aimsgraph.rdf.terms import Term

_X, _Y, _C, _D = Var("x"), Var("y"), Var("c"), Var("d")
_THING: Final = ox.NamedNode(f"{OWL}Thing")
SUBCLASS: Final = ox.NamedNode(f"{RDFS}subClassOf")
EQUIVALENT: Final = ox.NamedNode(f"{OWL}equivalentClass")


def class_rules(ontology: Ontology) -> Iterator[InferenceRule]:
    """Yield the rules about membership in classes, named or not."""
    yield from _subclasses(ontology)
    yield from _has_value(ontology)
    yield from _some_values(ontology)
    yield from _all_values(ontology)
    yield from _boolean(ontology)


def _subclasses(ontology: Ontology) -> Iterator[InferenceRule]:
    """Yield one rule for each pair; equivalent classes come both ways from the closure."""
    same = {*ontology.pairs("equivalentClass")}
    for c, d in sorted({*ontology.pairs("subClassOf"), *same, *((d, c) for c, d in same)}, key=str):
        if c == d or d == _THING:
            continue
        one, other = ontology.words(c), ontology.words(d)
        name, because = "cax-sco", f"every {one} is a {other}"
        if (c, d) in same or (d, c) in same:
            name = "cax-eqc1" if (c, d) in same else "cax-eqc2"
            because = f"{one} means the same as {other}"
        yield InferenceRule(name, is_a(_X, d), (is_a(_X, c),), because)


def _has_value(ontology: Ontology) -> Iterator[InferenceRule]:
    for c, p, value in ontology.restrictions("hasValue"):
        if isinstance(value, ox.BlankNode):
            raise InferenceError(
                f"owl:hasValue on {ontology.words(p)} names a blank node; give it an IRI"
            )
        yield InferenceRule("cls-hv1", Atom(_X, p, value), (is_a(_X, c),))
        yield InferenceRule("cls-hv2", is_a(_X, c), (Atom(_X, p, value),))


def _some_values(ontology: Ontology) -> Iterator[InferenceRule]:
    for c, p, d in ontology.restrictions("someValuesFrom"):
        if d == _THING:
            yield InferenceRule("cls-svf2", is_a(_X, c), (Atom(_X, p, _Y),))
        elif not _is_datatype(d):
            yield InferenceRule("cls-svf1", is_a(_X, c), (Atom(_X, p, _Y), is_a(_Y, d)))


def _all_values(ontology: Ontology) -> Iterator[InferenceRule]:
    for c, p, d in ontology.restrictions("allValuesFrom"):
        if d != _THING and not _is_datatype(d):
            yield InferenceRule("cls-avf", is_a(_Y, d), (is_a(_X, c), Atom(_X, p, _Y)))


def _boolean(ontology: Ontology) -> Iterator[InferenceRule]:
    for c, parts in ontology.lists("intersectionOf"):
        every = tuple(is_a(_X, part) for part in parts)
        yield InferenceRule("cls-int1", is_a(_X, c), every)
        for part in parts:
            yield InferenceRule("cls-int2", is_a(_X, part), (is_a(_X, c),))
    for c, parts in ontology.lists("unionOf"):
        for part in parts:
            yield InferenceRule("cls-uni", is_a(_X, c), (is_a(_X, part),))


def _is_datatype(term: Term) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith((XSD, f"{RDFS}Literal"))


RULES_FOR_RECORDS: Final = tuple(
    InferenceRule(name, is_a(_X, _D), (axiom, is_a(_X, _C)), because, named=frozenset({_D}))
    for name, axiom, because in (
        ("cax-sco", Atom(_C, SUBCLASS, _D), "every thing of a class is one of its superclass"),
        ("cax-eqc1", Atom(_C, EQUIVALENT, _D), "equivalent classes have the same things"),
        ("cax-eqc2", Atom(_D, EQUIVALENT, _C), "equivalent classes have the same things"),
    )
)
"""Rules for axioms that an organisation states in its own records."""


AXIOMS: Final = (SUBCLASS, EQUIVALENT)
"""What records may state about classes; it takes part in inference as the ontology's does."""
