"""The server: odd requests, clients that leave or stall, and a stop that finishes what it began."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from aimsgraph.errors import QueryError, SettingsError
from aimsgraph.settings import Settings
from aimsgraph.web import channels
from aimsgraph.web.server import SPARE, listen, threads_for
from service_support import connected, received, running, sent, until
from tiny_support import memory


class Site:
    """An application that streams rows, and waits in between until it is let go on."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.left, self.ended = Event(), Event(), Event(), Event()
        self.rows: Callable[[dict[str, Any]], Iterator[bytes]] = self.slow

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self.rows(environ)

    def slow(self, environ: dict[str, Any]) -> Iterator[bytes]:
        if environ["PATH_INFO"] == "/quick":
            yield b"quick"
            return
        yield b"first"
        self.begun.set()
        assert self.go_on.wait(30)
        yield b"last"

    def endless(self, environ: dict[str, Any]) -> Iterator[bytes]:
        del environ
        try:
            while True:
                yield b"x" * 100_000
                self.begun.set()
        finally:
            self.ended.set()

    def watching(self, environ: dict[str, Any]) -> Iterator[bytes]:
        self.begun.set()
        until(environ["waitress.client_disconnected"])
        self.left.set()
        yield b""

    def failing(self, environ: dict[str, Any]) -> Iterator[bytes]:
        del environ
        yield b"first"
        raise QueryError("it takes too long")


@pytest.fixture
def site() -> Site:
    """Return an application."""
    return Site()


def test_what_is_under_way_is_finished_before_it_stops(site: Site) -> None:
    with running(site) as (server, thread), connected(server) as one, connected(server) as idle:
        sent(one, "/slow")
        assert site.begun.wait(30)

        server.stop(30)
        until(lambda: not is_reachable(server.effective_port))
        assert thread.is_alive()
        site.go_on.set()
        answer = received(one)

        assert answer.endswith(b"last\r\n0\r\n\r\n")
        thread.join(30)
        assert not thread.is_alive()
        assert idle.recv(1) == b""


def test_a_connection_that_is_open_gets_one_more_answer_while_it_stops(site: Site) -> None:
    with running(site) as (server, _), connected(server) as one, connected(server) as other:
        sent(other, "/quick")
        sent(one, "/slow")
        assert site.begun.wait(30)
        server.stop(30)
        until(lambda: not is_reachable(server.effective_port))
        answer = received(other)
        site.go_on.set()

    assert b"quick" in answer


def test_what_takes_longer_than_the_grace_is_cut(site: Site) -> None:
    with running(site) as (server, thread), connected(server) as one:
        sent(one, "/slow")
        assert site.begun.wait(30)

        server.stop(0.1)
        thread.join(30)
        answer = received(one)
        site.go_on.set()

    assert not thread.is_alive()
    assert server.cut == 1
    assert b"first" in answer
    assert not answer.endswith(b"0\r\n\r\n")


def test_an_answer_that_is_made_is_sent_to_its_end_before_it_stops(site: Site) -> None:
    size = 8_000_000
    site.rows = lambda environ: iter([b"z" * size])  # noqa: ARG005 - as an application is called
    with running(site) as (server, thread), connected(server) as one:
        sent(one, "/")
        assert one.recv(1) == b"H"
        server.stop(30)
        until(lambda: not is_reachable(server.effective_port))
        answer = received(one)
        thread.join(30)

    assert answer.count(b"z") == size
    assert answer.endswith(b"0\r\n\r\n")


def is_reachable(port: int) -> bool:
    """Return whether a connection to a port is taken."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_an_answer_knows_that_its_client_has_left(site: Site) -> None:
    site.rows = site.watching
    with running(site) as (server, _):
        with connected(server) as one:
            sent(one, "/")
            assert site.begun.wait(30)
        assert site.left.wait(30)


@pytest.mark.parametrize(("stall", "longest"), [(1.0, 60.0), (60.0, 1.0)])
def test_a_client_that_takes_nothing_is_cut_off(
    site: Site, monkeypatch: pytest.MonkeyPatch, stall: float, longest: float
) -> None:
    monkeypatch.setattr(channels, "STALL", stall)
    site.rows = site.endless
    with running(site, threads=1, longest=longest) as (server, _), connected(server) as one:
        sent(one, "/")
        assert site.begun.wait(30)
        assert site.ended.wait(30)
        site.rows = site.slow
        with connected(server) as other:
            sent(other, "/quick", "Connection: close")
            assert b"quick" in received(other)


@pytest.mark.parametrize(
    ("begun", "stall", "longest"),
    [
        (b"GET / HTTP/1.1\r\n", 0.2, 60.0),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n", 60.0, 0.2),
    ],
)
def test_a_request_that_does_not_come_to_its_end_is_cut_off(
    site: Site, monkeypatch: pytest.MonkeyPatch, begun: bytes, stall: float, longest: float
) -> None:
    monkeypatch.setattr(channels, "STALL", stall)
    with running(site, longest=longest) as (server, _), connected(server) as one:
        one.sendall(begun)
        assert received(one) == b""


def test_an_answer_that_meets_a_limit_is_broken_off_in_sight(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.rows = site.failing
    with running(site) as (server, _), connected(server) as one:
        sent(one, "/")
        answer = received(one)

    assert b"first" in answer
    assert not answer.endswith(b"0\r\n\r\n")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_is_a_problem_too(site: Site, request_bytes: bytes, status: int) -> None:
    with running(site) as (server, _), connected(server) as one:
        one.sendall(request_bytes)
        head, _, body = received(one).partition(b"\r\n\r\n")

    told = json.loads(body)
    assert head.startswith(f"HTTP/1.{head[7:8].decode()} {status}".encode())
    assert told["status"] == status
    assert ("instance" in told) is (status >= 500)
    assert b"Content-Type: application/problem+json" in head
    assert b"X-Request-Id: " in head
    assert b"nosniff" in head


def test_no_version_is_told(site: Site) -> None:
    site.go_on.set()
    with running(site) as (server, _), connected(server) as one:
        sent(one, "/", "Connection: close")
        head = received(one).partition(b"\r\n\r\n")[0].lower()

    assert b"server: aimsgraph\r\n" in head + b"\r\n"
    assert b"waitress" not in head


def test_a_service_answers_at_its_address() -> None:
    server = listen(memory(), "127.0.0.1", 0, 2)
    with running(server.application) as (again, _), connected(again) as one:
        server.close()
        sent(one, "/healthz", "Connection: close")
        answer = received(one)

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == "ok"


@pytest.mark.parametrize(
    ("settings", "threads", "wanted"),
    [
        (Settings(readers=4, queue=8), 100, 100),
        (Settings(readers=4, queue=8), 4 + 8 + SPARE, 4 + 8 + SPARE),
        (Settings(readers=100, queue=8), 64, None),
        (Settings(readers=4, queue=64), 64, None),
        (Settings(queue=32), 16, None),
        (Settings(queue=100), 64, (os.cpu_count() or 1) + 2 + 100 + SPARE),
    ],
)
def test_there_are_more_threads_than_queries_can_hold_up(
    settings: Settings, threads: int, wanted: int | None
) -> None:
    if wanted is None:
        with pytest.raises(SettingsError, match="AIMSGRAPH_THREADS"):
            threads_for(settings, threads)
    else:
        assert threads_for(settings, threads) == wanted
