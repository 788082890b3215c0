"""Reading case files and building the graph a case is about. Cases are discovered, never listed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib

from aimsgraph.assets import Assets
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.conformity.reference import PreparedGraph
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.inference.materialise import materialise
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH, PREFIXES, RECORDS_GRAPHS
from aimsgraph.rdf.header import read_header
from aimsgraph.rdf.parsing import read_all, read_quads
from aimsgraph.rdf.terms import to_rdflib_graph

ROOT = Path(__file__).resolve().parents[1]
CASES = Path(__file__).resolve().parent / "cases"
ASSETS = Assets(ROOT)
CASE_GRAPH = ox.NamedNode(f"{RECORDS_GRAPHS}case")

_PREFIXES = {**PREFIXES, "ex": "https://example.org/"}


def expand(name: str) -> str:
    """Return a CURIE of a case header as an IRI."""
    prefix, _, rest = name.partition(":")
    return _PREFIXES[prefix] + rest if prefix in _PREFIXES else name


@dataclass(frozen=True)
class Case:
    """One case file with its header."""

    path: Path

    @property
    def header(self) -> dict[str, Any]:
        """Return what the header of the file says."""
        return read_header(self.path)

    @property
    def id(self) -> str:
        """Return what a test run shows for the case."""
        return f"{self.path.parent.name}/{self.path.stem}"


def shape_cases() -> list[Case]:
    """Return all cases of rules."""
    return [Case(path) for path in sorted((CASES / "shapes").rglob("*.ttl"))]


def question_cases() -> list[Case]:
    """Return all cases of questions."""
    return [Case(path) for path in sorted((CASES / "queries").rglob("*.ttl"))]


@cache
def rules() -> RuleSet:
    """Return all shipped rules."""
    return RuleSet.read(ASSETS.shape_files())


@cache
def rules_of(stem: str) -> RuleSet:
    """Return the rules of one file of shapes."""
    return RuleSet.read([ROOT / "shapes" / "prefixes.ttl", ROOT / "shapes" / f"{stem}.ttl"])


@cache
def catalogue() -> Catalogue:
    """Return all shipped questions."""
    return Catalogue.read(ASSETS.question_files())


class Workbench:
    """A store with the ontology in it, into which one case at a time is put.

    What follows from the ontology alone is kept with it, so that a case costs little.
    """

    def __init__(self) -> None:
        self.store = ox.Store()
        self.store.bulk_extend(read_all(ASSETS.ontology_files(), ox.NamedNode(ONTOLOGY_GRAPH)))
        materialise(self.store, [])
        own = self.store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED_GRAPH))
        ontology = ox.NamedNode(ONTOLOGY_GRAPH)
        self.store.extend([ox.Quad(q.subject, q.predicate, q.object, ontology) for q in own])
        self.graph = PreparedGraph()
        to_rdflib_graph(self.store, self.graph)

    def put(self, path: Path) -> None:
        """Make the store hold the ontology, one case and its inferences."""
        self.store.clear_graph(CASE_GRAPH)
        self.store.extend(read_quads(path, CASE_GRAPH))
        materialise(self.store, [CASE_GRAPH.value])

    @contextmanager
    def data(self) -> Iterator[rdflib.Graph]:
        """Give ontology, case and inferences as one rdflib graph, for the time of a check."""
        own = rdflib.Graph(bind_namespaces="none")
        for name in (CASE_GRAPH, ox.NamedNode(INFERRED_GRAPH)):
            to_rdflib_graph(self.store.quads_for_pattern(None, None, None, name), own)
        added = [triple for triple in own if triple not in self.graph]
        for triple in added:
            self.graph.add(triple)
        yield self.graph
        for triple in added:
            self.graph.remove(triple)
