"""Where an index lies: in a file that several processes share, or in memory.

The file is a cache. It is changed by one at a time, who holds the lock beside
it; made anew, it takes the place of the old one in a single step.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from typing import Final, Protocol

from aimsgraph.files import sync_path
from aimsgraph.search.database import Database

FILE: Final = "search.sqlite"

Fill = Callable[[Database], None]


class Shelf(Protocol):
    """Keeps an index."""

    @contextmanager
    def opened(self) -> Iterator[Database | None]:
        """Open the index; None where there is none."""

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who changes it."""

    def remake(self, fill: Fill) -> None:
        """Put an index that is filled now in the place of the one there is."""


class InMemory:
    """An index that lives as long as the process."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._database: Database | None = None

    @contextmanager
    def opened(self) -> Iterator[Database | None]:
        """Open the index; None where there is none."""
        with self._lock:
            yield self._database

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who changes it."""
        with self._lock:
            yield

    def remake(self, fill: Fill) -> None:
        """Put an index that is filled now in the place of the one there is."""
        made = Database(":memory:")
        fill(made)
        self._database = made


class OnDisk:
    """An index in a folder; each use opens it anew, so that many threads read at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE

    @contextmanager
    def opened(self) -> Iterator[Database | None]:
        """Open the index; None where there is none."""
        if not self._path.exists():
            yield None
            return
        with closing(Database(self._path)) as found:
            yield found

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only one who changes it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{FILE}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def remake(self, fill: Fill) -> None:
        """Put an index that is filled now in the place of the one there is."""
        making = self._path.with_suffix(".making")
        making.write_bytes(b"")
        try:
            with closing(Database(making)) as made:
                made.connection.execute("PRAGMA journal_mode = OFF")
                made.connection.execute("PRAGMA synchronous = OFF")
                fill(made)
            with making.open("rb") as file:
                os.fsync(file.fileno())
            # An unfinished change of the old file must not be carried through in the new one.
            self._path.unlink(missing_ok=True)
            self._path.with_name(f"{FILE}-journal").unlink(missing_ok=True)
            making.rename(self._path)
            sync_path(self._folder)
        finally:
            making.unlink(missing_ok=True)
