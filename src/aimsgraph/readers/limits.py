"""What a query, its answer and its caller may take."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

from aimsgraph.settings import Settings

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits of one pool of readers; 0 stands for no limit, where not said otherwise."""

    readers: int
    """Processes; at least 1."""
    per_caller: int
    """Queries of one caller that run at a time; at least 1."""
    queue: int
    """Queries that wait; none may if 0."""
    seconds: float
    """How long a reader may work on an answer."""
    stream_seconds: float
    """How long a client may take to fetch one."""
    memory: int
    """Bytes a reader may take for an answer."""
    rows: int
    """Rows or statements of an answer."""
    size: int
    """Bytes of an answer."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the limits that settings state."""
        processors = len(os.sched_getaffinity(0))
        return cls(
            readers=settings.readers or processors + 2,
            per_caller=settings.caller_queries or processors,
            queue=settings.queue,
            seconds=settings.query_timeout,
            stream_seconds=settings.stream_timeout,
            memory=settings.query_memory * MEGABYTE,
            rows=settings.max_rows,
            size=settings.max_megabytes * MEGABYTE,
        )
