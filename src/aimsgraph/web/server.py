"""Waitress in front of the application."""

from __future__ import annotations

import socket
from typing import Protocol, cast

from waitress.server import create_server

from aimsgraph.errors import ServiceError
from aimsgraph.graph import AimsGraph
from aimsgraph.web.app import create_app


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
    server = create_server(create_app(graph), sockets=[bound], threads=threads, ident="aimsgraph")
    return cast(Server, server)
