"""Settings: one table, read from the environment and from a workspace's file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aimsgraph.errors import SettingsError
from aimsgraph.namespaces import expand

PREFIX: Final = "AIMSGRAPH_"

MOST_SECONDS: Final = 1_000_000.0
"""The longest time that can be set; eleven days."""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(text) from error


def _one_of(*known: str) -> Callable[[str], str]:
    def cast(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return cast


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(text)
    return int(text)


def _port(text: str) -> int:
    found = _count(text)
    if found > 65_535:
        raise ValueError(text)
    return found


def _origins(text: str) -> tuple[str, ...]:
    found = _words(text)
    for one in found:
        parts = urlsplit(one)
        if parts.scheme not in {"http", "https"} or one != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(one)
    return found


def _hosts(text: str) -> tuple[str, ...]:
    found = _words(text)
    for one in found:
        if not re.fullmatch(r"[\w.-]+(:\d+)?|\[[0-9a-fA-F:]+\](:\d+)?", one):
            raise ValueError(one)
    return found


def _memory(text: str) -> int:
    """Return megabytes; with fewer a reader does not even start."""
    found = _count(text)
    if 0 < found < 256:
        raise ValueError(text)
    return found


def _seconds(text: str) -> float:
    found = float(text)
    if not 0 < found <= MOST_SECONDS:
        raise ValueError(text)
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _names(text: str) -> tuple[str, ...]:
    return tuple(expand(name.strip()) for name in text.split(",") if name.strip())


def _setting(default: Any, cast: Callable[[str], Any], wants: str, told: str) -> Any:
    """Declare a setting: its default, how text becomes its value, and what people are told."""
    return field(default=default, metadata={"cast": cast, "wants": wants, "help": told})


@dataclass(frozen=True)
class Settings:
    """Every setting, with its default; names are `AIMSGRAPH_` and the field in capitals."""

    workspace: str = _setting(".", str, "a folder", "Folder of the workspace")
    today: date | None = _setting(  # noqa: RUF009 - a field, made by our own short form
        None,
        _day,
        "a day such as 2026-11-20",
        "The day the graph stands at; today in UTC if not set",
    )
    host: str = _setting("127.0.0.1", str, "an address", "Address the service listens on")
    port: int = _setting(8420, _port, "a whole number up to 65535", "Port the service listens on")
    threads: int = _setting(64, _count, "a whole number", "Requests the service answers at a time")
    timezone: ZoneInfo = _setting(  # noqa: RUF009 - a field, made by our own short form
        ZoneInfo("UTC"), _zone, "a time zone such as Europe/Helsinki", "Where a day ends"
    )
    default_graph: str = _setting(
        "union",
        _one_of("union", "unnamed"),
        "union or unnamed",
        "What the default graph of a query is: all graphs, or the one without a name",
    )
    refuse: tuple[str, ...] = _setting(
        (),
        _names,
        "names of rules, separated by commas",
        "Conformity rules whose new results refuse a change",
    )
    open_reading: str = _setting(
        "loopback",
        _one_of("loopback", "always", "never"),
        "loopback, always or never",
        "From where the service may be read without a token",
    )
    author: str = _setting("", str, "a name", "Who makes the changes of this command line")
    token: str = _setting("", str, "a token", "Whose rights a command has; the owner's if not set")
    signing_key: str = _setting("", str, "a file", "Private Ed25519 key that signs every changeset")
    as_of_cache: int = _setting(
        1024, _count, "a whole number", "Megabytes that past states may take on disk"
    )
    readers: int = _setting(
        0, _count, "a whole number", "Processes that answer queries; two more than processors if 0"
    )
    query_timeout: float = _setting(
        30.0, _seconds, "seconds, more than 0", "Longest time a query may take, in seconds"
    )
    stream_timeout: float = _setting(
        600.0, _seconds, "seconds, more than 0", "Longest time a client may take to fetch an answer"
    )
    query_memory: int = _setting(
        2048, _memory, "a whole number from 256 on, or 0", "Megabytes of memory a query may take"
    )
    max_rows: int = _setting(
        10_000_000, _count, "a whole number", "Rows or statements an answer may have"
    )
    max_megabytes: int = _setting(
        2048, _count, "a whole number", "Megabytes an answer may have, before compression"
    )
    caller_queries: int = _setting(
        0, _count, "a whole number", "Queries of one caller at a time; as many as processors if 0"
    )
    queue: int = _setting(
        32, _count, "a whole number", "Queries that may wait; one caller's fill half of it at most"
    )
    answer_cache: int = _setting(
        64, _count, "a whole number", "Megabytes of memory for answers that are asked for again"
    )
    rate_limit: int = _setting(
        1200,
        _count,
        "a whole number",
        "Requests a minute of one caller; 0 for no limit; this machine's own are not counted",
    )
    grace: float = _setting(
        30.0, _seconds, "seconds, more than 0", "Time that requests under way have when it stops"
    )
    origins: tuple[str, ...] = _setting(
        (),
        _origins,
        "origins such as https://example.org, separated by commas",
        "Sites whose pages may read with a token",
    )
    trusted_proxies: int = _setting(
        0, _count, "a whole number", "Proxies in front whose X-Forwarded headers are believed"
    )
    service_hosts: tuple[str, ...] = _setting(
        (),
        _hosts,
        "names of hosts, with a port if need be, separated by commas",
        "Hosts that SERVICE and LOAD may reach",
    )
    audit_log: str = _setting(
        "", str, "a file, or -", "Where queries are logged: audit.jsonl in the workspace if not set"
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
                wanted = known[name].metadata["wants"]
                raise SettingsError(f"{where}: takes {wanted}, not {text!r}") from error
        return cls(**casts)


def _from_file(file: Path) -> dict[str, tuple[str, str]]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise SettingsError(f"{file}: cannot be read: {error}") from error
    table.pop("format", None)
    return {name.lower(): (_text(value), f"{file}: {name}") for name, value in table.items()}


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
