"""Opening a workspace: its live store for the one who writes, its snapshots for those who read.

The live store is a cache of the journal. After a clean stop it is taken as it
lies; otherwise it is made anew from the newest snapshot and the journal.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import IO, Final

from aimsgraph.errors import JournalDamagedError, StoreLockedError, WorkspaceError
from aimsgraph.files import sync_path, write_safely
from aimsgraph.ledger.changeset import GENESIS, Changeset
from aimsgraph.ledger.delta import Delta
from aimsgraph.ledger.journal import Journal
from aimsgraph.ledger.prov import bookkeeping_of
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import Published, Snapshots, clone
from aimsgraph.store.state import State
from aimsgraph.workspace import UNJOURNALED, Workspace

PATIENCE: Final = 20
"""How often the lock is tried, every twentieth of a second; others look at it briefly."""

OLD_STORE: Final = "store.format-1"
"""Where the store of a workspace without a journal waits until its records are journaled."""


REMADE: Final = "journal.remade"
"""Where the segments of a journal lie that are to replace those of the same names."""

COMPLETE: Final = "complete"
"""Says that all of them are there and on disk."""


@dataclass
class Live:
    """The live store of a workspace and its journal, held by this process alone."""

    workspace: Workspace
    store: EmbeddedStore
    journal: Journal
    snapshots: Snapshots
    lock: IO[bytes]

    def close(self) -> None:
        """Leave everything so that the next start takes it as it lies."""
        journal = self.journal
        journal.close()
        is_safe = journal.head > 0 and journal.is_sound
        if is_safe:
            self.snapshots.publish(self.store, journal.head, journal.head_digest)
        self.store.close()
        if is_safe:
            mark = f"{journal.head} {journal.head_digest}\n".encode()
            write_safely(self.workspace.clean_path, mark)
        self.lock.close()


def open_live(workspace: Workspace) -> Live:
    """Open a workspace for writing, and recover it where it was not left in order.

    Raises:
        StoreLockedError: another process writes it.
        JournalDamagedError: what was acknowledged cannot be read.
    """
    lock = hold(workspace)
    try:
        finish_swap(workspace)
        if workspace.format == UNJOURNALED:
            _put_old_store_aside(workspace)
        snapshots = Snapshots(workspace.snapshots_path)
        latest = snapshots.latest
        journal = Journal(workspace.journal_path)
        journal.recover(latest.generation if latest else 0)
        is_clean = read_mark(workspace) == (journal.head, journal.head_digest)
        workspace.clean_path.unlink(missing_ok=True)
        sync_path(workspace.path)
        store = _opened(workspace) if is_clean else None
        if store is None:
            rebuild(workspace, journal, snapshots)
            store = EmbeddedStore.open(workspace.store_path)
    except BaseException:
        lock.close()
        raise
    return Live(workspace, store, journal, snapshots, lock)


def _opened(workspace: Workspace) -> EmbeddedStore | None:
    """Open the live store as it lies; None where it is missing or broken."""
    if not workspace.store_path.is_dir():
        return None
    try:
        return EmbeddedStore.open(workspace.store_path)
    except WorkspaceError:
        return None


def hold(workspace: Workspace) -> IO[bytes]:
    """Become the one process that writes a workspace.

    Raises:
        StoreLockedError: another process is.
        WorkspaceError: the folder cannot be written.
    """
    try:
        lock = workspace.lock_path.open("ab")
    except OSError as error:
        raise WorkspaceError(
            f"{workspace.path}: cannot be written: {error.strerror}; make it yours to write"
        ) from error
    for _ in range(PATIENCE):
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        sleep(0.05)
    lock.close()
    raise StoreLockedError(workspace.path)


def is_held(workspace: Workspace) -> bool:
    """Return whether some process writes the workspace right now."""
    try:
        with workspace.lock_path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def read_mark(workspace: Workspace) -> tuple[int, str] | None:
    """Return generation and digest that the live store was left with, where it was in order."""
    try:
        generation, digest = workspace.clean_path.read_text("ascii").split()
        return int(generation), digest
    except (OSError, ValueError):
        return None


def settled(workspace: Workspace) -> Published | None:
    """Return the newest snapshot, where it is known to be the last state of a workspace at rest."""
    latest = Snapshots(workspace.snapshots_path).latest
    if latest is None or read_mark(workspace) != (latest.generation, latest.digest):
        return None
    return latest


def swap_journal(workspace: Workspace) -> None:
    """Put the journal that was made anew in the place of the old one, and all that follows from it.

    Snapshots, store and past states are made again from it. An interruption
    at any point is carried through by the next start.
    """
    (workspace.path / REMADE / COMPLETE).touch()
    sync_path(workspace.path / REMADE)
    finish_swap(workspace)


def finish_swap(workspace: Workspace) -> None:
    """Carry through a swap of the journal that was begun; forget one that was not yet complete."""
    remade = workspace.path / REMADE
    if not (remade / COMPLETE).exists():
        shutil.rmtree(remade, ignore_errors=True)
        return
    workspace.clean_path.unlink(missing_ok=True)
    for made in (workspace.snapshots_path, workspace.cache_path, workspace.store_path):
        shutil.rmtree(made, ignore_errors=True)
    for path in sorted(remade.glob("*.journal")):
        path.replace(workspace.journal_path / path.name)
    sync_path(workspace.journal_path)
    shutil.rmtree(remade)
    sync_path(workspace.path)


def rebuild(workspace: Workspace, journal: Journal, snapshots: Snapshots) -> None:
    """Make the live store anew: the newest snapshot, and the changesets after it.

    Raises:
        JournalDamagedError: a changeset cannot be read, or the snapshot is not one of this ledger.
    """
    for one in snapshots:
        _require_of(journal, one)
        if _cloned(workspace, one):
            first = one.generation + 1
            break
        shutil.rmtree(one.path, ignore_errors=True)
    else:
        shutil.rmtree(workspace.store_path, ignore_errors=True)
        first = 1
    store = EmbeddedStore.open(workspace.store_path)
    try:
        replay(store, journal.changesets(first))
    finally:
        store.close()


def _require_of(journal: Journal, snapshot: Published) -> None:
    """See that a snapshot is one of a journal's ledger."""
    place = next(journal.places(snapshot.generation), None)
    if place is None or place.frame.digest != snapshot.digest:
        raise JournalDamagedError(
            place.path if place else journal.folder,
            place.offset if place else 0,
            f"the snapshot {snapshot.path.name} is of another changeset {snapshot.generation}",
        )


