"""SPARQL 1.1 Update as changes: the exact quads of every operation form.

The engine carries out an update without telling what it changed. So a request
is taken apart into its operations, and each becomes quads: data and templates
are read by the engine into an empty store, with variables as marked names;
the solutions of the WHERE clause fill the templates (SPARQL 1.1 Update, 3 and 4.3).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from aimsgraph.access import Caller
from aimsgraph.errors import QueryError
from aimsgraph.ledger.delta import Work
from aimsgraph.ledger.operation import Operation, Piece, declarations, operation, pieces
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.rdf.terms import Term, graph_name, graph_node
from aimsgraph.rdf.tokens import (
    Dataset,
    Token,
    guard,
    syntax_sentence,
    tokens,
    with_full_iris,
)

_VARIABLE: Final = "urn:aimsgraph:variable:"

_MAX_BASES: Final = 100

_Row = dict[str, Term]


@dataclass(frozen=True)
class Update:
    """A request of one or more operations, which see each other's effect."""

    text: str
    message: str = ""
    dataset: Dataset = field(default_factory=Dataset)
    """The graphs its WHERE clauses read, by the protocol's using-graph-uri."""
    kind: str = "update"

    def carry_out(self, work: Work, caller: Caller, *, is_union: bool) -> None:
        """Do what the request says, operation by operation.

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
            QueryError: it is not valid SPARQL Update, or cannot be done.
            AccessError: it writes a graph that is not the caller's to write.
        """
        found = guard(self.text)
        if self.dataset.is_given and any(
            t.kind == "word" and t.text.upper() in {"USING", "WITH"} for t in found
        ):
            raise QueryError(
                "the request names graphs by using-graph-uri and by USING or WITH; use one of both"
            )
        for one in _operations(self.text, found):
            _Doing(one, work, caller, is_union, self.dataset).do()


def _operations(text: str, found: list[Token]) -> list[Operation]:
    """Return the operations of a request, each after the engine has parsed it.

    The engine takes a prologue at the beginning only, though every operation
    may have one (SPARQL 1.1 Query, rule 29); so it is shown one at a time.
    """
    declared = declarations(found)
    if sum(t.kind == "word" and t.text.upper() == "BASE" for t in declared.prologue) > _MAX_BASES:
        raise QueryError(f"the update declares BASE more than {_MAX_BASES} times")
    _valid(declared, text)
    several = list(pieces(found))
    if not all(piece.body for piece in several[:-1]):
        raise QueryError("the update is not valid SPARQL: there is no operation before a ';'")
    labels = Counter(label for piece in several for label in piece.labels)
    shared = next((label for label, n in labels.items() if n > 1), None)
    if shared is not None:
        raise QueryError(
            f"the update is not valid SPARQL: {shared} stands in more than one INSERT DATA"
        )
    read = [operation(one, list(tokens(one))) for one in (_valid(p, text) for p in several)]
    return [one for one in read if one is not None]


def _valid(piece: Piece, text: str) -> str:
    """Return a piece by itself with full IRIs, after the engine has parsed it."""
    alone = _with_full_iris(piece.alone(text))
    fault = _fault(alone)
    if fault is None:
        return alone
    placed = _with_full_iris(piece.in_place(text))
    sentence = syntax_sentence(list(tokens(text)), _fault(placed) or fault, placed)
    raise QueryError(sentence.replace("the query", "the update", 1))


def _with_full_iris(text: str) -> str:
    return with_full_iris(text, list(tokens(text)))


def _fault(text: str) -> str | None:
    """Return what the engine's parser has against a text."""
    try:
        ox.Store().update(text)
    except SyntaxError as error:
        return str(error.msg)
    except (RuntimeError, OSError, ValueError):
        # An empty store lacks the graphs it speaks of; what counts is that it can be parsed.
        return None
    return None


