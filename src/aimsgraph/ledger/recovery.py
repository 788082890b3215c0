"""Where a journal ends, after whatever stopped the process that wrote it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from aimsgraph.errors import JournalDamagedError
from aimsgraph.files import sync_path
from aimsgraph.ledger.changeset import GENESIS, Header
from aimsgraph.ledger.segments import Place, Segments, frames


@dataclass(frozen=True)
class End:
    """The end of a journal: its newest changeset, and the bytes of its last segment."""

    head: int = 0
    digest: str = GENESIS
    header: Header | None = None
    size: int = 0
    notice: str = ""
    """What was moved aside, for somebody to read."""


def recovered(journal: Segments, acknowledged: int) -> End:
    """Find the end of a journal; move a frame aside that was never written to its end.

    Args:
        journal: nobody else writes it.
        acknowledged: the newest generation known to have been acknowledged.

    Raises:
        JournalDamagedError: something that was acknowledged is damaged or missing.
    """
    segments = journal.segments()
    end = _end(segments, acknowledged) if segments else End()
    if end.head < acknowledged:
        raise JournalDamagedError(
            segments[-1] if segments else journal.folder,
            end.size,
            f"the journal ends at changeset {end.head}, but {acknowledged} were acknowledged",
        )
    return end


def _end(segments: list[Path], acknowledged: int) -> End:
    path = segments[-1]
    whole = _whole(path, acknowledged)
    size = whole[-1].offset + whole[-1].frame.size if whole else 0
    notice = _set_aside(path, size) if path.stat().st_size > size else ""
    head = int(path.stem) - 1 + len(whole)
    if not whole and head:
        whole = list(frames(segments[-2]))
    if not whole:
        return End(head, size=size, notice=notice)
    return End(head, whole[-1].frame.digest, whole[-1].header(), size, notice)


def _whole(path: Path, acknowledged: int) -> list[Place]:
    """Return the frames of a segment, without a last one that was not written as a whole."""
    found: list[Place] = []
    for expected, place in enumerate(frames(path), int(path.stem)):
        if place.frame.generation != expected:
            raise JournalDamagedError(path, place.offset, f"changeset {expected} should stand here")
        found.append(place)
    if found:
        try:
            found[-1].changeset()
        except JournalDamagedError:
            if found[-1].frame.generation <= acknowledged:
                raise
            found.pop()
    return found


def _set_aside(path: Path, end: int) -> str:
    """Move what follows the last whole frame into a file of its own, and say so."""
    with path.open("r+b") as file:
        file.seek(end)
        rest = file.read()
        aside = path.with_name(f"{path.stem}-{end}.torn")
        aside.write_bytes(rest)
        sync_path(aside)
        file.truncate(end)
        file.flush()
        os.fsync(file.fileno())
    sync_path(path.parent)
    return (
        f"{path}: at byte {end} a changeset was never written to its end and never "
        f"acknowledged; its {len(rest):,} bytes were moved to {aside.name}"
    )
