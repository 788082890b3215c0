"""Maintaining: what a change means for the inferred graph, at the cost of the change.

Removals come first, by delete and rederive (Gupta, Mumick and Subrahmanian 1993):
all that followed with what is gone is given up, then what still follows is taken
back. What is new is carried on from there, fact by fact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.plan import Lookup, Plan
from aimsgraph.inference.rule import Fact
from aimsgraph.inference.state import After, Base, Before, fact_of, triple_of

STEPS: Final = 5_000_000
"""How many conclusions one change may need before it is better to begin anew."""

Triples = set[ox.Triple]


def maintain(
    engine: ox.Store,
    rules: RuleIndex,
    graphs: Collection[str],
    added: Iterable[ox.Triple],
    removed: Iterable[ox.Triple],
    steps: int = STEPS,
) -> tuple[Triples, Triples]:
    """Return what enters and what leaves the inferred graph with a change.

    Args:
        engine: holds what is asserted after the change, and the inferred graph
            as it was before; it is only read.
        rules: the rules of the ontology.
        graphs: the names of the graphs that assert, the ontology's among them.
        added: what no graph asserted before, and one does now.
        removed: what a graph asserted before, and none does now.
        steps: how many conclusions may be drawn.

    Raises:
        InferenceError: that many conclusions were not enough.
    """
    base, meter = Base(engine, graphs), Meter(steps)
    came, went = set(map(fact_of, added)), set(map(fact_of, removed))
    gone = _given_up(base, rules, came, went, meter)
    after = After(base, gone)
    kept = [fact for fact in gone if _follows(fact, rules, after.facts)]
    for fact in kept:
        after.new.add(fact)
    _carry_on([*kept, *(fact for fact in came if not base.is_inferred(fact))], rules, after, meter)
    new = after.new.all
    enters = {fact for fact in new if not base.bits(fact)}
    leaves = {fact for fact in gone - new if base.is_inferred(fact)}
    leaves |= {fact for fact in came if base.is_inferred(fact)}
    return _triples(enters), _triples(leaves)


class Meter:
    """Counts conclusions, and says which rule drew the one too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0

    def count(self, plan: Plan) -> None:
        """Count one more conclusion of a plan.

        Raises:
            InferenceError: there were more than allowed.
        """
        self._count += 1
        if self._count > self._most:
            raise InferenceError(
                f"the change means more than {self._most:,} conclusions, the last by "
                f"{plan.rule.name} ({plan.rule.because or plan.rule}); make it in smaller "
                "parts, or infer everything anew"
            )


def _triples(facts: Iterable[Fact]) -> Triples:
    return {triple_of(fact) for fact in facts}


def _given_up(
    base: Base, rules: RuleIndex, came: set[Fact], went: set[Fact], meter: Meter
) -> set[Fact]:
    """Return what is gone, and all that followed with it and that nobody asserts."""
    before = Before(base, came, went)
    gone, waiting = set(went), list(went)
    while waiting:
        for fact in _conclusions(waiting.pop(), rules, before.facts, meter):
            if fact not in gone and not base.is_asserted(fact):
                gone.add(fact)
                waiting.append(fact)
    return gone


def _follows(fact: Fact, rules: RuleIndex, lookup: Lookup) -> bool:
    """Return whether some rule concludes a fact from what holds."""
    return any(True for plan in rules.makers(fact) for _ in plan.bindings(fact, lookup))


def _carry_on(facts: list[Fact], rules: RuleIndex, after: After, meter: Meter) -> None:
    """Add to a state what follows with facts that are new in it."""
    while facts:
        for fact in _conclusions(facts.pop(), rules, after.facts, meter):
            if fact not in after:
                after.new.add(fact)
                facts.append(fact)


def _conclusions(fact: Fact, rules: RuleIndex, lookup: Lookup, meter: Meter) -> Iterator[Fact]:
    for plan in rules.users(fact):
        for found in plan.conclusions(fact, lookup):
            meter.count(plan)
            yield found
