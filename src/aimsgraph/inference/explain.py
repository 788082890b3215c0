"""Explaining: why a statement holds, down to what somebody asserted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.plan import Plan
from aimsgraph.inference.rule import Fact
from aimsgraph.inference.state import Base, fact_of, triple_of
from aimsgraph.rdf.terms import graph_name

DEPTH: Final = 40
"""How many steps a proof may have one above the other."""

STEPS: Final = 200_000
"""How many ways to conclude something may be tried for one proof."""


@dataclass(frozen=True)
class Proof:
    """Why a statement holds: asserted in some graphs, or concluded by a rule from premises.

    Args:
        triple: the statement.
        rule: the name of the rule, or None where the statement is asserted.
        premises: the proofs of what the rule started from, in the order of its body.
        graphs: the graphs that assert the statement.
        because: the ontology's axiom, in words.
    """

    triple: ox.Triple
    rule: str | None = None
    premises: tuple[Proof, ...] = ()
    graphs: tuple[str, ...] = ()
    because: str = ""

    @property
    def size(self) -> int:
        """The number of statements in the proof."""
        return 1 + sum(premise.size for premise in self.premises)

    def leaves(self) -> Iterator[Proof]:
        """Yield the asserted statements that all rests on."""
        if self.rule is None:
            yield self
        for premise in self.premises:
            yield from premise.leaves()


def explain(
    engine: ox.Store, rules: RuleIndex, graphs: Collection[str], triple: ox.Triple
) -> Proof | None:
    """Return the flattest proof of a statement, or None where it does not hold.

    Args:
        engine: holds what is asserted, and the inferred graph.
        rules: the rules of the ontology.
        graphs: the names of the graphs that assert, the ontology's among them.
        triple: what is asked for.

    Raises:
        InferenceError: no proof was found in the steps one search may take.
    """
    base = Base(engine, graphs)
    fact = fact_of(triple)
    if not base.bits(fact):
        return None
    return _Search(base, rules).flattest(fact, DEPTH)


class _Search:
    """Looks for proofs, flat ones first.

    The flattest proof of a statement cannot rest on that statement, so none is circular.
    """

    def __init__(self, base: Base, rules: RuleIndex) -> None:
        self._base = base
        self._rules = rules
        self._found: dict[Fact, tuple[int, Proof]] = {}
        self._hopeless: dict[Fact, int] = {}
        self._steps = 0

    def flattest(self, fact: Fact, depth: int) -> Proof | None:
        """Return the flattest proof that is not deeper than a depth."""
        if fact in self._found:
            height, proof = self._found[fact]
            return proof if height <= depth else None
        for height in range(self._hopeless.get(fact, -1) + 1, depth + 1):
            if (found := self._of_height(fact, height)) is not None:
                self._found[fact] = height, found
                return found
            self._hopeless[fact] = height
        return None

    def _of_height(self, fact: Fact, height: int) -> Proof | None:
        """Return the smallest proof of a height, of those with different rules."""
        if height == 0:
            return self._asserted(fact)
        ways = (self._by(plan, fact, height - 1) for plan in self._rules.makers(fact))
        found = [proof for proof in ways if proof is not None]
        return min(found, key=lambda proof: proof.size, default=None)

    def _asserted(self, fact: Fact) -> Proof | None:
        if not self._base.is_asserted(fact):
            return None
        names = sorted(map(graph_name, self._base.asserting(fact)))
        return Proof(triple_of(fact), graphs=tuple(names))

    def _by(self, plan: Plan, fact: Fact, depth: int) -> Proof | None:
        """Return the first proof by one rule whose premises have proofs up to a depth."""
        for binding in plan.bindings(fact, self._base.facts):
            self._count(plan)
            premises = self._all(plan.premises(binding), depth)
            if premises is not None:
                rule = plan.rule
                return Proof(triple_of(fact), rule.name, premises, because=rule.because)
        return None

    def _all(self, facts: tuple[Fact, ...], depth: int) -> tuple[Proof, ...] | None:
        found = []
        for fact in facts:
            proof = self.flattest(fact, depth)
            if proof is None:
                return None
            found.append(proof)
        return tuple(found)

    def _count(self, plan: Plan) -> None:
        self._steps += 1
        if self._steps > STEPS:
            raise InferenceError(
                f"no proof was found in {STEPS:,} steps, the last by {plan.rule.name} "
                f"({plan.rule.because}); ask for one of the statements it follows from"
            )
