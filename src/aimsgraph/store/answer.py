"""An answer of the store, as a person, a program or a file takes it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import IO, Final

import pyoxigraph as ox

from aimsgraph.namespaces import PREFIXES, RDF, XSD
from aimsgraph.rdf.terms import Term

Row = tuple[Term | None, ...]


class Triples:
    """Triples of an answer that was worked out elsewhere."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._triples = iter(triples)

    def __iter__(self) -> Iterator[ox.Triple]:
        """Yield the triples, once."""
        return self._triples


Result = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples | Triples
"""What the engine gives for a SELECT, an ASK, and a CONSTRUCT or DESCRIBE."""

RESULT_SET: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
"""The W3C vocabulary in which a table of solutions is written as RDF."""


class Answer:
    """The result of one query: a table, yes or no, or a graph.

    The engine's result can be read once only. Rows are kept once they were
    asked for; writing after that asks the engine again.

    Args:
        run: asks the engine.
        version: names the state of the store.
        count: how many rows there are, where only the first of them are here.
    """

    def __init__(
        self, run: Callable[[], Result], version: str = "", count: int | None = None
    ) -> None:
        self._run = run
        self._result = run()
        self._count = count
        self.version = version

    @property
    def count(self) -> int:
        """Return the number of rows or triples, whether they are all here or not."""
        return len(self.rows) if self._count is None else self._count

    @property
    def kind(self) -> str:
        """Return select, ask or graph."""
        if isinstance(self._result, ox.QuerySolutions):
            return "select"
        return "ask" if isinstance(self._result, ox.QueryBoolean) else "graph"

    @cached_property
    def variables(self) -> list[str]:
        """Return the names of the columns; none unless it is a table."""
        if not isinstance(self._result, ox.QuerySolutions):
            return []
        return [variable.value for variable in self._result.variables]

    @cached_property
    def rows(self) -> list[Row]:
        """Return all rows of a table, or all triples of a graph."""
        return list(self)

    def __iter__(self) -> Iterator[Row]:
        """Yield rows as tuples of terms in the order of the columns."""
        if "rows" in self.__dict__:
            yield from self.rows
        elif isinstance(self._result, ox.QuerySolutions):
            for solution in self._result:
                yield tuple(solution)
        elif isinstance(self._result, ox.QueryTriples | Triples):
            for triple in self._result:
                yield triple.subject, triple.predicate, triple.object

    def __bool__(self) -> bool:
        """Return the yes or no of an ASK; whether there is any row otherwise."""
        if isinstance(self._result, ox.QueryBoolean):
            return bool(self._result)
        return bool(self.rows)

    def write(self, output: IO[bytes], result_format: ox.QueryResultsFormat) -> None:
        """Write a table or a yes or no in a W3C results format."""
        result = self._fresh()
        if isinstance(result, ox.QueryTriples | Triples):
            raise TypeError("a graph is written with write_graph")
        result.serialize(output, result_format)

    def write_graph(self, output: IO[bytes], rdf_format: ox.RdfFormat) -> None:
        """Write the answer as RDF; a table becomes a W3C result set."""
        result = self._fresh()
        if isinstance(result, ox.QueryTriples | Triples):
            ox.serialize(result, output, rdf_format, prefixes=PREFIXES)
        else:
            prefixes = {**PREFIXES, "rs": RESULT_SET}
            ox.serialize(self.result_set(), output, rdf_format, prefixes=prefixes)

    def _fresh(self) -> Result:
        return self._run() if "rows" in self.__dict__ else self._result

    def result_set(self) -> Iterator[ox.Triple]:
        """Yield the table in the vocabulary of the W3C's SPARQL tests."""
        top = ox.BlankNode()
        yield _type(top, "ResultSet")
        if isinstance(self._result, ox.QueryBoolean):
            value = ox.Literal(str(bool(self._result)).lower(), datatype=_xsd("boolean"))
            yield ox.Triple(top, _rs("boolean"), value)
            return
        for variable in self.variables:
            yield ox.Triple(top, _rs("resultVariable"), ox.Literal(variable))
        for index, row in enumerate(self, 1):
            solution = ox.BlankNode()
            yield ox.Triple(top, _rs("solution"), solution)
            yield ox.Triple(
                solution, _rs("index"), ox.Literal(str(index), datatype=_xsd("integer"))
            )
            yield from _bindings(solution, self.variables, row)

    def text(self, result_format: ox.QueryResultsFormat | ox.RdfFormat) -> str:
        """Return the whole answer as text."""
        output = io.BytesIO()
        if isinstance(result_format, ox.RdfFormat):
            self.write_graph(output, result_format)
        else:
            self.write(output, result_format)
        return output.getvalue().decode()


def _bindings(solution: ox.BlankNode, variables: list[str], row: Row) -> Iterator[ox.Triple]:
    for variable, value in zip(variables, row, strict=True):
        if value is not None:
            binding = ox.BlankNode()
            yield ox.Triple(solution, _rs("binding"), binding)
            yield ox.Triple(binding, _rs("variable"), ox.Literal(variable))
            yield ox.Triple(binding, _rs("value"), value)


def _rs(name: str) -> ox.NamedNode:
    return ox.NamedNode(RESULT_SET + name)


def _xsd(name: str) -> ox.NamedNode:
    return ox.NamedNode(XSD + name)


def _type(subject: ox.BlankNode, name: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(f"{RDF}type"), _rs(name))
