"""What was acknowledged survives `kill -9` at any instant; the rest is wholly there or not at all.

CRASH_ROUNDS says how often the writing process is killed; 40 if not set.
"""

from __future__ import annotations

import os
import random
import shutil
import time
from multiprocessing import get_context
from pathlib import Path
from select import select

import pytest

from aimsgraph.opening import open_live
from aimsgraph.verification import Trust, verify
from aimsgraph.workspace import Workspace
from crash.writing import HALVES, REFUSED, run
from tiny_support import opened, workspace

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "40"))

os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])  # where the other process finds tests
SPAWNING = get_context("forkserver")
SPAWNING.set_forkserver_preload(["crash.writing"])


def killed(folder: Path, label: str, wait: float, *, is_open: bool) -> list[str]:
    """Let a process write, kill it, and return what it told.

    Args:
        folder: the workspace.
        label: names what it writes.
        wait: seconds until it is killed.
        is_open: count them from when the workspace is open, not from the start.
    """
    read, write = os.pipe()
    process = SPAWNING.Process(target=_child, args=(str(folder), os.getpid(), write, label))
    process.start()
    if is_open:
        select([read], [], [], 60)
    time.sleep(wait)
    process.kill()
    process.join()
    os.close(write)
    with os.fdopen(read) as lines:
        return [line.strip() for line in lines if line.endswith("\n")]


def _child(folder: str, parent: int, write: int, label: str) -> None:
    pipe = os.open(f"/proc/{parent}/fd/{write}", os.O_WRONLY)
    run(folder, pipe, label)


def check(folder: Path, promised: set[str]) -> int:
    """Open a workspace after a crash, see that every promise is kept, and return its generation."""
    with opened(folder) as graph:
        view = graph.view()
        found = {entry.message for entry in graph.history()}
        assert promised <= found, f"lost: {sorted(promised - found)[:5]}"
        assert not view.ask(REFUSED)
        assert view.ask(HALVES).rows[0][0].value == "0"  # type: ignore[union-attr]
        generation = view.generation
    verified = verify(Workspace.read(folder), Trust(), lambda _: None)
    assert verified.holds, verified.problems
    assert verified.head == generation
    return generation


def test_acknowledged_changes_survive_a_kill(tmp_path: Path) -> None:
    chance = random.Random(42)  # noqa: S311 - a seed, so that a failure can be repeated
    promised: set[str] = set()
    written = 0
    folder = workspace(tmp_path / "w0")
    for number in range(ROUNDS):
        if number % 25 == 24:
            promised, folder = set(), workspace(tmp_path / f"w{number}")
        is_open = number % 3 > 0
        told = killed(folder, f"r{number}", chance.uniform(0.0, 0.15), is_open=is_open)
        assert not [line for line in told if line.startswith("BAD")]
        done = {line.split()[1] for line in told if line.startswith("done")}
        promised |= done
        written += len(done)
        check(folder, promised)
    assert written > ROUNDS, "the rounds were too short to write anything"


def test_a_kill_while_recovering_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path / "w")
    told = killed(folder, "first", 0.2, is_open=True)
    promised = {line.split()[1] for line in told if line.startswith("done")}
    for step in ("clone", "replay"):
        with monkeypatch.context() as patch:
            patch.setattr(f"aimsgraph.opening.{step}", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                open_live(Workspace.read(folder))
    shutil.rmtree(folder / "snapshots")

    check(folder, promised)


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt
