"""The command that serves."""

from __future__ import annotations

from contextlib import ExitStack
from signal import SIGTERM, signal

import click

from aimsgraph.access import Right
from aimsgraph.cli.opening import open_writing, require, workspace_path
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.web.server import listen, owners_socket
from aimsgraph.web.upkeep import upkeep
from aimsgraph.workspace import Workspace


@click.command()
@click.option("--host", help="Address to listen on; loopback if not given.")
@click.option("--port", type=int, help="Port to listen on.")
@click.pass_obj
def serve(settings: Settings, host: str | None, port: int | None) -> None:
    """Serve the workspace: pages, questions and the SPARQL endpoint."""
    require(settings, Workspace.read(workspace_path(settings)), Right.MANAGE, "what is served")
    with open_writing(settings) as graph:
        run(graph, host or settings.host, settings.port if port is None else port, settings.threads)


def run(graph: AimsGraph, host: str, port: int, threads: int) -> None:
    """Serve a graph until interrupted.

    Raises:
        ServiceError: the address cannot be listened on.
    """
    server = listen(graph, host, port, threads)
    address = f"http://{host}:{server.effective_port}/"
    click.echo(f"Serving on {address}")
    click.echo(f"  pages     {address}")
    click.echo(f"  questions {address}queries")
    click.echo(f"  SPARQL    {address}sparql")
    click.echo(f"  history   {address}history")
    click.echo("Stop with Ctrl+C.")
    signal(SIGTERM, _interrupted)
    with ExitStack() as stack:
        stack.callback(server.close)
        stack.enter_context(upkeep(graph))
        if graph.workspace is not None:
            stack.enter_context(owners_socket(graph, graph.workspace.socket_path))
        try:
            server.run()
        except KeyboardInterrupt:
            click.echo("Stopped.")


def _interrupted(*_: object) -> None:
    """Stop in good order when the system asks to."""
    raise KeyboardInterrupt
