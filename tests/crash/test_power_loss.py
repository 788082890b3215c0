"""A power cut takes every byte since the last fsync; what was acknowledged is still there."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from aimsgraph.errors import JournalError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger import journal
from aimsgraph.verification import Trust, verify
from aimsgraph.workspace import Workspace
from crash.writing import HALVES, pair
from tiny_support import opened, update, workspace

WRITERS = 4
TAILS = ("nothing", "some", "zeros")
"""What is left of the bytes that were never forced to disk."""


class Power:
    """Knows how much of each file is on disk, and can be cut."""

    def __init__(self) -> None:
        self.on_disk: dict[str, int] = {}
        self.syncs = 0
        self.is_cut = Event()
        self._force = os.fdatasync
        self._lock = Lock()

    def fdatasync(self, handle: int) -> None:
        """Force a file to disk, unless there is no power any more."""
        size = os.fstat(handle).st_size
        if self.is_cut.is_set():
            raise OSError(5, "no power")
        self._force(handle)
        with self._lock:
            self.syncs += 1
            path = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 - a handle, not a path
            self.on_disk[path] = max(size, self.on_disk.get(path, 0))


def written(graph: AimsGraph, power: Power, seconds: float) -> set[str]:
    """Let several threads write until the power is cut; return what was acknowledged."""
    done: set[str] = set()

    def write(label: str) -> None:
        count = 0
        while True:
            count += 1
            name = f"{label}-{count}"
            try:
                graph.commit(update(pair(name), name))
            except JournalError:
                return
            done.add(name)

    threads = [Thread(target=write, args=(f"t{number}",)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    power.is_cut.set()
    for thread in threads:
        thread.join()
    return done


def lose(folder: Path, power: Power, tail: str, chance: random.Random) -> None:
    """Take from the journal what was never forced to disk, or make zeros of it."""
    for path in (folder / "journal").glob("*.journal"):
        safe = power.on_disk.get(str(path), 0)
        size = path.stat().st_size
        keep = chance.randint(safe, size) if tail == "some" else safe
        os.truncate(path, keep)
        if tail == "zeros":
            os.truncate(path, size)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("keeps_snapshots", [True, False])
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail: str, keeps_snapshots: bool
) -> None:
    chance = random.Random(tail)  # noqa: S311 - a seed, so that a failure can be repeated
    monkeypatch.setattr(journal, "SEGMENT_SIZE", 20_000)
    for number in range(5):
        folder = workspace(tmp_path / f"w{number}")
        power = Power()
        for path in (folder / "journal").glob("*.journal"):
            power.on_disk[str(path)] = path.stat().st_size
        with monkeypatch.context() as patch:
            patch.setattr(os, "fdatasync", power.fdatasync)
            graph = opened(folder)
            promised = written(graph, power, chance.uniform(0.05, 0.2))
            saved = tmp_path / f"after-{number}"
            shutil.copytree(folder, saved)
            for name, size in list(power.on_disk.items()):
                power.on_disk[name.replace(str(folder), str(saved))] = size
            graph.close()
        if not keeps_snapshots:
            shutil.rmtree(saved / "snapshots")
        lose(saved, power, tail, chance)

        assert promised
        with opened(saved) as after:
            found = {entry.message for entry in after.history()}
            assert promised <= found
            assert after.view().ask(HALVES).rows[0][0].value == "0"  # type: ignore[union-attr]
        verified = verify(Workspace.read(saved), Trust(), lambda _: None)
        assert verified.holds, verified.problems


def test_writers_share_an_fsync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    power = Power()
    slow = power.fdatasync

    def fdatasync(handle: int) -> None:
        time.sleep(0.2)
        slow(handle)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    with opened(workspace(tmp_path / "w")) as graph:
        before = power.syncs
        threads = [
            Thread(target=graph.commit, args=(update(pair(f"p{number}")),)) for number in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        generation = graph.view().generation

    assert generation == 21
    assert power.syncs - before <= 10
