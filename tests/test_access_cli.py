"""Role by command: what a token lets the command line do, and what it is told otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from access_support import HIDDEN, MAIN, MARK, SETTING_UP
from aimsgraph.access import Role
from aimsgraph.assets import Assets
from aimsgraph.cli import main
from tiny_support import PREFIXES, TINY, opened, update, workspace

READ, LOOK_BACK, WRITE, MANAGE = "read", "look back", "write", "manage"
RIGHTS = {
    "reader": {READ},
    "auditor": {READ, LOOK_BACK},
    "editor": {READ, LOOK_BACK, WRITE},
    "admin": {READ, LOOK_BACK, WRITE, MANAGE},
}
INSERT = f"{PREFIXES} INSERT DATA {{ GRAPH r:main {{ ex:new a ex:Thing }} }}"
COMMANDS: dict[str, tuple[list[str], str, bool]] = {
    "query": (["query", "systems"], READ, False),
    "sparql": (["sparql", "SELECT * { ?s ?p ?o }"], READ, False),
    "query as of": (["query", "systems", "--as-of", "3"], LOOK_BACK, False),
    "sparql effective": (["sparql", "ASK {}", "--effective", "2030-01-01"], LOOK_BACK, False),
    "queries as of": (["queries", "--as-of", "3"], LOOK_BACK, False),
    "validate": (["validate"], READ, True),
    "validate as of": (["validate", "--as-of", "3"], LOOK_BACK, True),
    "history": (["history"], LOOK_BACK, True),
    "diff": (["diff", "1", "3"], LOOK_BACK, True),
    "verify": (["verify"], LOOK_BACK, True),
    "head": (["head"], LOOK_BACK, True),
    "update": (["update", INSERT], WRITE, False),
    "load": (["load", "FILE"], WRITE, False),
    "attach": (["attach", "FILE"], WRITE, False),
    "backup": (["backup", "OUT"], MANAGE, True),
    "token list": (["token", "list"], MANAGE, True),
    "token create": (["token", "create", "--role", "admin", "--name", "me"], MANAGE, True),
    "key": (["key", "OUT"], MANAGE, True),
    "upgrade": (["upgrade"], MANAGE, True),
    "redact": (["redact", "--text", "Ada", "--reason", "asked", "--yes"], MANAGE, True),
}
"""The arguments of each command, the right it needs, and whether it needs to see everything."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with two record graphs."""
    folder = workspace(tmp_path_factory.mktemp("cli") / "w")
    with opened(folder) as graph:
        for text in SETTING_UP:
            graph.commit(update(text))
    return folder


def run(folder: Path, secret: str, arguments: list[str]) -> Result:
    """Run a command with a token."""
    environ = {"AIMSGRAPH_TODAY": "2026-11-20", "AIMSGRAPH_TOKEN": secret}
    return CliRunner().invoke(main, ["--workspace", str(folder), *arguments], env=environ)


@pytest.mark.parametrize("is_limited", [False, True], ids=["all graphs", "one graph"])
@pytest.mark.parametrize("role", sorted(RIGHTS))
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command(
    prepared: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    role: str,
    is_limited: bool,
) -> None:
    monkeypatch.setattr(Assets, "shipped", lambda: TINY)
    arguments, right, needs_all = COMMANDS[name]
    file = tmp_path / "a.ttl"
    file.write_text(f"<urn:{name.replace(' ', '-')}-{role}-{is_limited}> a <urn:C> .")
    names = {"FILE": str(file), "OUT": str(tmp_path / "out")}
    with opened(prepared) as graph:
        secret = graph.tokens.create(
            Role(role), f"{name} {role} {is_limited}", graphs=[MAIN] if is_limited else None
        )

    result = run(prepared, secret, [names.get(one, one) for one in arguments])

    may = right in RIGHTS[role] and not (is_limited and needs_all)
    assert (result.exit_code in {0, 1}) is may, result.output
    if not may:
        assert result.exit_code == 2
        assert result.stderr.startswith("aimsgraph: ")
        assert result.stderr.count("\n") == 1
    if is_limited:
        assert MARK not in result.output
        assert HIDDEN not in result.output


def test_an_unknown_token_is_one_line(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Assets, "shipped", lambda: TINY)

    result = run(prepared, "aimsgraph_wrong", ["query", "systems"])

    assert result.exit_code == 2
    assert "the token is not known" in result.stderr
