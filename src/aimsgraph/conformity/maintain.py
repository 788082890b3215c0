"""Keeping the results true: what a change alters in the conformity graph.

Only the focus nodes that the change can affect are looked at again; what is
found equals what a check of all would give.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.engine import Checker, Dataset, once
from aimsgraph.conformity.following import Affected, Following
from aimsgraph.conformity.overlay import Net
from aimsgraph.conformity.plan import Plan, Targets, Unit, is_among, membership
from aimsgraph.conformity.report import (
    CheckResult,
    focus_set_quads,
    node,
    result_quads,
    rule_quads,
)
from aimsgraph.conformity.shapes import Target
from aimsgraph.conformity.stored import read_results
from aimsgraph.namespaces import AIMS, CONFORMITY_GRAPH
from aimsgraph.rdf.terms import Term, iri, value_of
from aimsgraph.store.embedded import EmbeddedStore

_FOCUS: Final = ox.NamedNode(f"{AIMS}focus")
_OF_RULE: Final = ox.NamedNode(f"{AIMS}ofRule")
_GRAPH: Final = ox.NamedNode(CONFORMITY_GRAPH)


@dataclass
class Findings:
    """What a change alters: results that appear and resolve, and the quads that tell of it."""

    appeared: list[CheckResult] = field(default_factory=list)
    resolved: list[CheckResult] = field(default_factory=list)
    added: list[ox.Quad] = field(default_factory=list)
    removed: list[ox.Quad] = field(default_factory=list)


_Results = dict[str, CheckResult]


class Maintenance:
    """One change, seen from the conformity graph.

    Args:
        checker: the rules.
        store: holds the records after the change with what follows from them,
            and the conformity graph of before.
        added: quads that the change brought.
        removed: quads that it took away.
        since: the IRI of the changeset that it makes.
    """

    def __init__(
        self,
        checker: Checker,
        store: EmbeddedStore,
        added: Iterable[ox.Quad],
        removed: Iterable[ox.Quad],
        since: str,
    ) -> None:
        self._checker = checker
        self._plan: Plan = checker.plan
        self._store = store
        self._engine = store.engine
        self._since = since
        self._net = Net(self._engine, added, removed)
        self._dataset = Dataset(self._engine)
        self._following = Following(self._plan, self._engine, self._net)

    def findings(self) -> Findings:
        """Return what the change alters."""
        if not self._net:
            return Findings()
        affected = self.affected()
        fresh: dict[str, CheckResult] = {}
        stale: dict[str, CheckResult] = {}
        for found, old in self._looked_at(affected):
            fresh |= found
            stale |= old
        return self._difference(fresh, stale)

    def _looked_at(self, affected: Affected) -> Iterator[tuple[_Results, _Results]]:
        """Yield what is found of what the change can affect, and what was known of it."""
        for unit in self._plan.units:
            if unit.number in affected.whole:
                yield _by_iri(self._dataset.all_of(unit)), self._known_of(unit)
                continue
            if nodes := affected.some.get(unit.number):
                yield self._again(unit, nodes)
            if triples := affected.rows.get(unit.number):
                yield self._rows_again(unit, triples)
        if self._checker.rest is not None and self._touches(self._checker.referred_predicates):
            yield _by_iri(self._checker.referred(self._store)), {}
            for shape in self._checker.compiled.referred:
                yield {}, self._known_of_rule(shape)

    def _touches(self, predicates: frozenset[str] | None) -> bool:
        """Return whether the change has a statement with one of some predicates."""
        changed = (*self._net.added, *self._net.removed)
        return predicates is None or any(one.predicate.value in predicates for one in changed)

    def affected(self) -> Affected:
        """Return the focus nodes that the change can affect."""
        return self._following.affected()

    # -- what --------------------------------------------------------------------

    def _again(
        self, unit: Unit, nodes: set[Term]
    ) -> tuple[dict[str, CheckResult], dict[str, CheckResult]]:
        """Return the results of some nodes, and those that were known of them."""
        if unit.targets is None:
            everything = _by_iri(self._dataset.all_of(unit))
            return everything, self._known_of(unit)
        still = {node for node in nodes if is_among(unit.targets, node, self._following.now)}
        found = _by_iri(self._dataset.some_of(unit, still)) if still else {}
        known = {
            name: result
            for one in nodes
            for name, result in self._known_about(one).items()
            if result.rule == unit.shape and result.component == unit.component
        }
        return found, known

    def _rows_again(
        self, unit: Unit, triples: set[ox.Triple]
    ) -> tuple[dict[str, CheckResult], dict[str, CheckResult]]:
        """Return the results about some statements, and those that were known of them."""
        targets, now = unit.targets or frozenset(), self._following.now
        still = [t for t in triples if is_among(targets, t.subject, now)]
        found = _by_iri(self._dataset.rows_of(unit, still)) if still else {}
        known = {
            name: result
            for one in triples
            for name, result in self._known_about(one.subject).items()
            if (result.rule, result.component) == (unit.shape, unit.component)
            and (result.path, result.value) == (one.predicate.value, one.object)
        }
        return found, known

    @cached_property
    def _about(self) -> dict[Term, dict[str, CheckResult]]:
        return {}

    def _known_about(self, focus: Term) -> dict[str, CheckResult]:
        """Return the results that the conformity graph holds of a node."""
        found = self._about.get(focus)
        if found is None:
            links = self._engine.quads_for_pattern(None, _FOCUS, focus, _GRAPH)
            found = self._about[focus] = self._read(quad.subject for quad in links)
        return found

    def _known_of(self, unit: Unit) -> dict[str, CheckResult]:
        known = self._known_of_rule(unit.shape)
        return {name: one for name, one in known.items() if one.component == unit.component}

    def _known_of_rule(self, shape: str) -> dict[str, CheckResult]:
        rule = node(shape)
        links = self._engine.quads_for_pattern(None, _OF_RULE, rule, _GRAPH)
        return self._read(quad.subject for quad in links)

    def _read(
        self, names: Iterable[ox.NamedNode | ox.BlankNode | ox.Triple]
    ) -> dict[str, CheckResult]:
        return read_results(
            quad
            for name in names
            for quad in self._engine.quads_for_pattern(name, None, None, _GRAPH)
        )

    # -- the difference ----------------------------------------------------------

    def _difference(self, fresh: dict[str, CheckResult], stale: dict[str, CheckResult]) -> Findings:
        made = Findings()
        for name, result in fresh.items():
            old = stale.get(name)
            new = replace(result, since=self._since if old is None else old.since)
            if old is None:
                made.appeared.append(new)
                made.added += result_quads(new)
            elif new != old:
                before, after = set(result_quads(old)), set(result_quads(new))
                made.removed += before - after
                made.added += after - before
        for name, old in stale.items():
            if name not in fresh:
                made.resolved.append(old)
                made.removed += result_quads(old)
        self._count(made)
        self._resize(made)
        return made

    def _count(self, made: Findings) -> None:
        """Bring the number of results of each rule up to date."""
        moved = Counter(result.rule for result in made.appeared)
        moved.subtract(Counter(result.rule for result in made.resolved))
        for shape, by in moved.items():
            rule = self._checker.rules.rules.get(shape)
            if by and rule is not None:
                self._put(made, partial(rule_quads, rule), by)

    def _resize(self, made: Findings) -> None:
        """Bring the sizes of the sets of focus nodes up to date."""
        sets: defaultdict[tuple[tuple[str, str], ...], set[Term]] = defaultdict(set)
        for triple in (*self._net.added, *self._net.removed):
            for target, focus in membership(triple, self._following.both):
                for targets in self._checker.sets_by_target.get(target, ()):
                    sets[targets].add(focus)
        for targets, nodes in sets.items():
            chosen = _targets(targets)
            now, before = self._following.now, self._following.before
            by = sum(is_among(chosen, one, now) - is_among(chosen, one, before) for one in nodes)
            if by:
                self._put(made, partial(focus_set_quads, targets), by)

    def _put(self, made: Findings, quads_of: Callable[[int], Iterable[ox.Quad]], by: int) -> None:
        """Put a count in the place of the one that is there."""
        counted = next(q for q in quads_of(0) if isinstance(q.object, ox.Literal))
        held = list(
            self._engine.quads_for_pattern(counted.subject, counted.predicate, None, _GRAPH)
        )
        count = int(value_of(held[0].object)) if held else 0
        made.removed += held
        made.added += [
            quad for quad in quads_of(count + by) if quad.predicate == counted.predicate or not held
        ]


def _by_iri(results: Iterable[CheckResult]) -> dict[str, CheckResult]:
    return {result.iri: result for result in once(results)}


def _targets(named: tuple[tuple[str, str], ...]) -> Targets:
    return frozenset(Target(kind, iri(target)) for kind, target in named)


def everything(
    checker: Checker,
    store: EmbeddedStore,
    known: Iterable[ox.Quad],
    since: str,
    *,
    is_closed: bool = False,
) -> tuple[Findings, set[ox.Quad]]:
    """Check all focus nodes of all rules.

    Args:
        checker: the rules.
        store: holds the records and what follows from them.
        known: the conformity graph of before.
        since: the IRI of the changeset that is being made.
        is_closed: every node is known to have the classes above its own.

    Returns:
        What appeared and resolved, and all quads of the conformity graph.
    """
    report = checker.check(store, is_closed=is_closed)
    old = read_results(known)
    held = {
        r.iri: replace(r, since=old[r.iri].since if r.iri in old else since) for r in report.results
    }
    quads = {quad for result in held.values() for quad in result_quads(result)}
    for one in report.evaluations:
        quads |= {
            *rule_quads(one.rule, one.results),
            *focus_set_quads(one.rule.targets, one.population),
        }
    made = Findings(
        appeared=[result for name, result in held.items() if name not in old],
        resolved=[result for name, result in old.items() if name not in held],
    )
    return made, quads
