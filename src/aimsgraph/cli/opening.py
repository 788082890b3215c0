"""Opening the workspace a command acts on."""

from __future__ import annotations

from aimsgraph.cli.output import steps
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings


def open_graph(settings: Settings) -> AimsGraph:
    """Open the workspace that the settings name.

    Raises:
        WorkspaceError: there is none.
        StoreLockedError: another process has its store open.
    """
    with steps("opening the workspace"):
        return AimsGraph.open(settings.workspace, today=settings.today)
