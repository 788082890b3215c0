"""Answers that were given before, as long as the same state is asked the same."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from typing import Final

ENTRY: Final = 500
"""Bytes that an answer takes besides itself: its key, and the place it is kept in."""

SHARE: Final = 8
"""An answer may take this part of the cache at most."""


def digest(*parts: object) -> bytes:
    """Return a key made of some parts, as short for a long query as for a short one."""
    return sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()


class AnswerCache:
    """Answers as bytes, those used last, within a number of bytes.

    Keys are digests that name the state of the graph, and the graphs that may
    be read of it, so that nobody gets what they may not read, and nothing is
    ever out of date.
    """

    def __init__(self, size: int) -> None:
        self.most = size // SHARE
        self._room = size
        self._kept: OrderedDict[bytes, tuple[bytes, int]] = OrderedDict()
        self._lock = Lock()
        self.size = self.hits = self.misses = 0

    def get(self, key: bytes) -> tuple[bytes, int] | None:
        """Return an answer and the number of its rows."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                self.misses += 1
                return None
            self.hits += 1
            self._kept.move_to_end(key)
            return found

    def put(self, key: bytes, answer: bytes, rows: int) -> None:
        """Keep an answer, and forget those longest unused for it."""
        if len(answer) > self.most:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = answer, rows
            self.size += len(answer) + ENTRY
            while self.size > self._room:
                _, (gone, _) = self._kept.popitem(last=False)
                self.size -= len(gone) + ENTRY
