"""Commands of the ledger: change, look back, compare, verify."""

from __future__ import annotations

import json
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from aimsgraph.access import Right
from aimsgraph.cli.ask import text_of
from aimsgraph.cli.opening import caller_of, open_reading, require, workspace_path
from aimsgraph.cli.output import console, steps
from aimsgraph.cli.writing import Wish, make
from aimsgraph.errors import ParameterError
from aimsgraph.graph import AimsGraph
from aimsgraph.history import Difference, Entry
from aimsgraph.ledger.signing import PublicKeys
from aimsgraph.ledger.update import Update
from aimsgraph.namespaces import expand
from aimsgraph.rdf.terms import is_iri, value_of
from aimsgraph.settings import Settings
from aimsgraph.tables import readable
from aimsgraph.verification import Trust, Verification, read_heads
from aimsgraph.verification import verify as verify_workspace
from aimsgraph.view import View
from aimsgraph.workspace import Workspace


@click.command()
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the update from a file.")
@click.option("--message", default="", help="Why; kept with the change.")
@click.option("--author", default="", help="Who; AIMSGRAPH_AUTHOR or the user if not given.")
@click.option("--advisory", is_flag=True, help="Record broken integrity instead of refusing.")
@click.pass_obj
def update(
    settings: Settings,
    text: str | None,
    file: Path | None,
    message: str,
    author: str,
    *,
    advisory: bool,
) -> None:
    """Change records with SPARQL Update, as one changeset."""
    if text is not None and file is not None:
        raise ParameterError("give the update as text or as a file, not both")
    wish = Wish(message=message, author=author, advisory=advisory)
    done = make(settings, Update(text_of(text, file), message), wish)
    if not done.changed:
        click.echo("Nothing changed.")
        return
    click.echo(f"Changeset {done.generation}: {done.added:,} added, {done.removed:,} removed.")
    if done.findings:
        click.echo(done.findings)


@click.command()
@click.option("--subject", metavar="IRI", help="Only what changed this record.")
@click.option("--since", metavar="DATE", help="Only what was recorded after it.")
@click.option("--as-of", metavar="DATE", help="Only what was recorded until then.")
@click.option("--format", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def history(
    settings: Settings, subject: str | None, since: str | None, as_of: str | None, output: str
) -> None:
    """List the changesets, the newest first: who, when, why, how much."""
    with open_reading(settings) as graph:
        found = graph.history(
            caller_of(settings, graph),
            subject=expand(subject) if subject else None,
            since=since,
            as_of=as_of,
        )
    if output == "json":
        click.echo(json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False))
        return
    _print_entries(found)