@dataclass(frozen=True)
class _Doing:
    """One operation on its way into the store."""

    operation: Operation
    work: Work
    caller: Caller
    is_union: bool
    dataset: Dataset

    def do(self) -> None:
        match self.operation.kind:
            case "INSERT DATA":
                self.work.change(self._data())
            case "DELETE DATA":
                self.work.change([], self._data())
            case "DELETE WHERE" | "MODIFY":
                self._modify()
            case "CLEAR" | "DROP":
                self._clear()
            case "CREATE":
                self._create()
            case "ADD" | "COPY" | "MOVE":
                self._transfer(self.operation.kind)

    # -- data and templates ------------------------------------------------------

    def _data(self) -> list[ox.Quad]:
        return [self._placed(quad) for quad in self._read(self.operation.group("DATA"))]

    def _read(self, group: str) -> list[ox.Quad]:
        """Return the quads of a template, variables as marked names."""
        if not group:
            return []
        scratch = ox.Store()
        try:
            scratch.update(f"{self.operation.prologue} INSERT DATA {_marked(group)}")
        except SyntaxError as error:
            raise QueryError(
                f"the template {group} cannot be filled; a literal is never a subject"
            ) from error
        return list(scratch)

    def _placed(self, quad: ox.Quad) -> ox.Quad:
        """Return a quad in the graph it is meant for, which the caller may write."""
        if isinstance(quad.graph_name, ox.DefaultGraph):
            target = self._default_target()
            quad = ox.Quad(quad.subject, quad.predicate, quad.object, target)
        self.caller.require_writable(graph_name(quad.graph_name))
        return quad

    def _default_target(self) -> ox.NamedNode | ox.DefaultGraph:
        named = self.operation.iri("WITH")
        if named is not None:
            return ox.NamedNode(named)
        if self.is_union:
            raise QueryError(
                "the default graph is the union of all graphs here and cannot be written; name a "
                "graph: WITH <graph> before DELETE or INSERT, or GRAPH <graph> { } within"
            )
        return ox.DefaultGraph()

    # -- DELETE and INSERT -------------------------------------------------------

    def _modify(self) -> None:
        where = self.operation.group("WHERE")
        is_short = self.operation.kind == "DELETE WHERE"
        going = self._read(where if is_short else self.operation.group("DELETE"))
        coming = self._read(self.operation.group("INSERT"))
        rows = list(self._solutions(where, [*going, *coming]))
        removed = [quad for row in rows for quad in self._filled(going, row)]
        added = [quad for row in rows for quad in self._filled(coming, row)]
        self.work.change(added, removed)

    def _solutions(self, where: str, templates: Sequence[ox.Quad]) -> Iterator[_Row]:
        names = sorted({name for quad in templates for name in _variables(quad)})
        has_fresh = any(_is_fresh(term) for quad in templates for term in _terms(quad))
        wanted = " ".join(f"?{name}" for name in names) or "?any_"
        distinct = "" if has_fresh else "DISTINCT "
        answer = self.work.store.query(
            f"{self.operation.prologue} SELECT {distinct}{wanted} WHERE {where}",
            self._readable(),
            dataset=self._where_dataset(),
            default=None if self.is_union else [UNNAMED],
        )
        for row in answer.rows:
            yield {n: v for n, v in zip(answer.variables, row, strict=True) if v is not None}

    def _readable(self) -> list[str]:
        return self.caller.readable([*self.work.store.graphs(), UNNAMED])

    def _where_dataset(self) -> Dataset | None:
        using = self.operation.using or self.dataset
        if using.is_given:
            return using
        named = self.operation.iri("WITH")
        if named is None:
            return None
        return Dataset((named,), tuple(g for g in self._readable() if g != UNNAMED))

    def _filled(self, template: Sequence[ox.Quad], row: _Row) -> Iterator[ox.Quad]:
        """Yield the quads of a template for one solution; what is no RDF is left out."""
        fresh: dict[ox.BlankNode, ox.BlankNode] = {}
        for pattern in template:
            terms = [_fill(term, row, fresh) for term in _terms(pattern)]
            subject, predicate, value, graph = terms
            if (
                isinstance(subject, ox.NamedNode | ox.BlankNode)
                and isinstance(predicate, ox.NamedNode)
                and value is not None
                and not isinstance(value, ox.DefaultGraph)
                and isinstance(graph, ox.NamedNode | ox.DefaultGraph)
            ):
                yield self._placed(ox.Quad(subject, predicate, value, graph))

    # -- whole graphs ------------------------------------------------------------

    def _clear(self) -> None:
        removed = [quad for graph in self._targets() for quad in self.work.store.quads(graph)]
        self.work.change([], removed)

    def _targets(self) -> list[str]:
        writable = [graph for graph in self._readable() if is_records(graph)]
        match self.operation.scope:
            case "ALL":
                return writable
            case "NAMED":
                return [graph for graph in writable if graph != UNNAMED]
        return [self._graph("TARGET")]

    def _graph(self, role: str) -> str:
        """Return the graph an operation names; the caller may write it."""
        name = self.operation.iri(role)
        if name is None:
            if self.is_union:
                raise QueryError(
                    "DEFAULT is the union of all graphs here and cannot be written; name a graph"
                )
            name = UNNAMED
        if role != "FROM":
            self.caller.require_writable(name)
        return name

    def _create(self) -> None:
        graph = self._graph("TARGET")
        if self._holds(graph) and not self.operation.is_silent:
            raise QueryError(f"the graph {graph} exists already; CREATE SILENT lets that pass")

    def _holds(self, graph: str) -> bool:
        return next(self.work.store.quads(graph), None) is not None

    def _transfer(self, kind: str) -> None:
        source, target = self._graph("FROM"), self._graph("TO")
        if kind == "MOVE":
            self.caller.require_writable(source)
        if source not in self._readable() or (source != UNNAMED and not self._holds(source)):
            if not self.operation.is_silent:
                raise QueryError(f"the graph {source} does not exist")
            return
        if source == target:
            return
        node = graph_node(target)
        quads = list(self.work.store.quads(source))
        coming = [ox.Quad(q.subject, q.predicate, q.object, node) for q in quads]
        going = list(self.work.store.quads(target)) if kind != "ADD" else []
        self.work.change(coming, [*going, *(quads if kind == "MOVE" else [])])


