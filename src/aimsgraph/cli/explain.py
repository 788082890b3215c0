"""The command that tells why a statement holds."""

from __future__ import annotations

import json
from typing import Any

import click
import pyoxigraph as ox
from rich.text import Text

from aimsgraph.cli.opening import caller_of, open_reading
from aimsgraph.cli.output import console
from aimsgraph.errors import ParameterError
from aimsgraph.explaining import Assertion, Explanation
from aimsgraph.namespaces import RDF, RECORDS_GRAPHS, UNNAMED, expand, shorten
from aimsgraph.rdf.terms import Term, is_iri, read_term, value_of
from aimsgraph.settings import Settings
from aimsgraph.view import View


@click.command()
@click.argument("subject", metavar="S")
@click.argument("predicate", metavar="P")
@click.argument("value", metavar="O")
@click.option("--as-of", metavar="DATE", help="As the graph stood at that time.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def explain(
    ctx: click.Context, subject: str, predicate: str, value: str, as_of: str | None, output: str
) -> None:
    """Tell why a statement holds: who recorded it, or what it follows from.

    S, P and O are IRIs or prefixed names; 'a' stands for rdf:type, and O may be
    a value such as 'Retired', 2026-11-20 or '"a text"@en'.
    """
    settings: Settings = ctx.obj
    with open_reading(settings) as graph:
        caller = caller_of(settings, graph)
        view = graph.view(caller, as_of=as_of)
        about, link = _iri(subject), _iri("rdf:type" if predicate == "a" else predicate)
        triple = ox.Triple(about, link, _value(view, about, link, value))
        found = graph.explain(triple, caller, as_of=as_of)
        if found is None:
            click.echo(f"This does not hold: {_sentence(view, triple)}")
            ctx.exit(1)
        elif output == "json":
            click.echo(json.dumps(_as_json(found), indent=2, ensure_ascii=False))
        else:
            _print(found, view)


def _iri(text: str) -> ox.NamedNode:
    name = expand(text.removeprefix("<").removesuffix(">"))
    if not is_iri(name):
        raise ParameterError(f"{text!r} is neither an IRI nor a prefixed name such as aims:hasRisk")
    return ox.NamedNode(name)


def _value(view: View, subject: ox.NamedNode, link: ox.NamedNode, text: str) -> Term:
    """Return the object that is meant: one that is there, or else what the text says."""
    about = view.describe(subject.value)
    for term in (q.object for q in about if (q.subject, q.predicate) == (subject, link)):
        if text in {value_of(term), str(term), shorten(value_of(term))}:
            return term
    name = expand(text.removeprefix("<").removesuffix(">"))
    if is_iri(name):
        return ox.NamedNode(name)
    try:
        return read_term(text)
    except SyntaxError:
        return ox.Literal(text)


def _print(found: Explanation, view: View) -> None:
    out = console()
    for depth, one in found.walk():
        indent = "  " * depth
        out.print(Text(indent + _sentence(view, one.triple), style="bold"), soft_wrap=True)
        if one.rule is not None:
            told = f"follows by {one.rule}" + (f": {one.because}" if one.because else "")
            out.print(Text(f"{indent}  {told}; from:"), soft_wrap=True)
        for assertion in one.assertions:
            out.print(Text(f"{indent}  {_told(assertion)}"), soft_wrap=True)


def _sentence(view: View, triple: ox.Triple) -> str:
    names = (_name(view, term) for term in (triple.subject, triple.predicate, triple.object))
    return " ".join(names)


def _name(view: View, term: Term) -> str:
    if not isinstance(term, ox.NamedNode):
        return str(term)
    if term.value == f"{RDF}type":
        return "is a"
    label, short = view.names.label(term.value), shorten(term.value)
    return label if label == short else f"{label} ({short})"


def _told(assertion: Assertion) -> str:
    if assertion.entry is None:
        return "stated by the ontology of this release"
    graph = assertion.graph.removeprefix(RECORDS_GRAPHS)
    where = "the graph without a name" if assertion.graph == UNNAMED else f"{graph!r}"
    entry = assertion.entry
    why = f": {entry.message}" if entry.message else ""
    day = entry.effective[:10] or entry.time[:10]
    return f"recorded in {where} by {entry.author}, changeset {entry.generation}, {day}{why}"


def _as_json(found: Explanation) -> dict[str, Any]:
    triple = found.triple
    return {
        "subject": value_of(triple.subject),
        "predicate": value_of(triple.predicate),
        "object": str(triple.object),
        "rule": found.rule,
        "because": found.because or None,
        "premises": [_as_json(one) for one in found.premises],
        "asserted": [
            {"graph": one.graph, "changeset": one.entry.as_json() if one.entry else None}
            for one in found.assertions
        ],
    }
