"""The command that searches labels, identifiers and descriptions."""

from __future__ import annotations

import json

import click
from rich.text import Text

from aimsgraph.cli.opening import looked_at, open_reading, with_moment
from aimsgraph.cli.output import console
from aimsgraph.namespaces import shorten
from aimsgraph.search.search import MOST_SHOWN, Found
from aimsgraph.search.snippets import Snippet
from aimsgraph.settings import Settings


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, MOST_SHOWN), default=20, show_default=True)
@click.option("--format", "output", type=click.Choice(["table", "json"]), default="table")
@with_moment
@click.pass_obj
def search(
    settings: Settings,
    words: tuple[str, ...],
    limit: int,
    output: str,
    as_of: str | None,
    effective: str | None,
) -> None:
    """Find things by the words of their labels, identifiers and descriptions.

    All WORDS have to be there; "a phrase" stands in quotes, and 'assess*' finds
    all words that begin so.
    """
    with open_reading(settings) as graph:
        view = looked_at(settings, graph, as_of, effective)
        found = view.search(" ".join(words), limit)
        if output == "json":
            told = {
                "total": found.total,
                "totalIsExact": found.is_exact,
                "hits": [hit.as_json() for hit in found.hits],
            }
            click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            _print(found)


def _print(found: Found) -> None:
    out = console()
    for hit in found.hits:
        label = _marked(hit.snippet) if hit.is_by_label else Text(hit.label)
        label.stylize("bold")
        kind = f", {hit.type}" if hit.type else ""
        out.print(Text.assemble(label, f"  {shorten(hit.iri)}{kind}"), soft_wrap=True)
        if not hit.is_by_label:
            said = Text.assemble(f"    {shorten(hit.predicate)}: ", _marked(hit.snippet))
            out.print(said, soft_wrap=True)
    shown = f", {len(found.hits)} shown" if len(found.hits) < found.total else ""
    out.print(f"{found.count.capitalize()} found{shown}.")


def _marked(snippet: Snippet) -> Text:
    return Text.assemble(
        *((part, "yellow" if is_match else "") for part, is_match in snippet.parts)
    )
