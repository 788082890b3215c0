"""AimsGraph: the one object the edges talk to.

It knows nothing of HTTP and prints nothing. Questions go through `ask` and
`question`, changes through `commit`; inference and conformity are kept true
at each change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox

from aimsgraph import release
from aimsgraph.assets import Assets
from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.conformity.engine import check_store
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.errors import IntegrityRefusedError
from aimsgraph.inference.materialise import materialise
from aimsgraph.ledger.change import Change
from aimsgraph.namespaces import (
    AIMS,
    BASE,
    CALENDAR,
    CONFORMITY_GRAPH,
    INFERRED_GRAPH,
    RECORDS_GRAPHS,
    TODAY,
    WORKSPACE_GRAPH,
)
from aimsgraph.rdf.terms import typed, value_of
from aimsgraph.store.answer import Answer
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.workspace import Workspace

Progress = Callable[[str], None]
"""Is told the name of each step of long work as it begins."""

STEPS: Final = ("reading", "inferring", "checking integrity", "checking conformity", "writing")

_STATE: Final = f"{BASE}/workspace"


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
        self.catalogue = catalogue
        self.rules = rules
        self.workspace = workspace

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

    def ask(self, sparql: str) -> Answer:
        """Answer a SPARQL query over the union of all graphs.

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
            QueryError: it is not valid SPARQL, or fails.
        """
        return self._store.query(sparql, self._store.graphs(), self.generation)

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
            asked = checked.bound(
                checked.values({key: params[key] for key in shared}, self.today)
            )
            population = len(self.ask(asked).rows)
        return QuestionAnswer(question, values, query, self.ask(query), population)

    def describe(self, iri: str) -> list[ox.Quad]:
        """Return all quads that have the resource as subject or as object."""
        node = ox.NamedNode(iri)
        engine = self._store.engine
        return [
            *engine.quads_for_pattern(node, None, None, None),
            *engine.quads_for_pattern(None, None, node, None),
        ]

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
        found = self._store.values(CALENDAR, TODAY)
        return date.fromisoformat(value_of(found[0])) if found else datetime.now(UTC).date()

    @property
    def generation(self) -> int:
        """Return the number of changes this graph has seen."""
        found = self._store.values(_STATE, f"{AIMS}generation", WORKSPACE_GRAPH)
        return int(value_of(found[0])) if found else 0

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
            IntegrityRefusedError: the change breaks integrity rules; nothing changed.
        """
        present = set(self._store.engine) if change.removed else None
        added = [quad for quad in change.added if quad not in self._store.engine]
        removed = [quad for quad in change.removed if present and quad in present]
        return self._refresh(added, removed, change.touched, advisory, progress or _silent)

    def validate(self, *, progress: Progress | None = None) -> Report:
        """Check all rules anew over the whole graph and record the results."""
        return self._refresh([], [], self._subjects(), advisory=True, progress=progress or _silent)

    def set_today(self, today: date) -> Report | None:
        """Move `aims:today`, and check again where that changed anything."""
        if not self._set(CALENDAR, TODAY, typed(today.isoformat(), "date")):
            return None
        return self.validate() if self._subjects() else None

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
        day = typed((today or datetime.now(UTC).date()).isoformat(), "date")
        has_new_day = self._set(CALENDAR, TODAY, day)
        known = self._store.values(_STATE, f"{AIMS}releaseDigest", WORKSPACE_GRAPH)
        is_new = not known or value_of(known[0]) != wanted
        if is_new:
            self._store.replace(release.ONTOLOGY_GRAPH, release.ontology_quads(assets))
            self._store.replace(release.SHAPES_GRAPH, release.shape_quads(shapes))
            self._store.replace(release.QUERIES_GRAPH, release.question_quads(self.catalogue))
        if is_new or has_new_day or self._is_unfinished():
            if self._subjects():
                self.validate()
            else:
                materialise(self._store.engine, [])
        self._set(_STATE, f"{AIMS}releaseDigest", ox.Literal(wanted))

    def _refresh(
        self,
        added: list[ox.Quad],
        removed: list[ox.Quad],
        touched: set[str],
        advisory: bool,  # noqa: FBT001 - within the class
        progress: Progress,
    ) -> Report:
        """Work out what follows from a change on a copy, then write it all."""
        stage = EmbeddedStore.memory()
        stage.engine.bulk_extend(self._store.engine)
        stage.apply(added, removed)
        progress("inferring")
        materialise(stage.engine, _records(stage))
        progress("checking integrity")
        broken = check_store(stage, self.rules.integrity(), touched)
        if broken.results and not advisory:
            raise IntegrityRefusedError(broken)
        progress("checking conformity")
        found = check_store(stage, self.rules.conformity())
        report = Report.of(
            (*broken.results, *found.results), (*broken.evaluations, *found.evaluations)
        )
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
        self._set(_STATE, f"{AIMS}isUnfinished", typed("true", "boolean"))
        self._store.apply(added, removed)
        self._store.replace(INFERRED_GRAPH, stage.quads(INFERRED_GRAPH))
        self._store.replace(CONFORMITY_GRAPH, report.quads(self.today.isoformat()))
        number = typed(str(self.generation + 1), "integer")
        self._set(_STATE, f"{AIMS}generation", number)
        self._set(_STATE, f"{AIMS}isUnfinished", typed("false", "boolean"))

    def _set(self, subject: str, predicate: str, value: ox.Literal) -> bool:
        """Make one statement about the workspace the only one of its kind; tell if it is new."""
        old = self._store.values(subject, predicate, WORKSPACE_GRAPH)
        if old == [value]:
            return False
        name, graph = ox.NamedNode(predicate), ox.NamedNode(WORKSPACE_GRAPH)
        node = ox.NamedNode(subject)
        self._store.apply(
            [ox.Quad(node, name, value, graph)], [ox.Quad(node, name, one, graph) for one in old]
        )
        return True

    def _is_unfinished(self) -> bool:
        found = self._store.values(_STATE, f"{AIMS}isUnfinished", WORKSPACE_GRAPH)
        return bool(found) and value_of(found[0]) == "true"

    def _subjects(self) -> set[str]:
        """Return all subjects of the record graphs."""
        quads = (quad for graph in _records(self._store) for quad in self._store.quads(graph))
        return Change(added=tuple(quads)).touched


def _records(store: EmbeddedStore) -> list[str]:
    return [graph for graph in store.graphs() if graph.startswith(RECORDS_GRAPHS)]


def _silent(step: str) -> None:
    """Tell nobody."""


def with_records(files: Mapping[str, Sequence[Path]], today: date) -> AimsGraph:
    """Return a graph in memory with files loaded, by name of their record graph."""
    graph = AimsGraph.memory(today=today)
    for name, paths in files.items():
        graph.load(*paths, graph=name, advisory=True)
    return graph
