"""What the command line prints: tables, reports and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from aimsgraph.conformity.report import CheckResult, Report
from aimsgraph.formats import GRAPH_FORMATS
from aimsgraph.store.answer import Answer
from aimsgraph.tables import cells, columns
from aimsgraph.view import View
from aimsgraph.wording import sentence, summary

STYLE_FOR_SEVERITY = {"Violation": "bold red", "Warning": "yellow", "Info": "cyan"}

_WIDE = 120


def console(*, err: bool = False) -> Console:
    """Return a console; without a terminal it is wide, so that lines stay whole."""
    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else _WIDE, highlight=False)


@contextmanager
def steps(title: str) -> Iterator[Callable[[str], None]]:
    """Show which step of long work is under way, where there is a terminal to show it."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console(err=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(title, total=None)
        yield lambda step: bar.update(task, description=f"{title}: {step}")


def print_table(answer: Answer) -> None:
    """Print an answer for people: a table, yes or no, or Turtle."""
    if answer.kind == "ask":
        click.echo("yes" if answer else "no")
        return
    if answer.kind == "graph":
        click.echo(answer.text(GRAPH_FORMATS[0].writer), nl=False)
        return
    table = Table(header_style="bold")
    rows = list(cells(answer))
    laid_out = list(enumerate(columns(answer.variables)))
    shown = [(at, column) for at, column in laid_out if any(row[at].text for row in rows)]
    for at, column in shown:
        is_number = all(row[at].number for row in rows)
        table.add_column(column.title, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(row[at].text) for at, _ in shown))
    console().print(table)
    empty = [column.title for at, column in laid_out if (at, column) not in shown]
    if empty and rows:
        click.echo(f"No row has: {', '.join(empty)}.")


def print_report(report: Report, view: View, *, most: int | None = None) -> None:
    """Print check results grouped by rule, the worst first, with the names of records."""
    out = console()
    for rule, results in _by_rule(report).items():
        first = results[0]
        style = STYLE_FOR_SEVERITY[first.severity]
        ids = ", ".join(sorted(_short(view, one) for one in first.requirements))
        name = escape(view.rules.rules[rule].name) if rule in view.rules.rules else rule
        out.print(f"[{style}]{first.severity}[/]  [bold]{name}[/]  ({ids})")
        for result in results[:most]:
            since = f" Since {day}." if (day := view.day_of(result.since)) else ""
            out.print(Text(f"  - {sentence(result, view.names.label)}{since}"), soft_wrap=True)
        if most is not None and len(results) > most:
            out.print(f"  - and {len(results) - most} more")


def print_summary(report: Report) -> None:
    """Print how many rules were checked, and how they ended."""
    console().print(summary(report))


def _by_rule(report: Report) -> dict[str, list[CheckResult]]:
    grouped: dict[str, list[CheckResult]] = {}
    for result in report.results:
        grouped.setdefault(result.rule, []).append(result)
    return grouped


def _short(view: View, requirement: str) -> str:
    return view.names.identifier(requirement) or requirement.rsplit("/", 1)[-1]
