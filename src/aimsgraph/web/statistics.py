"""What a caller may read, counted: classes, properties, and which properties things have.

Each count is one query of its own. Types are joined as one text for each
thing, since a join with every class a thing has takes ten times as long.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from aimsgraph.namespaces import RDF
from aimsgraph.rdf.terms import value_of
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.view import View

MOST_FOR_DATATYPES: Final = 500_000
"""The most statements whose values are looked at; beyond, that takes longer than all else."""

_TYPES: Final = """{ SELECT ?s (GROUP_CONCAT(IF(isIRI(?c), STR(?c), "")) AS ?types)
    { ?s a ?c } GROUP BY ?s }"""

_SUM: Final = """SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?subjects)
    (COUNT(DISTINCT ?o) AS ?objects) { ?s ?p ?o }"""
_SUBJECTS: Final = f"""SELECT ?types ?p (COUNT(*) AS ?n)
    {{ {{ SELECT ?s ?p {{ ?s ?p ?o }} }} OPTIONAL {_TYPES} }} GROUP BY ?types ?p"""
_OBJECTS: Final = f"""SELECT ?types ?p (COUNT(*) AS ?n)
    {{ {{ SELECT ?s ?p {{ ?x ?p ?s }} }} {_TYPES} }} GROUP BY ?types ?p"""
_DATATYPES: Final = """SELECT ?d ?p (COUNT(*) AS ?n)
    { ?s ?p ?o FILTER(isLiteral(?o)) } GROUP BY (DATATYPE(?o) AS ?d) ?p"""

Pairs = dict[str, Counter[str]]
"""Counts by property, and by class or datatype in it."""


@dataclass(frozen=True)
class Statistics:
    """The counts of one view."""

    triples: int
    subjects: int
    objects: int
    entities: int
    """Things that have a class."""
    classes: Counter[str]
    """Things by class."""
    properties: Counter[str]
    """Statements by property."""
    of_class: Pairs
    """Statements by the class of what they are about, and by property."""
    object_classes: Pairs
    """Statements by property, and by the class of what they point to."""
    datatypes: Pairs = field(default_factory=dict)
    """Statements by property, and by datatype; empty where there are too many to look at."""


def statistics(view: View) -> Statistics:
    """Return the counts of all that a caller may read."""
    triples, subjects, objects = (int(value_of(one)) for one in next(_rows(view, _SUM)))
    classes, properties = Counter[str](), Counter[str]()
    of_class: Pairs = defaultdict(Counter)
    entities = 0
    for types, name, count in _rows(view, _SUBJECTS):
        several = types.split(" ")
        properties[name] += int(count)
        for one in set(several) - {""}:
            of_class[one][name] += int(count)
        if name == f"{RDF}type":  # as many as each thing has types
            entities += int(count) // len(several)
            classes.update(dict.fromkeys(set(several) - {""}, int(count) // len(several)))
    return Statistics(
        triples=triples,
        subjects=subjects,
        objects=objects,
        entities=entities,
        classes=classes,
        properties=properties,
        of_class=of_class,
        object_classes=_pairs(view, _OBJECTS),
        datatypes=_pairs(view, _DATATYPES) if triples <= MOST_FOR_DATATYPES else {},
    )


def _rows(view: View, query: str) -> Iterator[tuple[str, ...]]:
    everything = Dataset(tuple(view.readable))
    for row in view.ask(query, dataset=everything):
        yield tuple("" if one is None else value_of(one) for one in row)


def _pairs(view: View, query: str) -> Pairs:
    """Return counts by property, and by each of several names in one text."""
    found: Pairs = defaultdict(Counter)
    for names, name, count in _rows(view, query):
        found[name].update(dict.fromkeys(set(names.split(" ")) - {""}, int(count)))
    return dict(found)
