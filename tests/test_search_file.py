"""The file of the index is a cache: shared, lost, spoilt or half made, it is as good as new."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aimsgraph.errors import JournalDamagedError, NoSuchStateError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.segments import Segments
from aimsgraph.opening import hold
from aimsgraph.redaction import Erasure, erase
from aimsgraph.search.database import Mark
from aimsgraph.search.index import Index
from aimsgraph.search.shelf import FILE
from aimsgraph.search.words import Words
from aimsgraph.workspace import Workspace
from search_support import found, named, search_of, state
from tiny_support import opened, workspace

NAME = "Greta Olofsdotter-Quist"


def index_of(graph: AimsGraph) -> Path:
    """Return the file of the index."""
    assert graph.workspace is not None
    return graph.workspace.cache_path / FILE


def test_an_index_that_is_there_is_gone_on_with(tmp_path: Path) -> None:
    with opened(workspace(tmp_path / "w")) as graph:
        state(graph, named([("a", "alpha")]))
        assert found(search_of(graph), graph.view(), "alpha") == ["a"]
        before = index_of(graph).stat().st_ino
        state(graph, named([("b", "beta")]))

        assert found(search_of(graph), graph.view(), "beta") == ["b"]
        assert index_of(graph).stat().st_ino == before


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 1000)


def _torn(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _of_another_format(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")


def _of_another_ledger(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE seen SET digest = 'x' || digest")


def _scrambled(path: Path) -> None:
    with path.open("r+b") as file:
        for at in range(4096, path.stat().st_size, 4096):
            file.seek(at)
            file.write(b"\xff" * 100)


@pytest.mark.parametrize(
    "spoil",
    [_garbage, _torn, _emptied, _of_another_format, _of_another_ledger, _scrambled, Path.unlink],
)
def test_an_index_that_is_spoilt_is_made_anew(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    with opened(workspace(tmp_path / "w")) as graph:
        state(graph, named([("a", "alpha")]))
        search = search_of(graph)
        assert found(search, graph.view(), "alpha") == ["a"]

        spoil(index_of(graph))

        assert found(search, graph.view(), "alpha") == ["a"]
        with sqlite3.connect(index_of(graph)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("SELECT COUNT(*) FROM seen").fetchone()[0] == graph.generation


def test_an_index_ahead_of_the_journal_is_made_anew(tmp_path: Path) -> None:
    with opened(workspace(tmp_path / "w")) as graph:
        state(graph, named([("a", "alpha")]))
        search = search_of(graph)
        assert found(search, graph.view(), "alpha") == ["a"]
        with sqlite3.connect(index_of(graph)) as connection:
            connection.execute("INSERT INTO seen VALUES (?, 'lost')", [graph.generation + 1])
        state(graph, named([("b", "beta")]))

        assert found(search, graph.view(), "beta") == ["b"]


def test_an_erased_text_is_neither_found_nor_left_in_the_file(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        state(graph, named([("greta", NAME), ("bot", "Bot")]))
        assert found(search_of(graph), graph.view(), "greta") == ["greta"]
        before = index_of(graph).stat().st_ino
        graph.note("redact", "she asked", "Ada")
        # A search after the act was recorded and before the journal is written anew.
        assert found(search_of(graph), graph.view(), "greta") == ["greta"]
        assert index_of(graph).stat().st_ino != before
        kept = index_of(graph).read_bytes()
        assert NAME.encode() in kept
    with hold(Workspace.read(folder)):
        erase(Workspace.read(folder), Erasure(text=NAME), lambda _: None)
    path = folder / "cache" / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(kept)

    with opened(folder) as graph:
        assert found(search_of(graph), graph.view(), "bot") == ["bot"]
        assert found(search_of(graph), graph.view(), "greta") == []
        assert b"Olofsdotter" not in index_of(graph).read_bytes()
    assert [
        p.name for p in path.parent.iterdir() if "making" in p.name or "journal" in p.name
    ] == []


def test_a_reader_beside_the_writer_uses_the_same_index(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as writer:
        state(writer, named([("a", "alpha")]))
        assert found(search_of(writer), writer.view(), "alpha") == ["a"]
        with opened(folder, read_only=True) as reader:
            assert found(search_of(reader), reader.view(), "alpha") == ["a"]
            state(writer, named([("b", "beta")]))
            assert writer.view().generation == writer.ledger.head
            assert found(search_of(reader), reader.view(), "beta") == ["b"]
            assert found(search_of(writer), writer.view(), "beta") == ["b"]


_DYING = """
import os, signal, sys
from pathlib import Path
from aimsgraph.search.database import Database
from search_support import search_of
from tiny_support import opened

add = Database.add

def add_and_die(index, mark, texts):
    add(index, mark, texts)
    if mark.generation == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

Database.add = add_and_die
with opened(Path(sys.argv[1]), read_only=True) as graph:
    search_of(graph).find(graph.view(), "alpha")
"""


@pytest.mark.parametrize("is_there", [False, True], ids=["while-it-is-made", "while-it-follows"])
def test_a_search_that_is_killed_leaves_an_index_that_can_be_used(
    tmp_path: Path, is_there: bool
) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        state(graph, named((f"m{n}", f"alpha {n}") for n in range(1000)))
        if is_there:
            assert len(search_of(graph).things(graph.view(), "alpha")) == 1000
        for at in range(3):
            state(graph, named((f"n{at}{n}", f"alpha {n}") for n in range(1000)))
        graph.view()

        command = [sys.executable, "-c", _DYING, str(folder), str(graph.generation)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
        child = subprocess.run(command, env=environment, check=False)

        assert child.returncode == -signal.SIGKILL
        assert len(search_of(graph).things(graph.view(), "alpha")) == 4000
        assert {path.name for path in (folder / "cache").iterdir()} == {FILE, f"{FILE}.lock"}


def test_a_ledger_that_lacks_the_state_is_told(tmp_path: Path) -> None:
    with opened(workspace(tmp_path / "w")) as graph:
        index = Index(graph.ledger, tmp_path / "cache")
        with pytest.raises(NoSuchStateError, match="generation 99"):
            index.candidates(Mark(99, "0" * 12), [], Words.read("x"), 1)
    assert not list((tmp_path / "cache").glob("*.making"))


def test_a_damaged_journal_is_told_and_nothing_is_searched(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        state(graph, named([("a", "alphabetical")]))
        view = graph.view()
        path = Segments(graph.workspace.journal_path).segments()[0]  # type: ignore[union-attr]
        path.write_bytes(path.read_bytes().replace(b"alphabetical", b"ALPHABETICAL"))

        with pytest.raises(JournalDamagedError, match="checksum"):
            search_of(graph).find(view, "alphabetical")
