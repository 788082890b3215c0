"""The journal: every changeset, appended and forced to disk before it is acknowledged.

It lies in segments named by the generation they begin with. A frame that ends
in the middle of the last segment was never acknowledged: it is moved aside and
reported. Anything else that does not read as it was written is an error that
names the file and the byte.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Condition
from typing import IO, Final

from aimsgraph.errors import JournalError
from aimsgraph.files import sync_path
from aimsgraph.ledger.changeset import GENESIS, Changeset, Header
from aimsgraph.ledger.frame import FrameError, completed, frame
from aimsgraph.ledger.recovery import recovered
from aimsgraph.ledger.segments import SUFFIX, Place, Segments

__all__ = ["Journal", "Place"]

SEGMENT_SIZE: Final = 16 * 1024 * 1024
"""A segment is closed at the first frame that ends beyond this many bytes."""


class Journal(Segments):
    """The journal in a folder; one process writes it, any may read it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
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
        end = recovered(self, acknowledged)
        self.head, self.head_digest, self.head_header = end.head, end.digest, end.header
        self._written = self._synced = self._end = end.size
        if end.notice:
            self.notices.append(end.notice)

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
