"""The rules: SHACL shapes with a name, a severity, a kind and the requirement they enforce."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, SH, URIRef
from rdflib.term import BNode, Node

from aimsgraph.namespaces import AIMS, SHAPES_GRAPH
from aimsgraph.rdf.parsing import read_quads
from aimsgraph.rdf.terms import iri, to_rdflib_graph

CONFORMITY_RULE: Final = URIRef(f"{AIMS}ConformityRule")
INTEGRITY_RULE: Final = URIRef(f"{AIMS}IntegrityRule")
ENFORCES: Final = URIRef(f"{AIMS}enforces")

SEVERITIES: Final = ("Violation", "Warning", "Info")
"""Severities, worst first: a "shall" not met, guidance not met, advice."""

_TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


@dataclass(frozen=True)
class Rule:
    """One named shape that is a rule, with what people are told about it."""

    iri: str
    name: str
    severity: str
    is_integrity: bool
    requirements: tuple[str, ...]
    targets: tuple[tuple[str, str], ...]
    """Pairs of target kind (targetClass ...) and target; its own or its parent shape's."""


class RuleSet:
    """The shapes of some files as one graph, and the rules they declare."""

    def __init__(self, shapes: rdflib.Graph) -> None:
        self.shapes = shapes
        self.rules: dict[str, Rule] = {rule.iri: rule for rule in _rules(shapes)}

    @classmethod
    def read(cls, paths: Iterable[Path]) -> RuleSet:
        """Read shapes files.

        Raises:
            SourceError: a file is not RDF.
        """
        shapes = rdflib.Graph(bind_namespaces="none")
        for path in paths:
            shapes += to_rdflib_graph(read_quads(path, iri(SHAPES_GRAPH)))
        return cls(shapes)

    @classmethod
    def of_quads(cls, quads: Iterable[ox.Quad]) -> RuleSet:
        """Return the rules that lie in the shapes graph of a store."""
        return cls(to_rdflib_graph(quads))

    def only(self, chosen: Iterable[str]) -> RuleSet:
        """Return the same rules reduced to some of them, by IRI."""
        wanted = set(chosen)
        return self.without(name for name in self.rules if name not in wanted)

    def without(self, left_out: Iterable[str]) -> RuleSet:
        """Return the same rules with some of them deactivated."""
        dropped = {_node(name) for name in left_out}
        shapes = rdflib.Graph(bind_namespaces="none")
        for subject, predicate, value in self.shapes:
            targets = predicate in _TARGETS or predicate == SH.sparql
            if not (subject in dropped and targets) and not (
                predicate == SH.property and value in dropped
            ):
                shapes.add((subject, predicate, value))
        reduced = RuleSet(shapes)
        reduced.rules = {k: v for k, v in self.rules.items() if _node(k) not in dropped}
        return reduced

    def conformity(self) -> RuleSet:
        """Return the rules that record a result and never refuse."""
        return self.only(rule.iri for rule in self.rules.values() if not rule.is_integrity)


def _node(name: str) -> Node:
    return BNode(name[2:]) if name.startswith("_:") else URIRef(name)


def _rules(shapes: rdflib.Graph) -> Iterable[Rule]:
    for kind in (CONFORMITY_RULE, INTEGRITY_RULE):
        for shape in sorted(shapes.subjects(RDF.type, kind), key=str):
            severity = str(shapes.value(shape, SH.severity) or SH.Violation)
            yield Rule(
                iri=str(shape),
                name=str(shapes.value(shape, SH.name) or shape),
                severity=severity.rsplit("#", 1)[-1],
                is_integrity=kind == INTEGRITY_RULE,
                requirements=tuple(sorted(str(node) for node in shapes.objects(shape, ENFORCES))),
                targets=tuple(sorted(_targets(shapes, shape))),
            )


def _targets(shapes: rdflib.Graph, shape: Node) -> Iterable[tuple[str, str]]:
    for owner in (shape, *shapes.subjects(SH.property, shape)):
        for kind in _TARGETS:
            for target in shapes.objects(owner, kind):
                yield str(kind).rsplit("#", 1)[-1], str(target)
