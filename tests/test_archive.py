"""Backups: one file, whole while the workspace is written to, and verified when restored."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from threading import Event, Thread

import pytest

from aimsgraph.access import Role
from aimsgraph.archive import backup, restore
from aimsgraph.errors import SourceError, WorkspaceError
from aimsgraph.ledger.signing import Signer
from aimsgraph.workspace import Workspace
from ledger_support import history, verified
from tiny_support import opened, update


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace with a history, a key, a token, and rules of its own."""
    folder = history(tmp_path / "w")
    (folder / "keys").mkdir()
    Signer.create(tmp_path / "private.pem", folder / "keys" / "public.pem")
    (folder / "shapes" / "own.ttl").write_text("# nothing yet\n")
    with opened(folder) as graph:
        graph.tokens.create(Role.READER, "Ada")
    return folder


def state(folder: Path) -> set[str]:
    """Return everything a workspace holds."""
    with opened(folder) as graph:
        return {str(quad) for quad in graph.view().quads()}


def test_a_restored_workspace_is_the_one_that_was_saved(folder: Path, tmp_path: Path) -> None:
    made = backup(Workspace.read(folder), tmp_path / "b")
    found = restore(tmp_path / "b", tmp_path / "again", lambda _: None)

    assert found.holds
    assert (found.head, found.digest) == (made.generation, made.digest)
    assert state(tmp_path / "again") == state(folder)
    assert (tmp_path / "again" / "shapes" / "own.ttl").is_file()
    assert (tmp_path / "again" / "keys" / "public.pem").is_file()
    with opened(tmp_path / "again") as graph:
        assert [token.name for token in graph.tokens.all()] == ["Ada"]
    assert not (tmp_path / "again.restoring").exists()


def test_a_backup_is_whole_while_somebody_writes(folder: Path, tmp_path: Path) -> None:
    stop = Event()
    with opened(folder) as graph:

        def write() -> None:
            count = 0
            while not stop.is_set():
                count += 1
                graph.commit(update(f"INSERT DATA {{ GRAPH r:main {{ ex:w{count} a ex:Thing }} }}"))
                graph.publish()

        thread = Thread(target=write)
        thread.start()
        try:
            made = [backup(Workspace.read(folder), tmp_path / f"b{n}") for n in range(5)]
        finally:
            stop.set()
            thread.join()
        for number, one in enumerate(made):
            found = restore(tmp_path / f"b{number}", tmp_path / f"r{number}", lambda _: None)
            assert found.head == one.generation
            with opened(tmp_path / f"r{number}") as again:
                past = graph.as_of(one.generation)
                assert {str(q) for q in again.view().quads()} == {str(q) for q in past.quads()}


@pytest.mark.parametrize("at", [0, 40, 500, 1500, -700, -300])
def test_a_damaged_backup_is_refused(folder: Path, tmp_path: Path, at: int) -> None:
    backup(Workspace.read(folder), tmp_path / "b")
    whole = bytearray((tmp_path / "b").read_bytes())
    whole[at] ^= 0xFF
    (tmp_path / "b").write_bytes(bytes(whole))

    with pytest.raises((SourceError, WorkspaceError)) as refused:
        restore(tmp_path / "b", tmp_path / "again", lambda _: None)

    assert "\n" not in str(refused.value)
    assert not (tmp_path / "again").exists()
    assert not (tmp_path / "again.restoring").exists()


@pytest.mark.parametrize("content", [b"", b"hello", None])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "b").write_bytes(content)

    with pytest.raises(SourceError, match="backup"):
        restore(tmp_path / "b", tmp_path / "again", lambda _: None)


@pytest.mark.parametrize("name", ["../outside", "/var/outside-of-it", "journal/../../outside"])
def test_a_backup_writes_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "b", "w") as archive:
        info = tarfile.TarInfo(name)
        info.size = 4
        archive.addfile(info, io.BytesIO(b"evil"))

    with pytest.raises(SourceError):
        restore(tmp_path / "b", tmp_path / "again", lambda _: None)

    assert not (tmp_path / "outside").exists()
    assert not Path("/var/outside-of-it").exists()


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    backup(Workspace.read(folder), tmp_path / "b")

    with pytest.raises(WorkspaceError, match="is there already"):
        backup(Workspace.read(folder), tmp_path / "b")
    with pytest.raises(WorkspaceError, match="is not empty"):
        restore(tmp_path / "b", folder, lambda _: None)
    assert verified(folder).holds
