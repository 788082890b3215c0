"""What a token keeps a command from: telling names, moving the day, leaving files behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from access_support import MAIN, SETTING_UP
from aimsgraph.access import Role
from aimsgraph.assets import Assets
from aimsgraph.cli import main
from tiny_support import PREFIXES, TINY, opened, update, workspace

LABELLED = "INSERT DATA { GRAPH r:other { ex:thing rdfs:label 'MARK-thing' } }"
INSERT = f"{PREFIXES} INSERT DATA {{ GRAPH r:main {{ ex:new a ex:Thing }} }}"
LINK = f"{PREFIXES} INSERT DATA {{ GRAPH r:main {{ ex:bot aims:ownedBy ex:thing }} }}"


class Desk:
    """A workspace on disk, and tokens to work in it with."""

    def __init__(self, folder: Path) -> None:
        self.folder = workspace(folder)
        self.secrets = {"unknown": "aimsgraph_wrong"}
        with opened(self.folder) as graph:
            for text in (*SETTING_UP, LABELLED):
                graph.commit(update(text))
            for role in Role:
                for graphs in (None, [MAIN]):
                    name = f"{'limited ' if graphs else ''}{role}"
                    self.secrets[name] = graph.tokens.create(role, name, graphs=graphs)

    def run(self, who: str, *arguments: str, today: str = "2026-11-20") -> Result:
        """Run a command with a token."""
        environ = {"AIMSGRAPH_TODAY": today, "AIMSGRAPH_TOKEN": self.secrets[who]}
        return CliRunner().invoke(main, ["--workspace", str(self.folder), *arguments], env=environ)

    def authors(self) -> list[str]:
        """Return who made the changesets, the newest first."""
        with opened(self.folder, read_only=True) as graph:
            return [one.author for one in graph.history()]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a workspace with two record graphs."""
    monkeypatch.setattr(Assets, "shipped", lambda: TINY)
    return Desk(tmp_path / "w")


def test_a_token_signs_its_changes(desk: Desk) -> None:
    done = desk.run("limited editor", "update", INSERT, "--author", "Mallory")

    assert done.exit_code == 0
    assert desk.authors()[0] == "limited editor"


def test_a_refused_update_tells_no_name(desk: Desk) -> None:
    result = desk.run("limited editor", "update", LINK)

    assert result.exit_code == 1
    assert "of which nothing is recorded" in result.output
    assert "MARK-thing" not in result.output


@pytest.mark.parametrize("who", ["unknown", "reader", "auditor", "limited reader"])
@pytest.mark.parametrize(
    "command",
    [
        "update",
        "load",
        "attach",
    ],
)
def test_who_may_not_write_does_not_move_the_day(desk: Desk, who: str, command: str) -> None:
    file = desk.folder.parent / "a.ttl"
    file.write_text("<urn:a> a <urn:C> .")
    before = desk.authors()

    result = desk.run(
        who, command, INSERT if command == "update" else str(file), today="2027-01-02"
    )

    assert result.exit_code == 2
    assert desk.authors() == before


def test_evidence_that_is_refused_is_not_kept(desk: Desk) -> None:
    file = desk.folder.parent / "a.txt"
    file.write_text("evidence")

    result = desk.run("limited editor", "attach", str(file), "--graph", "other")

    assert result.exit_code == 2
    assert not [one for one in desk.folder.rglob("evidence/**/*") if one.is_file()]


@pytest.mark.parametrize("who", ["unknown", "limited reader", "limited admin"])
def test_the_doctor_tells_no_sizes(desk: Desk, who: str) -> None:
    result = desk.run(who, "doctor")

    assert result.exit_code == 2
    assert "records/" not in result.output


@pytest.mark.parametrize("who", ["unknown", "reader", "editor", "limited admin"])
def test_who_may_not_manage_does_not_serve(desk: Desk, who: str) -> None:
    result = desk.run(who, "serve", "--host", "256.0.0.1")

    assert result.exit_code == 2
    assert "cannot listen" not in result.output


def test_a_redaction_is_its_makers(desk: Desk) -> None:
    result = desk.run("admin", "redact", "--text", "Ada", "--reason", "asked", "--yes")

    assert result.exit_code == 0
    assert "admin" in desk.authors()[:2]
