"""Answers to queries, from wherever they come, in a form in which equal ones are equal."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
import rdflib

from aimsgraph.rdf.terms import Term, from_rdflib

RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
ROW, COUNT, STATEMENT = "urn:column:", ox.NamedNode("urn:count"), ox.NamedNode("urn:statement")

Row = Mapping[str, Term]


@dataclass(frozen=True)
class Outcome:
    """An answer: its variables, where it is a table, and all it says."""

    variables: frozenset[str]
    said: frozenset[str]


def of_rows(variables: Iterable[str], rows: Iterable[Row], *, stored: bool = False) -> Outcome:
    """Return a table, in which each row counts as often as it is there."""
    counted = Counter(tuple(sorted(row.items(), key=lambda one: one[0])) for row in rows)
    quads = []
    for row, times in counted.items():
        node = ox.BlankNode()
        quads.append(ox.Quad(node, COUNT, ox.Literal(times)))
        quads += [ox.Quad(node, ox.NamedNode(ROW + name), value) for name, value in row]
    return Outcome(frozenset(variables), _canonical(quads, stored=stored))


def of_statements(triples: Iterable[ox.Triple], *, stored: bool = False) -> Outcome:
    """Return a graph."""
    quads = [ox.Quad(one.subject, one.predicate, one.object) for one in triples]
    return Outcome(frozenset(), _canonical(quads, stored=stored))


def of_answer(answer: object, *, stored: bool = False) -> Outcome:
    """Return an answer of the engine, or one that it has read.

    Args:
        answer: the answer.
        stored: take numbers in the form in which a store gives them back.
    """
    match answer:
        case ox.QueryBoolean():
            return Outcome(frozenset(), frozenset({str(bool(answer))}))
        case ox.QueryTriples():
            return of_statements(answer, stored=stored)
        case ox.QuerySolutions():
            names = [variable.value for variable in answer.variables]
            rows = [
                {name: value for name in names if (value := one[name]) is not None}
                for one in answer
            ]
            return of_rows(names, rows, stored=stored)
    raise TypeError(type(answer).__name__)


def of_csv(text: str) -> Outcome:
    """Return a table in CSV, whose values are text and whose blank nodes have no names."""
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    values = ((ox.Literal("_:" if one.startswith("_:") else one) for one in row) for row in rows)
    return of_rows(head, (dict(zip(head, row, strict=True)) for row in values))


def of_result_graph(graph: rdflib.Graph) -> Outcome:
    """Return a table in the vocabulary by which the suite once wrote tables as RDF."""
    rows = [
        {
            str(graph.value(binding, RS.variable)): from_rdflib(value)
            for binding in graph.objects(solution, RS.binding)
            for value in graph.objects(binding, RS.value)
        }
        for solution in graph.objects(None, RS.solution)
    ]
    return of_rows(map(str, graph.objects(None, RS.resultVariable)), rows, stored=True)


def _canonical(quads: list[ox.Quad], *, stored: bool) -> frozenset[str]:
    """Return quads as text, with blank nodes named the same in equal answers."""
    if stored:
        store = ox.Store()
        store.extend(quads)
        quads = list(store)
    found = ox.Dataset(quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return frozenset(map(str, found))
