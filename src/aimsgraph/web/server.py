"""Waitress in front of the application: at its address, and at the workspace's own socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Protocol, cast

from waitress.server import create_server

from aimsgraph.errors import ServiceError
from aimsgraph.graph import AimsGraph
from aimsgraph.web.app import create_app
from aimsgraph.web.door import Door, is_loopback


class Server(Protocol):
    """What we need of Waitress's server."""

    effective_port: str | int

    def run(self) -> None:
        """Answer requests until interrupted."""

    def close(self) -> None:
        """Let go of the address."""


def listen(graph: AimsGraph, host: str, port: int, threads: int) -> Server:
    """Bind the address and return a server that is ready to run.

    Raises:
        ServiceError: the address is taken or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family)
    except OSError as error:
        raise ServiceError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
        ) from error
    door = Door(is_loopback=is_loopback(host), open_reading=graph.settings.open_reading)
    app = create_app(graph, door)
    server = create_server(
        app,
        map={},
        sockets=[bound],
        threads=threads,
        ident="aimsgraph",
        # The door has to see that a request came through a proxy; nothing else believes these.
        clear_untrusted_proxy_headers=False,
    )
    return cast(Server, server)


@contextmanager
def owners_socket(graph: AimsGraph, path: Path) -> Iterator[None]:
    """Serve the owner's commands at a socket in the workspace, for the time of the context."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with suppress(FileNotFoundError):
        path.unlink()
    before = os.umask(0o177)
    try:
        with reachable(path) as name:
            bound.bind(name)
    finally:
        os.umask(before)
    bound.listen()
    app = create_app(graph, Door(is_owners=True))
    server = create_server(
        app, map={}, sockets=[bound], threads=2, max_request_body_size=4 * 1024**3
    )
    Thread(target=server.run, daemon=True).start()
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Give a name of a socket that is short enough, however deep its folder lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
