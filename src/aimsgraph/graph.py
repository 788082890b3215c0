"""AimsGraph: the one object the edges talk to.

It knows nothing of HTTP and prints nothing. Questions go through a `View` of
one generation, changes through `commit`; inference and conformity are kept
true at each change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyoxigraph as ox

from aimsgraph import checking, history
from aimsgraph.access import OWNER, Caller, Right, Tokens
from aimsgraph.assembly import Parts, for_reading, for_writing, in_memory
from aimsgraph.assets import Assets
from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.derivation import Derivation, Progress
from aimsgraph.errors import AccessError, NoSuchStateError, ParameterError
from aimsgraph.explaining import Explanation, explained
from aimsgraph.history import Difference, Entry
from aimsgraph.inference.reference import Statement
from aimsgraph.knowledge import Generation, Knowledge
from aimsgraph.ledger.change import Intent
from aimsgraph.ledger.changeset import Changeset
from aimsgraph.ledger.delta import Delta
from aimsgraph.ledger.load import Load
from aimsgraph.moments import Moment, When, moment_of, said
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.settings import Settings
from aimsgraph.store.answer import Answer
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.names import Names
from aimsgraph.store.state import State
from aimsgraph.terms import Receipt, Terms
from aimsgraph.view import Values, View
from aimsgraph.workspace import Workspace
from aimsgraph.writer import Writer

AHEAD: Final = timedelta(hours=38)
"""The end of today lies at most so far ahead, wherever on earth the day is."""


class AimsGraph:
    """An organisation's AI management system as a graph."""

    def __init__(self, parts: Parts) -> None:
        self.settings = parts.settings
        self.workspace = parts.workspace
        self.ledger = parts.ledger
        self.past = parts.past
        self.tokens = Tokens(parts.workspace.access_path if parts.workspace else None)
        self.found_at, self.notices = parts.found_at, parts.notices
        self._parts = parts
        own = Knowledge(lambda: parts.release.rules, lambda: parts.release.catalogue)
        self._knowledge = {parts.release.digest: own}
        self._present: View | None = None

    @classmethod
    def memory(
        cls,
        *,
        assets: Assets | None = None,
        today: date | None = None,
        settings: Settings | None = None,
    ) -> AimsGraph:
        """Return a graph that holds the release and no records, and lives with the process."""
        return cls(in_memory(assets or Assets.shipped(), settings or Settings(), today))

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        today: date | None = None,
        read_only: bool = False,
        settings: Settings | None = None,
        assets: Assets | None = None,
    ) -> AimsGraph:
        """Open the workspace in a folder.

        Args:
            path: the folder.
            today: the day the graph is to stand at; as the workspace says if not given.
            read_only: read the newest snapshot, beside whoever writes; a
                workspace that nobody writes is brought to the present first.
            settings: those of the workspace if not given.
            assets: ontology, rules and questions; those of this installation if not given.

        Raises:
            WorkspaceError: the folder is no workspace.
            StoreLockedError: another process writes it.
            JournalDamagedError: what was acknowledged cannot be read.
            SourceError: a shape or question of the workspace is malformed.
        """
        workspace = Workspace.read(Path(path))
        opening = for_reading if read_only else for_writing
        known = assets or Assets.shipped()
        return cls(opening(workspace, settings or workspace.settings, known, today))

    # -- questions ---------------------------------------------------------------

    def view(
        self,
        caller: Caller = OWNER,
        *,
        as_of: When | None = None,
        effective: When | None = None,
        fresh: bool = True,
    ) -> View:
        """Return one generation of the graph as a caller may read it.

        Args:
            caller: who reads.
            as_of: the moment, by the ledger's time; the present if not given.
            effective: the moment, by the time at which changes took effect as
                declared; a day is its end in the workspace's time zone.
            fresh: include everything acknowledged so far; otherwise a state
                of a moment ago may do.

        Raises:
            AccessError: the caller may not read, or not the past.
            NoSuchStateError: the ledger does not reach that far.
            ParameterError: a moment cannot be read, or both are given.
        """
        if as_of is not None and effective is not None:
            raise ParameterError("give as-of or effective, not both")
        if as_of is not None:
            return self._as_of(self.moment(as_of), caller)
        if effective is not None:
            return self._effective(self.moment(effective), caller)
        store, generation, digest = self._parts.publication.current(fresh=fresh)
        if self._present is None or self._present.store is not store:
            self._present = self._viewed(store, f"{generation}-{digest[:12]}", OWNER, None)
        return self._present if caller is OWNER else self._present.as_caller(caller)

    def as_of(self, moment: When) -> View:
        """Return the graph as it stood at a moment, by the ledger's time."""
        return self.view(as_of=moment)

    def moment(self, when: When) -> Moment:
        """Return the moment that is meant; a day is its end in the workspace's time zone.

        Raises:
            ParameterError: the text is no moment.
        """
        return moment_of(when, self.settings.timezone)

    def ask(
        self,
        sparql: str,
        *,
        params: Values | None = None,
        as_of: When | None = None,
        dataset: Dataset | None = None,
    ) -> Answer:
        """Answer a SPARQL query over the union of all graphs, now or as of a moment.

        Raises:
            RefusedQueryError: too long, too deep, or it reaches out.
            QueryError: it is not valid SPARQL, or fails.
        """
        return self.view(as_of=as_of).ask(sparql, params=params, dataset=dataset)

    def question(self, name: str, **params: str) -> QuestionAnswer:
        """Answer a named question; parameters by name, as text.

        Raises:
            UnknownQueryError: there is no such question.
            ParameterError: a parameter is unknown, missing or ill-typed.
        """
        return self.view().question(name, **params)

    def report(self) -> Report:
        """Return the current state of conformity, as the graph holds it."""
        return self.view().report()

    @property
    def rules(self) -> RuleSet:
        """Return the rules of the present."""
        return self.view().rules

    @property
    def catalogue(self) -> Catalogue:
        """Return the questions of the present."""
        return self.view().catalogue

    @property
    def names(self) -> Names:
        """Return how things are called at present."""
        return self.view().names

    @property
    def today(self) -> date:
        """Return the day the graph stands at, `aims:today`."""
        return self.view().today

    @property
    def generation(self) -> int:
        """Return the number of changesets this graph has seen."""
        return self.view().generation

    def explain(
        self, triple: ox.Triple, caller: Caller = OWNER, *, as_of: When | None = None
    ) -> Explanation | None:
        """Return why a statement holds, down to the changesets that recorded what it rests on.

        None where it does not hold; `explaining.explained` says what it raises.
        """
        view = self.view(caller, as_of=as_of)
        return explained(view, self.view(as_of=as_of).store, self.ledger, triple)

    # -- the ledger --------------------------------------------------------------

    def history(
        self,
        caller: Caller = OWNER,
        *,
        subject: str | None = None,
        since: When | None = None,
        as_of: When | None = None,
    ) -> list[Entry]:
        """Return the changesets, the newest first.

        Raises:
            AccessError: the caller may not read history.
        """
        after = None if since is None else self.moment(since)
        view = self.view(caller, as_of=as_of)
        return history.entries(view, self.ledger, subject=subject, since=after)

    def changeset(self, generation: int, caller: Caller = OWNER) -> Changeset:
        """Return one changeset with its statements; `history.changeset` says what it raises."""
        return history.changeset(self.ledger, self.view(caller), generation)

    def diff(
        self, first: When, last: When, caller: Caller = OWNER, *, effective: bool = False
    ) -> list[Difference]:
        """Return how the records differ between two moments, by resource.

        Args:
            first: the earlier moment; before the ledger began, nothing was there.
            last: the later moment.
            caller: who asks; `history.diff` says what it raises.
            effective: go by the declared times at which changes took effect.
        """
        moments = self.moment(first), self.moment(last)
        return history.diff(self.ledger, self.past, self.view(caller), moments, by_effect=effective)

    # -- changes -----------------------------------------------------------------

    def load(
        self,
        *paths: str | Path,
        graph: str = "main",
        message: str = "",
        terms: Terms | None = None,
        progress: Progress | None = None,
    ) -> Receipt:
        """Load RDF files as one changeset; the receipt holds the state of conformity after it.

        Raises:
            SourceError: a file is missing or malformed; nothing is loaded.
            IntegrityRefusedError: the change breaks integrity rules; nothing is loaded.
        """
        if progress:
            progress("reading")
        load = Load(tuple(Path(path) for path in paths), graph, message)
        return self.commit(load, terms, progress=progress)

    def commit(
        self, intent: Intent, terms: Terms | None = None, *, progress: Progress | None = None
    ) -> Receipt:
        """Make a change whole or not at all; return once it is on disk.

        Args:
            intent: what is to change: a `Change`, a `Replacement` or an `Update`.
            terms: by whom, why, and on what conditions.
            progress: is told the name of each step.

        Raises:
            AccessError: the change touches what is not the caller's to write.
            ConflictError: the graph is not in the state the caller looked at.
            IntegrityRefusedError: the change breaks integrity rules; nothing changed.
            JournalError: it cannot be recorded; nothing changed.
        """
        return self.writer.commit(intent, terms or Terms(), progress or _silent)

    @property
    def writer(self) -> Writer:
        """Return what writes the graph.

        Raises:
            AccessError: the graph was opened for reading.
        """
        if self._parts.writer is None:
            raise AccessError("the workspace was opened for reading and cannot be changed")
        return self._parts.writer

    def validate(self, *, progress: Progress | None = None) -> Report:
        """Check all rules anew over the whole graph; what differs from what is held is recorded."""
        view, step = self.view(), progress or _silent
        if self._parts.writer is None or view.caller is not OWNER:
            return Derivation(view.rules, self.settings.refuse).check(view.store, step)
        self._parts.writer.derive_anew(step)
        return self.report()

    def check(self, quads: Iterable[ox.Quad]) -> Report:
        """Check quads on their own against all rules, on the day of this graph; nothing is kept."""
        view, writer = self.view(), self._parts.writer
        derivation = writer.derivation if writer else Derivation(view.rules)
        return checking.check(view.store, derivation, quads)

    def compare_inference(self) -> tuple[set[Statement], set[Statement]]:
        """Return what owlrl infers and we don't, and the other way round."""
        return checking.compare_inference(self.view().store)

    def note(self, kind: str, message: str, author: str, **details: Any) -> Receipt:
        """Record an act that changes no statement, such as an erasure, as a changeset."""
        return self.writer.keep(Delta(), kind, message, author=author, act=kind, **details)

    def publish(self) -> None:
        """Let readers in other processes see what was acknowledged."""
        self._parts.publication.current(fresh=False)

    def tick(self, today: date | None = None) -> Receipt | None:
        """Move `aims:today` to a day, as a changeset of its own.

        Without one it becomes the day the graph is pinned to, or else today in UTC.
        """
        day = today or self._parts.pinned or datetime.now(UTC).date()
        with self.writer.at_rest() as store:
            added, removed = State(store).day(day)
        if not added:
            return None
        delta = Delta(dict.fromkeys(added), dict.fromkeys(removed))
        return self.writer.keep(delta, "day", f"The day becomes {day}")

    def close(self) -> None:
        """Leave the workspace in order and let go of it."""
        self._parts.close()

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

    def _as_of(self, moment: Moment, caller: Caller) -> View:
        caller.require(Right.HISTORY)
        if isinstance(moment, datetime) and moment > datetime.now(UTC) + AHEAD:
            raise NoSuchStateError(
                f"{said(moment)} lies ahead; the ledger knows what was, not what will be"
            )
        generation = self.past.generation_at(moment)
        digest = self.past.header(generation).digest
        store = self.past.at(generation)
        told = f"generation {generation}"
        shown = told if isinstance(moment, int) else f"{said(moment)} ({told})"
        return self._viewed(store, f"{generation}-{digest[:12]}", caller, shown)

    def _effective(self, moment: Moment, caller: Caller) -> View:
        caller.require(Right.HISTORY)
        if isinstance(moment, int):
            raise ParameterError("an effective time is a day or a time, not a generation")
        day = moment.astimezone(self.settings.timezone).date()
        _, generation, digest = self._parts.publication.current()
        version = f"{generation}-{digest[:12]}-{moment:%Y%m%dT%H%M%S}"
        found = self.past.effective(moment, day.isoformat())
        return self._viewed(found, version, caller, f"what had taken effect by {said(moment)}")

    def _viewed(self, store: EmbeddedStore, version: str, caller: Caller, past: str | None) -> View:
        digest = State(store).release or ""
        if digest not in self._knowledge:
            self._knowledge[digest] = Knowledge.of(store)
        is_union = self.settings.default_graph == "union"
        known, search = self._knowledge[digest], self._parts.search
        of = Generation(store, known, version, is_union=is_union, past=past, search=search)
        return View(of, caller)


def _silent(step: str) -> None:
    """Tell nobody."""
