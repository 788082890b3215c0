"""A sample organisation: its files, and what its manifest says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from aimsgraph.assets import Assets
from aimsgraph.errors import SourceError, UnknownNameError
from aimsgraph.rdf.header import read_header


@dataclass(frozen=True)
class Milestone:
    """A day on which a sample's records changed, and who changed them why."""

    on: date
    message: str
    author: str


@dataclass(frozen=True)
class Sample:
    """One of the worked examples."""

    name: str
    title: str
    summary: str
    today: date
    """The day its records are written for."""
    files: tuple[Path, ...]
    history: tuple[Milestone, ...] = ()
    """The days on which its records came about, the oldest first; empty where nobody says."""
    earlier: tuple[Path, ...] = ()
    """What was so until the day in the file's name, and was then replaced."""

    @classmethod
    def read(cls, assets: Assets, name: str) -> Sample:
        """Read a sample by the name of its folder.

        Raises:
            UnknownNameError: there is no such sample.
            SourceError: its manifest lacks something, or has days out of order.
        """
        known = assets.samples()
        if name not in known:
            raise UnknownNameError("sample", name, known, f"(there are: {', '.join(known)})")
        manifest = assets.sample_manifest(name)
        header = read_header(manifest)
        for key in ("title", "summary", "today"):
            if key not in header:
                raise SourceError(manifest, f"the header has no {key!r}")
        today = _day(manifest, header["today"])
        return cls(
            name=name,
            title=str(header["title"]),
            summary=str(header["summary"]),
            today=today,
            files=tuple(assets.sample_files(name)),
            history=_history(manifest, header.get("history") or [], today),
            earlier=tuple(assets.sample_history(name)),
        )


def _history(manifest: Path, listed: Any, today: date) -> tuple[Milestone, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise SourceError(
            manifest, "'history' is not a list of {day: ..., author: ..., message: ...}"
        )
    milestones = tuple(_milestone(manifest, one) for one in listed)
    for earlier, later in pairwise(milestones):
        if earlier.on >= later.on:
            reason = f"'history' has {later.on} after {earlier.on}; put each day once, in order"
            raise SourceError(manifest, reason)
    if milestones and milestones[-1].on > today:
        reason = f"'history' ends on {milestones[-1].on}, after 'today' ({today}); end it earlier"
        raise SourceError(manifest, reason)
    return milestones


def _milestone(manifest: Path, one: dict[str, Any]) -> Milestone:
    for key in ("day", "author", "message"):
        if not one.get(key):
            raise SourceError(manifest, f"an entry of 'history' has no {key!r}; add it")
    return Milestone(_day(manifest, one["day"]), str(one["message"]), str(one["author"]))


def _day(manifest: Path, text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise SourceError(manifest, f"{text!r} is not a day; write it as 2026-11-16") from error
