"""The command that serves."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from signal import SIG_DFL, SIGINT, SIGTERM, signal
from time import monotonic, sleep
from typing import Final

import click

from aimsgraph.access import Right
from aimsgraph.cli.opening import open_writing, require, workspace_path
from aimsgraph.graph import AimsGraph
from aimsgraph.readers.pool import readers
from aimsgraph.settings import Settings
from aimsgraph.web.logs import structured
from aimsgraph.web.server import Server, listen, owners_socket, threads_for
from aimsgraph.web.upkeep import upkeep
from aimsgraph.web.watch import Watch
from aimsgraph.workspace import Workspace

_LOG: Final = logging.getLogger(__name__)

_ARENAS: Final = (-8, 2)
"""M_ARENA_MAX of the C library, and our value: by default each of many threads hoards memory."""

PATIENCE: Final = 1.0
"""Seconds that threads whose connection was cut may take to notice."""


@click.command()
@click.option("--host", help="Address to listen on; loopback if not given.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the workspace: pages, questions and the SPARQL endpoint."""
    require(settings, Workspace.read(workspace_path(settings)), Right.MANAGE, "what is served")
    with suppress(AttributeError):  # a C library without it
        ctypes.CDLL(None).mallopt(*_ARENAS)  # before the engine starts threads
    with open_writing(settings) as graph:
        run(graph, host or settings.host, settings.port if port is None else port, settings.threads)


def run(graph: AimsGraph, host: str, port: int, threads: int) -> None:
    """Serve a graph until told to stop; what is under way then is finished.

    Raises:
        ServiceError: the address cannot be listened on.
        SettingsError: settings do not fit together, or the audit log cannot be written.
    """
    enough = threads_for(graph.settings, threads)
    with ExitStack() as stack:
        pool = stack.enter_context(readers(graph.settings))
        watch = Watch(graph, pool)
        watch.audit.require_writable()
        stack.enter_context(structured())
        server = listen(graph, host, port, enough, watch)
        stack.callback(server.close)
        stack.enter_context(upkeep(graph, watch.upkeep))
        with ExitStack() as doors:
            servers = [server]
            doors.enter_context(_stopping(servers, watch, graph.settings.grace))
            if graph.workspace is not None:
                path = graph.workspace.socket_path
                servers.append(doors.enter_context(owners_socket(graph, path, watch)))
            _greet(f"http://{host}:{server.effective_port}/")
            _LOG.info("serving on %s:%s", host, server.effective_port)
            server.run(lambda: _LOG.info("stopping; %d under way", len(watch.under_way)))
        server.close()
        _leave_if_writing(watch)
    click.echo("Stopped.")


def _greet(address: str) -> None:
    click.echo(f"Serving on {address}")
    click.echo(f"  pages     {address}")
    click.echo(f"  questions {address}queries")
    click.echo(f"  SPARQL    {address}sparql")
    click.echo(f"  history   {address}history")
    click.echo("Stop with Ctrl+C.")


@contextmanager
def _stopping(servers: Sequence[Server], watch: Watch, grace: float) -> Iterator[None]:
    """Stop in good order when the system asks to, and at once when it asks again."""

    def stop(number: int, frame: object) -> None:
        del frame
        is_again = watch.health.is_draining
        watch.health.is_draining = True
        if is_again:
            signal(number, SIG_DFL)
        for server in servers:
            server.stop(0 if is_again else grace)

    before = [(number, signal(number, stop)) for number in (SIGTERM, SIGINT)]
    try:
        yield
        _LOG.info("stopped; %d were cut", sum(server.cut for server in servers))
    finally:
        for number, handler in before:
            signal(number, handler)


def _leave_if_writing(watch: Watch) -> None:
    """End the process where a change is under way that nothing can stop.

    It is half made, so the workspace must not be left as if it were in order.
    Nobody was told that it was made; the next start takes it back.
    """
    until = monotonic() + PATIENCE
    while watch.is_writing and monotonic() < until:
        sleep(0.01)
    if watch.is_writing:
        _LOG.warning("a change was under way; the next start recovers from the journal")
        click.echo("Stopped.")
        sys.stdout.flush()
        os._exit(0)
