"""The rules about what is the same, which only an ontology that speaks of it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aimsgraph.inference.ontology import Ontology
from aimsgraph.inference.rule import SAME_AS, Atom, InferenceRule, Var

_S, _P, _O, _T, _X, _Y, _Z = map(Var, ("s", "p", "o", "t", "x", "y", "z"))

_SAME: Final = (
    InferenceRule(
        "eq-sym", Atom(_Y, SAME_AS, _X), (Atom(_X, SAME_AS, _Y),), "being the same is mutual"
    ),
    InferenceRule(
        "eq-trans",
        Atom(_X, SAME_AS, _Z),
        (Atom(_X, SAME_AS, _Y), Atom(_Y, SAME_AS, _Z)),
        "what is the same as the same is the same",
    ),
    InferenceRule(
        "eq-rep-s",
        Atom(_T, _P, _O),
        (Atom(_S, SAME_AS, _T), Atom(_S, _P, _O)),
        "what is the same has the same properties",
    ),
    InferenceRule(
        "eq-rep-o",
        Atom(_S, _P, _T),
        (Atom(_O, SAME_AS, _T), Atom(_S, _P, _O)),
        "what is the same is the value of the same properties",
    ),
)


def identity_rules(ontology: Ontology) -> Iterator[InferenceRule]:
    """Yield the rules of owl:sameAs, where the ontology states it or makes it follow."""
    found = [*_functional(ontology)]
    yield from found
    if found or any(True for _ in ontology.pairs("sameAs")):
        yield from _SAME


def _functional(ontology: Ontology) -> Iterator[InferenceRule]:
    data = set(ontology.kinds("DatatypeProperty"))
    for p in ontology.kinds("FunctionalProperty"):
        if p not in data:
            because = f"{ontology.words(p)} has one value at most"
            body = (Atom(_S, p, _X), Atom(_S, p, _Y))
            yield InferenceRule(
                "prp-fp", Atom(_X, SAME_AS, _Y), body, because, things=frozenset({_X, _Y})
            )
    for p in ontology.kinds("InverseFunctionalProperty"):
        because = f"a value of {ontology.words(p)} belongs to one thing"
        body = (Atom(_X, p, _S), Atom(_Y, p, _S))
        yield InferenceRule("prp-ifp", Atom(_X, SAME_AS, _Y), body, because)
