"""SPARQL 1.1 Update as changes: the exact quads of every operation form.

The engine carries out an update without telling what it changed. So a request
is taken apart into its operations, and each becomes quads: data as it stands, and
templates filled by the solutions of the WHERE clause (SPARQL 1.1 Update, 3 and 4.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from aimsgraph.access import Caller
from aimsgraph.egress.loading import loaded
from aimsgraph.errors import QueryError, RefusedQueryError
from aimsgraph.ledger.delta import Work
from aimsgraph.ledger.operation import Operation
from aimsgraph.ledger.request import operations
from aimsgraph.ledger.template import Row, Template
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.rdf.matches import with_matches
from aimsgraph.rdf.terms import graph_name, graph_node
from aimsgraph.rdf.tokens import Dataset, guard
from aimsgraph.store.prepared import prepare


@dataclass(frozen=True)
class Update:
    """A request of one or more operations, which see each other's effect."""

    text: str
    message: str = ""
    dataset: Dataset = field(default_factory=Dataset)
    """The graphs its WHERE clauses read, by the protocol's using-graph-uri."""
    kind: str = "update"
    base: str | None = None
    """Against which relative IRIs are resolved, where it declares none."""

    def carry_out(self, work: Work, caller: Caller, *, is_union: bool) -> None:
        """Do what the request says, operation by operation.

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
            QueryError: it is not valid SPARQL Update, or cannot be done.
            AccessError: it writes a graph that is not the caller's to write.
        """
        found = guard(self.text, {"LOAD"} if work.reach.hosts else ())
        if "matches" in self.text:
            with_matches(self.text, found, lambda _: ())
        if self.dataset.is_given and any(
            t.kind == "word" and t.text.upper() in {"USING", "WITH"} for t in found
        ):
            raise QueryError(
                "the request names graphs by using-graph-uri and by USING or WITH; use one of both"
            )
        for one in operations(self.text, found, self.base):
            _Doing(one, work, caller, is_union, self.dataset).do()


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
            case "LOAD":
                self._load()
            case "CLEAR" | "DROP":
                self._clear()
            case "CREATE":
                self._create()
            case "ADD" | "COPY" | "MOVE":
                self._transfer(self.operation.kind)

    # -- data --------------------------------------------------------------------

    def _data(self) -> list[ox.Quad]:
        return [self._placed(quad) for quad in self._template("DATA").quads]

    def _template(self, role: str) -> Template:
        return Template.read(self.operation.group(role), self.operation.prologue)

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
        is_short = self.operation.kind == "DELETE WHERE"
        going = self._template("WHERE" if is_short else "DELETE")
        coming = self._template("INSERT")
        rows = list(self._solutions(going, coming))
        removed = [self._placed(quad) for row in rows for quad in going.filled(row)]
        added = [self._placed(quad) for row in rows for quad in coming.filled(row)]
        self.work.change(added, removed)

    def _solutions(self, *templates: Template) -> Iterator[Row]:
        """Yield the solutions of the WHERE clause, as far as the templates need them."""
        names = sorted(set[str]().union(*(one.variables for one in templates)))
        wanted = " ".join(f"?{name}" for name in names) or "?any_"
        distinct = "" if any(one.has_blank_nodes for one in templates) else "DISTINCT "
        query = prepare(
            f"{self.operation.prologue} SELECT {distinct}{wanted} "
            f"WHERE {self.operation.group('WHERE')}",
            self._readable(),
            dataset=self._where_dataset(),
            default=None if self.is_union else [UNNAMED],
        )
        answer = self.work.ask(query)
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

    # -- whole graphs ------------------------------------------------------------

    def _load(self) -> None:
        """Fetch a document of another host (SPARQL 1.1 Update, 3.1.4)."""
        node = graph_node(self._graph("TARGET"))
        target = node if isinstance(node, ox.NamedNode) else None
        try:
            quads = loaded(self.work.reach, self.operation.iris["FROM"], target)
        except (QueryError, RefusedQueryError):
            if not self.operation.is_silent:
                raise
            return
        self.work.change(quads)

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
