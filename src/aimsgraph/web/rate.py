"""How often one caller may come: buckets of tokens that fill again with time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil
from threading import Lock
from time import monotonic
from typing import Final

BURST: Final = 0.25
"""The part of a minute's requests that may come at once."""

GUESSES: Final = 0.1
"""Tokens that turn out to be none of ours, as a part of the requests that may come."""

MOST: Final = 100_000
"""Callers remembered at most; one forgotten begins with a full bucket."""


class Buckets:
    """A bucket for each caller; a full one is forgotten.

    Args:
        a_minute: how much a bucket gets in a minute.
        clock: tells the time in seconds.
        most: the number of callers remembered.
    """

    def __init__(
        self, a_minute: float, clock: Callable[[], float] = monotonic, most: int = MOST
    ) -> None:
        self._a_second = a_minute / 60
        self._size = max(1.0, a_minute * BURST)
        self._clock = clock
        self._most = most
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> float:
        """Take one from a caller's bucket; return the seconds to wait if it is empty, else 0."""
        with self._lock:
            now = self._clock()
            level = self._level(key, now)
            wait = max(0.0, (1 - level) / self._a_second)
            self._buckets[key] = (level if wait else level - 1, now)
            self._buckets.move_to_end(key)
            self._forget(now)
            return wait

    def wait(self, key: str) -> float:
        """Return the seconds until there is something to take, and take nothing."""
        with self._lock:
            return max(0.0, (1 - self._level(key, self._clock())) / self._a_second)

    def _level(self, key: str, now: float) -> float:
        level, at = self._buckets.get(key, (self._size, now))
        return min(self._size, level + (now - at) * self._a_second)

    def _forget(self, now: float) -> None:
        """Forget who has not come for so long that the bucket is full, and whoever is too many."""
        long_ago = now - self._size / self._a_second
        while self._buckets:
            key, (_, at) = next(iter(self._buckets.items()))
            if at > long_ago and len(self._buckets) <= self._most:
                return
            del self._buckets[key]


def network_of(address: str) -> str:
    """Return what stands for an address: itself, or the network that one household has (IPv6)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))


def seconds(wait: float) -> int:
    """Return a wait as `Retry-After` has it: whole seconds, at least one."""
    return max(1, ceil(wait))
