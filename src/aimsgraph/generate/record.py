"""A record on its way into the file: what is said of it, open to change until it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import AIMS, PREFIXES, RDF, RDFS
from aimsgraph.rdf.terms import typed

BASE: Final = "https://example.org/synthetic/"

_ELSEWHERE: Final = {
    "type": f"{RDF}type",
    "label": f"{RDFS}label",
    "identifier": f"{PREFIXES['dcterms']}identifier",
    "description": f"{PREFIXES['dcterms']}description",
    "unitOf": f"{PREFIXES['org']}unitOf",
}
"""Properties that are not of our own vocabulary, by the name they have here."""


def node(kind: str, key: str | int) -> ox.NamedNode:
    """Return the name of a record, which tells its kind."""
    return ox.NamedNode(f"{BASE}{kind}/{key}")


@cache
def aims(name: str) -> ox.NamedNode:
    """Return a term of the ontology."""
    return ox.NamedNode(AIMS + name)


@cache
def requirement(identifier: str) -> ox.NamedNode:
    """Return a requirement, control, risk source or theme of ISO/IEC 42001."""
    return ox.NamedNode(PREFIXES["iso42001"] + identifier)


def prose(text: str) -> ox.Literal:
    """Return text that people read, in English."""
    return ox.Literal(text, language="en")


def address(path: str) -> ox.Literal:
    """Return where in the document archive something lies."""
    return typed(f"{BASE}archive/{path}", "anyURI")


class Record:
    """A thing with properties named as in the ontology; those that are None are left out."""

    __slots__ = ("node", "values")

    def __init__(self, name: ox.NamedNode, kind: str, label: str, /, **values: Value) -> None:
        self.node = name
        self.values: dict[str, Value] = {"type": aims(kind), "label": prose(label), **values}

    @classmethod
    def addition(cls, name: ox.NamedNode, /, **values: Value) -> Record:
        """Return more statements about a record that is described elsewhere."""
        record = cls.__new__(cls)
        record.node, record.values = name, values
        return record

    def change(self, **values: Value) -> None:
        """Put other values in place of the ones it has."""
        self.values |= values

    def statements(self) -> Iterator[ox.Quad]:
        """Yield all that is said of it."""
        for name, value in self.values.items():
            predicate = _property(name)
            for one in value if isinstance(value, tuple | list) else (value,):
                if one is not None:
                    yield ox.Quad(self.node, predicate, _term(one))


One = Record | ox.NamedNode | ox.Literal | str | bool | int | Decimal | date
Value = One | tuple[One, ...] | list[Record] | None


@cache
def _property(name: str) -> ox.NamedNode:
    return ox.NamedNode(_ELSEWHERE.get(name) or AIMS + name)


def _term(value: One) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Record):
        return value.node
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, Decimal):
        return typed(str(value), "decimal")
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value
    return ox.Literal(value)


@cache
def _day(day: date) -> ox.Literal:
    return typed(day.isoformat(), "date")
