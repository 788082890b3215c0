"""Frames between the service and a reader: a letter, a length, and that many bytes."""

from __future__ import annotations

import json
import socket
from struct import Struct
from typing import Any, Final

JOB: Final = b"J"
DATA: Final = b"D"
END: Final = b"E"
FAILURE: Final = b"X"

_HEAD: Final = Struct("!cI")
_CHUNK: Final = 1 << 18


def frame(letter: bytes, payload: bytes) -> bytes:
    """Return a frame as it is sent."""
    return _HEAD.pack(letter, len(payload)) + payload


def told(letter: bytes, content: dict[str, Any]) -> bytes:
    """Return a frame that holds JSON."""
    return frame(letter, json.dumps(content).encode())


class Incoming:
    """Frames as they come in over a socket."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = bytearray()

    def ready(self) -> list[tuple[bytes, bytes]]:
        """Return the frames that are here whole, and forget them."""
        found, start = [], 0
        while len(self._buffer) - start >= _HEAD.size:
            letter, length = _HEAD.unpack_from(self._buffer, start)
            end = start + _HEAD.size + length
            if end > len(self._buffer):
                break
            found.append((letter, bytes(self._buffer[start + _HEAD.size : end])))
            start = end
        del self._buffer[:start]
        return found

    def receive(self) -> bool:
        """Take in what there is; wait as the socket does; False at its end."""
        found = self._channel.recv(_CHUNK)
        self._buffer += found
        return bool(found)
