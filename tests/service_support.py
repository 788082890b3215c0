"""A server on this machine's own address, and requests to it down to the bytes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import pytest

from aimsgraph.web.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PATIENCE: Final = 30.0
"""Seconds that anything may take on a busy machine."""

LONGEST: Final = 60.0


@contextmanager
def running(
    application: WSGIApplication, *, threads: int = 4, longest: float = LONGEST
) -> Iterator[tuple[Server, Thread]]:
    """Run a server, for the time of the context."""
    bound = socket.create_server(("127.0.0.1", 0))
    server = Server(application, bound, threads, 1000, longest)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server, thread
    finally:
        server.stop(0)
        thread.join(PATIENCE)
        server.close()


def connected(server: Server) -> socket.socket:
    """Return a connection to a server."""
    return socket.create_connection(("127.0.0.1", server.effective_port), timeout=PATIENCE)


def sent(connection: socket.socket, path: str, *headers: str) -> None:
    """Send a request."""
    head = "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *headers])
    connection.sendall(f"{head}\r\n\r\n".encode())


def received(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes."""
    found = b""
    while data := connection.recv(65536):
        found += data
    return found


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = monotonic() + PATIENCE
    while not is_so():
        if monotonic() > end:
            pytest.fail("it never came about")
        sleep(0.01)
