"""What a check gives: a result per focus node and rule, and an evaluation per rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import pyoxigraph as ox

from aimsgraph.conformity.rules import SEVERITIES, Rule
from aimsgraph.namespaces import AIMS, CONFORMITY_GRAPH, GRAPH, RDF, SH, SHAPES
from aimsgraph.rdf.terms import Term, read_term, typed

Targets = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CheckResult:
    """One rule that one focus node does not keep."""

    focus: str
    rule: str
    severity: str
    message: str
    component: str
    path: str | None = None
    value: Term | None = None
    requirements: tuple[str, ...] = ()
    since: str | None = None
    """The IRI of the changeset it appeared with, where that is known."""

    @property
    def iri(self) -> str:
        """Return the result's name, a digest of what it is about, so that it stays the same."""
        parts = (self.focus, self.path or "", str(self.value or ""), self.component, self.rule)
        return f"{GRAPH}conformity/{sha256(chr(31).join(parts).encode()).hexdigest()[:24]}"

    def sort_key(self) -> tuple[int, str, str, str]:
        """Return what orders results: the worst first, then by rule, focus and value."""
        return _rank(self.severity), self.rule, self.focus, str(self.value or "")


@dataclass(frozen=True)
class RuleEvaluation:
    """How many focus nodes a rule looked at and how many results it gave."""

    rule: Rule
    population: int
    results: int

    @property
    def verdict(self) -> str:
        """Return met, not met or nothing to check; a rule over nothing is never met."""
        if self.results:
            return "not met"
        return "met" if self.population else "nothing to check"


