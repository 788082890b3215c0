"""The rules of inference, read off the ontology (OWL 2 Profiles, section 4.3).

Each axiom that speaks about instances becomes a rule; the names are those of
the tables there. What falls under what is taken from the ontology's closure,
so that a type is concluded in one step.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.classes import RULES_FOR_RECORDS, class_rules
from aimsgraph.inference.expressions import Axiom
from aimsgraph.inference.identity import identity_rules
from aimsgraph.inference.ontology import Ontology
from aimsgraph.inference.rule import TYPE, Atom, Fact, InferenceRule, Slot, Var, is_a
from aimsgraph.inference.schema import axioms, closed
from aimsgraph.inference.unfolding import unfolded
from aimsgraph.namespaces import RDFS, XSD

__all__ = ["TYPE", "Atom", "Fact", "InferenceRule", "Slot", "Var", "read_rules", "rules_of"]

_X, _Y, _Z = Var("x"), Var("y"), Var("z")


def read_rules(store: ox.Store) -> list[InferenceRule]:
    """Read the rules off the ontology graph of a store.

    Raises:
        InferenceError: the ontology uses a construct that cannot be carried out.
    """
    return list(rules_of(axioms(store)))


@lru_cache(maxsize=16)
def rules_of(stated: frozenset[Axiom]) -> tuple[InferenceRule, ...]:
    """Return the rules that axioms stand for."""
    Ontology(stated).check_lists()
    ontology = Ontology(stated | closed(stated))
    return (
        *unfolded([*class_rules(ontology), *_domains_and_ranges(ontology)]),
        *_property_pairs(ontology),
        *_property_kinds(ontology),
        *_chains(ontology),
        *identity_rules(ontology),
        *RULES_FOR_RECORDS,
    )


def _domains_and_ranges(ontology: Ontology) -> Iterator[InferenceRule]:
    for p, c in ontology.pairs("domain"):
        because = f"the domain of {ontology.words(p)} is {ontology.words(c)}"
        yield InferenceRule("prp-dom", is_a(_X, c), (Atom(_X, p, _Y),), because)
    for p, c in ontology.pairs("range"):
        if not c.value.startswith(XSD) and c.value != f"{RDFS}Literal":
            because = f"the range of {ontology.words(p)} is {ontology.words(c)}"
            yield InferenceRule("prp-rng", is_a(_Y, c), (Atom(_X, p, _Y),), because)


def _property_pairs(ontology: Ontology) -> Iterator[InferenceRule]:
    for p, q in ontology.pairs("subPropertyOf"):
        if p != q:
            because = f"{ontology.words(p)} is a subproperty of {ontology.words(q)}"
            yield InferenceRule("prp-spo1", Atom(_X, q, _Y), (Atom(_X, p, _Y),), because)
    for p, q in ontology.pairs("inverseOf"):
        because = f"{ontology.words(p)} is the inverse of {ontology.words(q)}"
        yield InferenceRule("prp-inv1", Atom(_Y, q, _X), (Atom(_X, p, _Y),), because)
        if p != q:
            yield InferenceRule("prp-inv2", Atom(_Y, p, _X), (Atom(_X, q, _Y),), because)


def _property_kinds(ontology: Ontology) -> Iterator[InferenceRule]:
    for p in ontology.kinds("SymmetricProperty"):
        because = f"{ontology.words(p)} is symmetric"
        yield InferenceRule("prp-symp", Atom(_Y, p, _X), (Atom(_X, p, _Y),), because)
    for p in ontology.kinds("TransitiveProperty"):
        because = f"{ontology.words(p)} is transitive"
        body = (Atom(_X, p, _Y), Atom(_Y, p, _Z))
        yield InferenceRule("prp-trp", Atom(_X, p, _Z), body, because)


_SHORTEST: Final = 2
"""A property chain of one link would be a subproperty."""


def _chains(ontology: Ontology) -> Iterator[InferenceRule]:
    for q, links in ontology.lists("propertyChainAxiom"):
        if len(links) < _SHORTEST:
            raise InferenceError(
                f"{ontology.words(q)}: a property chain needs two links or more; "
                "say rdfs:subPropertyOf for one"
            )
        path = " then ".join(map(ontology.words, links))
        stops = [Var(f"x{number}") for number in range(len(links) + 1)]
        body = tuple(Atom(stops[i], link, stops[i + 1]) for i, link in enumerate(links))
        because = f"{path} makes {ontology.words(q)}"
        yield InferenceRule("prp-spo2", Atom(stops[0], q, stops[-1]), body, because)
