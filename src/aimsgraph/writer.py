"""The writer: the one door through which a graph changes.

A change is carried out on the live store, which nobody else reads; what
follows from it is worked out and checked; then it is journaled and published,
or taken back whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from threading import RLock
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.access import Caller, Right
from aimsgraph.conformity.report import Report, Standing
from aimsgraph.conformity.stored import Counts
from aimsgraph.derivation import Derivation, Derived, Progress
from aimsgraph.egress.reach import Reach
from aimsgraph.errors import ConflictError, IntegrityRefusedError, JournalError, ParameterError
from aimsgraph.ledger.change import SETS_DAY, Intent
from aimsgraph.ledger.changeset import (
    GENESIS,
    LOAD,
    SORTED,
    Changeset,
    Header,
    Tally,
    stamp,
)
from aimsgraph.ledger.delta import Delta, Work
from aimsgraph.ledger.journal import Journal
from aimsgraph.ledger.lines import ADDED, REMOVED, Line, in_order, lines
from aimsgraph.ledger.load import Load, Streaming
from aimsgraph.ledger.memory import Ledger
from aimsgraph.ledger.prov import bookkeeping, bookkeeping_of, changeset_iri, past_results
from aimsgraph.ledger.signing import Signer
from aimsgraph.ledger.streaming import Digesting
from aimsgraph.namespaces import (
    AIMS,
    HISTORY_GRAPH,
    TODAY,
    WORKSPACE_GRAPH,
)
from aimsgraph.rdf.terms import graph_name, value_of
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.terms import Receipt, Terms

SOFTWARE: Final = "aimsgraph"
"""The author of what nobody asked for: releases, the day."""

BODY: Final = ".body"
"""Ends the name of the file in which the lines of a load wait for their header."""

TICK: Final = timedelta(microseconds=1)
"""How far the ledger's clock moves on at least."""


