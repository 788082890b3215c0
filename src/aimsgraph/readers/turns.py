"""Whose query is next: some at a time, some waiting, and no caller in the way of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic
from typing import Final

from aimsgraph.errors import BusyError
from aimsgraph.readers.limits import Limits

LOOK: Final = 0.2
"""Seconds after which somebody who waits looks whether the client is still there."""


class ClientLeftError(Exception):
    """The client did not wait for the answer."""


class Turns:
    """Lets queries run as the limits have it, in the order they came as far as these allow."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._changed = Condition()
        self._waiting: list[_Turn] = []
        self._running: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """Return how many queries wait."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Return how many queries run."""
        return self._running.total()

    def take(
        self,
        caller: str,
        has_left: Callable[[], bool],
        while_waiting: Callable[[], None] = lambda: None,
    ) -> None:
        """Wait for a turn of a caller.

        Args:
            caller: whose turn it is to be.
            has_left: tells whether the client is gone.
            while_waiting: is called now and then.

        Raises:
            BusyError: too many wait, or the wait is longer than a query may take.
            ClientLeftError: the client has left.
        """
        turn = _Turn(caller)
        until = monotonic() + self._limits.seconds
        with self._changed:
            self._waiting.append(turn)
            try:
                self._admit(turn)
                while not self._is_next(turn):
                    self._changed.wait(LOOK)
                    if has_left():
                        raise ClientLeftError
                    while_waiting()
                    if monotonic() > until:
                        raise BusyError("queue", _LATE.format(self._limits.seconds))
                self._running[caller] += 1
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()

    @contextmanager
    def turn(self, caller: str, has_left: Callable[[], bool]) -> Iterator[None]:
        """Wait for a turn of a caller, and have it for the time of the context."""
        self.take(caller, has_left)
        try:
            yield
        finally:
            self.give_back(caller)

    def give_back(self, caller: str) -> None:
        """End a turn."""
        with self._changed:
            self._running[caller] -= 1
            if not self._running[caller]:
                del self._running[caller]
            self._changed.notify_all()

    def _admit(self, turn: _Turn) -> None:
        """See that there is room to wait.

        Raises:
            BusyError: there is none.
        """
        if self._is_next(turn):
            return
        own = sum(one.caller == turn.caller for one in self._waiting)
        if len(self._waiting) > self._limits.queue:
            raise BusyError("queue", _FULL.format(self._limits.queue))
        if own > max(1, self._limits.queue // 2):
            raise BusyError("caller_queries", _OWN.format(own - 1))

    def _is_next(self, turn: _Turn) -> bool:
        if self.running >= self._limits.readers:
            return False
        free = (one for one in self._waiting if self._has_room(one.caller))
        return next(free, None) is turn

    def _has_room(self, caller: str) -> bool:
        return self._running[caller] < self._limits.per_caller


class _Turn:
    """Somebody who waits."""

    def __init__(self, caller: str) -> None:
        self.caller = caller


_FULL: Final = "{} requests wait already, and no more may; try again in a moment"
_OWN: Final = "{} requests of yours wait already; let them be answered first"
_LATE: Final = "it was not your turn within {:g} seconds; try again in a moment"
