"""Tokens: what stands for a caller over HTTP and on the command line, kept as digests."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from aimsgraph.access.callers import RESERVED, Caller, Role
from aimsgraph.errors import ParameterError, SettingsError, UnknownTokenError

FILE: Final = "access.json"

PREFIX: Final = "aimsgraph_"
"""What every token begins with, so that one in the wrong place is recognised."""


@dataclass(frozen=True)
class Token:
    """What is kept of a token: its digest, never itself."""

    name: str
    role: str
    sha256: str
    created: str
    expires: str | None = None
    graphs: tuple[str, ...] | None = None

    @property
    def caller(self) -> Caller:
        """Return whom the token stands for."""
        graphs = None if self.graphs is None else frozenset(self.graphs)
        return Caller(self.name, Role(self.role), graphs)

    def is_valid(self, today: date) -> bool:
        """Return whether the token has not expired; its last day counts."""
        return self.expires is None or today <= date.fromisoformat(self.expires)


class Tokens:
    """The tokens of a workspace, in one file that only its owner reads; or in memory."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._tokens: list[Token] = []
        self._read_at: tuple[int, int, int] | None = None

    def create(
        self,
        role: Role,
        name: str,
        *,
        expires: date | None = None,
        graphs: Iterable[str] | None = None,
    ) -> str:
        """Make a token and return it; this is the only time it can be seen.

        Raises:
            ParameterError: the name is empty or taken.
        """
        if not re.fullmatch(r"\S(.{0,98}\S)?", name):
            raise ParameterError("a token needs a name of at most 100 characters")
        if name in RESERVED:
            raise ParameterError(f"{name!r} stands for somebody else in the ledger; choose another")
        if any(token.name == name for token in self.all()):
            raise ParameterError(f"there is a token named {name!r} already; revoke it first")
        secret = PREFIX + secrets.token_urlsafe(32)
        self._tokens = [
            *self.all(),
            Token(
                name=name,
                role=role.value,
                sha256=_digest(secret),
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                expires=expires.isoformat() if expires else None,
                graphs=None if graphs is None else tuple(sorted(graphs)),
            ),
        ]
        self._write()
        return secret

    def revoke(self, name: str) -> None:
        """Make a token worthless.

        Raises:
            ParameterError: there is none of that name.
        """
        rest = [token for token in self.all() if token.name != name]
        if len(rest) == len(self._tokens):
            raise ParameterError(f"there is no token named {name!r}")
        self._tokens = rest
        self._write()

    def caller(self, secret: str) -> Caller:
        """Return whom a token stands for.

        Raises:
            UnknownTokenError: it is none of ours, or has expired.
        """
        wanted = _digest(secret)
        for token in self.all():
            if secrets.compare_digest(token.sha256, wanted):
                if not token.is_valid(datetime.now(UTC).date()):
                    raise UnknownTokenError(f"the token of {token.name!r} expired {token.expires}")
                return token.caller
        raise UnknownTokenError("the token is not known here; it may have been revoked")

    def all(self) -> list[Token]:
        """Return the tokens, read anew where the file has changed; none where there is no file.

        Raises:
            SettingsError: the file is no list of tokens, or cannot be read.
        """
        if self._file is None:
            return self._tokens
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._tokens, self._read_at = [], None
            return self._tokens
        read_at = (found.st_ctime_ns, found.st_size, found.st_ino)
        if self._read_at != read_at:
            self._tokens = _read(self._file)
            self._read_at = read_at
        return self._tokens

    def _write(self) -> None:
        if self._file is None:
            return
        text = json.dumps([asdict(token) for token in self._tokens], indent=2) + "\n"
        making = self._file.with_suffix(".making")
        making.unlink(missing_ok=True)
        making.touch(0o600, exist_ok=False)
        with making.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        making.replace(self._file)
        self._read_at = None


def _read(file: Path) -> list[Token]:
    try:
        return _tokens(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SettingsError(f"{file}: is not a list of tokens ({error}); restore it") from error


def _tokens(kept: object) -> list[Token]:
    if not isinstance(kept, list):
        raise TypeError("it holds something else")
    return [_token(one) for one in kept]


def _token(kept: dict[str, Any]) -> Token:
    """Return a token as the file has it, every part of it looked at."""
    graphs = kept["graphs"]
    if graphs is not None and not isinstance(graphs, list):
        raise TypeError("'graphs' is no list")
    token = Token(**{**kept, "graphs": None if graphs is None else tuple(map(str, graphs))})
    if not re.fullmatch(r"[0-9a-f]{64}", token.sha256):
        raise ValueError("'sha256' is no digest")
    if token.expires is not None:
        date.fromisoformat(token.expires)
    Role(token.role)
    return token


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
