"""The journal as it is read: segments named by the generation they begin with, frames in each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aimsgraph.errors import JournalDamagedError
from aimsgraph.ledger.changeset import Changeset, Header
from aimsgraph.ledger.frame import LONGEST, Frame, FrameError

SUFFIX: Final = ".journal"


@dataclass(frozen=True)
class Place:
    """Where a frame lies."""

    path: Path
    offset: int
    frame: Frame

    def read(self, *, header_only: bool = False) -> bytes:
        """Return the bytes after the frame line: the header, or all."""
        with self.path.open("rb") as file:
            file.seek(self.offset + len(self.frame.line))
            return file.read(
                self.frame.header_size if header_only else self.frame.size - len(self.frame.line)
            )

    def header(self) -> Header:
        """Return the header.

        Raises:
            JournalDamagedError: it is damaged.
        """
        try:
            return self.frame.header(self.read(header_only=True))
        except FrameError as error:
            raise JournalDamagedError(self.path, self.offset, str(error)) from error

    def changeset(self) -> Changeset:
        """Return the changeset, checked against its checksum.

        Raises:
            JournalDamagedError: it is damaged.
        """
        try:
            return self.frame.changeset(self.read())
        except FrameError as error:
            raise JournalDamagedError(self.path, self.offset, str(error)) from error


class Segments:
    """The segments in a folder; any process may read them, while one writes the last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def segments(self) -> list[Path]:
        """Return the segments in order."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def places(self, first: int = 1) -> Iterator[Place]:
        """Yield the frames from a generation on; stops where a frame is not complete.

        Raises:
            JournalDamagedError: a frame line is damaged, or a generation is missing.
        """
        segments = self.segments()
        at = max((i for i, path in enumerate(segments) if int(path.stem) <= first), default=0)
        expected = int(segments[at].stem) if segments else 1
        for path in segments[at:]:
            for place in frames(path):
                if place.frame.generation != expected:
                    raise JournalDamagedError(
                        path, place.offset, f"changeset {expected} should stand here"
                    )
                expected += 1
                if place.frame.generation >= first:
                    yield place

    def headers(self, first: int = 1) -> Iterator[Header]:
        """Yield the headers from a generation on."""
        return (place.header() for place in self.places(first))

    def changesets(self, first: int = 1) -> Iterator[Changeset]:
        """Yield the changesets from a generation on, each checked against its checksum."""
        return (place.changeset() for place in self.places(first))


def frames(path: Path) -> Iterator[Place]:
    """Yield the complete frames of a segment.

    Raises:
        JournalDamagedError: a frame line is damaged.
    """
    offset = 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        while offset < size:
            file.seek(offset)
            line = file.readline(LONGEST)
            if not line.endswith(b"\n") and offset + len(line) >= size:
                return
            try:
                found = Frame.read(line)
            except FrameError as error:
                if not line.strip(b"\0"):
                    return
                raise JournalDamagedError(path, offset, str(error)) from error
            if offset + found.size > size:
                return
            yield Place(path, offset, found)
            offset += found.size
