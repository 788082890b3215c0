"""An answer on its way from a reader: bytes as they come, complete or visibly broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import Any, Final

from aimsgraph import errors
from aimsgraph.errors import (
    AimsGraphError,
    DeadlineError,
    EngineError,
    LimitError,
)
from aimsgraph.readers.frames import DATA, END, FAILURE
from aimsgraph.readers.limits import Limits
from aimsgraph.readers.making import Ending, Reader
from aimsgraph.readers.turns import LOOK, ClientLeftError

GRACE: Final = 0.05
"""Seconds in which an answer that nobody wants any more may still end by itself."""

ANSWERED: Final = "answered"
REFUSED: Final = "refused"
"""The reader said what is wrong."""
DEADLINE: Final = "killed_deadline"
LEFT: Final = "killed_left"
SLOW: Final = "killed_slow_client"
BROKEN: Final = "broken"

PATIENCE: Final = 10.0
"""Seconds that a client has at least, however slow it is."""

LEAST_RATE: Final = 256 * 1024
"""Bytes a second that a client takes at least, where others wait."""

Finish = Callable[[Reader, str], Ending | None]
"""Takes a reader back, with what became of its answer; where it was ended, how is returned."""


class Stream:
    """The bytes of one answer; closed once it is not wanted any more.

    Args:
        reader: works on it.
        limits: how long that may take.
        has_left: tells whether the client is gone.
        finish: takes the reader back.
    """

    def __init__(
        self, reader: Reader, limits: Limits, has_left: Callable[[], bool], finish: Finish
    ) -> None:
        self._reader: Reader | None = reader
        self._limits = limits
        self._has_left = has_left
        self._finish = finish
        self._worked = 0.0
        self._began = monotonic()
        self._away_since: float | None = None
        self._away = 0.0
        self._taken = 0
        self._lock = Lock()
        self._pieces: list[bytes] = []
        self._is_whole = False
        self._is_cut = False
        self.rows = 0

    @property
    def is_whole(self) -> bool:
        """Return whether the reader has sent everything."""
        return self._is_whole

    def begin(self) -> None:
        """Wait until there is something of the answer, or all of it.

        Raises:
            AimsGraphError: there is none.
        """
        while not self._pieces and not self._is_whole:
            self._take()
        self._away_since = monotonic()

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes.

        Raises:
            AimsGraphError: the answer breaks off.
        """
        try:
            while True:
                pieces, self._pieces = self._pieces, []
                for piece in pieces:
                    self._away_since = monotonic()
                    yield piece
                    self._come_back(len(piece))
                if self._is_whole and not self._pieces:
                    return
                if not self._pieces:
                    self._take()
        finally:
            self.close()

    def _come_back(self, taken: int) -> None:
        """Count how long the client was away with a piece."""
        with self._lock:
            self._away += monotonic() - (self._away_since or monotonic())
            self._away_since = None
            self._taken += taken

    def cut_if_slow(self) -> None:
        """End the answer where its client takes it too slowly; called while others wait."""
        with self._lock:
            if self._away_since is None or self._reader is None:
                return
            away = self._away + monotonic() - self._away_since
            if away < PATIENCE or self._taken / away > LEAST_RATE:
                return
            reader, self._reader = self._reader, None
            self._is_cut = True
        self._finish(reader, SLOW)

    def close(self) -> None:
        """Let the reader go; it is ended unless it has just finished."""
        reader = self._reader
        if reader is None:
            return
        with suppress(OSError, AimsGraphError):
            self._receive(reader, GRACE)
            self._sort(reader)
        if self._reader is not None:
            self._release(LEFT)

    def _take(self) -> None:
        """Take in what the reader sends next."""
        reader = self._reader
        if reader is None and self._is_cut:
            raise LimitError("stream_timeout", "the client was too slow, and others waited")
        if reader is None:
            raise EngineError("the answer was closed before its end")
        started = monotonic()
        try:
            is_there = self._receive(reader, min(LOOK, self._limits.seconds))
        except OSError:
            is_there = False
        self._worked += monotonic() - started
        if is_there is False:
            raise self._broken()
        self._sort(reader)
        if not self._is_whole:
            self._see()

    def _receive(self, reader: Reader, seconds: float) -> bool | None:
        """Wait for something to come in; None where nothing did, False where nothing will."""
        reader.channel.settimeout(seconds)
        try:
            return reader.incoming.receive()
        except TimeoutError:
            return None

    def _sort(self, reader: Reader) -> None:
        for letter, payload in reader.incoming.ready():
            if letter == DATA:
                self._pieces.append(payload)
            elif letter == END:
                self.rows = json.loads(payload)["rows"]
                self._is_whole = True
                self._release(ANSWERED)
            elif letter == FAILURE:
                error = _error(json.loads(payload))
                self._release(error.limit if isinstance(error, LimitError) else REFUSED)
                raise error

    def _see(self) -> None:
        """See that somebody still waits, and that it is not too long already."""
        if self._worked > self._limits.seconds:
            self._release(DEADLINE)
            raise DeadlineError(self._limits.seconds)
        if self._pieces:
            if monotonic() - self._began > self._limits.stream_seconds:
                self._release(SLOW)
                raise LimitError("stream_timeout", "the client took too long to fetch the answer")
        elif self._has_left():
            self._release(LEFT)
            raise ClientLeftError

    def _broken(self) -> AimsGraphError:
        ending = self._release(BROKEN)
        if ending is not None and ending.is_for_memory:
            return LimitError(
                "query_memory",
                f"the query needs more than {self._limits.memory // 1024**2:,} megabytes of "
                "memory; ask for less, or set AIMSGRAPH_QUERY_MEMORY",
            )
        if ending is not None and ending.is_for_depth:
            return LimitError(
                "query_depth",
                "the query is too deep or too wide for the engine; ask in smaller parts",
            )
        return EngineError("the engine broke down on this query; nothing else was hurt")

    def _release(self, outcome: str) -> Ending | None:
        with self._lock:
            reader, self._reader = self._reader, None
        return None if reader is None else self._finish(reader, outcome)


def _error(told: dict[str, Any]) -> AimsGraphError:
    """Return the error that a reader tells of."""
    kind, text = told["error"], told["text"]
    if "limit" in told:
        return LimitError(told["limit"], text)
    if kind == "MemoryError":
        return LimitError("query_memory", "the query needs more memory than it may have")
    known = getattr(errors, kind, None)
    if isinstance(known, type) and issubclass(known, AimsGraphError):
        with suppress(TypeError):  # an error that is made of something else
            return known(text)
    return EngineError(f"the query cannot be answered: {text}")