class Writer:
    """The live store of a graph, its journal, and what follows from a change.

    Args:
        store: the live store.
        ledger: the journal; its head is the state of the store.
        derivation: works out what follows.
        is_union: whether the default graph is the union of all.
        signer: signs changesets, where the workspace has a key.
        clock: tells the time in UTC.
        reach: which other hosts an update may load documents from.
    """

    def __init__(
        self,
        store: EmbeddedStore,
        ledger: Ledger,
        derivation: Derivation,
        *,
        is_union: bool = True,
        signer: Signer | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        reach: Reach | None = None,
    ) -> None:
        self.store = store
        self.ledger = ledger
        self.derivation = derivation
        self.signer = signer
        self._is_union = is_union
        self._clock = clock
        self._reach = reach
        self._lock = RLock()
        self._is_broken = False
        self._counts: Counts | None = None

    @property
    def is_broken(self) -> bool:
        """Return whether a change could not be taken back, so that nothing is written any more."""
        return self._is_broken

    def commit(self, intent: Intent, terms: Terms, progress: Progress) -> Receipt:
        """Make a change whole or not at all, and return once it is on disk.

        Args:
            intent: what is to change.
            terms: by whom, why, and on what conditions.
            progress: is told the name of each step.

        Raises:
            AccessError: the caller may not write, or not there.
            ConflictError: the graph is not in the state the caller looked at.
            IntegrityRefusedError: the change breaks integrity rules; nothing changed.
            JournalError: it cannot be recorded; nothing changed.
        """
        terms.caller.require(Right.WRITE)
        with self._lock:
            if self._is_broken:
                raise JournalError("a change could not be taken back; restart to recover")
            receipt = self._repeated(terms)
            if receipt is None:
                self._expect(terms.expected)
                receipt = self._make(intent, terms, progress)
            mark = self.ledger.mark
        self.ledger.sync(mark)
        # What was concluded from all records is not for a caller who sees some of them.
        if terms.caller.is_limited:
            return replace(receipt, standing=Standing(), appeared=(), resolved=())
        return receipt

    @contextmanager
    def at_rest(self) -> Iterator[EmbeddedStore]:
        """Give the live store in a state that is journaled and on disk, and hold it there."""
        with self._lock:
            self.ledger.sync(self.ledger.mark)
            yield self.store

    def keep(
        self,
        delta: Delta,
        kind: str,
        message: str,
        progress: Progress | None = None,
        author: str = SOFTWARE,
        is_anew: bool = False,
        **details: Any,
    ) -> Receipt:
        """Record what aimsgraph itself changes: a release, the day, what follows anew."""
        with self._lock:
            work = Work(self.store)
            terms = Terms(author=author, message=message, details=details, advisory=True)
            try:
                work.change(delta.added, delta.removed)
                receipt = self._record(work, kind, terms, progress or _silent, is_anew=is_anew)
            except BaseException:
                self._take_back(work)
                raise
            mark = self.ledger.mark
        self.ledger.sync(mark)
        return receipt

    def derive_anew(self, progress: Progress) -> Receipt:
        """Infer and check everything anew; what differs from what is held is recorded."""
        return self.keep(Delta(), "derive", "Checked all rules anew", progress, is_anew=True)

    # -- within ------------------------------------------------------------------

    def _take_back(self, work: Work) -> None:
        """Undo work; where even that fails, the live store is not to be trusted any more."""
        try:
            work.undo()
        except BaseException:
            self._is_broken = True
            raise

    def _expect(self, expected: str | None) -> None:
        now = (str(self.ledger.head), f"{self.ledger.head}-{self.ledger.head_digest[:12]}")
        if expected not in {None, *now}:
            raise ConflictError(
                f"the graph is at generation {now[0]}, not {str(expected).split('-')[0]}; "
                "look at it again and repeat the change"
            )

    def _repeated(self, terms: Terms) -> Receipt | None:
        """Return what became of the same request before."""
        if terms.idempotency is None:
            return None
        key = ox.Literal(_idempotency(terms) or "")
        predicate, graph = ox.NamedNode(f"{AIMS}idempotencyKey"), ox.NamedNode(HISTORY_GRAPH)
        for quad in self.store.engine.quads_for_pattern(None, predicate, key, graph):
            generation = int(value_of(quad.subject).rpartition("/")[2])
            header = next(self.ledger.headers(generation))
            standing = self._standing()
            return Receipt(generation, header.digest, header, standing, is_repeated=True)
        return None

    def _standing(self) -> Standing:
        """Return how the rules stand in the live store."""
        if self._counts is None:
            self._counts = Counts(self.store.engine)
        return self._counts.standing(self.derivation.rules.rules)

    def _make(self, intent: Intent, terms: Terms, progress: Progress) -> Receipt:
        if isinstance(intent, Load) and self._can_stream and intent.is_streamed(self.store):
            return self._stream(intent, terms, progress)
        work = Work(self.store, terms.ask, self._reach)
        try:
            intent.carry_out(work, terms.caller, is_union=self._is_union)
            _check(work.delta, terms.caller)
            if not work.delta:
                head = self.ledger
                return Receipt(head.head, head.head_digest, None, self._standing())
            message = intent.message if terms.message is None else terms.message
            return self._record(work, intent.kind, terms, progress, message)
        except BaseException:
            self._take_back(work)
            raise

    @property
    def _can_stream(self) -> bool:
        return isinstance(self.ledger, Journal)

    def _stream(self, load: Load, terms: Terms, progress: Progress) -> Receipt:
        """Load files in one stream, while another process digests them."""
        journal = self.ledger
        if not isinstance(journal, Journal):
            raise TypeError("only a journal on disk takes a stream")
        stream = Streaming(load, terms.caller, is_union=self._is_union)
        work = Work(self.store)
        body = journal.folder / f"{journal.head + 1}{BODY}"
        start = partial(Digesting.start, load.target, load.paths, body)
        digesting = start()
        try:
            progress("loading")
            before = len(self.store)
            stream.enter(self.store.engine)
            size = len(self.store) - before
            found = digesting.result()
            if found.tally.added != size:
                digesting = start(is_distinct=True)
                found = digesting.result()
            derived = None
            if not terms.is_deferred:
                derived = self._derive(work, terms, progress, is_in_step=False)
            progress("writing")
            message = load.message if terms.message is None else terms.message
            lines_ = None if derived is None else _lines(derived.step)
            changeset = self._changeset(load.kind, terms, message, found.tally, lines_, LOAD)
            self._write_down(
                bookkeeping(
                    changeset.header,
                    filled=map(graph_name, stream.graphs),
                    resolved=past_results(changeset),
                ),
                lambda: journal.append_streamed(changeset, body, found.crc),
            )
        except BaseException:
            self._take_back(work)
            stream.undo(self.store.engine)
            raise
        finally:
            digesting.stop()
        return self._receipt(changeset.header, derived)

    def _receipt(self, header: Header, derived: Derived | None) -> Receipt:
        """Return what became of a change that is in the journal."""
        if derived is None:
            return Receipt(header.generation, header.digest, header)
        if self._counts is not None:
            self._counts.follow(derived.step.added, derived.step.removed)
        return Receipt(
            header.generation,
            header.digest,
            header,
            self._standing(),
            derived.appeared,
            derived.resolved,
        )

    def _write_down(self, note: Delta, append: Callable[[], object]) -> None:
        """Write a changeset to the journal, and what the graph says of it to the store."""
        books = Work(self.store)
        try:
            books.change(note.added, note.removed)
            append()
        except BaseException:
            self._take_back(books)
            raise

    def _record(
        self,
        work: Work,
        kind: str,
        terms: Terms,
        progress: Progress,
        message: str | None = None,
        *,
        is_anew: bool = False,
    ) -> Receipt:
        """Work out what follows, pass the gate, and write the changeset."""
        asserted = _lines(work.delta)
        derived = None
        if not terms.is_deferred:
            derived = self._derive(work, terms, progress, is_in_step=not is_anew)
        followed = None if derived is None else _lines(derived.step)
        if not asserted and not followed and not terms.details:
            return Receipt(self.ledger.head, self.ledger.head_digest, None, self._standing())
        progress("writing")
        told = terms.message or "" if message is None else message
        changeset = self._changeset(kind, terms, told, Tally.of(asserted), followed)
        changeset = replace(changeset, lines=[*asserted, *changeset.lines])
        self._write_down(
            bookkeeping_of(changeset),
            lambda: self.ledger.append(changeset),
        )
        return self._receipt(changeset.header, derived)

    def _derive(self, work: Work, terms: Terms, progress: Progress, *, is_in_step: bool) -> Derived:
        """Bring the derived graphs in step with the work, and pass the gate."""
        last = self.ledger.head_header
        found = self.derivation.follow(
            work,
            changeset_iri(self.ledger.head + 1),
            is_in_step=is_in_step and last is not None and last.derived is not None,
            progress=progress,
        )
        if found.refusing.results and not terms.advisory:
            raise IntegrityRefusedError(self._seen(found.refusing, terms.caller, progress))
        return found

    def _seen(self, refusing: Report, caller: Caller, progress: Progress) -> Report:
        """Return a refusal as its caller may see it: what follows from what they may read."""
        if not caller.is_limited:
            return refusing
        own = EmbeddedStore.memory()
        for graph in (*caller.readable(self.store.graphs()), WORKSPACE_GRAPH):
            own.engine.bulk_extend(self.store.quads(graph))
        known = {one.iri for one in self.derivation.check(own, progress).results}
        return Report.of((one for one in refusing.results if one.iri in known), ())

    def _changeset(
        self,
        kind: str,
        terms: Terms,
        message: str,
        asserted: Tally,
        derived: list[Line] | None,
        order: str = SORTED,
    ) -> Changeset:
        """Return the header of a changeset, signed, with the lines that followed."""
        header = Header(
            generation=self.ledger.head + 1,
            parent=self.ledger.head_digest if self.ledger.head else GENESIS,
            time=stamp(self._now()),
            kind=kind,
            author=terms.author or terms.caller.name,
            message=message,
            asserted=asserted,
            derived=None if derived is None else Tally.of(derived),
            order=order,
            effective=stamp(terms.effective) if terms.effective else None,
            idempotency=_idempotency(terms),
            key=self.signer.fingerprint if self.signer else None,
            details=terms.details,
        )
        signature = self.signer.sign(header.digest) if self.signer else None
        return Changeset(header, derived or [], signature)

    def _now(self) -> datetime:
        """Return the time, later than that of every changeset before."""
        now = self._clock()
        last = self.ledger.head_header
        return now if last is None else max(now, last.moment + TICK)


def _check(delta: Delta, caller: Caller) -> None:
    """See, whatever door it came through, that a change writes the caller's records only."""
    for quad in (*delta.added, *delta.removed):
        caller.require_writable(graph_name(quad.graph_name))
        if quad.predicate.value == TODAY:
            raise ParameterError(SETS_DAY)


def _idempotency(terms: Terms) -> str | None:
    """Return a request's key, which is the caller's own, as the ledger keeps it."""
    if terms.idempotency is None:
        return None
    return sha256(f"{terms.caller.name}\n{terms.idempotency}".encode()).hexdigest()


def _lines(delta: Delta) -> list[Line]:
    return in_order([*lines(ADDED, delta.added), *lines(REMOVED, delta.removed)])


def _silent(step: str) -> None:
    """Tell nobody."""
