"""Commands that make a workspace and bring records into it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.catalogue.question import requirement_iri
from aimsgraph.cli.opening import open_graph
from aimsgraph.cli.output import print_report, print_summary, steps
from aimsgraph.conformity.formats import WRITERS
from aimsgraph.conformity.report import Report
from aimsgraph.conformity.rules import SEVERITIES
from aimsgraph.errors import IntegrityRefusedError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change, records_graph
from aimsgraph.namespaces import CALENDAR, TODAY, expand
from aimsgraph.rdf.parsing import read_quads
from aimsgraph.rdf.terms import value_of
from aimsgraph.sample import Sample
from aimsgraph.settings import Settings
from aimsgraph.workspace import Workspace


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--sample", is_flag=True, help="Load the sample lender into it.")
@click.pass_obj
def init(settings: Settings, folder: Path, *, sample: bool) -> None:
    """Make a new workspace: settings, store, folders for own rules and questions."""
    Workspace.create(folder)
    with steps("making the workspace") as step:
        chosen = Sample.read(Assets.shipped(), "lender") if sample else None
        with AimsGraph.open(folder, today=settings.today) as graph:
            if chosen is not None:
                step("loading the sample")
                graph.load(*chosen.files, graph=chosen.name, progress=step)
            records = graph.record_count
    click.echo(f"{folder} is a workspace now, with {records:,} recorded statements.")
    click.echo(f"Next: cd {folder}; aimsgraph load FILE..., aimsgraph validate, aimsgraph serve")


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--graph", "name", default="main", help="The record graph it goes into.")
@click.option("--message", default="", help="Why; kept with the change.")
@click.option("--advisory", is_flag=True, help="Record broken integrity instead of refusing.")
@click.pass_obj
def load(
    settings: Settings, files: tuple[Path, ...], name: str, message: str, *, advisory: bool
) -> None:
    """Load RDF files into the workspace as one change."""
    with open_graph(settings) as graph, steps("loading") as step:
        before = graph.record_count
        try:
            report = graph.load(
                *files, graph=name, message=message, advisory=advisory, progress=step
            )
        except IntegrityRefusedError as error:
            if isinstance(error.report, Report):
                print_report(error.report, graph)
            raise
        click.echo(f"Loaded {graph.record_count - before:,} new statements into {name!r}.")
        print_summary(report)


@click.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", *WRITERS]),
    default="text",
    help="Text for people, or a format for tools.",
)
@click.option("--clause", metavar="ID", help="Only what concerns one requirement, such as 6.1.4.")
@click.option(
    "--severity",
    type=click.Choice([one.lower() for one in SEVERITIES]),
    help="Only this severity and worse.",
)
@click.pass_context
def validate(
    ctx: click.Context,
    files: tuple[Path, ...],
    output: str,
    clause: str | None,
    severity: str | None,
) -> None:
    """Check the workspace, or files on their own, against the rules."""
    settings: Settings = ctx.obj
    graph = _of_files(files, settings) if files else open_graph(settings)
    with graph, steps("checking") as step:
        report = graph.validate(progress=step).where(
            clause=clause and _requirement(graph, clause),
            severity=severity and severity.capitalize(),
        )
        if output == "text":
            print_report(report, graph)
            print_summary(report)
        else:
            click.echo(WRITERS[output][1](report), nl=False)
    ctx.exit(0 if report.conforms else 1)


def _of_files(files: tuple[Path, ...], settings: Settings) -> AimsGraph:
    quads = [quad for file in files for quad in read_quads(file)]
    stated = [q for q in quads if (value_of(q.subject), q.predicate.value) == (CALENDAR, TODAY)]
    day = date.fromisoformat(value_of(stated[0].object)) if stated else settings.today
    graph = AimsGraph.memory(today=day)
    target = ox.NamedNode(records_graph("files"))
    records = (ox.Quad(q.subject, q.predicate, q.object, target) for q in quads if q not in stated)
    graph.commit(Change(added=tuple(records)), advisory=True)
    return graph


def _requirement(graph: AimsGraph, clause: str) -> str:
    return graph.names.requirement(expand(clause) if ":" in clause else requirement_iri(clause))
