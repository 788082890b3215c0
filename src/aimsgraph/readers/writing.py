"""Writing an answer: whole in a format, or its first rows and how many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any, Final

import pyoxigraph as ox

from aimsgraph.formats import Format, graph_format, table_format
from aimsgraph.namespaces import PREFIXES, XSD
from aimsgraph.store.answer import Answer, Result, Triples

DEFAULTS: Final = {"graph": "turtle", "select": "json", "ask": "json"}


def kind_of(result: Result) -> str:
    """Return select, ask or graph."""
    if isinstance(result, ox.QuerySolutions):
        return "select"
    return "ask" if isinstance(result, ox.QueryBoolean) else "graph"


def form_for(kind: str, name: str) -> Format:
    """Return the format of a name, or the default where this kind has none of that name."""
    known = graph_format(name) or (None if kind == "graph" else table_format(name))
    found = known or table_format(DEFAULTS[kind]) or graph_format(DEFAULTS[kind])
    if found is None:
        raise KeyError(name)
    return found


def write(result: Result, form: Format, output: IO[bytes]) -> None:
    """Write an answer in a format."""
    if isinstance(result, ox.QueryBoolean) and form.name in {"csv", "tsv"}:
        output.write(b"true\n" if result else b"false\n")
    elif isinstance(form.writer, ox.RdfFormat):
        Answer(lambda: result).write_graph(output, form.writer)
    else:
        Answer(lambda: result).write(output, form.writer)


def write_triples(triples: Iterable[ox.Triple], form: Format, output: IO[bytes]) -> None:
    """Write a graph in a format."""
    if not isinstance(form.writer, ox.RdfFormat):
        raise TypeError(form.name)
    ox.serialize(triples, output, form.writer, prefixes=PREFIXES)


def write_first(result: Result, most: int, output: IO[bytes]) -> int:
    """Write the first rows, as JSON or N-Triples, and return how many there are in all."""
    if isinstance(result, ox.QueryBoolean):
        output.write(json.dumps({"head": {}, "boolean": bool(result)}).encode())
        return 1
    if isinstance(result, ox.QuerySolutions):
        names = [variable.value for variable in result.variables]
        first = [_bindings(names, row) for row in islice(result, most)]
        table = {"head": {"vars": names}, "results": {"bindings": first}}
        output.write(json.dumps(table, ensure_ascii=False).encode())
        return len(first) + sum(1 for _ in result)
    triples = list(islice(result, most))
    ox.serialize(triples, output, ox.RdfFormat.N_TRIPLES)
    return len(triples) + sum(1 for _ in result)


def read_first(kind: str, written: IO[bytes]) -> Result:
    """Return a result from what `write_first`, or `write` as JSON or N-Triples, has written."""
    if kind == "graph":
        return Triples(_triples(written))
    return ox.parse_query_results(written, ox.QueryResultsFormat.JSON)


def _triples(written: IO[bytes]) -> Iterator[ox.Triple]:
    for quad in ox.parse(written, ox.RdfFormat.N_TRIPLES):
        yield quad.triple


def _bindings(names: list[str], row: ox.QuerySolution) -> dict[str, Any]:
    pairs = zip(names, row, strict=True)
    return {name: _as_json(term) for name, term in pairs if term is not None}


def _as_json(term: object) -> dict[str, Any]:
    """Return a term as SPARQL 1.1 Query Results JSON has it (section 3.2.2)."""
    match term:
        case ox.NamedNode():
            return {"type": "uri", "value": term.value}
        case ox.BlankNode():
            return {"type": "bnode", "value": term.value}
        case ox.Literal() if term.language:
            return {"type": "literal", "value": term.value, "xml:lang": term.language}
        case ox.Literal() if term.datatype.value == f"{XSD}string":
            return {"type": "literal", "value": term.value}
        case ox.Literal():
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
        case ox.Triple():
            parts = (
                ("subject", term.subject),
                ("predicate", term.predicate),
                ("object", term.object),
            )
            return {"type": "triple", "value": {name: _as_json(part) for name, part in parts}}
    raise TypeError(f"{term!r} is no term")
