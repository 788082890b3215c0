"""Published states: what readers read, in this process and in others.

The writer's store is nobody else's. Readers open snapshots, which never
change: for a store on disk a folder per generation, made of hard links and
removed when nobody holds it; for one in memory a copy.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from aimsgraph.errors import WorkspaceError
from aimsgraph.store.embedded import EmbeddedStore

LEASE: Final = "lease"
"""Readers hold a shared lock on this file; the writer removes what nobody holds."""

_NAME: Final = re.compile(r"(\d{12})-([0-9a-f]{64})")


@dataclass(frozen=True)
class Published:
    """One published state on disk: its generation and the digest of its changeset."""

    path: Path
    generation: int
    digest: str


class Snapshots:
    """The snapshots of a workspace, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __iter__(self) -> Iterator[Published]:
        """Yield the snapshots, the newest first."""
        found = []
        with suppress(FileNotFoundError):
            for path in self.folder.iterdir():
                match = _NAME.fullmatch(path.name)
                if match is not None:
                    found.append(Published(path, int(match[1]), match[2]))
        yield from sorted(found, key=lambda one: one.generation, reverse=True)

    @property
    def latest(self) -> Published | None:
        """Return the newest snapshot."""
        return next(iter(self), None)

    def publish(self, store: EmbeddedStore, generation: int, digest: str) -> Published:
        """Make a snapshot of a store on disk, and remove those nobody holds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{generation:012d}-{digest}"
        if not path.exists():
            making = self.folder / f"making-{os.getpid()}"
            shutil.rmtree(making, ignore_errors=True)
            store.engine.flush()
            store.engine.backup(making)
            (making / LEASE).touch()
            making.rename(path)
        self.tidy(keep=path)
        return Published(path, generation, digest)

    def tidy(self, keep: Path | None = None) -> None:
        """Remove the snapshots that nobody holds, but not the newest, nor `keep`."""
        for one in list(self)[1:]:
            if one.path != keep:
                remove_unless_held(one.path)

    def open(self) -> tuple[Published, EmbeddedStore] | None:
        """Open the newest snapshot for reading; None where there is none."""
        for _ in range(20):
            latest = self.latest
            if latest is None:
                return None
            store = open_snapshot(latest.path)
            if store is not None:
                return latest, store
        raise WorkspaceError(f"{self.folder}: snapshots vanish while they are opened")


class Lease:
    """A shared hold on a snapshot, for as long as this object lives."""

    _handle = -1

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY)
        fcntl.flock(self._handle, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let go of the snapshot."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __del__(self) -> None:
        """Let go of the snapshot."""
        self.close()


def open_snapshot(path: Path) -> EmbeddedStore | None:
    """Open a snapshot for reading and hold it; None where it was removed meanwhile.

    Raises:
        WorkspaceError: it is there and cannot be opened.
    """
    try:
        lease = Lease(path / LEASE)
    except FileNotFoundError:
        return None
    if not path.exists():
        lease.close()
        return None
    try:
        return EmbeddedStore(ox.Store.read_only(str(path)), lease, path)
    except (OSError, RuntimeError) as error:
        lease.close()
        raise WorkspaceError(f"{path}: the snapshot cannot be opened: {error}") from error


def remove_unless_held(path: Path) -> bool:
    """Remove a snapshot unless a reader holds it; tell whether it is gone."""
    try:
        lease: IO[bytes] = (path / LEASE).open("rb")
    except FileNotFoundError:
        shutil.rmtree(path, ignore_errors=True)
        return True
    with lease:
        try:
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        gone = path.with_name(f"gone-{os.getpid()}-{path.name}")
        path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        return True


def clone(source: Path, target: Path) -> None:
    """Copy a snapshot into a folder that may be written; what never changes is linked."""

    def copy(one: str, other: str) -> None:
        if one.endswith(".sst"):
            os.link(one, other)
        else:
            shutil.copyfile(one, other)

    shutil.copytree(source, target, copy_function=copy)
