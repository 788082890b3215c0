"""States that were built from snapshots for somebody who looks back: kept for the next one."""

from __future__ import annotations

import os
import shutil
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

from aimsgraph.errors import NoSuchStateError
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import (
    LEASE,
    Published,
    Snapshots,
    clone,
    open_snapshot,
    remove_unless_held,
)

IN_MEMORY: Final = 4
"""How many built states are kept open."""

Build = Callable[[EmbeddedStore, int], None]
"""Makes a state of a copy that stands at a generation."""


class Built:
    """States built from copies in memory, those used last.

    Args:
        present: gives the newest published store with its generation.
    """

    def __init__(self, present: Callable[[], tuple[EmbeddedStore, int]]) -> None:
        self._present = present
        self._kept: OrderedDict[str, EmbeddedStore] = OrderedDict()
        self._lock = Lock()

    def state(self, name: str, generation: int, build: Build) -> EmbeddedStore:
        """Return the state of a name, built now where it is not kept.

        Args:
            name: tells it from all others.
            generation: the earliest it can be built from.
            build: makes it of a copy.
        """
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
            store = self._made(name, generation, build)
            self._kept[name] = store
            while len(self._kept) > IN_MEMORY:
                self._kept.popitem(last=False)
            return store

    def _made(self, _name: str, _generation: int, build: Build) -> EmbeddedStore:
        present, head = self._present()
        store = present.copy()
        build(store, head)
        return store


class BuiltOnDisk(Built):
    """States built from clones of snapshots, kept in a folder within a budget.

    Args:
        present: publishes the newest state.
        snapshots: those of the workspace.
        cache: the folder of the built states.
        budget: how many bytes they may take.
    """

    def __init__(
        self,
        present: Callable[[], tuple[EmbeddedStore, int]],
        snapshots: Snapshots,
        cache: Path,
        budget: int,
    ) -> None:
        super().__init__(present)
        self._snapshots = snapshots
        self._cache = cache
        self._budget = budget

    def _made(self, name: str, generation: int, build: Build) -> EmbeddedStore:
        self._cache.mkdir(parents=True, exist_ok=True)
        path = self._cache / name
        found = open_snapshot(path)
        if found is None:
            self._make(path, generation, build)
            found = open_snapshot(path)
        if found is None:
            raise NoSuchStateError(f"{path}: the state vanished while it was opened; ask again")
        os.utime(path / LEASE)
        self._tidy(path)
        return found

    def _make(self, path: Path, generation: int, build: Build) -> None:
        making = self._cache / f"making-{os.getpid()}-{time.monotonic_ns()}"
        at = self._cloned(generation, making)
        store = EmbeddedStore.open(making)
        try:
            build(store, at)
        finally:
            store.close()
        try:
            making.rename(path)
        except OSError:
            shutil.rmtree(making, ignore_errors=True)

    def _cloned(self, generation: int, making: Path) -> int:
        """Clone the snapshot with the least to undo; return the generation it stands at."""
        self._present()
        known: list[Published] = [*self._snapshots, *Snapshots(self._cache)]
        later = [one for one in known if one.generation >= generation]
        for one in sorted(later, key=lambda one: one.generation):
            held = open_snapshot(one.path)
            if held is not None:
                clone(one.path, making)
                return one.generation
        raise NoSuchStateError(f"no snapshot is left from which generation {generation} follows")

    def _tidy(self, keep: Path) -> None:
        """Remove the states longest unused until the rest is within the budget."""
        known = [path for path in self._cache.iterdir() if (path / LEASE).exists()]
        known.sort(key=lambda path: (path / LEASE).stat().st_mtime)
        total = sum(_size_of(path) for path in known)
        for path in known:
            if total <= self._budget:
                return
            size = _size_of(path)
            if path != keep and remove_unless_held(path):
                total -= size


def _size_of(folder: Path) -> int:
    """Return how many bytes a folder takes that nothing else holds."""
    found = (path.stat() for path in folder.rglob("*") if path.is_file())
    return sum(stat.st_size for stat in found if stat.st_nlink == 1)
