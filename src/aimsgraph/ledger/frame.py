"""One changeset as bytes in the journal: a frame line, the header, the lines, an end line.

    changeset 1 GENERATION HEADER_BYTES BODY_BYTES CRC DIGEST SIGNATURE LINE_CRC
    {header as JSON}
    + SALT STATEMENT .
    - SALT STATEMENT .
    end GENERATION

The frame line has a checksum of its own, so that a damaged length is told from
a frame that was never written to its end.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aimsgraph.ledger.changeset import Changeset, Header
from aimsgraph.ledger.lines import Line

MARK: Final = "changeset"
VERSION: Final = "1"
ROOM: Final = 256 * 1024
"""Bytes kept free before the lines of a large load, for what comes first and is known last."""

LONGEST: Final = 512
"""No frame line is longer, in bytes."""


class FrameError(ValueError):
    """The bytes are not a frame."""


@dataclass(frozen=True)
class Frame:
    """What the first line of a frame says."""

    generation: int
    header_size: int
    body_size: int
    crc: int
    digest: str
    signature: str | None

    @property
    def line(self) -> bytes:
        """Return the frame line, with its own checksum and a line feed."""
        text = (
            f"{MARK} {VERSION} {self.generation} {self.header_size} {self.body_size} "
            f"{self.crc:08x} {self.digest} {self.signature or '-'}"
        )
        return f"{text} {zlib.crc32(text.encode()):08x}\n".encode()

    @property
    def end(self) -> bytes:
        """Return the line that ends the frame."""
        return f"end {self.generation}\n".encode()

    @property
    def size(self) -> int:
        """Return the length of the whole frame in bytes."""
        return len(self.line) + self.header_size + self.body_size + len(self.end)

    @classmethod
    def read(cls, line: bytes) -> Frame:
        """Read a frame line.

        Raises:
            FrameError: it is none, or is damaged.
        """
        try:
            text, crc = line.decode("ascii").rstrip("\n").rsplit(" ", 1)
            if zlib.crc32(text.encode()) != int(crc, 16):
                raise FrameError("the frame line does not match its checksum")
            mark, version, generation, header, body, total, digest, signature = text.split(" ")
        except ValueError as error:
            raise FrameError(f"the frame line is damaged ({error})") from error
        if (mark, version) != (MARK, VERSION):
            raise FrameError(f"a frame of version {version} is not known to this release")
        return cls(
            generation=int(generation),
            header_size=int(header),
            body_size=int(body),
            crc=int(total, 16),
            digest=digest,
            signature=None if signature == "-" else signature,
        )

    def header(self, rest: bytes) -> Header:
        """Return the header in the bytes after the frame line."""
        try:
            return Header.read(rest[: self.header_size].decode())
        except (ValueError, TypeError) as error:
            raise FrameError(f"the header of changeset {self.generation} is damaged") from error

    def check(self, rest: bytes) -> None:
        """See that header and body are the ones that were written.

        Raises:
            FrameError: they are not.
        """
        content = memoryview(rest)
        head, end = content[: self.header_size], self.header_size + self.body_size
        if zlib.crc32(head, zlib.crc32(content[self.header_size : end])) != self.crc:
            raise FrameError(f"changeset {self.generation} does not match its checksum")
        if bytes(rest[self.header_size + self.body_size :]) != self.end:
            raise FrameError(f"the end of changeset {self.generation} is damaged")

    def lines(self, rest: bytes) -> Iterator[Line]:
        """Yield the lines in the bytes after the frame line."""
        body = bytes(memoryview(rest)[self.header_size : self.header_size + self.body_size])
        for line in body.decode().split("\n")[:-1]:
            yield Line.read(line)

    def changeset(self, rest: bytes) -> Changeset:
        """Return the whole changeset."""
        self.check(rest)
        try:
            return Changeset(self.header(rest), list(self.lines(rest)), self.signature)
        except ValueError as error:
            raise FrameError(f"changeset {self.generation} holds a damaged line") from error


def frame(header: Header, texts: Iterable[str], signature: str | None) -> bytes:
    """Return the frame of a changeset; `texts` are its lines as text."""
    head = f"{header.text}\n".encode()
    body = "".join(f"{text}\n" for text in texts).encode()
    crc = zlib.crc32(head, zlib.crc32(body))
    found = Frame(header.generation, len(head), len(body), crc, header.digest, signature)
    return b"".join((found.line, head, body, found.end))


def completed(path: Path, crc: int, changeset: Changeset) -> Frame:
    """Make a file, in which the first lines of a changeset lie after free room, its whole frame.

    Args:
        path: holds `ROOM` free bytes, then lines.
        crc: the checksum of these lines.
        changeset: its header, and the lines that follow.
    """
    header = changeset.header
    rest = "".join(f"{line.text}\n" for line in changeset.lines).encode()
    with path.open("r+b") as file:
        body_size = file.seek(0, 2) - ROOM + len(rest)
        crc = zlib.crc32(rest, crc)
        text = header.text.encode()
        found = Frame(header.generation, 0, body_size, 0, header.digest, changeset.signature)
        for _ in range(3):
            head = text.ljust(ROOM - len(found.line) - 1) + b"\n"
            found = replace(found, header_size=len(head), crc=zlib.crc32(head, crc))
        if len(found.line) + len(head) != ROOM:
            raise FrameError("the header of a large load does not fit; give it a shorter message")
        file.write(rest)
        file.write(found.end)
        file.seek(0)
        file.write(found.line)
        file.write(head)
    return found
