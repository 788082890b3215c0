"""Tokens: how they are kept, and when they count."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE

import pytest

from access_support import MAIN
from aimsgraph.access import FILE, PREFIX, RIGHTS_FOR_ROLE, Caller, Right, Role, Tokens
from aimsgraph.errors import AccessError, ParameterError, SettingsError, UnknownTokenError

GOOD = {
    "name": "Ada",
    "role": "reader",
    "sha256": "0" * 64,
    "created": "2026-11-20T00:00:00+00:00",
    "expires": None,
    "graphs": None,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where tokens are kept."""
    return tmp_path / FILE


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_each_role_has_its_rights(role: Role, right: Right) -> None:
    has = {
        Role.READER: {Right.READ},
        Role.AUDITOR: {Right.READ, Right.HISTORY},
        Role.EDITOR: {Right.READ, Right.HISTORY, Right.WRITE},
        Role.ADMIN: {Right.READ, Right.HISTORY, Right.WRITE, Right.MANAGE},
    }
    caller = Caller("somebody", role)

    assert set(RIGHTS_FOR_ROLE) == set(Role)
    assert caller.may(right) is (right in has[role])
    if right not in has[role]:
        with pytest.raises(AccessError, match=f"the role {role} may not {right}"):
            caller.require(right)


def test_a_secret_is_kept_as_its_digest(file: Path) -> None:
    secret = Tokens(file).create(Role.EDITOR, "Ada", graphs=[MAIN])

    text = file.read_text("utf-8")
    assert secret.startswith(PREFIX)
    assert secret not in text
    assert secret.removeprefix(PREFIX) not in text
    assert S_IMODE(file.stat().st_mode) == 0o600
    assert Tokens(file).caller(secret) == Caller("Ada", Role.EDITOR, frozenset({MAIN}))


def test_the_file_is_its_owners_whatever_lay_there_before(file: Path) -> None:
    left = file.with_suffix(".making")
    left.write_text("left by a process that died")
    left.chmod(0o644)
    before = os.umask(0)
    try:
        Tokens(file).create(Role.READER, "Ada")
    finally:
        os.umask(before)

    assert S_IMODE(file.stat().st_mode) == 0o600
    assert not left.exists()


def test_every_secret_is_another(file: Path) -> None:
    tokens = Tokens(file)

    secrets = {tokens.create(Role.READER, f"n{number}") for number in range(20)}

    assert len(secrets) == 20
    assert all(len(secret) > 40 for secret in secrets)


def test_a_revoked_token_is_worthless(file: Path) -> None:
    tokens = Tokens(file)
    kept, gone = tokens.create(Role.READER, "Ada"), tokens.create(Role.READER, "Eve")

    tokens.revoke("Eve")

    assert tokens.caller(kept).name == "Ada"
    with pytest.raises(UnknownTokenError, match="may have been revoked"):
        tokens.caller(gone)
    with pytest.raises(ParameterError, match="no token named 'Eve'"):
        tokens.revoke("Eve")


def test_the_last_day_counts(file: Path) -> None:
    today = datetime.now(UTC).date()
    tokens = Tokens(file)
    old = tokens.create(Role.READER, "old", expires=today - timedelta(days=1))
    last = tokens.create(Role.READER, "last", expires=today + timedelta(days=1))
    tokens.create(Role.READER, "known", expires=today)

    with pytest.raises(UnknownTokenError, match="'old' expired"):
        tokens.caller(old)
    assert tokens.caller(last).name == "last"
    known = next(one for one in tokens.all() if one.name == "known")
    assert known.is_valid(today)
    assert not known.is_valid(today + timedelta(days=1))


@pytest.mark.parametrize("name", ["", " ", " Ada", "Ada ", "A\nB", "x" * 101])
def test_a_name_is_one_line_of_text(file: Path, name: str) -> None:
    with pytest.raises(ParameterError, match="needs a name"):
        Tokens(file).create(Role.READER, name)
    assert not file.exists()


def test_a_name_is_given_once(file: Path) -> None:
    tokens = Tokens(file)
    first = tokens.create(Role.READER, "Ada")

    with pytest.raises(ParameterError, match="there is a token named 'Ada' already"):
        Tokens(file).create(Role.ADMIN, "Ada")

    assert tokens.caller(first).role is Role.READER
    tokens.revoke("Ada")
    assert tokens.caller(tokens.create(Role.ADMIN, "Ada")).role is Role.ADMIN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "null",
        '""',
        "[1]",
        "[{}]",
        json.dumps([{**GOOD, "extra": 1}]),
        json.dumps([{**GOOD, "role": "root"}]),
        json.dumps([{**GOOD, "expires": "soon"}]),
        json.dumps([{**GOOD, "expires": 5}]),
        json.dumps([{**GOOD, "sha256": None}]),
        json.dumps([{**GOOD, "sha256": "é" * 64}]),
        json.dumps([{**GOOD, "graphs": "main"}]),
    ],
)
def test_a_malformed_file_lets_nobody_in(file: Path, text: str) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(SettingsError, match=r"access\.json: is not a list of tokens"):
        Tokens(file).caller("aimsgraph_x")
    with pytest.raises(SettingsError):
        Tokens(file).create(Role.READER, "Ada")
    assert file.read_text("utf-8") == text


def test_a_good_file_is_read(file: Path) -> None:
    file.write_text(json.dumps([GOOD]), "utf-8")

    assert [one.name for one in Tokens(file).all()] == ["Ada"]


def test_a_file_that_cannot_be_read_lets_nobody_in(file: Path) -> None:
    file.mkdir()

    with pytest.raises(SettingsError, match="is not a list of tokens"):
        Tokens(file).all()


def test_a_running_service_notices_what_others_do(file: Path) -> None:
    running, command = Tokens(file), Tokens(file)
    first = command.create(Role.READER, "Ada")
    assert running.caller(first).name == "Ada"

    second = command.create(Role.READER, "Eve")
    assert running.caller(second).name == "Eve"

    command.revoke("Ada")
    with pytest.raises(UnknownTokenError):
        running.caller(first)
    command.revoke("Eve")
    with pytest.raises(UnknownTokenError):
        running.caller(second)
    third = command.create(Role.READER, "Eve")
    assert running.caller(third).name == "Eve"
    with pytest.raises(UnknownTokenError):
        running.caller(second)

    file.unlink()
    with pytest.raises(UnknownTokenError):
        running.caller(third)
