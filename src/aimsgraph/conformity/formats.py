"""A report in the formats people and tools take it in."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

import pyoxigraph as ox

from aimsgraph.conformity.report import CheckResult, Report, node, severity_iri
from aimsgraph.namespaces import AIMS, PREFIXES, RDF, SH, shorten
from aimsgraph.rdf.terms import typed, value_of

_LEVEL_FOR_SEVERITY: Final = {"Violation": "error", "Warning": "warning", "Info": "note"}


def to_json(report: Report) -> str:
    """Return the report as JSON, with the evaluation of every rule."""
    return _dump(
        {
            "conforms": report.conforms,
            "counts": {name.lower(): count for name, count in report.count().items()},
            "results": [_result(result) for result in report.results],
            "rules": [
                {
                    "rule": one.rule.iri,
                    "name": one.rule.name,
                    "severity": one.rule.severity.lower(),
                    "requirements": list(one.rule.requirements),
                    "population": one.population,
                    "results": one.results,
                    "verdict": one.verdict,
                }
                for one in report.evaluations
            ],
        }
    )


def to_turtle(report: Report) -> str:
    """Return the report as a SHACL validation report (SHACL, section 3.6)."""
    return _rdf(report, ox.RdfFormat.TURTLE)


def to_jsonld(report: Report) -> str:
    """Return the report as a SHACL validation report in JSON-LD."""
    return _rdf(report, ox.RdfFormat.JSON_LD)


def to_junit(report: Report) -> str:
    """Return the report as JUnit XML: a test per rule, skipped where nothing was to check."""
    suite = ET.Element(
        "testsuite",
        name="aimsgraph",
        tests=str(len(report.evaluations)),
        failures=str(sum(bool(one.results) for one in report.evaluations)),
        skipped=str(sum(one.verdict == "nothing to check" for one in report.evaluations)),
    )
    for one in report.evaluations:
        case = ET.SubElement(suite, "testcase", classname="aimsgraph.rules", name=one.rule.name)
        if one.verdict == "nothing to check":
            ET.SubElement(case, "skipped", message="nothing to check")
        for result in (r for r in report.results if r.rule == one.rule.iri):
            failure = ET.SubElement(case, "failure", type=result.severity, message=result.message)
            failure.text = f"{result.focus}: {result.message}"
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def to_sarif(report: Report) -> str:
    """Return the report as SARIF 2.1.0, for the tools of code platforms."""
    rules = [
        {
            "id": shorten(one.rule.iri),
            "shortDescription": {"text": one.rule.name},
            "defaultConfiguration": {"level": _LEVEL_FOR_SEVERITY[one.rule.severity]},
            "properties": {"requirements": list(one.rule.requirements)},
        }
        for one in report.evaluations
    ]
    results = [
        {
            "ruleId": shorten(result.rule),
            "level": _LEVEL_FOR_SEVERITY[result.severity],
            "message": {"text": result.message},
            "locations": [{"logicalLocations": [{"fullyQualifiedName": result.focus}]}],
            "partialFingerprints": {"aimsgraph/v1": result.iri.rsplit("/", 1)[-1]},
        }
        for result in report.results
    ]
    driver = {"name": "aimsgraph", "informationUri": "https://w3id.org/aimsgraph", "rules": rules}
    return _dump(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{"tool": {"driver": driver}, "results": results}],
        }
    )


WRITERS: Final[dict[str, tuple[str, Callable[[Report], str]]]] = {
    "json": ("application/json", to_json),
    "turtle": ("text/turtle", to_turtle),
    "jsonld": ("application/ld+json", to_jsonld),
    "junit": ("application/xml", to_junit),
    "sarif": ("application/sarif+json", to_sarif),
}
"""Formats by name, with their media type; the text format belongs to the command line."""


def _result(result: CheckResult) -> dict[str, Any]:
    return {
        "id": result.iri,
        "focus": result.focus,
        "rule": result.rule,
        "severity": result.severity.lower(),
        "message": result.message,
        "path": result.path,
        "value": None if result.value is None else value_of(result.value),
        "component": result.component,
        "requirements": list(result.requirements),
        "since": result.since,
    }


def _rdf(report: Report, rdf_format: ox.RdfFormat) -> str:
    output = io.BytesIO()
    ox.serialize(_triples(report), output, rdf_format, prefixes=PREFIXES)
    return output.getvalue().decode()


def _triples(report: Report) -> Iterator[ox.Triple]:
    top, a = ox.BlankNode(), ox.NamedNode(f"{RDF}type")
    yield ox.Triple(top, a, ox.NamedNode(f"{SH}ValidationReport"))
    conforms = typed(str(report.conforms).lower(), "boolean")
    yield ox.Triple(top, ox.NamedNode(f"{SH}conforms"), conforms)
    for result in report.results:
        subject = ox.NamedNode(result.iri)
        yield ox.Triple(top, ox.NamedNode(f"{SH}result"), subject)
        yield ox.Triple(subject, a, ox.NamedNode(f"{SH}ValidationResult"))
        for name, value in _properties(result):
            yield ox.Triple(subject, ox.NamedNode(name), value)


def _properties(
    result: CheckResult,
) -> Iterator[tuple[str, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]]:
    yield f"{SH}focusNode", node(result.focus)
    yield f"{SH}sourceShape", node(result.rule)
    yield f"{SH}resultSeverity", ox.NamedNode(severity_iri(result.severity))
    yield f"{SH}sourceConstraintComponent", ox.NamedNode(result.component)
    yield f"{SH}resultMessage", ox.Literal(result.message, language="en")
    if result.path:
        yield f"{SH}resultPath", ox.NamedNode(result.path)
    if result.value is not None:
        yield f"{SH}value", result.value
    if result.since:
        yield f"{AIMS}since", ox.NamedNode(result.since)
    for requirement in result.requirements:
        yield f"{AIMS}ofRequirement", ox.NamedNode(requirement)


def _dump(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
