"""The nursery: a process of one thread that makes readers by forking, and ends them.

The service has many threads and may not fork itself. The nursery ends with the
service, and the readers end with the nursery, whatever becomes of either.

Run as `python -m aimsgraph.readers.nursery FD MEMORY`.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from aimsgraph.readers.reader import serve

MESSAGE: Final = 4096
"""Bytes of the longest message."""

LAST_WORDS: Final = 2000
"""Bytes of what a reader said at last that are looked at."""

_PR_SET_PDEATHSIG: Final = 1


def main(control: socket.socket, memory: int) -> None:
    """Carry out what the service asks for, until it is gone.

    Args:
        control: messages come in over it, a socket of a new reader with some.
        memory: bytes each reader may take beyond what it starts with; 0 for any number.
    """
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    gc.freeze()
    children: dict[int, int] = {}
    while True:
        message, handles, _, _ = socket.recv_fds(control, MESSAGE, 1)
        if not message:
            return
        asked: dict[str, Any] = json.loads(message)
        if asked["do"] == "make":
            answer: dict[str, Any] = {"pid": _made(control, handles[0], memory, children)}
            os.close(handles[0])
        else:
            answer = _ended(asked["pid"], children)
        with suppress(BrokenPipeError):  # the service is gone, as the next message will tell
            control.send(json.dumps(answer).encode())


def _made(control: socket.socket, handle: int, memory: int, children: dict[int, int]) -> int:
    words = os.memfd_create("reader")
    parent = os.getpid()
    pid = os.fork()
    if pid:
        children[pid] = words
        return pid
    code = 1
    try:
        control.close()
        os.dup2(words, 2)
        _become_reader(parent, memory)
        serve(socket.socket(fileno=handle))
        code = 0
    except (BrokenPipeError, ConnectionError):
        code = 0
    finally:
        os._exit(code)


def _become_reader(parent: int, memory: int) -> None:
    """End with the nursery, take no more memory than allowed, and be the first to go."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        most = _data_size() + memory
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900", "ascii")


def _data_size() -> int:
    """Return the bytes of memory that this process has asked for so far."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def _ended(pid: int, children: dict[int, int]) -> dict[str, Any]:
    """Kill a reader unless it has ended; return how it did, and what it said at last."""
    words = children.pop(pid, None)
    if words is None:
        return {"signal": 0, "words": ""}
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    size = os.fstat(words).st_size
    said = os.pread(words, LAST_WORDS, max(0, size - LAST_WORDS))
    os.close(words)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"signal": ended_by, "words": said.decode("utf-8", "replace")}


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]))
