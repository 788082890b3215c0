"""Rules, found by the facts they start from and by the facts they conclude."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from aimsgraph.inference.plan import Plan
from aimsgraph.inference.rule import TYPE, Atom, Fact, InferenceRule, Slot, Var

T = TypeVar("T")


class PatternIndex(Generic[T]):
    """Things found by a triple pattern: by its predicate, for types by the class."""

    def __init__(self) -> None:
        self._any: list[T] = []
        self._by_predicate: dict[Slot, list[T]] = {}
        self._by_class: dict[Slot, list[T]] = {}

    def add(self, atom: Atom, thing: T) -> None:
        """File a thing under a pattern."""
        if isinstance(atom.predicate, Var):
            self._any.append(thing)
        elif atom.predicate == TYPE and not isinstance(atom.object, Var):
            self._by_class.setdefault(atom.object, []).append(thing)
        else:
            self._by_predicate.setdefault(atom.predicate, []).append(thing)

    def fitting(self, predicate: Slot, value: Slot) -> Sequence[T]:
        """Return the things whose pattern may fit a predicate and an object."""
        found = [*self._any, *self._by_predicate.get(predicate, ())]
        if predicate == TYPE:
            found += self._by_class.get(value, ())
        return found

    def under(self, atom: Atom) -> Iterable[T]:
        """Return the things whose pattern may have a fact in common with another pattern."""
        if isinstance(atom.predicate, Var):
            yield from self._any
            for kept in (*self._by_predicate.values(), *self._by_class.values()):
                yield from kept
        elif atom.predicate == TYPE and isinstance(atom.object, Var):
            yield from self.fitting(TYPE, atom.object)
            for kept in self._by_class.values():
                yield from kept
        else:
            yield from self.fitting(atom.predicate, atom.object)


class RuleIndex:
    """Rules ready to be maintained and explained; made once for an ontology."""

    def __init__(self, rules: Sequence[InferenceRule]) -> None:
        self.rules = tuple(rules)
        self._users: PatternIndex[Plan] = PatternIndex()
        self._makers: PatternIndex[Plan] = PatternIndex()
        for rule in self.rules:
            self._makers.add(rule.head, Plan(rule, rule.head, rule.body))
            for i, atom in enumerate(rule.body):
                rest = rule.body[:i] + rule.body[i + 1 :]
                self._users.add(atom, Plan(rule, atom, rest))

    @classmethod
    def of(cls, rules: Iterable[InferenceRule]) -> RuleIndex:
        """Return rules in their prepared form."""
        return cls(tuple(rules))

    def users(self, fact: Fact) -> Sequence[Plan]:
        """Return the plans that may start from a fact."""
        return self._users.fitting(fact[1], fact[2])

    def makers(self, fact: Fact) -> Sequence[Plan]:
        """Return the plans that may conclude a fact."""
        return self._makers.fitting(fact[1], fact[2])
