"""`aimsgraph serve` as a process: how it stops, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from aimsgraph.web.audit import FILE
from aimsgraph.web.server import reachable
from service_support import PATIENCE, received, until
from tiny_support import opened, workspace

PROGRAM = """
import sys
from threading import Event
from time import sleep
from flask import Flask, Response
from aimsgraph.assets import Assets
from aimsgraph.cli import main
from aimsgraph.web import app as web, server
from tiny_support import TINY

Assets.shipped = staticmethod(lambda: TINY)
create_app = server.create_app

def slow(rows):
    for number in range(rows):
        yield f"row {number} " + "." * 1000 + chr(10)
        sleep(0.1)

def stuck():
    yield "begun"
    sleep(600)

def with_rows(*args, **kwargs):
    app = create_app(*args, **kwargs)
    app.add_url_rule("/rows/<int:n>", "rows", lambda n: Response(slow(n), mimetype="text/csv"))
    app.add_url_rule("/stuck", "stuck", lambda: Response(stuck()), methods=["POST"])
    return app

server.create_app = with_rows
main(["--workspace", sys.argv[1], "serve", "--port", "0"])
"""


class Service:
    """A service that runs as a process of its own."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder
        assert process.stdout is not None
        self.greeting = process.stdout.readline()
        self.port = int(self.greeting.rstrip("/\n").rpartition(":")[2])

    def begin(self, path: str, method: str = "GET") -> socket.socket:
        """Send a request and return once its answer has begun."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        text = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(text.encode())
        assert connection.recv(1) == b"H"
        return connection

    def begin_at_socket(self, path: str) -> socket.socket:
        """Send a request to the owner's socket and return once its answer has begun."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        with reachable(self.folder / "service.sock") as name:
            connection.connect(name)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert connection.recv(1) == b"H"
        return connection

    def is_reachable(self) -> bool:
        """Return whether it takes a connection."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
        except OSError:
            return False
        return True

    def ended(self) -> tuple[int, list[dict[str, object]]]:
        """Wait until it has ended; return its exit code and its log."""
        _, log = self.process.communicate(timeout=PATIENCE)
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        return self.process.returncode, lines


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Service]:
    """Run a service in a new workspace, for the time of the context."""
    workspace(folder)
    tests = str(Path(__file__).parent)
    environ = {**os.environ, "AIMSGRAPH_TODAY": "2026-11-20", "PYTHONPATH": tests}
    environ |= {f"AIMSGRAPH_{name.upper()}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", PROGRAM, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )
    with process:
        try:
            yield Service(process, folder)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stream_is_finished_after_the_signal(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path / "w") as service, service.begin("/rows/20") as stream:
        assert service.greeting == f"Serving on http://127.0.0.1:{service.port}/\n"
        service.process.send_signal(number)
        until(lambda: not service.is_reachable())
        assert service.process.poll() is None
        answer = received(stream)
        code, log = service.ended()

    assert b"row 19 " in answer
    assert answer.endswith(b"0\r\n\r\n")
    assert code == 0
    assert [line["message"] for line in log] == [
        f"serving on 127.0.0.1:{service.port}",
        "stopping; 1 under way",
        "stopped; 0 were cut",
    ]
    assert (service.folder / "store.clean").exists()


def test_what_is_under_way_at_the_owners_socket_is_finished_too(tmp_path: Path) -> None:
    with serving(tmp_path / "w") as service, service.begin_at_socket("/rows/20") as stream:
        service.process.terminate()
        answer = received(stream)
        code, log = service.ended()

    assert answer.endswith(b"0\r\n\r\n")
    assert code == 0
    assert log[-1]["message"] == "stopped; 0 were cut"


def test_what_takes_longer_than_the_grace_is_cut(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "w", grace="0.5") as service,
        service.begin("/rows/10000") as stream,
    ):
        service.process.terminate()
        code, log = service.ended()
        answer = received(stream)

    assert code == 0
    assert not answer.endswith(b"0\r\n\r\n")
    assert log[-1]["message"] == "stopped; 1 were cut"


def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    with serving(tmp_path / "w") as service, service.begin("/rows/10000"):
        service.process.terminate()
        until(lambda: not service.is_reachable())
        service.process.terminate()
        code, _ = service.ended()

    assert code == 0


def test_a_change_that_is_cut_is_not_taken_for_a_clean_stop(tmp_path: Path) -> None:
    with serving(tmp_path / "w", grace="0.2") as service, service.begin("/stuck", "POST"):
        service.process.terminate()
        code, log = service.ended()

    assert code == 0
    assert "recovers from the journal" in str(log[-1]["message"])
    assert not (service.folder / "store.clean").exists()
    with opened(service.folder) as graph:
        assert graph.generation == 1


def test_it_is_ready_and_writes_its_log_where_it_should(tmp_path: Path) -> None:
    with serving(tmp_path / "w", open_reading="never") as service:
        with urlopen(f"http://127.0.0.1:{service.port}/healthz") as answer:
            assert json.load(answer) == {"status": "ok"}
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"http://127.0.0.1:{service.port}/sparql?query=ASK+%7B%7D")
        service.process.terminate()
        code, _ = service.ended()

    assert code == 0
    (told,) = map(json.loads, (service.folder / FILE).read_text().splitlines())
    assert (told["kind"], told["status"], told["caller"]) == ("query", 401, "nobody")
