"""What readers of this process see: the newest state that is on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Lock
from time import monotonic
from typing import Final, Protocol

from aimsgraph.errors import NoSuchStateError, WorkspaceError
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import Published, Snapshots, remove_unless_held
from aimsgraph.store.state import State
from aimsgraph.writer import Writer

INTERVAL: Final = 0.05
"""Seconds between two publications at least, where a reader does not ask for the newest."""


Current = tuple[EmbeddedStore, int, str]
"""A published store, with its generation and digest."""


class Publication(Protocol):
    """Gives the published store with its generation and digest."""

    def current(self, *, fresh: bool = True) -> Current:
        """Return what is published; `fresh` asks for everything acknowledged so far."""


class Here(ABC):
    """Publishes the states of a writer in this process, at most one per generation."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock = Lock()
        self._now: Current | None = None
        self._at = 0.0

    def current(self, *, fresh: bool = True) -> Current:
        """Return the newest state; where `fresh` is not asked, one of a moment ago will do."""
        with self._lock:
            is_due = fresh or monotonic() - self._at >= INTERVAL
            if self._now is None or (is_due and self._now[1] != self._writer.ledger.head):
                self._now = self._published()
                self._at = monotonic()
            return self._now

    @abstractmethod
    def _published(self) -> Current:
        """Publish the writer's state as it is now."""


class InMemory(Here):
    """Copies of a store in memory, one per generation that anybody reads."""

    def _published(self) -> Current:
        with self._writer.at_rest() as store:
            ledger = self._writer.ledger
            return store.copy(), ledger.head, ledger.head_digest


class OnDisk(Here):
    """Snapshots of a store on disk; a broken one that nobody holds is made anew."""

    def __init__(self, writer: Writer, snapshots: Snapshots) -> None:
        super().__init__(writer)
        self._snapshots = snapshots

    def _published(self) -> Current:
        try:
            return self._snapshot()
        except WorkspaceError:
            broken = self._snapshots.latest
            if broken is None or not remove_unless_held(broken.path):
                raise
            return self._snapshot()

    def _snapshot(self) -> Current:
        with self._writer.at_rest() as store:
            ledger = self._writer.ledger
            self._snapshots.publish(store, ledger.head, ledger.head_digest)
        return _opened(self._snapshots)


class Elsewhere:
    """The snapshots that another process publishes."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._lock = Lock()
        self._now: Current | None = None

    def current(self, *, fresh: bool = True) -> Current:
        """Return the newest snapshot there is."""
        del fresh
        with self._lock:
            latest = self._snapshots.latest
            if self._now is None or latest is None or latest.digest != self._now[2]:
                self._now = _opened(self._snapshots)
            return self._now


def _opened(snapshots: Snapshots) -> Current:
    found = snapshots.open()
    if found is None:
        raise NoSuchStateError(f"{snapshots.folder}: nothing is published yet")
    published: Published = found[0]
    store = found[1]
    if State(store).generation != published.generation:
        raise NoSuchStateError(f"{published.path}: the snapshot does not hold what its name says")
    return store, published.generation, published.digest
