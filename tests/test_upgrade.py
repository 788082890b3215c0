"""A workspace outlives releases: an older one is brought up by changesets, a newer one refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.errors import AccessError, WorkspaceError
from aimsgraph.ledger.delta import Delta
from aimsgraph.namespaces import RECORDS_GRAPHS
from aimsgraph.store.state import State
from aimsgraph.workspace import FILE, FORMAT, Workspace
from ledger_support import verified
from tiny_support import PREFIXES, SYSTEM, opened, update, workspace


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a workspace as the release before the ledger left it."""
    folder = tmp_path / "w"
    Workspace.create(folder)
    settings = folder / FILE
    settings.write_text(settings.read_text().replace(f"format = {FORMAT}", "format = 1"))
    store = ox.Store(folder / "store")
    store.update(
        PREFIXES + "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; ex:by [] } "
        "GRAPH <https://w3id.org/aimsgraph/graph/inferred> { ex:bot a ex:Old } "
        "GRAPH <https://w3id.org/aimsgraph/graph/workspace> { ex:w aims:generation 7 } }"
    )
    store.flush()
    return folder


def test_a_workspace_without_a_ledger_gets_one(old: Path) -> None:
    with opened(old) as graph:
        assert [entry.kind for entry in graph.history()] == ["upgrade", "release"]
        assert graph.view().graphs()[f"{RECORDS_GRAPHS}main"] == 2
        assert not graph.ask(PREFIXES + "ASK { ?s a ex:Old }")
        assert len(graph.report().results) == 1

    assert f"format = {FORMAT}" in (old / FILE).read_text()
    assert not (old / "store.format-1").exists()
    assert verified(old).holds
    with opened(old) as graph:
        assert graph.generation == 2


def test_an_upgrade_that_was_interrupted_begins_again(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "upgraded", stops)
        with pytest.raises(KeyboardInterrupt):
            opened(old)

    with opened(old) as graph:
        assert [entry.kind for entry in graph.history()] == ["upgrade", "release"]
        assert graph.view().record_count == 2


def test_reading_brings_an_old_workspace_up_first(old: Path) -> None:
    graph = opened(old, read_only=True)

    assert graph.view().record_count == 2
    with pytest.raises(AccessError, match="opened for reading"):
        graph.commit(update(SYSTEM))


def test_a_newer_workspace_is_refused(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        with graph.writer.at_rest() as store:
            added, removed = State(store).built_with("another", "99.0.0")
        delta = Delta(dict.fromkeys(added), dict.fromkeys(removed))
        graph.writer.keep(delta, "release", "from the future")

    with pytest.raises(WorkspaceError, match=r"brought to aimsgraph 99\.0\.0"):
        opened(folder)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    settings = folder / FILE
    settings.write_text(settings.read_text().replace(f"format = {FORMAT}", "format = 9"))

    with pytest.raises(WorkspaceError, match="format 9"):
        opened(folder)


@pytest.mark.parametrize("store", ["lost", "broken", "whole"])
def test_what_is_broken_is_made_again_from_the_journal(tmp_path: Path, store: str) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        graph.commit(update(SYSTEM))
    (newest,) = (folder / "snapshots").iterdir()
    for part in newest.glob("*.sst"):
        part.unlink()
    if store == "lost":
        shutil.rmtree(folder / "store")
    elif store == "broken":
        for part in (folder / "store").glob("*.sst"):
            part.unlink()

    with opened(folder) as graph:
        assert graph.view().record_count == 2
    assert verified(folder).holds