@dataclass(frozen=True)
class Standing:
    """How every rule stands, without the results themselves."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    results: Mapping[str, int] = field(default_factory=dict)
    """The number of results, by the IRI of the evaluation."""
    populations: Mapping[str, int] = field(default_factory=dict)
    """The number of focus nodes, by the IRI of their set."""

    @cached_property
    def evaluations(self) -> tuple[RuleEvaluation, ...]:
        """Return the evaluations of the rules that were checked, by rule."""
        found = (
            RuleEvaluation(
                rule, self.populations.get(focus_set_iri(rule.targets), 0), self.results[name]
            )
            for rule in self.rules.values()
            if (name := evaluation_iri(rule)) in self.results
        )
        return tuple(sorted(found, key=lambda one: one.rule.iri))

    def count(self) -> dict[str, int]:
        """Return the number of results by severity, the worst first."""
        found: Counter[str] = Counter()
        for one in self.evaluations:
            found[one.rule.severity] += one.results
        return {severity: found[severity] for severity in SEVERITIES}


@dataclass(frozen=True)
class Report:
    """The results of checking some rules over some records, in a fixed order."""

    results: tuple[CheckResult, ...] = ()
    evaluations: tuple[RuleEvaluation, ...] = field(default=())

    @classmethod
    def of(cls, results: Iterable[CheckResult], evaluations: Iterable[RuleEvaluation]) -> Report:
        """Order results and evaluations."""
        return cls(
            tuple(sorted(results, key=CheckResult.sort_key)),
            tuple(sorted(evaluations, key=lambda one: one.rule.iri)),
        )

    def __add__(self, other: Report) -> Report:
        """Return both reports as one."""
        return Report.of((*self.results, *other.results), (*self.evaluations, *other.evaluations))

    @property
    def conforms(self) -> bool:
        """Return whether there is no result of any severity, as `sh:conforms` means it."""
        return not self.results

    def count(self) -> dict[str, int]:
        """Return the number of results by severity, the worst first."""
        found = Counter(result.severity for result in self.results)
        return {severity: found[severity] for severity in SEVERITIES}

    def where(self, *, clause: str | None = None, severity: str | None = None) -> Report:
        """Return the report reduced to one requirement (its IRI) or to a severity and worse."""
        level = _rank(severity) if severity else len(SEVERITIES)

        def fits(requirements: tuple[str, ...], of: str) -> bool:
            return (clause is None or clause in requirements) and _rank(of) <= level

        return Report(
            tuple(r for r in self.results if fits(r.requirements, r.severity)),
            tuple(e for e in self.evaluations if fits(e.rule.requirements, e.rule.severity)),
        )

    def quads(self) -> Iterator[ox.Quad]:
        """Yield the report as the conformity graph holds it."""
        for result in self.results:
            yield from result_quads(result)
        for one in self.evaluations:
            yield from rule_quads(one.rule, one.results)
            yield from focus_set_quads(one.rule.targets, one.population)


def result_quads(result: CheckResult) -> Iterator[ox.Quad]:
    """Yield a result as the conformity graph holds it."""
    return _quads(result.iri, _result_properties(result))


def rule_quads(rule: Rule, results: int) -> Iterator[ox.Quad]:
    """Yield the evaluation of a rule as the conformity graph holds it."""
    return _quads(evaluation_iri(rule), _rule_properties(rule, results))


def evaluation_iri(rule: Rule) -> str:
    """Return the name of the evaluation of a rule."""
    is_ours = rule.iri.startswith(SHAPES)
    told = rule.iri.removeprefix(SHAPES) if is_ours else sha256(rule.iri.encode()).hexdigest()[:24]
    return f"{GRAPH}conformity/rule/{told}"


def focus_set_quads(targets: Targets, population: int) -> Iterator[ox.Quad]:
    """Yield the size of a set of focus nodes as the conformity graph holds it."""
    return _quads(focus_set_iri(targets), _focus_set_properties(population))


def focus_set_iri(targets: Targets) -> str:
    """Return the name of the set of focus nodes that targets choose."""
    (kind, target), *others = targets
    is_class = kind == "targetClass" and target.startswith(AIMS) and not others
    told = (
        target.removeprefix(AIMS) if is_class else sha256(repr(targets).encode()).hexdigest()[:24]
    )
    return f"{GRAPH}conformity/focus/{told}"


def _quads(subject: str, properties: Iterable[tuple[str, Term]]) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(CONFORMITY_GRAPH)
    for predicate, value in properties:
        yield ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph)


def _rank(severity: str) -> int:
    """Return the place of a severity, the worst first; one of somebody's own comes last."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _result_properties(result: CheckResult) -> Iterator[tuple[str, Term]]:
    yield f"{RDF}type", ox.NamedNode(f"{AIMS}CheckResult")
    yield f"{AIMS}focus", node(result.focus)
    yield f"{AIMS}ofRule", node(result.rule)
    yield f"{AIMS}resultSeverity", ox.NamedNode(severity_iri(result.severity))
    yield f"{AIMS}resultMessage", ox.Literal(result.message, language="en")
    yield f"{AIMS}resultComponent", ox.NamedNode(result.component)
    if result.path:
        yield f"{AIMS}resultPath", ox.NamedNode(result.path)
    if result.value is not None:
        yield f"{AIMS}resultValue", result.value
    if result.since:
        yield f"{AIMS}since", ox.NamedNode(result.since)
    for requirement in result.requirements:
        yield f"{AIMS}ofRequirement", ox.NamedNode(requirement)


def _rule_properties(rule: Rule, results: int) -> Iterator[tuple[str, Term]]:
    yield f"{RDF}type", ox.NamedNode(f"{AIMS}RuleEvaluation")
    yield f"{AIMS}ofRule", ox.NamedNode(rule.iri)
    yield f"{AIMS}looksAt", ox.NamedNode(focus_set_iri(rule.targets))
    yield f"{AIMS}resultCount", typed(str(results), "integer")


def _focus_set_properties(population: int) -> Iterator[tuple[str, Term]]:
    yield f"{RDF}type", ox.NamedNode(f"{AIMS}FocusSet")
    yield f"{AIMS}population", typed(str(population), "integer")


def severity_iri(name: str) -> str:
    """Return the IRI of a severity; one of somebody's own is an IRI already."""
    return f"{SH}{name}" if name in SEVERITIES else name


def node(text: str) -> Term:
    """Return a focus node as a term: `_:label` is a blank node, all but a literal else an IRI."""
    if text.startswith('"'):
        return read_term(text)
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text)


def name_of(node: Term) -> str:
    """Return a focus node as reports name it: an IRI, `_:label`, or a literal as it is written."""
    return node.value if isinstance(node, ox.NamedNode) else str(node)
