"""The service as people run it: a process of its own at a port of this machine."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from aimsgraph.access import Role

PATIENCE: Final = 60.0
"""Seconds that a busy machine may take to start, or to stop."""

_ADDRESS: Final = re.compile(r"^Serving on (http://\S+)/$", re.MULTILINE)
MARK: Final = "SERVED_FOR_A_TEST"
"""A variable by whose value all processes of a service are told, whoever started them."""


@dataclass(frozen=True)
class Reply:
    """What came back over the wire."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        """Return the media type without its parameters."""
        return (self.headers["Content-Type"] or "").partition(";")[0].strip()


@dataclass
class Served:
    """A running service."""

    workspace: Path
    base: str
    process: subprocess.Popen[bytes]
    environ: dict[str, str]
    log: Path
    tokens: dict[Role, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Return the process that serves."""
        return self.process.pid

    def token(self, role: Role = Role.EDITOR) -> str:
        """Return a token of a role, made by the command that people use."""
        if role not in self.tokens:
            options = ("--role", role.value, "--name", f"a {role.value}")
            made = _command(self.environ, self.workspace, "token", "create", *options)
            self.tokens[role] = made.split()[0]
        return self.tokens[role]

    def bearer(self, role: Role = Role.EDITOR) -> dict[str, str]:
        """Return the headers of somebody who has a role."""
        return {"Authorization": f"Bearer {self.token(role)}"}

    def send(
        self,
        method: str,
        target: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request exactly as it is given, and return the whole answer."""
        address = urlsplit(self.base)
        sent = body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection(address.netloc, timeout=PATIENCE)
        with closing(connection):
            connection.request(method, target, sent, dict(headers or {}))
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())


@contextmanager
def served(folder: Path, *, sample: bool = False, **settings: str) -> Iterator[Served]:
    """Serve a new workspace in a folder; stop it, and see that nothing of it is left.

    Settings are given by their names without `AIMSGRAPH_`, in small letters.
    """
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AIMSGRAPH_")}
    environ |= {f"AIMSGRAPH_{name.upper()}": value for name, value in settings.items()}
    environ[MARK] = uuid4().hex
    workspace, log = folder / "served", folder / "serve.txt"
    _command(environ, folder, "init", str(workspace), *(["--sample"] if sample else []))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*_program(workspace), "serve", "--port", "0"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        service = Served(workspace, _address(process, log), process, environ, log)
        until(lambda: service.send("GET", "/healthz").status == 200, "ready")
        yield service
        stop(service)
    finally:
        _kill(process, environ[MARK])


def stop(service: Served) -> None:
    """Stop a service in good order: it exits with 0, and leaves no process behind."""
    service.process.send_signal(signal.SIGTERM)
    code = service.process.wait(PATIENCE)
    assert code == 0, service.log.read_text("utf-8")
    until(lambda: not processes(service.environ[MARK]), "gone with all its processes")


def processes(mark: str) -> list[int]:
    """Return the processes that run with a mark in their environment."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for one in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # of somebody else, or gone
            if wanted in one.read_bytes().split(b"\0"):
                found.append(int(one.parent.name))
    return found


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"it is not {what} after {PATIENCE} seconds"
        time.sleep(0.05)


def _program(workspace: Path) -> list[str]:
    return [sys.executable, "-m", "aimsgraph", "--workspace", str(workspace)]


def _command(environ: Mapping[str, str], workspace: Path, *arguments: str) -> str:
    """Run a command to its end, and return what it prints."""
    command = [*_program(workspace), *arguments]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return where a service says that it listens."""

    def told() -> re.Match[str] | None:
        return _ADDRESS.search(log.read_text("utf-8"))

    until(lambda: told() is not None or process.poll() is not None, "serving")
    found = told()
    assert found is not None, log.read_text("utf-8")
    return found[1]


def _kill(process: subprocess.Popen[bytes], mark: str) -> None:
    """End what a failed test left running."""
    for pid in processes(mark):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
