"""A view: one generation of the graph, as one caller may read it.

Nothing reads the graph but through a view, so what a caller may not see is
decided here and nowhere else. A view never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.access import OWNER, Caller, Right
from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.parameters import bind
from aimsgraph.catalogue.question import Question
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.conformity.stored import read_report
from aimsgraph.derivation import record_graphs
from aimsgraph.egress.federation import relayed
from aimsgraph.errors import ParameterError
from aimsgraph.knowledge import Generation
from aimsgraph.namespaces import (
    AIMS,
    CONFORMITY_GRAPH,
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    PROV,
    UNNAMED,
)
from aimsgraph.rdf.matches import with_matches
from aimsgraph.rdf.terms import graph_name, graph_node, value_of
from aimsgraph.rdf.tokens import Dataset, guard, tokens
from aimsgraph.readers.reader import Work
from aimsgraph.readers.runner import Answering, Here, Runner
from aimsgraph.search.search import Found
from aimsgraph.store.answer import Answer
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.names import Names
from aimsgraph.store.prepared import Prepared, prepare

HERE: Final = Here()

_CONTENTS: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_SIZES: Final = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"

Values = Mapping[str, ox.NamedNode | ox.Literal | str]


class View:
    """One generation of the graph, read by one caller.

    Args:
        generation: the state, which does not change.
        caller: who reads.
        runner: runs the queries; this process itself if not given.
    """

    def __init__(
        self, generation: Generation, caller: Caller = OWNER, runner: Runner = HERE
    ) -> None:
        caller.require(Right.READ)
        if generation.past is not None:
            caller.require(Right.HISTORY)
        self._of = generation
        self._store = generation.store
        self._runner = runner
        self.caller = caller
        self.version = generation.version
        if caller.graphs is not None:
            seen = sha256("\n".join(sorted(caller.graphs)).encode()).hexdigest()[:8]
            self.version += f"-{seen}"
        elif not caller.may(Right.HISTORY):
            self.version += "-present"

    @property
    def is_union(self) -> bool:
        """Return whether the default graph is the union of what may be read."""
        return self._of.is_union

    @property
    def past(self) -> str | None:
        """Return what moment is looked at, in words; None for the present."""
        return self._of.past

    @property
    def rules(self) -> RuleSet:
        """Return the rules of this generation."""
        return self._of.knowledge.rules

    @property
    def catalogue(self) -> Catalogue:
        """Return the questions of this generation."""
        return self._of.knowledge.catalogue

    @cached_property
    def readable(self) -> list[str]:
        """Return the graphs the caller may read."""
        found = self.caller.readable(self._of.graphs)
        if not self.caller.may(Right.HISTORY):
            found = [graph for graph in found if graph != HISTORY_GRAPH]
        return found

    @property
    def sees_everything(self) -> bool:
        """Return whether the caller may read all graphs there are."""
        return len(self.readable) == len(self._of.graphs)

    @cached_property
    def names(self) -> Names:
        """Return how things are called, as far as the caller may know."""
        sees_all = not self.caller.is_limited and self.caller.may(Right.HISTORY)
        return Names(self._store, None if sees_all else set(self.readable))

    def prepared(
        self,
        sparql: str,
        *,
        params: Values | None = None,
        dataset: Dataset | None = None,
        base: str | None = None,
    ) -> Prepared:
        """Return a query as it is asked of this generation.

        Args:
            sparql: the query.
            params: terms to put in the place of the variables of these names;
                text stands for a literal.
            dataset: the graphs it is asked of, in place of its own FROM clauses
                (SPARQL 1.1 Protocol, 2.1.4).
            base: against which relative IRIs are resolved.

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
        """
        if params:
            terms = {k: ox.Literal(v) if isinstance(v, str) else v for k, v in params.items()}
            sparql = bind(sparql, terms)
        default = None if self.is_union else [UNNAMED]
        relay = self._runner.relay
        is_relayed = relay is not None and "SERVICE" in sparql.upper()
        if relay is not None and is_relayed:
            sparql = relayed(sparql, guard(sparql, {"SERVICE"}), relay)
        query = prepare(
            sparql,
            self.readable,
            dataset,
            default,
            base,
            is_everything=self.sees_everything,
            is_relayed=is_relayed,
        )
        return self._searched(query)

    def _searched(self, query: Prepared) -> Prepared:
        """Return a query with what its words find in the place of `aims:matches`."""
        search = self._of.search
        if search is None or "matches" not in query.text:
            return query
        found, base = list(tokens(query.text)), query.base or ""
        text = with_matches(query.text, found, lambda words: search.things(self, words), base)
        return replace(query, text=text)

    def search(self, text: str, limit: int = 20, offset: int = 0) -> Found:
        """Return what has the words of a text, the best first, as `Search.find` does."""
        if self._of.search is None:
            raise ParameterError("this state cannot be searched")
        return self._of.search.find(self, text, limit, offset)

    def ask(
        self,
        sparql: str,
        *,
        params: Values | None = None,
        dataset: Dataset | None = None,
        base: str | None = None,
        first: int | None = None,
    ) -> Answer:
        """Answer a SPARQL query, given as `prepared` takes it; or give the first rows of it.

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
            QueryError: it is not valid SPARQL, or fails.
            LimitError: it goes beyond a limit.
        """
        query = self.prepared(sparql, params=params, dataset=dataset, base=base)
        return self._runner.ask(self._store, query, self.version, first)

    def stream(self, query: Prepared, form: str) -> Answering:
        """Begin to answer in a format, by name; the kind's default where it has none such.

        Raises:
            QueryError: it is not valid SPARQL, or fails.
            LimitError: it goes beyond a limit.
        """
        return self._runner.stream(self._store, query, form)

    def call(self, work: Work, given: Mapping[str, Any]) -> bytes:
        """Have a function of the program work something out on this generation.

        It reads all graphs, so what it tells may not go beyond what the caller may read.
        """
        return self._runner.call(self._store, work, given)

    def asked(self, name: str, **params: str) -> Prepared:
        """Return the query of a named question; parameters by name, as text.

        Raises:
            UnknownQueryError: there is no such question.
            ParameterError: a parameter is unknown, missing or ill-typed.
        """
        question = self.catalogue[name]
        return self._named(question.bound(question.values(params, self.today)))

    def question(self, name: str, **params: str) -> QuestionAnswer:
        """Answer a named question; parameters by name, as text.

        Raises:
            UnknownQueryError: there is no such question.
            ParameterError: a parameter is unknown, missing or ill-typed.
            LimitError: it goes beyond a limit.
        """
        return self.answered(name, params)

    def answered(
        self, name: str, params: Mapping[str, str], first: int | None = None
    ) -> QuestionAnswer:
        """Answer a named question as `question` does, or give the first rows of the answer."""
        question = self.catalogue[name]
        values = question.values(params, self.today)
        query = question.bound(values)
        answer = self._runner.ask(self._store, self._named(query), self.version, first)
        return QuestionAnswer(question, values, query, answer, self._population(question, params))

    def _population(self, question: Question, params: Mapping[str, str]) -> int | None:
        """Return how many things a question could have found a problem with."""
        if question.population is None:
            return None
        checked = self.catalogue[question.population]
        shared = {p.name for p in checked.parameters} & set(params)
        asked = checked.bound(checked.values({key: params[key] for key in shared}, self.today))
        return self._runner.ask(self._store, self._named(asked), self.version, 0).count

    def _named(self, query: str) -> Prepared:
        """Return a query of the catalogue, which is written for the union of all graphs."""
        return self._searched(prepare(query, self.readable, is_everything=self.sees_everything))

    def day_of(self, changeset: str | None) -> str | None:
        """Return the day of a changeset: the declared one, or that on which it was recorded.

        None where the caller may not read history.
        """
        if self.caller.is_limited or not self.caller.may(Right.HISTORY):
            return None
        for predicate in (f"{AIMS}effectiveAt", f"{PROV}endedAtTime"):
            for value in self._store.values(changeset or "", predicate, HISTORY_GRAPH):
                return value_of(value)[:10]
        return None

    def report(self) -> Report:
        """Return the state of conformity, as the graph holds it.

        Raises:
            AccessError: the caller sees some record graphs only.
        """
        self.caller.require_everything("what was concluded from all of them")
        return read_report(self._store.quads(CONFORMITY_GRAPH), self.rules.rules)

    def describe(self, iri: str) -> list[ox.Quad]:
        """Return all readable quads that have the resource as subject or as object."""
        node = ox.NamedNode(iri)
        engine = self._store.engine
        found = [
            *engine.quads_for_pattern(node, None, None, None),
            *engine.quads_for_pattern(None, None, node, None),
        ]
        allowed = set(self.readable)
        return [quad for quad in found if graph_name(quad.graph_name) in allowed]

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Yield the readable quads of one graph, or of all."""
        for name in self.readable if graph is None else [graph]:
            if name in self.readable:
                yield from self._store.quads(name)

    def holds(self, graph: str) -> bool:
        """Return whether a graph is readable and holds anything."""
        return next(self.quads(graph), None) is not None

    def contents(self, graph: str | None = None) -> Prepared:
        """Return the query for all statements of one readable graph, or of all."""
        wanted = [name for name in self.readable if graph is None or name == graph]
        return Prepared(_CONTENTS, "graph", tuple(wanted), ())

    def graphs(self) -> dict[str, int]:
        """Return the readable graphs that hold anything, with their sizes."""
        named = tuple(graph for graph in self.readable if graph != UNNAMED)
        asked = Prepared(_SIZES, "select", (), named)
        rows = self._runner.ask(self._store, asked, self.version).rows
        sizes = {value_of(graph): int(value_of(size)) for graph, size in rows if graph and size}
        if UNNAMED in self.readable:
            sizes[UNNAMED] = sum(1 for _ in self._store.quads(UNNAMED))
        return dict(sorted(sizes.items()))

    @property
    def record_count(self) -> int:
        """Return the number of statements in the readable record graphs."""
        return self._size(record_graphs(self._store))

    @property
    def inferred_count(self) -> int:
        """Return the number of inferred statements about anything."""
        return self._size([INFERRED_GRAPH])

    def _size(self, graphs: Iterable[str]) -> int:
        wanted = [graph_node(graph) for graph in graphs if graph in self.readable]
        if not wanted:
            return 0
        found = self._store.engine.query(
            "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
            named_graphs=[node for node in wanted if isinstance(node, ox.NamedNode)],
        )
        if not isinstance(found, ox.QuerySolutions):
            raise TypeError("a SELECT gives solutions")
        unnamed = sum(1 for _ in self._store.quads(UNNAMED)) if ox.DefaultGraph() in wanted else 0
        return int(value_of(next(found)["n"])) + unnamed

    @property
    def today(self) -> date:
        """Return the day the graph stands at, `aims:today`."""
        return self._of.today

    @property
    def generation(self) -> int:
        """Return the number of changesets the graph has seen, which names its state."""
        return self._of.number

    @property
    def release(self) -> str | None:
        """Return the digest of the release this generation was built with."""
        return self._of.release

    def as_caller(self, caller: Caller) -> View:
        """Return the same generation for somebody else."""
        return View(self._of, caller, self._runner)

    def through(self, runner: Runner) -> View:
        """Return the same generation, asked by other means."""
        return View(self._of, self.caller, runner)

    @property
    def store(self) -> EmbeddedStore:
        """Return the store, for what works below a caller's rights; the owner only.

        Raises:
            ParameterError: somebody else asks.
        """
        if self.caller is not OWNER:
            raise ParameterError("only the owner of the graph reads its store")
        return self._store
