"""Opening the workspace a command acts on, and the moment it looks at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from signal import SIG_DFL, SIGINT, signal
from typing import Any, TypeVar

import click

from aimsgraph.access import OWNER, Caller, Right, Tokens
from aimsgraph.cli.output import steps
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.view import View
from aimsgraph.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])


def open_reading(settings: Settings) -> AimsGraph:
    """Open the workspace that the settings name for reading, beside whoever writes it.

    Raises:
        WorkspaceError: there is none.
    """
    with steps("opening the workspace"):
        graph = _told(
            AimsGraph.open(
                settings.workspace, today=settings.today, settings=settings, read_only=True
            )
        )
    # The engine hears of no signal, and a command that only reads has nothing to put in order.
    signal(SIGINT, SIG_DFL)
    return graph


def open_writing(settings: Settings) -> AimsGraph:
    """Open the workspace that the settings name for writing.

    Raises:
        WorkspaceError: there is none.
        StoreLockedError: another process writes it.
    """
    with steps("opening the workspace"):
        return _told(AimsGraph.open(settings.workspace, today=settings.today, settings=settings))


def _told(graph: AimsGraph) -> AimsGraph:
    for notice in graph.notices:
        click.echo(f"aimsgraph: {notice}", err=True)
    return graph


def caller_of(settings: Settings, graph: AimsGraph) -> Caller:
    """Return whose rights a command has: the owner's, or those of the token that is set.

    Raises:
        UnknownTokenError: the token is none of the workspace's.
    """
    return graph.tokens.caller(settings.token) if settings.token else OWNER


def require(
    settings: Settings, workspace: Workspace, right: Right, everything: str | None = None
) -> Caller:
    """Return whose rights a command has, after seeing that the token that is set has a right.

    Raises:
        AccessError: it has not, or is limited where everything is needed.
    """
    if not settings.token:
        return OWNER
    caller = Tokens(workspace.access_path).caller(settings.token)
    caller.require(right)
    if everything is not None:
        caller.require_everything(everything)
    return caller


def looked_at(
    settings: Settings, graph: AimsGraph, as_of: str | None, effective: str | None
) -> View:
    """Return the generation a command looks at."""
    return graph.view(caller_of(settings, graph), as_of=as_of, effective=effective)


def with_moment(command: Command) -> Command:
    """Give a command the options --as-of and --effective."""
    as_of = click.option(
        "--as-of",
        "as_of",
        metavar="DATE",
        help="As the graph stood then, by the ledger; a day, a time or a generation.",
    )
    effective = click.option(
        "--effective",
        metavar="DATE",
        help="As things were then, by the time changes took effect as declared.",
    )
    return as_of(effective(command))


def workspace_path(settings: Settings) -> Path:
    """Return the folder of the workspace that the settings name."""
    return Path(settings.workspace)
