"""The journal: every changeset, appended and forced to disk before it is acknowledged.

It lies in segments named by the generation they begin with. A frame that ends
in the middle of the last segment was never acknowledged: it is moved aside and
reported. Anything else that does not read as it was written is an error that
names the file and the byte.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import IO, Final

from aimsgraph.errors import JournalDamagedError, JournalError
from aimsgraph.files import sync_path
from aimsgraph.ledger.changeset import GENESIS, Changeset, Header
from aimsgraph.ledger.frame import LONGEST, Frame, FrameError, completed, frame

SEGMENT_SIZE: Final = 16 * 1024 * 1024
"""A segment is closed at the first frame that ends beyond this many bytes."""

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


class Journal:
    """The journal in a folder; one process writes it, any may read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notices: list[str] = []
        self.head = 0
        self.head_digest = GENESIS
        self.head_header: Header | None = None
        self._file: IO[bytes] | None = None
        self._end = 0
        self._turn = Condition()
        self._written = self._synced = 0
        self._is_syncing = False
        self._failure: OSError | None = None

    # -- reading -----------------------------------------------------------------

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

    # -- opening for writing -----------------------------------------------------

    def recover(self, acknowledged: int = 0) -> None:
        """Find the end of the journal; move a frame aside that was never written to its end.

        Args:
            acknowledged: the newest generation known to have been acknowledged.

        Raises:
            JournalDamagedError: something that was acknowledged is damaged or missing.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob("*.body"):
            left.unlink()
        segments = self.segments()
        if segments:
            self._recover_last(segments[-1], acknowledged)
        if self.head < acknowledged:
            last = segments[-1] if segments else self.folder
            raise JournalDamagedError(
                last,
                self._end,
                f"the journal ends at changeset {self.head}, but {acknowledged} were acknowledged",
            )
        self._written = self._synced = self._end

    def _recover_last(self, path: Path, acknowledged: int) -> None:
        self._end = 0
        self.head = int(path.stem) - 1
        last: Place | None = None
        for place in frames(path):
            if place.frame.generation != self.head + 1:
                raise JournalDamagedError(
                    path, place.offset, f"changeset {self.head + 1} should stand here"
                )
            last, self.head = place, place.frame.generation
            self._end = place.offset + place.frame.size
        if last is not None:
            last = self._checked(last, acknowledged)
        if path.stat().st_size > self._end:
            self._set_aside(path)
        if last is None and self.head:
            last = list(frames(self.segments()[-2]))[-1]
        if last is not None:
            self.head_header, self.head_digest = last.header(), last.frame.digest

    def _checked(self, last: Place, acknowledged: int) -> Place | None:
        """Return the last frame, or the one before where it was not written as a whole."""
        try:
            last.changeset()
        except JournalDamagedError:
            if last.frame.generation <= acknowledged:
                raise
            self.head, self._end = last.frame.generation - 1, last.offset
            return next((p for p in frames(last.path) if p.frame.generation == self.head), None)
        return last

    def _set_aside(self, path: Path) -> None:
        """Move what follows the last whole frame into a file of its own."""
        with path.open("r+b") as file:
            file.seek(self._end)
            rest = file.read()
            aside = path.with_name(f"{path.stem}-{self._end}.torn")
            aside.write_bytes(rest)
            sync_path(aside)
            file.truncate(self._end)
            file.flush()
            os.fsync(file.fileno())
        sync_path(self.folder)
        self.notices.append(
            f"{path}: at byte {self._end} a changeset was never written to its end and never "
            f"acknowledged; its {len(rest):,} bytes were moved to {aside.name}"
        )

    # -- writing -----------------------------------------------------------------

    def append(self, changeset: Changeset) -> int:
        """Write a changeset, not yet forced to disk; return the mark to `sync` up to.

        Raises:
            JournalError: it cannot be written; nothing of it stays.
        """
        self._require_sound()
        header = changeset.header
        texts = (line.text for line in changeset.lines)
        data = memoryview(frame(header, texts, changeset.signature))
        start, size = self._end, len(data)
        try:
            file = self._segment(header.generation)
            start = self._end
            while data:
                data = data[file.write(data) :]
        except OSError as error:
            self._take_back(start, error)
            raise self._unwritten(error) from error
        return self._appended(header, size)

    def append_streamed(self, changeset: Changeset, body: Path, crc: int) -> int:
        """Write a changeset whose first lines lie in a file, which becomes a segment; as `append`.

        Args:
            changeset: its header, and the lines that follow.
            body: holds free room and the first lines, as `completed` takes it.
            crc: the checksum of these lines.
        """
        self._require_sound()
        header = changeset.header
        try:
            found = completed(body, crc, changeset)
            self.sync(self._written)
            if self._file is not None:
                self._file.close()
            path = self.folder / f"{header.generation:012d}{SUFFIX}"
            self._file, self._end = body.open("r+b", buffering=0), 0
            self._file.seek(0, os.SEEK_END)
            body.rename(path)
            sync_path(self.folder)
        except (OSError, FrameError) as error:
            raise self._unwritten(error) from error
        return self._appended(header, found.size)

    def _require_sound(self) -> None:
        if self._failure is not None:
            raise JournalError(f"{self.folder}: {self._failure}")

    def _unwritten(self, error: Exception) -> JournalError:
        reason = getattr(error, "strerror", None) or error
        return JournalError(
            f"{self.folder}: the journal cannot be written: {reason}; nothing was changed"
        )

    def _appended(self, header: Header, size: int) -> int:
        self._end += size
        self.head, self.head_digest, self.head_header = header.generation, header.digest, header
        with self._turn:
            self._written += size
            return self._written

    def _take_back(self, start: int, error: OSError) -> None:
        try:
            if self._file is not None:
                os.ftruncate(self._file.fileno(), start)
                self._file.seek(start)
        except OSError:
            self._failure = error

    def _segment(self, generation: int) -> IO[bytes]:
        segments = self.segments()
        is_full = self._end >= SEGMENT_SIZE
        if self._file is not None and not is_full:
            return self._file
        if self._file is not None:
            self.sync(self._written)
            self._file.close()
            self._file = None
        if segments and not is_full:
            self._file = segments[-1].open("r+b", buffering=0)
            self._file.seek(self._end)
        else:
            path = self.folder / f"{generation:012d}{SUFFIX}"
            self._file = path.open("xb", buffering=0)
            self._end = 0
            sync_path(self.folder)
        return self._file

    def sync(self, upto: int) -> None:
        """Return once everything up to a mark is on disk; callers share one fsync.

        Raises:
            JournalError: the disk refused; the graph takes no more changes.
        """
        while True:
            with self._turn:
                if self._failure is not None:
                    raise JournalError(f"{self.folder}: {self._failure.strerror}")
                if self._synced >= upto:
                    return
                if self._is_syncing:
                    self._turn.wait()
                    continue
                self._is_syncing, target = True, self._written
                file = self._file
            self._force(file, target)

    def _force(self, file: IO[bytes] | None, target: int) -> None:
        failure = None
        try:
            if file is not None:
                os.fdatasync(file.fileno())
        except OSError as error:
            failure = error
        with self._turn:
            self._is_syncing = False
            self._failure = failure
            if failure is None:
                self._synced = max(self._synced, target)
            self._turn.notify_all()

    @property
    def mark(self) -> int:
        """Return the mark of everything written so far."""
        return self._written

    @property
    def end(self) -> int:
        """Return where the last segment ends, in bytes."""
        return self._end

    @property
    def is_sound(self) -> bool:
        """Return whether everything that was written could be forced to disk."""
        return self._failure is None

    def close(self) -> None:
        """Force everything to disk and let go of the file."""
        if self._file is not None:
            with suppress(JournalError):
                self.sync(self._written)
            self._file.close()
            self._file = None


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
