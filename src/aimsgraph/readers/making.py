"""The service's side of the nursery: making readers, and learning how they ended."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from aimsgraph.readers.frames import Incoming
from aimsgraph.readers.nursery import MESSAGE

OUT_OF_MEMORY: Final = (
    "memory allocation of",
    "bad_alloc",
    "out of memory",
    "Cannot allocate",
    "Resource temporarily unavailable",
)
"""What programs say when they get no more memory."""


@dataclass(frozen=True)
class Reader:
    """A reader process, and the socket that leads to it."""

    pid: int
    channel: socket.socket
    incoming: Incoming


@dataclass(frozen=True)
class Ending:
    """How a reader ended."""

    signal: int
    words: str

    @property
    def is_for_memory(self) -> bool:
        """Return whether it got no more memory, or the system needed what it had."""
        told = any(one in self.words for one in OUT_OF_MEMORY)
        return told or self.signal == signal.SIGKILL

    @property
    def is_for_depth(self) -> bool:
        """Return whether it went deeper than its stack."""
        return self.signal == signal.SIGSEGV or "overflowed its stack" in self.words


class Nursery:
    """Makes readers and ends them; started when it is first needed, and again if it died.

    Args:
        memory: bytes each reader may take; 0 for any number.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Return its process, once there is one."""
        return None if self._process is None else self._process.pid

    def make(self) -> Reader:
        """Return a new reader."""
        ours, theirs = socket.socketpair()
        with theirs:
            answer = self._ask({"do": "make"}, [theirs.fileno()])
        return Reader(answer["pid"], ours, Incoming(ours))

    def end(self, reader: Reader) -> Ending:
        """Kill a reader, unless it has ended by itself, and return how it ended."""
        reader.channel.close()
        answer = self._ask({"do": "end", "pid": reader.pid}, [])
        return Ending(answer["signal"], answer["words"])

    def close(self) -> None:
        """End the nursery, and all readers with it."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None:
                self._process.wait()
            self._control = self._process = None

    def _ask(self, message: dict[str, Any], handles: list[int]) -> dict[str, Any]:
        with self._lock:
            for _ in range(2):
                control = self._started()
                with suppress(OSError):
                    socket.send_fds(control, [json.dumps(message).encode()], handles)
                    if answer := control.recv(2 * MESSAGE):
                        found: dict[str, Any] = json.loads(answer)
                        return found
                self._gone()
        raise OSError("the process that makes readers does not start")

    def _started(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = subprocess.Popen(
                    [
                        *(sys.executable, "-m", "aimsgraph.readers.nursery"),
                        *(str(theirs.fileno()), str(self._memory)),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        return self._control

    def _gone(self) -> None:
        """Forget a nursery that does not answer; its readers have ended with it."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None
