"""Following a change: from its statements, and from the day, to the focus nodes it can affect."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pyoxigraph as ox

from aimsgraph.conformity.affected import Trigger, Walker
from aimsgraph.conformity.calendar import passed
from aimsgraph.conformity.overlay import CLASS_AXIOM, Net, Overlay
from aimsgraph.conformity.paths import Nodes
from aimsgraph.conformity.plan import Plan, Unit, membership
from aimsgraph.namespaces import TODAY
from aimsgraph.rdf.terms import Term, value_of


@dataclass
class Affected:
    """The focus nodes that a change can affect, by unit."""

    some: defaultdict[int, set[Term]] = field(default_factory=lambda: defaultdict(set))
    whole: set[int] = field(default_factory=set)
    """Units of which any focus node may be affected."""
    rows: defaultdict[int, set[ox.Triple]] = field(default_factory=lambda: defaultdict(set))
    """Statements of which only the results about themselves may be affected."""


class Following:
    """Where the statements of a change lead to.

    Args:
        plan: the checks.
        engine: the store after the change.
        net: what the change did.
    """

    def __init__(self, plan: Plan, engine: ox.Store, net: Net) -> None:
        self._plan = plan
        self._engine = engine
        self._net = net
        self.now = Overlay(engine)
        self.both = Overlay(engine, more=net.removed)
        self._walker = Walker(self.both)

    @cached_property
    def before(self) -> Overlay:
        """Return the statements as they were before the change."""
        return Overlay(self._engine, more=self._net.removed, less=self._net.added)

    def affected(self) -> Affected:
        """Return the focus nodes that the change can affect."""
        found = Affected()
        for triple in (*self._net.added, *self._net.removed):
            if triple.predicate.value == CLASS_AXIOM:
                found.whole |= {unit.number for unit in self._plan.units}
                return found
            self._by_target(triple, found)
            self._by_trigger(triple, found)
        self._by_day(found)
        return found

    def _by_target(self, triple: ox.Triple, found: Affected) -> None:
        for target, focus in membership(triple, self.both):
            for unit in self._plan.by_target.get(target, ()):
                found.some[unit.number].add(focus)

    def _by_trigger(self, triple: ox.Triple, found: Affected) -> None:
        predicate = triple.predicate.value
        for key in (None,) if predicate == TODAY else (predicate, None):
            for trigger, units in self._plan.by_predicate.get(key, {}).items():
                self._follow(trigger, triple, units, found)

    def _follow(
        self, trigger: Trigger, triple: ox.Triple, units: list[Unit], found: Affected
    ) -> None:
        if trigger.is_existence and self._was_and_is(triple):
            return
        origins = trigger.origins(self.both, triple)
        if not origins:
            return
        if trigger.is_row:
            self._take_rows([triple], units, found)
            return
        if trigger.is_of_value:
            self._take_rows(self._leading_to(origins), units, found)
            return
        if trigger.way is None:
            found.whole |= {unit.number for unit in units}
            return
        reached = {other for one in origins for other in self._walker.walk(trigger.way, one)}
        for unit in units:
            found.some[unit.number] |= reached

    def _leading_to(self, values: Nodes) -> list[ox.Triple]:
        """Return the statements that have one of some values."""
        return [
            ox.Triple(subject, ox.NamedNode(predicate), value)
            for value in values
            for predicate, subject in self.both.incoming(value)
            if isinstance(subject, ox.NamedNode | ox.BlankNode)
        ]

    def _take_rows(self, triples: list[ox.Triple], units: list[Unit], found: Affected) -> None:
        """Note the statements themselves where results are about them, else their subjects."""
        for unit in units:
            for triple in triples:
                if unit.has_rows:
                    found.rows[unit.number].add(triple)
                else:
                    found.some[unit.number].add(triple.subject)

    def _by_day(self, found: Affected) -> None:
        days = [
            value_of(triple.object)
            for triple in (*self._net.added, *self._net.removed)
            if triple.predicate.value == TODAY
        ]
        if not days:
            return
        first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
        known: dict[frozenset[str] | None, list[ox.Triple]] = {}
        for unit in self._plan.dated_units:
            for one in unit.dates:
                if one.is_total or len(days) == 1:
                    found.whole.add(unit.number)
                    continue
                for trigger in one.triggers:
                    key = trigger.predicates()
                    if key not in known:
                        known[key] = list(passed(self._engine, trigger, first, last))
                    for triple in known[key]:
                        self._follow(trigger, triple, [unit], found)

    def _was_and_is(self, triple: ox.Triple) -> bool:
        """Return whether a subject had the predicate before the change, and still has it."""
        key = triple.subject, triple.predicate.value
        return self.now.has_object(*key) and self.before.has_object(*key)
