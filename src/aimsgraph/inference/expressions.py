"""Class expressions: names for them while rules are read, and words for people.

An expression of the ontology is a blank node, whose label changes with every
load. It gets a name made of what it says, so that the same axioms always give
the same rules. No conclusion ever shows such a name: the rules are put together
until none is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import OWL, RDF
from aimsgraph.rdf.terms import Term

EXPRESSIONS: Final = "urn:aimsgraph:expression:"
"""Where class expressions, which have no name, get one while rules are read."""

Axiom = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, Term]

_LISTS: Final = (f"{RDF}first", f"{RDF}rest")


def is_expression(term: object) -> bool:
    """Return whether a term is the name of a class expression."""
    return isinstance(term, ox.NamedNode) and term.value.startswith(EXPRESSIONS)


def named(triples: Iterable[Axiom]) -> frozenset[Axiom]:
    """Return axioms with a name in place of each blank node that stands for an expression."""
    stated = list(triples)
    names = _Names(stated)
    return frozenset((names.of(s), p, names.of(o)) for s, p, o in stated)  # type: ignore[misc]


class _Names:
    """The names of class expressions, each made of what the expression says."""

    def __init__(self, stated: list[Axiom]) -> None:
        self._parts: dict[Term, list[tuple[ox.NamedNode, Term]]] = {}
        for subject, predicate, value in stated:
            if isinstance(subject, ox.BlankNode) and predicate.value.startswith((OWL, *_LISTS)):
                self._parts.setdefault(subject, []).append((predicate, value))
        self._known: dict[Term, Term] = {}

    def of(self, term: Term) -> Term:
        """Return the name of an expression; any other term unchanged."""
        if term not in self._parts:
            return term
        if term not in self._known:
            self._known[term] = term  # an expression that is part of itself keeps its label
            parts = sorted(f"{p} {self.of(o)}" for p, o in self._parts[term])
            digest = sha256(" ; ".join(parts).encode()).hexdigest()
            self._known[term] = ox.NamedNode(f"{EXPRESSIONS}{digest[:32]}")
        return self._known[term]
