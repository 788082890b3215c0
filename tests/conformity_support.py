"""Small stores kept in step by maintenance, and beside them what a check of all gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib import SH as SHACL
from rdflib.term import Node

from aimsgraph.conformity.engine import Checker
from aimsgraph.conformity.following import Affected
from aimsgraph.conformity.maintain import Findings, Maintenance, everything
from aimsgraph.conformity.report import CheckResult, name_of
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.conformity.stored import read_results
from aimsgraph.ledger.delta import Work
from aimsgraph.namespaces import AIMS, CONFORMITY_GRAPH, RECORDS_GRAPHS, SH
from aimsgraph.rdf.terms import from_rdflib, to_rdflib_graph, value_of
from aimsgraph.store.embedded import EmbeddedStore

EX = "https://example.org/"
TURTLE = f"""
@prefix : <{EX}> .
@prefix aims: <{AIMS}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <{SH}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SPARQL = f"""
PREFIX : <{EX}> PREFIX aims: <{AIMS}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
"""
SINCE = ox.NamedNode(f"{AIMS}since")
RECORDS = f"{RECORDS_GRAPHS}main"

Row = tuple[str, str, str, str, str, str]


def quads(turtle: str) -> set[ox.Quad]:
    """Return the statements of a snippet as records; blank nodes keep their labels."""
    found = ox.parse(TURTLE + turtle, format=ox.RdfFormat.TURTLE)
    return {ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(RECORDS)) for q in found}


def shapes(turtle: str) -> Checker:
    """Return a checker of shapes."""
    return Checker(RuleSet(rdflib.Graph().parse(data=TURTLE + turtle, format="turtle")))


def select(query: str, target: str = "sh:targetClass :C", message: str = "") -> Checker:
    """Return a checker of one SPARQL constraint, given from SELECT on."""
    constraint = f'[ sh:message "{message}" ; sh:select """{SPARQL} {query}""" ]'
    return shapes(f":S a sh:NodeShape ; {target} ; sh:sparql {constraint} .")


class Kept:
    """A store and its conformity graph, which follows each change."""

    def __init__(self, checker: Checker, records: Iterable[ox.Quad]) -> None:
        self.checker = checker
        self.store = EmbeddedStore.memory()
        self.work = Work(self.store)
        self.work.change(records)
        self.work.change(everything(checker, self.store, [], since(1))[1])
        self.generation = 1

    def change(
        self, added: Iterable[ox.Quad] = (), removed: Iterable[ox.Quad] = ()
    ) -> tuple[Affected, Findings]:
        """Make a change; return the nodes it was followed to, and what that found."""
        step = self.work.change(added, removed)
        self.generation += 1
        made = Maintenance(
            self.checker, self.store, step.added, step.removed, since(self.generation)
        )
        affected, findings = made.affected(), made.findings()
        self.work.change(findings.added, findings.removed)
        return affected, findings

    @property
    def held(self) -> set[ox.Quad]:
        """Return the conformity graph as it was kept."""
        return set(self.store.quads(CONFORMITY_GRAPH))

    def anew(self) -> set[ox.Quad]:
        """Return the conformity graph that a check of all gives."""
        return everything(self.checker, self.store, self.held, since(self.generation))[1]


def chance(seed: int) -> Random:
    """Return a source of chance that gives the same each time."""
    return Random(seed)  # noqa: S311 - a seeded generator is not cryptography


def since(generation: int) -> str:
    """Return the name of a changeset."""
    return f"urn:changeset:{generation}"


def results(held: Iterable[ox.Quad]) -> dict[str, CheckResult]:
    """Return the results in a conformity graph, whatever brought them."""
    return {name: replace(one, since=None) for name, one in read_results(held).items()}


def reached(affected: Affected) -> set[str] | None:
    """Return the focus nodes, of any shape, that a change was followed to; None for all."""
    if affected.whole:
        return None
    return {name_of(node) for nodes in affected.some.values() for node in nodes}


def row(result: CheckResult) -> Row:
    """Return what two engines have to agree on of a result; blank nodes have no names."""
    severity = result.severity if ":" in result.severity else f"{SH}{result.severity}"
    named = (result.focus, result.path or "", stored(result.value), result.rule)
    focus, path, value, rule = ("_:" if text.startswith("_:") else text for text in named)
    return focus, path, value, result.component, severity, rule


def judged_by_pyshacl(checker: Checker, store: EmbeddedStore) -> set[Row]:
    """Return the rows that pySHACL gives for a store; those of sh:detail are no results."""
    rules = rdflib.Graph()
    rules += checker.rules.shapes
    _, found, _ = pyshacl.validate(to_rdflib_graph(store.engine), shacl_graph=rules, inplace=True)
    if not isinstance(found, rdflib.Graph):
        raise found
    return {_judged(found, node) for node in found.objects(None, SHACL.result)}


_TOLD = (
    SHACL.focusNode,
    SHACL.resultPath,
    SHACL.value,
    SHACL.sourceConstraintComponent,
    SHACL.resultSeverity,
    SHACL.sourceShape,
)


def _judged(report: rdflib.Graph, node: Node) -> Row:
    values = (report.value(node, name) for name in _TOLD)
    terms = [None if value is None else from_rdflib(value) for value in values]
    if isinstance(terms[1], ox.BlankNode):
        terms[1] = None
    focus, path, value, component, severity, shape = map(stored, terms)
    return focus, path, value, component, severity, shape


def stored(term: object) -> str:
    """Return a term as a store gives it back; blank nodes have no names."""
    if term is None or isinstance(term, ox.BlankNode):
        return "" if term is None else "_:"
    if not isinstance(term, ox.Literal):
        return value_of(term)
    store, any_node = ox.Store(), ox.NamedNode("urn:any")
    store.add(ox.Quad(any_node, any_node, term))
    return str(next(iter(store)).object)
