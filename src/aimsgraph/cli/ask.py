"""Commands that ask: the catalogue, named questions, and SPARQL."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

import click

from aimsgraph.assets import Assets
from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.question import requirement_iri
from aimsgraph.cli.opening import looked_at, open_reading, with_moment
from aimsgraph.cli.output import console, print_table
from aimsgraph.errors import ParameterError, QueryError, UnknownNameError, WorkspaceError
from aimsgraph.exchange.spreadsheet import to_csv
from aimsgraph.formats import graph_format, table_format
from aimsgraph.settings import Settings
from aimsgraph.store.answer import Answer
from aimsgraph.workspace import Workspace

FORMATS = ["table", "csv", "tsv", "json", "xml", "turtle"]


@click.command()
@click.option("--theme", help="Only one theme.")
@click.option("--clause", metavar="ID", help="Only what serves one requirement, such as A.5.2.")
@click.option("--format", "output", type=click.Choice(["table", "json"]), default="table")
@with_moment
@click.pass_obj
def queries(
    settings: Settings,
    theme: str | None,
    clause: str | None,
    output: str,
    as_of: str | None,
    effective: str | None,
) -> None:
    """List the catalogue of named questions."""
    if as_of or effective:
        with open_reading(settings) as graph:
            catalogue = looked_at(settings, graph, as_of, effective).catalogue
    else:
        catalogue = _catalogue(settings)
    if theme is not None and theme not in catalogue.themes:
        raise UnknownNameError(
            "theme", theme, catalogue.themes, f"(there are: {', '.join(catalogue.themes)})"
        )
    found = catalogue.where(theme, clause and requirement_iri(clause))
    if output == "json":
        click.echo(json.dumps([one.as_json() for one in found], indent=2, ensure_ascii=False))
        return
    out, shown = console(), ""
    for question in found:
        if question.theme != shown:
            shown = question.theme
            out.print(f"\n[bold]{shown}[/]" if shown else "")
        wanted = " ".join(f"{p.name}={p.type.upper()}" for p in question.parameters)
        name = f"{question.name} {wanted}".strip()
        out.print(f"  {name}", markup=False, soft_wrap=True)
        out.print(
            f"      {question.question} ({', '.join(question.clauses)})",
            markup=False,
            soft_wrap=True,
        )
    click.echo(f"\n{len(found)} questions. Ask one with 'aimsgraph query NAME --param NAME=VALUE'.")


@click.command()
@click.argument("name")
@click.option("--param", "given", metavar="K=V", multiple=True, help="A parameter of the question.")
@click.option("--format", "output", type=click.Choice(FORMATS), default="table")
@with_moment
@click.pass_obj
def query(
    settings: Settings,
    name: str,
    given: tuple[str, ...],
    output: str,
    as_of: str | None,
    effective: str | None,
) -> None:
    """Answer a named question."""
    params = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"--param takes NAME=VALUE, not {text!r}")
        params[key] = value
    with open_reading(settings) as graph:
        view = looked_at(settings, graph, as_of, effective)
        answer = view.question(name, **params)
        if view.past is not None:
            click.echo(f"As of {view.past}; the day was {view.today}.", err=True)
        if output == "table":
            print_answer(answer)
        elif output == "csv":
            click.echo(to_csv(answer.answer), nl=False)
        else:
            _write(answer.answer, output)


def print_answer(answer: QuestionAnswer) -> None:
    """Print a named question's answer: question, verdict, table."""
    out = console()
    question = answer.question
    out.print(f"[bold]{question.question}[/]  ({', '.join(question.clauses)})")
    values = ", ".join(f"{key} = {value}" for key, value in answer.values.items())
    if values:
        out.print(values, markup=False)
    if answer.answer.rows:
        print_table(answer.answer)
    verdict = f"{answer.verdict.capitalize()}: " if answer.verdict else ""
    out.print(f"{verdict}{answer.sentence}", markup=False)


@click.command()
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Read the query from a file.")
@click.option("--format", "output", type=click.Choice([*FORMATS, "jsonld", "ntriples", "rdfxml"]))
@with_moment
@click.pass_obj
def sparql(
    settings: Settings,
    text: str | None,
    file: Path | None,
    output: str | None,
    as_of: str | None,
    effective: str | None,
) -> None:
    """Answer a SPARQL query, given as text, as a file, or on standard input."""
    if text is not None and file is not None:
        raise ParameterError("give the query as text or as a file, not both")
    with open_reading(settings) as graph:
        answer = looked_at(settings, graph, as_of, effective).ask(text_of(text, file))
        if output in {None, "table"}:
            print_table(answer)
        else:
            _write(answer, str(output))


def text_of(text: str | None, file: Path | None) -> str:
    """Return SPARQL given as text, as a file, or on standard input.

    Raises:
        QueryError: the file cannot be read as text.
    """
    if text is not None:
        return text
    try:
        return sys.stdin.read() if file is None else file.read_text("utf-8")
    except OSError as error:
        raise QueryError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{file}: is not UTF-8 text: {error.reason}") from error


def _write(answer: Answer, name: str) -> None:
    """Write an answer to standard output in a format named on the command line."""
    chosen = graph_format(name)
    if chosen is None and answer.kind != "graph":
        chosen = table_format(name)
    if chosen is None:
        raise ParameterError(f"a graph cannot be written as {name}; use turtle or jsonld")
    text = answer.text(chosen.writer)
    click.echo(text, nl=not text.endswith("\n"))


def _catalogue(settings: Settings) -> Catalogue:
    files = Assets.shipped().question_files()
    with suppress(WorkspaceError):
        files += Workspace.read(Path(settings.workspace)).question_files()
    return Catalogue.read(files)
