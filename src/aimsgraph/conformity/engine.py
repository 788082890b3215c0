"""Checking a store: all focus nodes of all shapes, or some of some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from os import cpu_count

import pyoxigraph as ox
from rdflib import SH, URIRef
from rdflib.term import BNode

from aimsgraph.conformity import reference
from aimsgraph.conformity.check import HANDED, MARK, Asked, Check, target_pattern
from aimsgraph.conformity.compile import Compiled, compile_shapes
from aimsgraph.conformity.extract import extracted, predicates_of
from aimsgraph.conformity.overlay import LEFT_OUT
from aimsgraph.conformity.plan import Plan, Unit
from aimsgraph.conformity.report import CheckResult, Report, RuleEvaluation, node
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.conformity.shapes import Shape, Target
from aimsgraph.errors import RuleError
from aimsgraph.rdf.terms import Term, graph_node, iri, value_of
from aimsgraph.store.embedded import EmbeddedStore


class Checker:
    """Some rules, made ready to check any store.

    Shapes are asked of the store as queries; pySHACL checks those that cannot be.
    """

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules

    @cached_property
    def compiled(self) -> Compiled:
        """Return the shapes as queries.

        Raises:
            RuleError: a shape is malformed.
        """
        known = {rule.iri: rule.requirements for rule in self.rules.rules.values()}
        found = compile_shapes(self.rules.shapes, known)
        for name, reason in found.malformed.items():
            raise RuleError(f"the rule {name}: {reason}")
        return found

    @cached_property
    def plan(self) -> Plan:
        """Return the queries with what can affect them."""
        return Plan(self.compiled.checks)

    @cached_property
    def rest(self) -> RuleSet | None:
        """Return the shapes that are left to the reference, if there are any."""
        if not self.compiled.referred:
            return None
        return self.rules.without({unit.shape for unit in self.plan.units} - self._needed)

    @cached_property
    def referred_predicates(self) -> frozenset[str] | None:
        """Return the predicates that shapes left to the reference can follow; None for any."""
        return predicates_of(self.rules.shapes, self._needed)

    @cached_property
    def _needed(self) -> set[str]:
        """Return the shapes left to the reference, with those that hand them focus nodes."""
        return {one for name in self.compiled.referred for one in self._with_parents(name)}

    def _with_parents(self, name: str) -> set[str]:
        """Return a shape and those that hand it their focus nodes."""
        graph = self.rules.shapes
        node = BNode(name[2:]) if name.startswith("_:") else URIRef(name)
        above = graph.transitive_subjects(SH.property, node)
        return {Shape(graph, one).name for one in above if one is not None}

    @cached_property
    def sets_by_target(self) -> dict[Target, list[tuple[tuple[str, str], ...]]]:
        """Return the sets of focus nodes that rules look at, by each target that makes them."""
        found: dict[Target, list[tuple[tuple[str, str], ...]]] = {}
        for targets in {rule.targets for rule in self.rules.rules.values()}:
            for kind, target in targets:
                found.setdefault(Target(kind, iri(target)), []).append(targets)
        return found

    def check(
        self,
        store: EmbeddedStore,
        focus: Collection[str] | None = None,
        *,
        is_closed: bool = False,
    ) -> Report:
        """Check records, inferences and ontology of a store.

        Args:
            store: holds its inferences already.
            focus: check these nodes only, by IRI; None checks all focus nodes.
            is_closed: every node is known to have the classes above its own.
        """
        dataset = Dataset(store.engine, is_closed=is_closed)
        results = once([*self._asked(dataset, focus), *self.referred(store, focus)])
        counts = Counter(result.rule for result in results)
        sizes = dataset.populations({rule.targets for rule in self.rules.rules.values()}, focus)
        return Report.of(
            results,
            (
                RuleEvaluation(rule, sizes[rule.targets], counts[rule.iri])
                for rule in self.rules.rules.values()
            ),
        )

    def _asked(self, dataset: Dataset, focus: Collection[str] | None) -> Iterator[CheckResult]:
        wide = {
            unit.number for unit in self.plan.units for one in unit.triggers if one.path is None
        }
        units = sorted(self.plan.units, key=lambda unit: unit.number not in wide)
        with ThreadPoolExecutor(max(1, min(4, cpu_count() or 1))) as pool:
            for found in pool.map(dataset.all_of, units):
                yield from (one for one in found if focus is None or one.focus in focus)

    def referred(
        self, store: EmbeddedStore, focus: Collection[str] | None = None
    ) -> Iterator[CheckResult]:
        """Yield the results of the shapes that only the reference can check."""
        if self.rest is not None:
            data = extracted(store, self.referred_predicates)
            for result in reference.results(data, self.rest, focus):
                if result.rule in self.compiled.referred:
                    yield result


class Dataset:
    """The graphs of a store that shapes look at, and queries over their union."""

    def __init__(self, engine: ox.Store, *, is_closed: bool = False) -> None:
        self.engine = engine
        self._is_closed = is_closed
        named = (str(node.value) for node in engine.named_graphs())
        self._graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] = [
            graph_node(name) for name in (*named, "") if name not in LEFT_OUT
        ]

    def query(self, text: str, handed: Sequence[Term] = ()) -> ox.QuerySolutions:
        """Answer a query over the union of the graphs; it may use the terms handed to it."""
        try:
            found = self.engine.query(
                text,
                default_graph=self._graphs,
                named_graphs=[],
                custom_functions={HANDED: lambda number: handed[int(number.value)]},
            )
        except SyntaxError as error:
            raise RuleError(f"a rule is not valid SPARQL: {error.msg}") from error
        if not isinstance(found, ox.QuerySolutions):
            raise RuleError("a rule has to be a SELECT query")
        return found

    def all_of(self, unit: Unit) -> list[CheckResult]:
        """Return the results of a unit for all its focus nodes."""
        if unit.wide_target is not None:
            (check,) = unit.checks
            found = self._results(check, Asked(check.text.replace(MARK, "")))
            return [one for one in found if self._points(node(one.focus), unit.wide_target)]
        return [
            result
            for check in unit.checks
            for result in self._results(check, Asked(check.for_all(is_closed=self._is_closed)))
        ]

    def _points(self, subject: Term, predicate: ox.NamedNode) -> bool:
        """Return whether a node has a property in a graph that counts."""
        if isinstance(subject, ox.Literal):
            return False
        found = self.engine.quads_for_pattern(subject, predicate, None, None)
        return any(quad.graph_name in self._graphs for quad in found)

    def some_of(self, unit: Unit, nodes: Iterable[Term]) -> list[CheckResult]:
        """Return the results of a unit for some nodes, which are focus nodes of it."""
        return [
            result
            for check in unit.checks
            for asked in check.for_some(nodes)
            for result in self._results(check, asked)
        ]

    def rows_of(self, unit: Unit, triples: Iterable[ox.Triple]) -> list[CheckResult]:
        """Return the results of a unit about some statements, whose subjects are focus nodes."""
        return [
            result
            for check in unit.checks
            for asked in check.for_rows(triples)
            for result in self._results(check, asked)
        ]

    def _results(self, check: Check, asked: Asked) -> Iterator[CheckResult]:
        answer = self.query(asked.text, asked.handed)
        names = [variable.value for variable in answer.variables]
        for row in answer:
            found: dict[str, Term | None] = dict(zip(names, row, strict=True))
            this = found.get("this")
            if this is None:
                raise RuleError(f"{check.shape}: the query has to project $this")
            yield check.result(this, found)

    def populations(
        self, chosen: Iterable[tuple[tuple[str, str], ...]], focus: Collection[str] | None
    ) -> dict[tuple[tuple[str, str], ...], int]:
        """Return the number of focus nodes that targets choose."""
        return {targets: self._population(targets, focus) for targets in chosen}

    def _population(
        self, targets: tuple[tuple[str, str], ...], focus: Collection[str] | None
    ) -> int:
        patterns = " UNION ".join(
            f"{{ {target_pattern(Target(kind, iri(target)), '?this')} }}"
            for kind, target in targets
        )
        if focus is None:
            rows = iter(self.query(f"SELECT (COUNT(DISTINCT ?this) AS ?n) {{ {patterns} }}"))
            return int(value_of(next(rows)["n"]))
        found = self.query(f"SELECT DISTINCT ?this {{ {patterns} }}")
        return sum(value_of(row["this"]) in focus or str(row["this"]) in focus for row in found)


def once(results: Iterable[CheckResult]) -> list[CheckResult]:
    """Return each result once, whatever the wordings a rule found for it."""
    by_iri: dict[str, CheckResult] = {}
    for result in sorted(results, key=lambda one: one.message):
        by_iri.setdefault(result.iri, result)
    return list(by_iri.values())


def check_store(
    store: EmbeddedStore, rules: RuleSet, focus: Collection[str] | None = None
) -> Report:
    """Check rules over a store, once."""
    return Checker(rules).check(store, focus)
