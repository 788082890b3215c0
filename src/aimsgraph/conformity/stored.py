"""The report as the conformity graph holds it, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.report import (
    CheckResult,
    Report,
    RuleEvaluation,
    Standing,
    name_of,
)
from aimsgraph.conformity.rules import Rule
from aimsgraph.namespaces import AIMS, CONFORMITY_GRAPH, SH
from aimsgraph.rdf.terms import Term, value_of

_About = dict[str, list[Term]]


def read_report(quads: Iterable[ox.Quad], rules: Mapping[str, Rule]) -> Report:
    """Return the report in the quads of the conformity graph; `rules` by IRI."""
    nodes = _nodes(quads)
    evaluated = [about for about in nodes.values() if "looksAt" in about]
    return Report.of(
        (read_result(about) for about in nodes.values() if "focus" in about),
        (
            RuleEvaluation(
                rules[_text(about, "ofRule")],
                _count(nodes.get(_text(about, "looksAt"), {}), "population"),
                _count(about, "resultCount"),
            )
            for about in evaluated
            if _text(about, "ofRule") in rules
        ),
    )


class Counts:
    """How many results and focus nodes the conformity graph of a store counts, kept at hand."""

    def __init__(self, engine: ox.Store) -> None:
        self._results = _numbers(engine, _RESULT_COUNT)
        self._populations = _numbers(engine, _POPULATION)

    def follow(self, added: Iterable[ox.Quad], removed: Iterable[ox.Quad]) -> None:
        """Take up what a change did to the conformity graph."""
        for quads, is_there in ((removed, False), (added, True)):
            for quad in quads:
                held = {_RESULT_COUNT: self._results, _POPULATION: self._populations}.get(
                    quad.predicate
                )
                if held is not None and is_there:
                    held[value_of(quad.subject)] = int(value_of(quad.object))
                elif held is not None:
                    held.pop(value_of(quad.subject), None)

    def standing(self, rules: Mapping[str, Rule]) -> Standing:
        """Return how rules stand."""
        return Standing(rules, dict(self._results), dict(self._populations))


_RESULT_COUNT: Final = ox.NamedNode(f"{AIMS}resultCount")
_POPULATION: Final = ox.NamedNode(f"{AIMS}population")


def _numbers(engine: ox.Store, predicate: ox.NamedNode) -> dict[str, int]:
    found = engine.quads_for_pattern(None, predicate, None, ox.NamedNode(CONFORMITY_GRAPH))
    return {value_of(quad.subject): int(value_of(quad.object)) for quad in found}


def read_results(quads: Iterable[ox.Quad]) -> dict[str, CheckResult]:
    """Return the results in quads of the conformity graph, by IRI."""
    return {name: read_result(about) for name, about in _nodes(quads).items() if "focus" in about}


def _nodes(quads: Iterable[ox.Quad]) -> dict[str, _About]:
    nodes: dict[str, _About] = {}
    for quad in quads:
        about = nodes.setdefault(value_of(quad.subject), {})
        about.setdefault(quad.predicate.value.removeprefix(AIMS), []).append(quad.object)
    return nodes


def read_result(about: _About) -> CheckResult:
    """Return a result from its properties."""
    focus = about["focus"][0]
    values = about.get("resultValue")
    return CheckResult(
        focus=name_of(focus),
        rule=name_of(about["ofRule"][0]),
        severity=_text(about, "resultSeverity").removeprefix(SH),
        message=_text(about, "resultMessage"),
        component=_text(about, "resultComponent"),
        path=_text(about, "resultPath") or None,
        value=values[0] if values else None,
        since=_text(about, "since") or None,
        requirements=tuple(sorted(value_of(one) for one in about.get("ofRequirement", []))),
    )


def _text(about: _About, name: str) -> str:
    values = about.get(name)
    return value_of(values[0]) if values else ""


def _count(about: _About, name: str) -> int:
    return int(_text(about, name) or 0)
