"""How an answer is laid out for people: columns with titles, and `?x` shown as `?xLabel`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from aimsgraph.namespaces import XSD, shorten
from aimsgraph.rdf.terms import Term
from aimsgraph.store.answer import Answer, Row

_NUMBERS = {f"{XSD}{name}" for name in ("integer", "decimal", "double", "float", "int", "long")}


@dataclass(frozen=True)
class Cell:
    """One cell: the text people read, and the IRI it stands for, if it does."""

    text: str
    iri: str | None = None
    number: bool = False


@dataclass(frozen=True)
class Column:
    """One column: where its value lies in a row, and where that value's label lies."""

    title: str
    index: int
    label_index: int | None = None

    def cell(self, row: Row) -> Cell:
        """Return the cell of a row in this column."""
        value = row[self.index]
        label = row[self.label_index] if self.label_index is not None else None
        text = readable(label if label is not None else value)
        if isinstance(value, ox.NamedNode):
            return Cell(text, iri=value.value)
        return Cell(text, number=isinstance(value, ox.Literal) and value.datatype.value in _NUMBERS)


def columns(variables: list[str]) -> list[Column]:
    """Return the columns of a table: `x` and `xLabel` are one, and `xLabel` alone stays."""
    place = {variable: index for index, variable in enumerate(variables)}
    return [
        Column(title(variable), index, place.get(f"{variable}Label"))
        for variable, index in place.items()
        if not (variable.endswith("Label") and variable.removesuffix("Label") in place)
    ]


def cells(answer: Answer) -> Iterator[list[Cell]]:
    """Yield the rows of an answer as cells."""
    laid_out = columns(answer.variables)
    for row in answer.rows:
        yield [column.cell(row) for column in laid_out]


def title(variable: str) -> str:
    """Return a variable's name as people read it: `wentLiveOn` is `Went live on`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", variable.replace("_", " ")).lower()
    return words[:1].upper() + words[1:]


def readable(term: Term | None) -> str:
    """Return a term as people read it; what is absent is an empty text."""
    match term:
        case None:
            return ""
        case ox.NamedNode():
            return shorten(term.value)
        case ox.Literal() if term.datatype.value == f"{XSD}boolean":
            return "yes" if term.value in {"true", "1"} else "no"
        case ox.Literal():
            return term.value
    return str(term)
