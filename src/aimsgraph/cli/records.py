"""Commands that make a workspace and bring records into it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
import pyoxigraph as ox

from aimsgraph.access import Right
from aimsgraph.assets import Assets
from aimsgraph.catalogue.question import requirement_iri
from aimsgraph.chronicle import load_sample
from aimsgraph.cli.opening import (
    looked_at,
    open_reading,
    open_writing,
    require,
    with_moment,
    workspace_path,
)
from aimsgraph.cli.output import print_report, print_summary, steps
from aimsgraph.cli.writing import Wish, make
from aimsgraph.conformity.formats import WRITERS
from aimsgraph.conformity.rules import SEVERITIES
from aimsgraph.errors import ParameterError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change, records_graph
from aimsgraph.ledger.load import Load
from aimsgraph.namespaces import CALENDAR, TODAY, expand
from aimsgraph.rdf.parsing import read_quads
from aimsgraph.rdf.terms import value_of
from aimsgraph.sample import Sample
from aimsgraph.settings import Settings
from aimsgraph.terms import Terms
from aimsgraph.view import View
from aimsgraph.workspace import Workspace


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--sample", is_flag=True, help="Load the sample lender into it, with its history.")
@click.pass_obj
def init(settings: Settings, folder: Path, *, sample: bool) -> None:
    """Make a new workspace: settings, store, folders for own rules and questions."""
    Workspace.create(folder)
    with steps("making the workspace") as step:
        chosen = Sample.read(Assets.shipped(), "lender") if sample else None
        with AimsGraph.open(folder, today=settings.today) as graph:
            if chosen is not None:
                step("loading the sample")
                load_sample(graph, chosen, progress=step)
            records = graph.view().record_count
    click.echo(f"{folder} is a workspace now, with {records:,} recorded statements.")
    click.echo(f"Next: cd {folder}; aimsgraph load FILE..., aimsgraph validate, aimsgraph serve")


@click.command()
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--graph", "name", default="main", help="The record graph it goes into.")
@click.option("--message", default="", help="Why; kept with the change.")
@click.option("--author", default="", help="Who; AIMSGRAPH_AUTHOR or the user if not given.")
@click.option(
    "--effective", metavar="DATE", help="When it took effect, for a history from elsewhere."
)
@click.option("--advisory", is_flag=True, help="Record broken integrity instead of refusing.")
@click.pass_obj
def load(
    settings: Settings,
    files: tuple[Path, ...],
    name: str,
    message: str,
    author: str,
    effective: str | None,
    *,
    advisory: bool,
) -> None:
    """Load RDF files into the workspace as one changeset."""
    wish = Wish(message, author, advisory=advisory, effective=effective)
    done = make(settings, Load(files, name, message), wish)
    click.echo(f"Loaded {done.added:,} new statements into {name!r}.")
    if done.findings:
        click.echo(done.findings)


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
@click.option("--anew", is_flag=True, help="Check everything again, and compare.")
@with_moment
@click.pass_context
def validate(
    ctx: click.Context,
    files: tuple[Path, ...],
    output: str,
    clause: str | None,
    severity: str | None,
    as_of: str | None,
    effective: str | None,
    *,
    anew: bool,
) -> None:
    """Tell how the workspace, or files on their own, stand against the rules.

    The findings of a workspace are kept true at every change; --anew checks all
    rules again and says whether that gives the same.
    """
    settings: Settings = ctx.obj
    if files and (as_of or effective):
        raise ParameterError("files on their own have no past; leave --as-of and --effective out")
    if anew and (files or as_of or effective):
        raise ParameterError("--anew checks the workspace as it is now; leave it out here")
    if anew:
        _check_anew(settings)
    graph = _of_files(files, settings) if files else open_reading(settings)
    with graph:
        view = graph.view() if files else looked_at(settings, graph, as_of, effective)
        report = view.report().where(
            clause=clause and _requirement(view, clause),
            severity=severity and severity.capitalize(),
        )
        if output == "text":
            print_report(report, view)
            print_summary(report)
        else:
            click.echo(WRITERS[output][1](report), nl=False)
    ctx.exit(0 if report.conforms else 1)


def _check_anew(settings: Settings) -> None:
    """Check everything again, record what differs from what is held, and say so."""
    require(
        settings, Workspace.read(workspace_path(settings)), Right.WRITE, "a check of everything"
    )
    with open_writing(settings) as graph, steps("checking") as step:
        known = {one.iri for one in graph.report().results}
        found = {one.iri for one in graph.validate(progress=step).results}
    told = "the findings held were true"
    if known != found:
        told = (
            f"{len(found - known)} findings were missing and {len(known - found)} too many, which "
            "is put right now; this should not happen, so please report it"
        )
    click.echo(f"Checked everything anew: {told}.", err=True)


def _of_files(files: tuple[Path, ...], settings: Settings) -> AimsGraph:
    quads = [quad for file in files for quad in read_quads(file)]
    stated = [q for q in quads if (value_of(q.subject), q.predicate.value) == (CALENDAR, TODAY)]
    day = date.fromisoformat(value_of(stated[0].object)) if stated else settings.today
    graph = AimsGraph.memory(today=day)
    target = ox.NamedNode(records_graph("files"))
    records = (ox.Quad(q.subject, q.predicate, q.object, target) for q in quads if q not in stated)
    graph.commit(Change(added=tuple(records)), Terms(advisory=True))
    return graph


def _requirement(view: View, clause: str) -> str:
    return view.names.requirement(expand(clause) if ":" in clause else requirement_iri(clause))