def _marked(group: str) -> str:
    """Return a group with its variables as names, so that the engine reads it as data."""
    parts, end = [], 0
    for token in tokens(group):
        is_variable = token.kind == "variable"
        parts += [
            group[end : token.start],
            f"<{_VARIABLE}{token.text[1:]}>" if is_variable else token.text,
        ]
        end = token.start + len(token.text)
    return "".join([*parts, group[end:]])


def _terms(quad: ox.Quad) -> tuple[Term | ox.DefaultGraph, ...]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def _variables(quad: ox.Quad) -> Iterator[str]:
    for term in _terms(quad):
        yield from _names(term)


def _names(term: Term | ox.DefaultGraph) -> Iterator[str]:
    if isinstance(term, ox.NamedNode) and term.value.startswith(_VARIABLE):
        yield term.value.removeprefix(_VARIABLE)
    elif isinstance(term, ox.Triple):
        for part in (term.subject, term.predicate, term.object):
            yield from _names(part)


def _is_fresh(term: Term | ox.DefaultGraph) -> bool:
    """Return whether a term of a template is, or holds, a blank node."""
    if isinstance(term, ox.Triple):
        return any(_is_fresh(part) for part in (term.subject, term.predicate, term.object))
    return isinstance(term, ox.BlankNode)


def _fill(
    term: Term | ox.DefaultGraph, row: _Row, fresh: dict[ox.BlankNode, ox.BlankNode]
) -> Term | ox.DefaultGraph | None:
    match term:
        case ox.NamedNode() if term.value.startswith(_VARIABLE):
            return row.get(term.value.removeprefix(_VARIABLE))
        case ox.BlankNode():
            return fresh.setdefault(term, ox.BlankNode())
        case ox.Triple():
            parts = [_fill(p, row, fresh) for p in (term.subject, term.predicate, term.object)]
            try:
                return ox.Triple(*parts)  # type: ignore[arg-type]
            except TypeError:
                return None
    return term
