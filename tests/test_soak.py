"""A long and mixed life of the service leaves nothing behind: memory, files, processes, folders.

How long is set by SOAK_ROUNDS, the number of requests.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from aimsgraph.readers.places import COPY
from aimsgraph.readers.reader import KEPT
from served_support import Served, served
from soak_requests import Mix, Shared, kinds
from soak_support import Client, Held, held, leftovers, numbers, questions, soak

ROUNDS: Final = int(os.environ.get("SOAK_ROUNDS", "180"))
CLIENTS: Final = 6
READERS: Final = 2
WARM: Final = max(120, ROUNDS)
"""Requests before anything is measured: by then caches are full and past states are open."""

MEMORY: Final = 60.0
"""Megabytes by which the service may grow after that."""
READERS_MEMORY: Final = (READERS + 1) * 256.0
"""Megabytes that readers may have in all; one that keeps 256 is replaced."""
PROCESSES: Final = 1 + 1 + READERS + 1
"""The service, the nursery, the readers, and one for whoever writes."""
THREADS: Final = 4
"""Threads that the engine may start later on."""
FILES: Final = 200
"""Files that may be open: those of the store, and of a few published and past states."""

SETTINGS: Final = {
    "query_timeout": "3",
    "readers": str(READERS),
    "caller_queries": str(READERS),
    "queue": "16",
    "as_of_cache": "16",
    "answer_cache": "8",
}


def live(service: Served, shared: Shared) -> list[Held]:
    """Have clients send what they send, in thirds; return what is held after the first part."""
    asked, bearer = questions(service), service.bearer()
    mixes = [Mix(seed, asked, bearer, shared) for seed in range(CLIENTS)]
    Client(service.base, mixes[0]).send_each()
    found = []
    for share in (WARM, ROUNDS // 3, ROUNDS // 3, ROUNDS // 3):
        soak(service, mixes, share)
        found.append(held(service))
        print(f"after {sum(shared.seen.values())} requests: {found[-1]}")  # noqa: T201 - with -s
    return found


@pytest.mark.slow
def test_a_long_life_leaves_nothing_behind(tmp_path: Path) -> None:
    shared = Shared()
    with served(tmp_path, sample=True, **SETTINGS) as service:
        warm, *thirds = live(service, shared)
        told = numbers(service)
        logged = service.log.read_text("utf-8")
        snapshots = list((service.workspace / "snapshots").iterdir())
        left = leftovers(service.workspace)

    assert not shared.wrong, shared.wrong[:3]
    assert not [kind for kind in kinds() if not shared.answered(kind)]
    for now in thirds:
        assert now.web < warm.web + MEMORY
        assert now.readers < READERS_MEMORY
        assert now.files < FILES
        assert now.others < FILES
        assert now.threads <= warm.threads + THREADS
        assert now.processes <= PROCESSES
    assert not steadily_growing([one.files for one in thirds], 10)
    assert not steadily_growing([one.web for one in thirds], 15)
    assert not left, left
    assert len(snapshots) <= 1 + KEPT * (READERS + 1) + 1
    assert told["pool_readers_busy"] == told["pool_waiting"] == 0
    assert told["pool_readers_idle"] <= READERS + 1
    assert told["published_generation"] == told["generation"] >= shared.generation
    assert told["pool_killed_left_total"] >= 1
    assert told["pool_killed_deadline_total"] >= 1
    assert told["pool_cache_hits_total"] >= 1
    assert told["pool_cache_bytes"] <= 8 * 1024 * 1024
    assert told["audit_failures_total"] == 0
    assert "Traceback" not in logged
    assert COPY not in logged


def steadily_growing(values: list[float] | list[int], step: float) -> bool:
    """Return whether each third holds more than the one before, by more than a step."""
    return all(later - before > step for before, later in pairwise(values))
