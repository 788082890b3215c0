"""Checks made ready: what each looks at, and what in a change can affect it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from aimsgraph.conformity.affected import THIS, Trigger, mentions_in, triggers_of
from aimsgraph.conformity.calendar import Dated, dated
from aimsgraph.conformity.check import MARK, Check
from aimsgraph.conformity.overlay import TYPE, Overlay
from aimsgraph.conformity.patterns import Variable, read_query
from aimsgraph.conformity.shapes import Target
from aimsgraph.rdf.terms import Term

Targets = frozenset[Target]


@dataclass(frozen=True)
class Unit:
    """The checks of one component of one shape: their results are found anew together."""

    number: int
    shape: str
    component: str
    checks: tuple[Check, ...]

    @cached_property
    def targets(self) -> Targets | None:
        """Return the targets where these are the focus nodes; None where a path leads to them."""
        return self.checks[0].targets

    @cached_property
    def has_rows(self) -> bool:
        """Return whether each result is about a statement: its subject, predicate and object."""
        return len(self.checks) == 1 and self.checks[0].tells_rows and self.targets is not None

    @cached_property
    def wide_target(self) -> ox.NamedNode | None:
        """Return the predicate whose subjects are the focus nodes of a check of every statement.

        Such a check is asked of all statements at once; its few results are looked
        at for being focus nodes. None for any other.
        """
        if len(self.checks) != 1 or self.targets is None or len(self.targets) != 1:
            return None
        (target,), text = self.targets, self.checks[0].text
        group = read_query(text.replace(MARK, ""))
        is_wide = any(
            one.subject == THIS and isinstance(one.path, Variable) for _, one in group.patterns
        )
        if target.kind != "targetSubjectsOf" or text.count(MARK) != 1 or not mentions_in(text):
            return None
        return target.value if is_wide and isinstance(target.value, ox.NamedNode) else None

    @cached_property
    def triggers(self) -> tuple[Trigger, ...]:
        """Return what in a statement matters to the checks, their own targets left aside."""
        return tuple(
            trigger
            for check in self.checks
            for trigger in triggers_of(read_query(self._text(check)), mentions_in(check.text))
        )

    @cached_property
    def dates(self) -> tuple[Dated, ...]:
        """Return how the checks depend on the day."""
        found = (dated(check.text, read_query(self._text(check))) for check in self.checks)
        return tuple(one for one in found if one is not None)

    def _text(self, check: Check) -> str:
        place = check.focus_pattern if self.targets is None else ""
        return check.text.replace(MARK, place)


class Plan:
    """Checks with an index from predicates and classes to what they can affect."""

    def __init__(self, checks: Iterable[Check]) -> None:
        grouped: defaultdict[tuple[str, str], list[Check]] = defaultdict(list)
        for check in checks:
            grouped[check.shape, check.component].append(check)
        self.units = [
            Unit(number, shape, component, tuple(own))
            for number, ((shape, component), own) in enumerate(grouped.items())
        ]

    @cached_property
    def by_predicate(self) -> dict[str | None, dict[Trigger, list[Unit]]]:
        """Return the triggers by predicate, each with the units it belongs to."""
        found: dict[str | None, dict[Trigger, list[Unit]]] = {}
        for unit in self.units:
            for trigger in unit.triggers:
                for predicate in trigger.predicates() or (None,):
                    found.setdefault(predicate, {}).setdefault(trigger, []).append(unit)
        return found

    @cached_property
    def by_target(self) -> dict[Target, list[Unit]]:
        """Return the units by target."""
        found: dict[Target, list[Unit]] = {}
        for unit in self.units:
            for target in unit.targets or ():
                found.setdefault(target, []).append(unit)
        return found

    @cached_property
    def dated_units(self) -> list[Unit]:
        """Return the units that depend on the day."""
        return [unit for unit in self.units if unit.dates]


def is_among(targets: Targets, node: Term, facts: Overlay) -> bool:
    """Return whether a node is among the nodes of any target (SHACL, 2.1.3)."""
    return any(_is_target(target, node, facts) for target in targets)


def _is_target(target: Target, node: Term, facts: Overlay) -> bool:
    match target.kind:
        case "targetClass":
            return target.value in facts.classes(node)
        case "targetNode":
            return target.value == node
        case "targetSubjectsOf":
            return bool(facts.objects(node, _predicate(target)))
        case _:
            return bool(facts.subjects(_predicate(target), node))


def _predicate(target: Target) -> str:
    return target.value.value if isinstance(target.value, ox.NamedNode) else ""


def membership(triple: ox.Triple, facts: Overlay) -> Iterator[tuple[Target, Term]]:
    """Yield the targets in which a statement can place a node, and the node."""
    predicate = triple.predicate
    if predicate.value == TYPE:
        for kind in facts.classes_above(triple.object):
            yield Target("targetClass", kind), triple.subject
    yield Target("targetSubjectsOf", predicate), triple.subject
    yield Target("targetObjectsOf", predicate), triple.object