def _cloned(workspace: Workspace, snapshot: Published) -> bool:
    """Make the live store of a snapshot; tell whether the snapshot is whole."""
    shutil.rmtree(workspace.store_path, ignore_errors=True)
    try:
        clone(snapshot.path, workspace.store_path)
        store = EmbeddedStore.open(workspace.store_path)
    except (OSError, WorkspaceError):
        return False
    generation = State(store).generation
    store.close()
    return generation == snapshot.generation


def replay(store: EmbeddedStore, changesets: Iterable[Changeset]) -> tuple[int, str]:
    """Carry out changesets again; return generation and digest of the last one."""
    head, digest = 0, GENESIS
    for changeset in changesets:
        added, removed = dict.fromkeys(changeset.added()), dict.fromkeys(changeset.removed())
        Delta(added, removed).apply(store.engine)
        bookkeeping_of(changeset).apply(store.engine)
        head, digest = changeset.header.generation, changeset.header.digest
    return head, digest


def _put_old_store_aside(workspace: Workspace) -> None:
    """Begin the upgrade of a workspace without a journal, or begin it again after a stop."""
    aside = workspace.path / OLD_STORE
    if workspace.store_path.is_dir() and not aside.exists():
        workspace.store_path.rename(aside)
    for made in (workspace.store_path, workspace.journal_path, workspace.snapshots_path):
        shutil.rmtree(made, ignore_errors=True)
    sync_path(workspace.path)


def old_store(workspace: Workspace) -> Path | None:
    """Return the store of a workspace whose records are not journaled yet."""
    aside = workspace.path / OLD_STORE
    return aside if workspace.format == UNJOURNALED and aside.is_dir() else None


def forget_old_store(workspace: Workspace) -> None:
    """Remove what an upgrade has carried over."""
    with suppress(OSError):
        shutil.rmtree(workspace.path / OLD_STORE)
