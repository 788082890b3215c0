"""Settings: one table, read from the environment and from a workspace's file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from aimsgraph.errors import SettingsError

PREFIX: Final = "AIMSGRAPH_"


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True)
class Settings:
    """Every setting, with its default; names are `AIMSGRAPH_` and the field in capitals."""

    workspace: str = field(default=".", metadata={"cast": str, "help": "Folder of the workspace"})
    today: date | None = field(
        default=None,
        metadata={"cast": _day, "help": "The day the graph stands at; today in UTC if not set"},
    )
    host: str = field(
        default="127.0.0.1", metadata={"cast": str, "help": "Address the service listens on"}
    )
    port: int = field(default=8420, metadata={"cast": int, "help": "Port the service listens on"})
    threads: int = field(
        default=8, metadata={"cast": int, "help": "Requests the service answers at a time"}
    )

    @classmethod
    def read(cls, environ: Mapping[str, str], file: Path | None = None) -> Settings:
        """Read the file first, then the environment, which wins.

        Raises:
            SettingsError: a setting is unknown or has a value it cannot have.
        """
        values = _from_file(file) if file is not None and file.is_file() else {}
        values |= {
            name.removeprefix(PREFIX).lower(): (text, name)
            for name, text in environ.items()
            if name.startswith(PREFIX)
        }
        known = {one.name: one for one in fields(cls)}
        casts: dict[str, Any] = {}
        for name, (text, where) in values.items():
            if name not in known:
                names = ", ".join(f"{PREFIX}{one.upper()}" for one in known)
                raise SettingsError(f"{where}: there is no such setting; there are {names}")
            try:
                casts[name] = known[name].metadata["cast"](text)
            except ValueError as error:
                raise SettingsError(f"{where}: {text!r} is not possible: {error}") from error
        return cls(**casts)


def _from_file(file: Path) -> dict[str, tuple[str, str]]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise SettingsError(f"{file}: cannot be read: {error}") from error
    table.pop("format", None)
    return {name.lower(): (str(value), f"{file}: {name}") for name, value in table.items()}
