"""AimsGraph: the one object the edges talk to.

It knows nothing of HTTP and prints nothing. Questions go through `ask` and
`question`, changes through `commit`; inference and conformity are kept true
at each change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import pyoxigraph as ox

from aimsgraph import release
from aimsgraph.assets import Assets
from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.conformity.engine import Checker
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.conformity.stored import read_report
from aimsgraph.errors import IntegrityRefusedError
from aimsgraph.inference import reference
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.reference import Statement
from aimsgraph.ledger.change import Change
from aimsgraph.namespaces import (
    CONFORMITY_GRAPH,
    INFERRED_GRAPH,
    ONTOLOGY_GRAPH,
    QUERIES_GRAPH,
    RECORDS_GRAPHS,
    SHAPES_GRAPH,
    TODAY,
    WORKSPACE_GRAPH,
)
from aimsgraph.rdf.terms import value_of
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.store.answer import Answer
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.names import Names
from aimsgraph.store.state import State
from aimsgraph.workspace import Workspace

Progress = Callable[[str], None]
"""Is told the name of each step of long work as it begins."""


class AimsGraph:
    """An organisation's AI management system as a graph."""

    def __init__(
        self,
        store: EmbeddedStore,
        *,
        catalogue: Catalogue,
        rules: RuleSet,
        workspace: Workspace | None = None,
    ) -> None:
        self._store = store
        self._opening = uuid4().hex[:12]
        self._state = State(store)
        self.names = Names(store)
        self.catalogue = catalogue
        self.rules = rules
        self.workspace = workspace

    @cached_property
    def _integrity(self) -> Checker:
        return Checker(self.rules.integrity())

    @cached_property
    def _conformity(self) -> Checker:
        return Checker(self.rules.conformity())

    @classmethod
    def memory(cls, *, assets: Assets | None = None, today: date | None = None) -> AimsGraph:
        """Return a graph that holds the release and no records, and lives with the process."""
        assets = assets or Assets.shipped()
        shapes = assets.shape_files()
        graph = cls(
            EmbeddedStore.memory(),
            catalogue=Catalogue.read(assets.question_files()),
            rules=RuleSet.read(shapes),
        )
        graph._install(assets, shapes, today)
        return graph

    @classmethod
    def open(cls, path: str | Path, *, today: date | None = None) -> AimsGraph:
        """Open the workspace in a folder.

        Raises:
            WorkspaceError: the folder is no workspace.
            StoreLockedError: another process has its store open.
            SourceError: a shape or question of the workspace is malformed.
        """
        workspace = Workspace.read(Path(path))
        assets = Assets.shipped()
        shapes = [*assets.shape_files(), *workspace.shape_files()]
        graph = cls(
            EmbeddedStore.open(workspace.store_path),
            catalogue=Catalogue.read([*assets.question_files(), *workspace.question_files()]),
            rules=RuleSet.read(shapes),
            workspace=workspace,
        )
        try:
            graph._install(assets, shapes, today or workspace.today)
        except BaseException:
            graph.close()
            raise
        return graph

    # -- questions ---------------------------------------------------------------

    def ask(self, sparql: str, *, dataset: Dataset | None = None) -> Answer:
        """Answer a SPARQL query over the union of all graphs.

        Args:
            sparql: the query.
            dataset: the graphs it is asked of, in place of its own FROM clauses
                (SPARQL 1.1 Protocol, 2.1.4).

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
            QueryError: it is not valid SPARQL, or fails.
        """
        return self._store.query(sparql, self._store.graphs(), self.version, dataset)

    def question(self, name: str, **params: str) -> QuestionAnswer:
        """Answer a named question; parameters by name, as text.

        Raises:
            UnknownQueryError: there is no such question.
            ParameterError: a parameter is unknown, missing or ill-typed.
        """
        question = self.catalogue[name]
        values = question.values(params, self.today)
        query = question.bound(values)
        population = None
        if question.population is not None:
            checked = self.catalogue[question.population]
            shared = {p.name for p in checked.parameters} & set(params)
            asked = checked.bound(checked.values({key: params[key] for key in shared}, self.today))
            population = len(self.ask(asked).rows)
        return QuestionAnswer(question, values, query, self.ask(query), population)

    def report(self) -> Report:
        """Return the current state of conformity, as the graph holds it."""
        return read_report(self._store.quads(CONFORMITY_GRAPH), self.rules.rules)

    def describe(self, iri: str) -> list[ox.Quad]:
        """Return all quads that have the resource as subject or as object."""
        node = ox.NamedNode(iri)
        engine = self._store.engine
        return [
            *engine.quads_for_pattern(node, None, None, None),
            *engine.quads_for_pattern(None, None, node, None),
        ]

    @property
    def record_count(self) -> int:
        """Return the number of statements in the record graphs."""
        return sum(1 for graph in _records(self._store) for _ in self._store.quads(graph))

    @property
    def inferred_count(self) -> int:
        """Return the number of inferred statements about anything."""
        return sum(1 for _ in self._store.quads(INFERRED_GRAPH))

    def quads(self, graph: str | None = None) -> Iterable[ox.Quad]:
        """Yield the quads of one graph, or of all."""
        return self._store.quads(graph)

    def graphs(self) -> dict[str, int]:
        """Return the graphs that hold anything, with their sizes."""
        found = self.ask("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
        return {value_of(graph): int(value_of(count)) for graph, count in sorted(found, key=str)}

    @property
    def today(self) -> date:
        """Return the day the graph stands at, `aims:today`."""
        return self._state.today

    @property
    def generation(self) -> int:
        """Return the number of changes this graph has seen, which names its state."""
        return self._state.generation

    @property
    def version(self) -> str:
        """Return a name of this state that no other graph or opening of this one has."""
        return f"{self._opening}-{self.generation}"

    # -- changes -----------------------------------------------------------------

    def load(
        self,
        *paths: str | Path,
        graph: str = "main",
        message: str = "",
        advisory: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Load RDF files as one change and return the state of conformity after it.

        Raises:
            SourceError: a file is missing or malformed; nothing is loaded.
            IntegrityRefusedError: the change breaks integrity rules; nothing is loaded.
        """
        if progress:
            progress("reading")
        change = Change.of_files([Path(path) for path in paths], graph, message)
        return self.commit(change, advisory=advisory, progress=progress)

    def commit(
        self, change: Change, *, advisory: bool = False, progress: Progress | None = None
    ) -> Report:
        """Make a change whole or not at all, and return the state of conformity after it.

        Args:
            change: what enters and leaves the record graphs.
            advisory: record results of integrity rules instead of refusing.
            progress: is told the name of each step.

        Raises:
            ParameterError: the change touches what is not the caller's to write.
            IntegrityRefusedError: the change breaks integrity rules; nothing changed.
        """
        change.check()
        present = set(self._store.engine) if change.removed else None
        added = [quad for quad in change.added if quad not in self._store.engine]
        removed = [quad for quad in change.removed if present and quad in present]
        return self._refresh(added, removed, change.touched, advisory, progress or _silent)

    def validate(self, *, progress: Progress | None = None) -> Report:
        """Check all rules anew over the whole graph and record the results."""
        return self._refresh([], [], self._subjects(), advisory=True, progress=progress or _silent)

    def check(self, quads: Iterable[ox.Quad]) -> Report:
        """Check quads on their own against all rules, on the day of this graph; nothing is kept."""
        stage = EmbeddedStore.memory()
        stage.engine.bulk_extend(self._store.quads(ONTOLOGY_GRAPH))
        stage.engine.bulk_extend(self._store.quads(WORKSPACE_GRAPH))
        target = ox.NamedNode(f"{RECORDS_GRAPHS}body")
        change = Change(
            added=tuple(
                ox.Quad(q.subject, q.predicate, q.object, target)
                for q in quads
                if q.predicate.value != TODAY
            )
        )
        stage.apply(change.added)
        materialise(stage.engine, [target.value])
        broken = self._integrity.check(stage, change.touched)
        return broken + self._conformity.check(stage)

    def compare_inference(self) -> tuple[set[Statement], set[Statement]]:
        """Return what owlrl infers and we don't, and the other way round."""
        records = [q for name in _records(self._store) for q in self._store.quads(name)]
        wanted = reference.closure(records, self._store.quads(ONTOLOGY_GRAPH))
        found = reference.restricted(records, self._store.quads(INFERRED_GRAPH))
        return wanted - found, found - wanted

    def set_today(self, today: date) -> Report | None:
        """Move `aims:today`, and check again where that changed anything."""
        return self.validate() if self._state.set_today(today) else None

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def __enter__(self) -> Self:
        """Return the graph itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the graph."""
        self.close()

    # -- within ------------------------------------------------------------------

    def _install(self, assets: Assets, shapes: Sequence[Path], today: date | None) -> None:
        """Bring the release's graphs into the store where they are not the same yet."""
        wanted = release.digest(
            [*assets.ontology_files(), *shapes, *(question.path for question in self.catalogue)]
        )
        has_new_day = self._state.set_today(today or datetime.now(UTC).date())
        is_new = self._state.release != wanted
        if is_new:
            self._store.replace(ONTOLOGY_GRAPH, release.ontology_quads(assets))
            self._store.replace(SHAPES_GRAPH, release.shape_quads(shapes))
            self._store.replace(QUERIES_GRAPH, release.question_quads(self.catalogue))
        if is_new or has_new_day or self._state.is_unfinished:
            if self._subjects():
                self.validate()
            else:
                materialise(self._store.engine, [])
        self._state.set_release(wanted)

    def _refresh(
        self,
        added: list[ox.Quad],
        removed: list[ox.Quad],
        touched: set[str],
        advisory: bool,
        progress: Progress,
    ) -> Report:
        """Work out what follows from a change on a copy, then write it all."""
        stage = EmbeddedStore.memory()
        stage.engine.bulk_extend(self._store.engine)
        stage.apply(added, removed)
        progress("inferring")
        materialise(stage.engine, _records(stage))
        progress("checking integrity")
        broken = self._integrity.check(stage, touched)
        if broken.results and not advisory:
            raise IntegrityRefusedError(broken)
        progress("checking conformity")
        found = self._conformity.check(stage)
        report = broken + found
        progress("writing")
        self._write(stage, report, added, removed)
        return report

    def _write(
        self,
        stage: EmbeddedStore,
        report: Report,
        added: list[ox.Quad],
        removed: list[ox.Quad],
    ) -> None:
        """Write records, inferences and results; an interruption is seen at the next start."""
        self._state.begin()
        self._store.apply(added, removed)
        self._store.replace(INFERRED_GRAPH, stage.quads(INFERRED_GRAPH))
        self._store.replace(CONFORMITY_GRAPH, report.quads(self.today.isoformat()))
        self._state.finish()

    def _subjects(self) -> set[str]:
        """Return all subjects of the record graphs."""
        quads = (quad for graph in _records(self._store) for quad in self._store.quads(graph))
        return Change(added=tuple(quads)).touched


def _records(store: EmbeddedStore) -> list[str]:
    return [graph for graph in store.graphs() if graph.startswith(RECORDS_GRAPHS)]


def _silent(step: str) -> None:
    """Tell nobody."""
