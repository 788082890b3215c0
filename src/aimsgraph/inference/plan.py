"""Rules made ready to be carried out from one fact: in which order to look up what.

Variables are numbered, so that a binding is a list. A plan starts from a fact
that fits one pattern of its rule, and looks the others up, each with as much
known as can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import pyoxigraph as ox

from aimsgraph.inference.rule import SAME_AS, TYPE, Atom, Fact, InferenceRule, Var
from aimsgraph.rdf.terms import Term

Place = int | Term
Pattern = tuple[Place, Place, Place]
Binding = list[Term | None]
Known = Term | None
Lookup = Callable[[Known, Known, Known], Iterable[Fact]]
"""Gives the facts that fit a pattern; what is not known is None."""


class Plan:
    """A rule, and how it is carried out from a fact that fits one of its patterns.

    Args:
        rule: what to carry out.
        start: the pattern the fact fits: one of the body, or the head.
        rest: the patterns to look up.
    """

    def __init__(self, rule: InferenceRule, start: Atom, rest: Sequence[Atom]) -> None:
        self.rule = rule
        variables = {var for atom in rule.body for var in atom.variables}
        self._number = {var: i for i, var in enumerate(sorted(variables, key=str))}
        self._start = self._pattern(start)
        self._steps = [self._pattern(atom) for atom in _ordered(start, rest)]
        self._head = self._pattern(rule.head)
        self._body = [self._pattern(atom) for atom in rule.body]
        self._things = [self._number[var] for var in rule.not_literals]
        self._named = [self._number[var] for var in rule.named]

    def _pattern(self, atom: Atom) -> Pattern:
        s, p, o = (self._number[slot] if isinstance(slot, Var) else slot for slot in atom)
        return s, p, o

    def bindings(self, fact: Fact, lookup: Lookup) -> Iterator[Binding]:
        """Yield every way in which the rule holds with a fact in the place it starts from."""
        nothing: Binding = [None] * len(self._number)
        begun = _bound(nothing, self._start, fact)
        if begun is not None:
            for binding in _solve(self._steps, 0, begun, lookup):
                if self._allows(binding):
                    yield binding

    def conclusions(self, fact: Fact, lookup: Lookup) -> Iterator[Fact]:
        """Yield what the rule concludes with a fact in the place it starts from."""
        for binding in self.bindings(fact, lookup):
            yield _filled(self._head, binding)

    def premises(self, binding: Binding) -> tuple[Fact, ...]:
        """Return what the rule starts from in a binding, in the order of its body."""
        return tuple(_filled(pattern, binding) for pattern in self._body)

    def _allows(self, binding: Binding) -> bool:
        subject, predicate, value = _filled(self._head, binding)
        if predicate == SAME_AS and subject == value:
            return False
        return all(_is_thing(binding[i]) for i in self._things) and all(
            isinstance(binding[i], ox.NamedNode) for i in self._named
        )


def _is_thing(term: Term | None) -> bool:
    return isinstance(term, ox.NamedNode | ox.BlankNode)


def _solve(
    steps: Sequence[Pattern], number: int, binding: Binding, lookup: Lookup
) -> Iterator[Binding]:
    if number == len(steps):
        yield binding
        return
    step = steps[number]
    s, p, o = (binding[place] if type(place) is int else place for place in step)
    for fact in lookup(s, p, o):  # type: ignore[arg-type]
        found = _bound(binding, step, fact)
        if found is not None:
            yield from _solve(steps, number + 1, found, lookup)


def _bound(binding: Binding, pattern: Pattern, fact: Fact) -> Binding | None:
    """Return a binding with what a fact adds to it, or nothing where they disagree."""
    found = binding.copy()
    for place, term in zip(pattern, fact, strict=True):
        if type(place) is not int:
            if place != term:
                return None
        elif found[place] is None:
            found[place] = term
        elif found[place] != term:
            return None
    return found


def _filled(pattern: Pattern, binding: Binding) -> Fact:
    s, p, o = (binding[place] if type(place) is int else place for place in pattern)
    return s, p, o  # type: ignore[return-value]


def _ordered(start: Atom, atoms: Sequence[Atom]) -> list[Atom]:
    """Return patterns in the order to look them up, the narrowest next each time."""
    known, left, found = set(start.variables), list(atoms), list[Atom]()
    while left:
        best = max(left, key=lambda atom: _narrowness(atom, known))
        left.remove(best)
        found.append(best)
        known |= best.variables
    return found


def _narrowness(atom: Atom, known: set[Var]) -> int:
    """Return how narrow a pattern is: a thing has few values, a value belongs to many things."""
    subject, predicate, value = (not isinstance(x, Var) or x in known for x in atom)
    if atom.predicate == TYPE and not subject:
        value = False
    return 4 * subject + 2 * value + predicate
