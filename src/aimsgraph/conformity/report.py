"""What a check gives: a result per focus node and rule, and an evaluation per rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import pyoxigraph as ox

from aimsgraph.conformity.rules import SEVERITIES, Rule
from aimsgraph.namespaces import AIMS, CONFORMITY_GRAPH, GRAPH, RDF, SH
from aimsgraph.rdf.terms import Term, typed


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

    @property
    def iri(self) -> str:
        """Return the result's name, a digest of what it is about, so that it stays the same."""
        parts = (self.focus, self.path or "", str(self.value or ""), self.component, self.rule)
        return f"{GRAPH}conformity/{sha256(chr(31).join(parts).encode()).hexdigest()[:24]}"

    def sort_key(self) -> tuple[int, str, str, str]:
        """Return what orders results: the worst first, then by rule, focus and value."""
        return SEVERITIES.index(self.severity), self.rule, self.focus, str(self.value or "")


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
        level = SEVERITIES.index(severity) if severity else len(SEVERITIES)

        def fits(requirements: tuple[str, ...], of: str) -> bool:
            return (clause is None or clause in requirements) and SEVERITIES.index(of) <= level

        return Report(
            tuple(r for r in self.results if fits(r.requirements, r.severity)),
            tuple(e for e in self.evaluations if fits(e.rule.requirements, e.rule.severity)),
        )

    def quads(self, today: str | None = None) -> Iterator[ox.Quad]:
        """Yield the report as the conformity graph holds it."""
        for result in self.results:
            yield from _quads(result.iri, _result_properties(result))
        for one in self.evaluations:
            name = one.rule.iri.rsplit("#", 1)[-1]
            yield from _quads(f"{GRAPH}conformity/rule/{name}", _rule_properties(one, today))


def _quads(subject: str, properties: Iterable[tuple[str, Term]]) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(CONFORMITY_GRAPH)
    for predicate, value in properties:
        yield ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph)


def _result_properties(result: CheckResult) -> Iterator[tuple[str, Term]]:
    yield f"{RDF}type", ox.NamedNode(f"{AIMS}CheckResult")
    yield f"{AIMS}focus", node(result.focus)
    yield f"{AIMS}ofRule", ox.NamedNode(result.rule)
    yield f"{AIMS}resultSeverity", ox.NamedNode(f"{SH}{result.severity}")
    yield f"{AIMS}resultMessage", ox.Literal(result.message, language="en")
    yield f"{AIMS}resultComponent", ox.NamedNode(result.component)
    if result.path:
        yield f"{AIMS}resultPath", ox.NamedNode(result.path)
    if result.value is not None:
        yield f"{AIMS}resultValue", result.value
    for requirement in result.requirements:
        yield f"{AIMS}ofRequirement", ox.NamedNode(requirement)


def _rule_properties(one: RuleEvaluation, today: str | None) -> Iterator[tuple[str, Term]]:
    yield f"{RDF}type", ox.NamedNode(f"{AIMS}RuleEvaluation")
    yield f"{AIMS}ofRule", ox.NamedNode(one.rule.iri)
    yield f"{AIMS}population", typed(str(one.population), "integer")
    yield f"{AIMS}resultCount", typed(str(one.results), "integer")
    if today:
        yield f"{AIMS}evaluatedOn", typed(today, "date")


def node(text: str) -> ox.NamedNode | ox.BlankNode:
    """Return a focus node as a term: `_:label` is a blank node, all else an IRI."""
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text)
