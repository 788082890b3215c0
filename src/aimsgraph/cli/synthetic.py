"""The command that makes synthetic organisations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from aimsgraph.cli.output import console
from aimsgraph.generate.plan import TODAY, Plan
from aimsgraph.generate.writing import Made, defects_path, write


@click.command()
@click.option("--systems", type=int, required=True, metavar="N", help="How many AI systems.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="S",
    help="Another seed gives another organisation.",
)
@click.option(
    "--defects",
    type=float,
    default=0.0,
    show_default=True,
    metavar="RATE",
    help="The share of AI systems that get a defect, from 0 to 1.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    default=TODAY.isoformat(),
    show_default=True,
    metavar="DAY",
    help="The day the records are written for.",
)
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where to; .ttl .nt .nq or .trig, each also .gz.",
)
def generate(systems: int, seed: int, defects: float, today: datetime, path: Path) -> None:
    """Make a synthetic organisation of any size, with known defects.

    The same options give the same file. An AI system comes with about 220 statements, so that
    8,000 of them make 1.8 million. FILE.defects.csv lists what a check has to find: the record,
    the rule, and what was done.
    """
    plan = Plan(systems, seed, defects, today.date())
    with _bar(plan.systems) as step:
        made = write(plan, path, step)
    click.echo(f"{path}: {systems:,} AI systems in {made.statements:,} statements.")
    _print_defects(made, path)
    click.echo(f"Check it with: AIMSGRAPH_TODAY={plan.today} aimsgraph validate {path}")


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    """Show how many AI systems are written, where there is a terminal to show it."""
    bar = Progress(
        TextColumn("writing AI systems"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console(err=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def _print_defects(made: Made, path: Path) -> None:
    click.echo(f"{made.defects.total():,} defects, listed in {defects_path(path)}.")
    if not made.defects:
        return
    table = Table(header_style="bold")
    table.add_column("Defect")
    table.add_column("AI systems", justify="right")
    for kind, count in sorted(made.defects.items()):
        table.add_row(kind, f"{count:,}")
    console().print(table)
