"""The report as the conformity graph holds it, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from aimsgraph.conformity.report import CheckResult, Report, RuleEvaluation
from aimsgraph.conformity.rules import Rule
from aimsgraph.namespaces import AIMS
from aimsgraph.rdf.terms import Term, value_of

_About = dict[str, list[Term]]


def read_report(quads: Iterable[ox.Quad], rules: Mapping[str, Rule]) -> Report:
    """Return the report in the quads of the conformity graph; `rules` by IRI."""
    nodes: dict[str, _About] = {}
    for quad in quads:
        about = nodes.setdefault(value_of(quad.subject), {})
        about.setdefault(quad.predicate.value.removeprefix(AIMS), []).append(quad.object)
    evaluated = [about for about in nodes.values() if "population" in about]
    return Report.of(
        (_result(about) for about in nodes.values() if "focus" in about),
        (
            RuleEvaluation(
                rules[_text(about, "ofRule")],
                _count(about, "population"),
                _count(about, "resultCount"),
            )
            for about in evaluated
            if _text(about, "ofRule") in rules
        ),
    )


def _result(about: _About) -> CheckResult:
    focus = about["focus"][0]
    values = about.get("resultValue")
    return CheckResult(
        focus=str(focus) if isinstance(focus, ox.BlankNode) else value_of(focus),
        rule=_text(about, "ofRule"),
        severity=_text(about, "resultSeverity").rsplit("#", 1)[-1],
        message=_text(about, "resultMessage"),
        component=_text(about, "resultComponent"),
        path=_text(about, "resultPath") or None,
        value=values[0] if values else None,
        requirements=tuple(sorted(value_of(one) for one in about.get("ofRequirement", []))),
    )


def _text(about: _About, name: str) -> str:
    values = about.get(name)
    return value_of(values[0]) if values else ""


def _count(about: _About, name: str) -> int:
    return int(_text(about, name))
