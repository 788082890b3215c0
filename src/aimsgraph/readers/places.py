"""Where a state lies that readers are to open; one that lives in memory is written out for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary, finalize

import pyoxigraph as ox

from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import LEASE

COPY: Final = "asking-"
"""Begins the names of folders with copies; one that is left over can go."""

_NUMBERS: Final = count(1)


class Places:
    """The places of states."""

    def __init__(self) -> None:
        self._written: WeakKeyDictionary[EmbeddedStore, Path] = WeakKeyDictionary()
        self._folder: TemporaryDirectory[str] | None = None
        self._lock = Lock()
        self._names: WeakKeyDictionary[EmbeddedStore, str] = WeakKeyDictionary()

    def name(self, store: EmbeddedStore) -> str:
        """Return what tells a state from all others."""
        if store.path is not None:
            return str(store.path)
        with self._lock:
            return self._names.setdefault(store, f"memory {next(_NUMBERS)}")

    def at(self, store: EmbeddedStore) -> Path:
        """Return where a state lies."""
        if store.path is not None:
            return store.path
        with self._lock:
            if store not in self._written:
                self._written[store] = self._write(store)
            return self._written[store]

    def _write(self, store: EmbeddedStore) -> Path:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="aimsgraph-")
        path = Path(self._folder.name) / f"{next(_NUMBERS)}.nq"
        path.touch(0o600)
        store.engine.dump(path, ox.RdfFormat.N_QUADS)
        finalize(store, path.unlink, missing_ok=True)
        return path

    def close(self) -> None:
        """Remove what was written."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


@contextmanager
def copied(store: EmbeddedStore) -> Iterator[Path]:
    """Give a copy of a store as it is now, for the time of the context; its files are linked."""
    near = store.path.parent if store.path is not None else None
    with TemporaryDirectory(prefix=COPY, dir=near) as folder:
        place = Path(folder) / "state"
        if store.path is None:
            place.touch(0o600)
            store.engine.dump(place, ox.RdfFormat.N_QUADS)
        else:
            store.engine.flush()
            store.engine.backup(place)
            (place / LEASE).touch()
        yield place
