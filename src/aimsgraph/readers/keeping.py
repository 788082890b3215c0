"""An answer that is kept for the next who asks, once it has come to its end."""

from __future__ import annotations

from collections.abc import Iterator

from aimsgraph.readers.cache import AnswerCache
from aimsgraph.readers.stream import Stream


class Keeping:
    """A stream whose bytes are kept for the next who asks, if it comes to its end."""

    def __init__(self, stream: Stream, cache: AnswerCache, key: bytes) -> None:
        self._stream = stream
        self._cache = cache
        self._key = key

    @property
    def is_whole(self) -> bool:
        """Return whether everything is here."""
        return self._stream.is_whole

    @property
    def rows(self) -> int:
        """Return how many rows there are, once everything is here."""
        return self._stream.rows

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes."""
        kept: list[bytes] = []
        size = 0
        for piece in self._stream:
            size += len(piece)
            if size <= self._cache.most:
                kept.append(piece)
            else:
                kept.clear()
            yield piece
        if size <= self._cache.most:
            self._cache.put(self._key, b"".join(kept), self._stream.rows)

    def close(self) -> None:
        """Let the reader go."""
        self._stream.close()
