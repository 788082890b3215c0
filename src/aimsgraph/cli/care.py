"""The command that looks after an installation and a workspace."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import click

from aimsgraph.access import Right
from aimsgraph.assets import Assets
from aimsgraph.cli.opening import open_reading, require
from aimsgraph.cli.output import steps
from aimsgraph.conformity.engine import Checker
from aimsgraph.errors import WorkspaceError
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.version import __version__
from aimsgraph.workspace import Workspace

_PACKAGES = ("rdflib", "pyoxigraph", "pyshacl", "owlrl", "flask", "waitress")


@click.command()
@click.option("--reference", is_flag=True, help="Compare inference with owlrl; takes longer.")
@click.pass_obj
def doctor(settings: Settings, *, reference: bool) -> None:
    """Tell whether the installation and the workspace are in order."""
    click.echo(f"aimsgraph {__version__}")
    click.echo(", ".join(f"{name} {version(name)}" for name in _PACKAGES))
    assets = Assets.shipped()
    click.echo(f"knowledge: {assets.root}")
    try:
        workspace = Workspace.read(Path(settings.workspace))
    except WorkspaceError:
        click.echo("workspace: none here; looking at an empty graph in memory")
        graph = AimsGraph.memory(today=settings.today)
    else:
        require(settings, workspace, Right.READ, "the sizes of all graphs")
        graph = open_reading(settings)
        click.echo(f"workspace: {Path(settings.workspace).resolve()}")
    with graph:
        view = graph.view()
        click.echo(f"day: {view.today}; generation: {view.generation}")
        for name, size in view.graphs().items():
            click.echo(f"  {size:>10,}  {name}")
        click.echo(f"{len(view.rules.rules)} rules and {len(view.catalogue)} questions can be read")
        for name, reason in sorted(Checker(view.rules).compiled.referred.items()):
            click.echo(f"  {name} is left to pySHACL, which is slower: {reason}")
        if reference:
            with steps("comparing with owlrl"):
                missing, extra = graph.compare_inference()
            if missing or extra:
                click.echo(f"inference differs from owlrl: {sorted(map(str, missing | extra))[:3]}")
                raise SystemExit(1)
            click.echo("inference equals owlrl's closure")
    click.echo("everything is in order")