def _print_entries(found: list[Entry]) -> None:
    table = Table(header_style="bold")
    has_effective = any(one.effective for one in found)
    for title in ("Changeset", "Recorded (UTC)", *(["Took effect"] if has_effective else [])):
        table.add_column(title, no_wrap=True)
    for title in ("Who", "Why"):
        table.add_column(title, overflow="fold")
    for title in ("Added", "Removed"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in found:
        cells = [f"{one.generation}  {one.digest[:8]}", one.time[:19].replace("T", " ")]
        cells += [one.effective[:10]] if has_effective else []
        cells += [one.author, one.message or f"({one.kind})", f"{one.added:,}", f"{one.removed:,}"]
        table.add_row(*(Text(cell) for cell in cells))
    console().print(table)
    click.echo("1 changeset." if len(found) == 1 else f"{len(found)} changesets.")


@click.command()
@click.argument("first", metavar="DATE")
@click.argument("last", metavar="DATE")
@click.option("--effective", is_flag=True, help="By when changes took effect, as declared.")
@click.option("--subject", metavar="IRI", help="Only what concerns this record.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_obj
def diff(
    settings: Settings, first: str, last: str, subject: str | None, output: str, *, effective: bool
) -> None:
    """Tell how the records differ between two days, times or generations, by record."""
    with open_reading(settings) as graph:
        caller = caller_of(settings, graph)
        found = graph.diff(first, last, caller, effective=effective)
        if subject is not None:
            found = [one for one in found if one.subject == expand(subject)]
        if output == "json":
            click.echo(json.dumps([_as_json(one) for one in found], indent=2, ensure_ascii=False))
            return
        _print_differences(found, graph.view(caller))


def _print_differences(found: list[Difference], view: View) -> None:
    out = console()
    for one in found:
        label = view.names.label(one.subject)
        out.print(Text(f"{label}  {one.subject}", style="bold"), soft_wrap=True)
        for sign, style, statements in (("-", "red", one.removed), ("+", "green", one.added)):
            for predicate, value in statements:
                name = readable(value)
                if is_iri(value_of(value)):
                    name = view.names.label(value_of(value))
                text = f"  {sign} {view.names.label(predicate)}: {name}"
                out.print(Text(text, style=style), soft_wrap=True)
    click.echo("1 record differs." if len(found) == 1 else f"{len(found)} records differ.")


def _as_json(one: Difference) -> dict[str, object]:
    return {
        "resource": one.subject,
        "removed": [{"predicate": p, "value": str(value)} for p, value in one.removed],
        "added": [{"predicate": p, "value": str(value)} for p, value in one.added],
    }


@click.command()
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A public key from elsewhere: every changeset must be signed by it.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="Heads exported earlier with 'aimsgraph head'; the ledger must still have them.",
)
@click.pass_context
def verify(ctx: click.Context, keys: tuple[Path, ...], against: Path | None) -> None:
    """Prove that the ledger is as it was written, and the store what it says."""
    settings: Settings = ctx.obj
    workspace = Workspace.read(workspace_path(settings))
    require(settings, workspace, Right.HISTORY, "the whole ledger")
    trust = Trust(
        PublicKeys.read(list(keys)) if keys else None,
        read_heads(against) if against else (),
    )
    with steps("verifying") as step:
        found = verify_workspace(workspace, trust, step)
    print_verification(found, is_anchored=bool(keys or against))
    ctx.exit(0 if found.holds else 1)


def print_verification(found: Verification, *, is_anchored: bool) -> None:
    """Print what was looked at, and what is wrong."""
    for problem in found.problems:
        click.echo(f"WRONG  {problem}")
    signed = f", {found.signed:,} of them signed" if found.signed else ""
    click.echo(f"{found.head:,} changesets{signed}; the head is {found.digest}.")
    if found.stores:
        names = " and ".join(found.stores)
        click.echo(f"Compared {found.statements:,} statements of the replay with: {names}.")
    else:
        click.echo("There was no store to compare the replay with.")
    if found.evidence or found.attached:
        click.echo(f"{found.evidence:,} evidence files.")
    if found.erased:
        click.echo(f"{found.erased:,} lines were redacted; their digests hold.")
    if not found.holds:
        click.echo(f"{len(found.problems)} problems: this is not what was written.")
        return
    click.echo("Everything is as it was written.")
    if not is_anchored:
        click.echo(
            "A rewrite of the whole chain would show only against a head exported earlier "
            "(--against) or a signing key held elsewhere (--key)."
        )


@click.command()
@click.pass_obj
def head(settings: Settings) -> None:
    """Print the head of the ledger as a line of JSON, to be kept somewhere else.

    Collect such lines in a file, a mail, or a timestamping service; 'aimsgraph verify --against
    FILE' then proves that nothing before them was rewritten.
    """
    require(settings, Workspace.read(workspace_path(settings)), Right.HISTORY, "the whole ledger")
    with open_reading(settings) as graph:
        click.echo(json.dumps(_head(graph)))


def _head(graph: AimsGraph) -> dict[str, object]:
    view = graph.view()
    header = graph.past.header(view.generation)
    return {"generation": header.generation, "digest": header.digest, "time": header.time}
