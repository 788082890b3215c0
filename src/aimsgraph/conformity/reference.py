"""Checking by pySHACL, the reference: slow on large graphs, and right.

pySHACL changes the shapes graph it is given, so it gets a copy. It parses the
text of a SPARQL rule once per focus node; the data graph handed to it keeps
the parsed form instead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import pyshacl
import rdflib
from pyparsing import ParseException
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError
from rdflib import RDF, SH, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import BNode, Identifier, Literal, Node

from aimsgraph.conformity.report import CheckResult, Report, RuleEvaluation
from aimsgraph.conformity.rules import Rule, RuleSet
from aimsgraph.errors import RuleError
from aimsgraph.rdf.terms import from_rdflib


class PreparedGraph(rdflib.Graph):
    """A graph that parses the text of a query once, however often it is asked."""

    def __init__(self) -> None:
        super().__init__(bind_namespaces="none")
        self._prepared: dict[str, Query] = {}

    def query(  # type: ignore[override]
        self,
        query_object: str,
        processor: str = "sparql",
        result: str = "sparql",
        initNs: Mapping[str, Any] | None = None,  # noqa: N803 - rdflib's own name
        initBindings: Mapping[str, Identifier] | None = None,  # noqa: N803 - rdflib's own name
        use_store_provided: bool = True,
        **kwargs: Any,
    ) -> Result:
        """Answer a query as `rdflib.Graph` does."""
        prepared = self._prepared.get(query_object)
        if prepared is None:
            prepared = self._prepared[query_object] = prepareQuery(query_object, initNs=initNs)
        return super().query(
            prepared, processor, result, None, initBindings, use_store_provided, **kwargs
        )


def check(data: rdflib.Graph, rules: RuleSet, focus: Collection[str] | None = None) -> Report:
    """Check rules over a graph that already holds its inferences.

    Args:
        data: records, inferences and ontology together.
        rules: the rules to check.
        focus: look at these nodes only; None looks at all targets.

    Raises:
        RuleError: pySHACL cannot make sense of a rule.
    """
    populations = {rule.iri: _population(data, rule, focus) for rule in rules.rules.values()}
    found = list(results(data, rules, focus)) if any(populations.values()) else []
    counts: dict[str, int] = {}
    for result in found:
        counts[result.rule] = counts.get(result.rule, 0) + 1
    return Report.of(
        found,
        (
            RuleEvaluation(rule, populations[rule.iri], counts.get(rule.iri, 0))
            for rule in rules.rules.values()
        ),
    )


def results(
    data: rdflib.Graph, rules: RuleSet, focus: Collection[str] | None
) -> Iterator[CheckResult]:
    """Yield the results of checking rules over a graph that holds its inferences.

    Raises:
        RuleError: pySHACL cannot make sense of a rule.
    """
    shapes = rdflib.Graph(bind_namespaces="none")
    shapes += rules.shapes
    try:
        found = _validate(data, shapes)
    except (
        ReportableRuntimeError,
        ShapeLoadError,
        ConstraintLoadError,
        ParseException,
        NotImplementedError,
    ) as error:
        raise RuleError(f"a rule cannot be checked: {str(error).splitlines()[0]}") from error
    for node in found.objects(None, SH.result):
        result = _result(found, node, rules)
        if focus is None or result.focus in focus:
            yield result


def _validate(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """Return pySHACL's report. It takes few kinds of IRI as focus nodes, so it looks at all."""
    _, found, _ = pyshacl.validate(
        data,
        shacl_graph=shapes,
        inplace=True,
        inference="none",
    )
    if not isinstance(found, rdflib.Graph):
        raise found
    return found


def _result(found: rdflib.Graph, node: Node, rules: RuleSet) -> CheckResult:
    focus, rule = found.value(node, SH.focusNode), _name(found.value(node, SH.sourceShape))
    path, value = found.value(node, SH.resultPath), found.value(node, SH.value)
    messages = sorted(str(text) for text in found.objects(node, SH.resultMessage))
    known = rules.rules.get(rule)
    return CheckResult(
        focus=_name(focus),
        rule=rule,
        severity=str(found.value(node, SH.resultSeverity)).removeprefix(str(SH)),
        message=" ".join(messages),
        component=str(found.value(node, SH.sourceConstraintComponent)),
        path=str(path) if isinstance(path, URIRef) else None,
        value=None if value is None else from_rdflib(value),
        requirements=known.requirements if known else (),
    )


def _name(node: Node | None) -> str:
    """Return a node as reports name it."""
    if isinstance(node, Literal):
        return str(from_rdflib(node))
    return f"_:{node}" if isinstance(node, BNode) else str(node)


def _population(data: rdflib.Graph, rule: Rule, focus: Collection[str] | None) -> int:
    nodes: set[Node] = set()
    for kind, target in rule.targets:
        nodes.update(_focus_nodes(data, kind, URIRef(target)))
    return len(nodes) if focus is None else len(nodes & {URIRef(one) for one in focus})


def _focus_nodes(data: rdflib.Graph, kind: str, target: URIRef) -> Iterable[Node]:
    if kind == "targetNode":
        return (target,)
    if kind == "targetSubjectsOf":
        return data.subjects(target)
    if kind == "targetObjectsOf":
        return data.objects(None, target)
    return data.subjects(RDF.type, target)
