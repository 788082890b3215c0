"""The catalogue over HTTP: each named question as a page and in every format."""

from __future__ import annotations

import json
from typing import Final

from flask import Blueprint, Response, render_template, request

from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.question import Question
from aimsgraph.errors import UnknownNameError
from aimsgraph.exchange.spreadsheet import to_csv, to_xlsx
from aimsgraph.formats import GRAPH_FORMATS, TABLE_FORMATS, XLSX, Format, graph_format, table_format
from aimsgraph.tables import cells, columns
from aimsgraph.view import View
from aimsgraph.web.desk import OURS, Desk
from aimsgraph.web.logs import note
from aimsgraph.web.negotiation import HTML, choose, named, negotiate, reply, unchanged
from aimsgraph.web.streaming import streamed

_OFFERED = (*TABLE_FORMATS, GRAPH_FORMATS[0])
_SUFFIXES = ("csv", "json", "xml", "tsv", "ttl", "html", "xlsx")
FORMAT_FOR_SUFFIX: Final = {"ttl": "turtle", "json": "jsonld", "xml": "rdfxml"}
"""What a graph is written as."""

MOST_ROWS = 1000
"""The most rows a page shows; it says so, and every other format has them all."""


def blueprint(desk: Desk) -> Blueprint:
    """Return the catalogue of a graph."""
    part = Blueprint("questions", __name__)

    @part.get("/queries")
    def catalogue() -> Response:
        view = desk.view
        version = view.version
        if negotiate(["application/json", HTML]) == HTML:
            page = render_template("questions.html", catalogue=view.catalogue)
            return reply(page, "text/html; charset=utf-8", version, "questions")
        listed = [question.as_json() for question in view.catalogue]
        body = json.dumps(listed, indent=2, ensure_ascii=False) + "\n"
        return reply(body, "application/json", version, "questions.json")

    @part.route("/queries/<name>", methods=["GET", "POST"])
    def question(name: str) -> Response:
        view = desk.view
        known, suffix = _split(view, name)
        given = {k: v for k, v in request.values.items() if v != "" and k not in OURS}
        note(question=known.name, parameters=given)
        if suffix is None and _wants_page():
            suffix = "html"
        if suffix == "html":
            return _page(view, known, given)
        return _answer(view, known, given, suffix)

    return part


def _split(view: View, name: str) -> tuple[Question, str | None]:
    """Return the question and the suffix that a path segment names."""
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return view.catalogue[name], None
    known = view.catalogue[stem]
    if suffix not in _SUFFIXES:
        raise UnknownNameError("format", suffix, _SUFFIXES, f"(there are: {', '.join(_SUFFIXES)})")
    return known, suffix


def _wants_page() -> bool:
    return choose(_OFFERED, html=True) is None


def _answer(view: View, known: Question, given: dict[str, str], suffix: str | None) -> Response:
    query = view.asked(known.name, **given)
    chosen = _chosen(query.kind, suffix)
    is_workbook = suffix == "xlsx"
    name = "xlsx" if is_workbook else chosen.name
    tag = f"{known.name}-{request.query_string.decode('latin-1')}.{name}"
    if (same := unchanged(view.version, tag)) is not None:
        return same
    if is_workbook:
        return _workbook(view.question(known.name, **given), view.version, tag)
    if chosen.name == "csv" and query.kind == "select":
        lines = to_csv(view.question(known.name, **given).answer)
        response = Response(lines, content_type=chosen.content_type)
    else:
        response = streamed(view.stream(query, chosen.name), chosen.content_type)
    return named(response, view.version, tag)


def _chosen(kind: str, suffix: str | None) -> Format:
    """Return the format to answer in; for a graph some suffixes stand for its own formats.

    Raises:
        UnknownNameError: a graph is not written so.
    """
    if kind == "graph":
        if suffix is None:
            return choose(GRAPH_FORMATS) or GRAPH_FORMATS[0]
        if suffix not in FORMAT_FOR_SUFFIX:
            known = ", ".join((*FORMAT_FOR_SUFFIX, "html"))
            raise UnknownNameError("format of a graph", suffix, FORMAT_FOR_SUFFIX, f"({known})")
        return graph_format(FORMAT_FOR_SUFFIX[suffix]) or GRAPH_FORMATS[0]
    if suffix is None:
        return choose(_OFFERED) or TABLE_FORMATS[0]
    return table_format(suffix) or graph_format(suffix) or TABLE_FORMATS[0]


def _workbook(found: QuestionAnswer, version: str, tag: str) -> Response:
    name = found.question.name
    about = {
        "Question": found.question.question,
        "Verdict": f"{found.verdict or ''} {found.sentence}".strip(),
        "Clauses": ", ".join(found.question.clauses),
        **{f"Parameter {key}": value for key, value in found.values.items()},
        "Graph version": version,
    }
    response = reply(to_xlsx(found.answer, name, about), XLSX, version, tag)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _page(view: View, question: Question, given: dict[str, str]) -> Response:
    needed = [p for p in question.parameters if not (p.is_optional or p.default)]
    is_asked = all(p.name in given or p.variable in given for p in needed)
    found = view.answered(question.name, given, MOST_ROWS) if is_asked else None
    page = render_template(
        "question.html",
        question=question,
        found=found,
        values=found.values if found else given,
        columns=columns(found.answer.variables) if found else [],
        rows=list(cells(found.answer)) if found else [],
        most=MOST_ROWS,
        query_string=request.query_string.decode("latin-1"),
        suffixes=("csv", "xlsx", "json", "xml", "tsv", "ttl"),
    )
    tag = f"{question.name}-{request.query_string.decode('latin-1')}.html"
    return reply(page, "text/html; charset=utf-8", view.version, tag)
