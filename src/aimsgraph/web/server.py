"""Waitress in front of the application: at its address, and at the workspace's own socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from aimsgraph.errors import ServiceError, SettingsError
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.web.app import MAX_BODY, MAX_OWNERS_BODY, create_app
from aimsgraph.web.channels import Connection
from aimsgraph.web.door import Door, is_loopback
from aimsgraph.web.watch import Watch

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

OWNERS_THREADS: Final = 2

SPARE: Final = 4
"""Threads that are left for health and pages when every reader is busy and the queue is full."""

MAX_HEADER: Final = 256 * 1024
"""The largest header, in bytes; a query in an address is part of it."""

IDLE: Final = 60
"""Seconds for which a connection may be open without a request."""

_ROUND: Final = 1.0
_CLOSING_ROUND: Final = 0.05
"""Seconds between two looks at the connections: always, and while they are being finished."""


class Server:
    """A server that can finish what is under way before it stops.

    Args:
        application: answers the requests.
        bound: the socket on which they come in.
        threads: the number that is answered at a time.
        max_body: the largest body, in bytes.
        longest: seconds that making and fetching an answer may take.
    """

    def __init__(
        self,
        application: WSGIApplication,
        bound: socket.socket,
        threads: int,
        max_body: int,
        longest: float,
    ) -> None:
        options: Any = {
            "threads": threads,
            "ident": "aimsgraph",
            "connection_limit": max(256, 4 * threads),
            "channel_timeout": IDLE,
            "channel_request_lookahead": 1,
            "max_request_header_size": MAX_HEADER,
            "max_request_body_size": max_body,
            "expose_tracebacks": False,
            # The door has to see that a request came through a proxy; nothing else believes these.
            "clear_untrusted_proxy_headers": False,
        }
        self.application = application
        made = create_server(application, map={}, sockets=[bound], **options)
        self._waitress = cast(BaseWSGIServer, made)
        self._waitress.channel_class = Connection
        self._longest = longest
        self._stop_at: float | None = None
        self._is_listening = True
        self.cut = 0
        """How many were under way when it stopped."""

    @property
    def effective_port(self) -> int:
        """Return the port it listens on."""
        return int(cast(Any, self._waitress).effective_port)

    @property
    def is_stopping(self) -> bool:
        """Return whether it was told to stop."""
        return self._stop_at is not None

    def run(self, stopping: Callable[[], None] = lambda: None) -> None:
        """Answer requests until told to stop, and what is under way then is finished.

        Args:
            stopping: is called when no more connections are taken.
        """
        look_at = 0.0
        while not self._is_done(stopping):
            pause = _ROUND if self._is_listening else _CLOSING_ROUND
            wasyncore.loop(pause, use_poll=True, map=cast(Any, self._waitress)._map, count=1)
            if monotonic() >= look_at:
                look_at = monotonic() + _ROUND
                for connection in self._connections():
                    connection.cut_if_stalled(self._longest)
        self.cut = sum(connection.is_busy for connection in self._connections())
        self._cut()

    def stop(self, grace: float) -> None:
        """Have it stop: take no more connections, and finish what is under way.

        Args:
            grace: seconds until the rest is cut.
        """
        self._stop_at = monotonic() + grace
        with suppress(OSError):  # it is closed already
            self._waitress.pull_trigger()

    def close(self) -> None:
        """Let go of the address, and cut what is still open."""
        self._cut()
        self._waitress.task_dispatcher.shutdown(timeout=1)
        self._waitress.close()

    def _cut(self) -> None:
        for connection in self._connections():
            connection.handle_close()

    def _is_done(self, stopping: Callable[[], None]) -> bool:
        if self._stop_at is None:
            return False
        if self._is_listening:
            self._is_listening = False
            wasyncore.dispatcher.close(self._waitress)
            stopping()
        for connection in self._connections():
            connection.is_last = True
        is_busy = any(connection.is_busy for connection in self._connections())
        return not is_busy or monotonic() >= self._stop_at

    def _connections(self) -> list[Connection]:
        return list(cast(Any, self._waitress).active_channels.values())


def listen(
    graph: AimsGraph, host: str, port: int, threads: int, watch: Watch | None = None
) -> Server:
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
    app = create_app(graph, door, watch=watch)
    return Server(app, bound, threads, MAX_BODY, _longest(graph.settings))


def threads_for(settings: Settings, threads: int) -> int:
    """Return the number of threads to serve with; more than queries can hold up.

    Where neither threads nor readers are set, a machine with many processors gets more.

    Raises:
        SettingsError: there are too few.
    """
    readers = settings.readers or (os.cpu_count() or 1) + 2
    needed = readers + settings.queue + SPARE
    if threads >= needed:
        return threads
    if not settings.readers and threads == Settings.threads:
        return needed
    raise SettingsError(
        f"AIMSGRAPH_THREADS is {threads}; {readers} readers and {settings.queue} waiting queries "
        f"need {needed} at least, so that other requests are answered; raise it, or lower "
        "AIMSGRAPH_READERS or AIMSGRAPH_QUEUE"
    )


@contextmanager
def owners_socket(graph: AimsGraph, path: Path, watch: Watch | None = None) -> Iterator[Server]:
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
    app = create_app(graph, Door(is_owners=True), watch=watch)
    longest = _longest(graph.settings)
    server = Server(app, bound, OWNERS_THREADS, MAX_OWNERS_BODY, longest)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        if not server.is_stopping:
            server.stop(0)
        thread.join()
        server.close()
        path.unlink(missing_ok=True)


def _longest(settings: Settings) -> float:
    return settings.query_timeout + settings.stream_timeout


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Give a name of a socket that is short enough, however deep its folder lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
