"""What a reader sends: an answer in frames as it is written, counted against its limits."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Final, TypeVar

from aimsgraph.errors import LimitError
from aimsgraph.readers.frames import DATA, END, frame, told

FRAME: Final = 1 << 16
"""Bytes that are worth a frame of their own."""

PATIENCE: Final = 0.05
"""Seconds that bytes wait at most for others, once more are written."""

Item = TypeVar("Item")


class Outlet:
    """A file that sends what is written to it: at once from the first row on, else in large frames.

    What stands before the first row says nothing, so a query that fails before
    it, or takes too long, is still answered with a status of its own.

    Args:
        channel: leads to the service.
        rows: how many rows the answer may have; 0 for any number.
        size: how many bytes; 0 for any number.
    """

    def __init__(self, channel: socket.socket, rows: int, size: int) -> None:
        self._channel = channel
        self._most_rows = rows
        self._most_bytes = size
        self._count: Callable[[bytes], int] | None = None
        self._pending = bytearray()
        self._sent_at = 0.0
        self._size = 0
        self.rows = 0
        self.failure: LimitError | None = None

    def write(self, piece: bytes) -> int:
        """Send a piece, or keep it for the next frame."""
        self._size += len(piece)
        if self._count is not None:
            self.rows += self._count(piece)
        self._see()
        self._pending += piece
        now = monotonic()
        is_due = self.rows > 0 and now - self._sent_at >= PATIENCE
        if is_due or len(self._pending) >= FRAME:
            self._channel.sendall(frame(DATA, bytes(self._pending)))
            self._pending.clear()
            self._sent_at = now
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what is here is sent soon."""

    def count_by(self, count: Callable[[bytes], int]) -> None:
        """Count the rows of every piece, each after the one before."""
        self._count = count

    def counted(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items, each counted as a row."""
        for item in items:
            self.rows += 1
            if self._most_rows and self.rows > self._most_rows:
                self._see()
            yield item

    def end(self) -> None:
        """Send what is left, and that this was all."""
        pending = frame(DATA, bytes(self._pending)) if self._pending else b""
        self._channel.sendall(pending + told(END, {"rows": self.rows}))

    def _see(self) -> None:
        """See that the answer is within its limits.

        Raises:
            LimitError: it is not.
        """
        if self._most_rows and self.rows > self._most_rows:
            self.failure = LimitError(
                "max_rows",
                f"the answer has more than {self._most_rows:,} rows; narrow it, ask for it in "
                "parts with LIMIT and OFFSET, or set AIMSGRAPH_MAX_ROWS",
            )
        elif self._most_bytes and self._size > self._most_bytes:
            self.failure = LimitError(
                "max_megabytes",
                f"the answer has more than {self._most_bytes // 1024**2:,} megabytes; narrow it, "
                "ask for it in parts with LIMIT and OFFSET, or set AIMSGRAPH_MAX_MEGABYTES",
            )
        if self.failure is not None:
            raise self.failure
