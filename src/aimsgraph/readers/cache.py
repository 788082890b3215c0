"""Answers that were given before, as long as the same state is asked the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Final

SHARE: Final = 8
"""An answer may take this part of the cache at most."""


class AnswerCache:
    """Answers as bytes, those used last, within a number of bytes.

    Keys name the state of the graph and the graphs that may be read of it, so
    that nobody gets what they may not read, and nothing is ever out of date.
    """

    def __init__(self, size: int) -> None:
        self.most = size // SHARE
        self._room = size
        self._kept: OrderedDict[Hashable, tuple[bytes, int]] = OrderedDict()
        self._lock = Lock()
        self.size = self.hits = self.misses = 0

    def get(self, key: Hashable) -> tuple[bytes, int] | None:
        """Return an answer and the number of its rows."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: bytes, rows: int) -> None:
        """Keep an answer, and forget those longest unused for it."""
        if len(answer) > self.most:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = answer, rows
            self.size += len(answer)
            while self.size > self._room:
                _, (gone, _) = self._kept.popitem(last=False)
                self.size -= len(gone)
