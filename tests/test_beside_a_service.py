"""Beside a running service, commands read its newest state, and write through it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aimsgraph.access import Role
from aimsgraph.assets import Assets
from aimsgraph.cli import main
from aimsgraph.graph import AimsGraph
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.web.server import owners_socket
from aimsgraph.web.upkeep import upkeep
from tiny_support import DANGLING, PREFIXES, SYSTEM, TINY, opened, workspace

WIDE = "deep" * 20


@pytest.fixture
def graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AimsGraph]:
    """Return a graph that is being served, in a folder with a long name."""
    monkeypatch.setattr(Assets, "shipped", lambda: TINY)
    deep = tmp_path / WIDE / WIDE
    deep.mkdir(parents=True)
    with opened(workspace(deep / "w")) as graph:
        assert graph.workspace is not None
        with owners_socket(graph, graph.workspace.socket_path), upkeep(graph):
            yield graph


def run(graph: AimsGraph, *arguments: str, **environ: str) -> Result:
    """Run a command on the served workspace."""
    assert graph.workspace is not None
    known = {"AIMSGRAPH_TODAY": "2026-11-20", "AIMSGRAPH_AUTHOR": "Ada", **environ}
    return CliRunner().invoke(
        main, ["--workspace", str(graph.workspace.path), *arguments], env=known
    )


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, for as long as a busy machine may take."""
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("it never came about")


def is_published(graph: AimsGraph) -> bool:
    """Return whether other processes see what was written."""
    assert graph.workspace is not None
    latest = Snapshots(graph.workspace.snapshots_path).latest
    return latest is not None and latest.generation == graph.ledger.head


def test_commands_write_through_the_service(graph: AimsGraph) -> None:
    result = run(graph, "update", PREFIXES + SYSTEM, "--message", "A bot")
    until(lambda: is_published(graph))
    read = run(graph, "query", "systems", "--format", "csv")

    assert result.exit_code == 0, result.output
    assert "Changeset 2: 2 added, 0 removed." in result.output
    assert "https://example.org/bot" in read.output
    entry = graph.history()[0]
    assert (entry.author, entry.message) == ("Ada", "A bot")


def test_files_are_loaded_through_the_service(graph: AimsGraph, tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("<urn:a> <urn:b> [ <urn:c> 1 ] .")

    loaded = run(graph, "load", str(file), "--graph", "notes", "--effective", "2026-03-01")
    again = run(graph, "load", str(file), "--graph", "notes")

    assert "Loaded 2 new statements into 'notes'." in loaded.output
    assert graph.history()[0].effective.startswith("2026-03-01")
    assert "Loaded 0 new statements" in again.output


def test_a_refusal_is_told_and_ends_with_1(graph: AimsGraph) -> None:
    refused = run(graph, "update", PREFIXES + DANGLING)
    advised = run(graph, "update", PREFIXES + DANGLING, "--advisory")

    assert refused.exit_code == 1
    assert "nobody" in refused.output
    assert refused.stderr.startswith("aimsgraph: refused")
    assert advised.exit_code == 0


def test_a_token_counts_there_too(graph: AimsGraph) -> None:
    secret = graph.tokens.create(Role.AUDITOR, "Kim")

    result = run(graph, "update", PREFIXES + SYSTEM, AIMSGRAPH_TOKEN=secret)

    assert result.exit_code == 2
    assert "may not write" in result.stderr


def test_the_workspace_can_be_verified_and_saved(graph: AimsGraph, tmp_path: Path) -> None:
    run(graph, "update", PREFIXES + SYSTEM)
    until(lambda: is_published(graph))

    verified = run(graph, "verify")
    saved = run(graph, "backup", str(tmp_path / "b"))
    restored = run(graph, "restore", str(tmp_path / "b"), str(tmp_path / "again"))

    assert (verified.exit_code, saved.exit_code, restored.exit_code) == (0, 0, 0)
    assert "Everything is as it was written." in verified.output
    assert "at generation 2" in restored.output


def test_what_needs_the_workspace_alone_says_so(graph: AimsGraph) -> None:
    for arguments in (["upgrade"], ["redact", "--text", "nothing", "--reason", "r", "--yes"]):
        result = run(graph, *arguments)
        assert result.exit_code == 3
        assert "another process writes this workspace" in result.stderr


def test_the_day_turns_while_serving(graph: AimsGraph) -> None:
    graph._parts.pinned = None

    until(lambda: graph.history()[0].kind == "day")
