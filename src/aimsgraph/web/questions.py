"""The catalogue over HTTP: each named question as a page and in every format."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request

from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.catalogue.question import Question
from aimsgraph.errors import UnknownNameError
from aimsgraph.exchange.spreadsheet import to_csv, to_xlsx
from aimsgraph.formats import GRAPH_FORMATS, TABLE_FORMATS, XLSX, Format, graph_format, table_format
from aimsgraph.tables import cells, columns
from aimsgraph.view import View
from aimsgraph.web.desk import OURS, Desk
from aimsgraph.web.negotiation import HTML, choose, negotiate, reply

_OFFERED = (*TABLE_FORMATS, GRAPH_FORMATS[0])
_SUFFIXES = ("csv", "json", "xml", "tsv", "ttl", "html", "xlsx")
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
        if suffix is None and _wants_page():
            suffix = "html"
        if suffix == "html":
            return _page(view, known, given)
        return _answer(view.question(known.name, **given), suffix)

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


def _answer(found: QuestionAnswer, suffix: str | None) -> Response:
    answer, name = found.answer, found.question.name
    tag = f"{name}-{request.query_string.decode('latin-1')}"
    if suffix == "xlsx":
        about = {
            "Question": found.question.question,
            "Verdict": f"{found.verdict or ''} {found.sentence}".strip(),
            "Clauses": ", ".join(found.question.clauses),
            **{f"Parameter {key}": value for key, value in found.values.items()},
            "Graph version": str(answer.version),
        }
        response = reply(to_xlsx(answer, name, about), XLSX, answer.version, f"{tag}.xlsx")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response
    if suffix is None:
        chosen = choose(_OFFERED) or TABLE_FORMATS[0]
    else:
        chosen = table_format(suffix) or graph_format(suffix) or TABLE_FORMATS[0]
    return reply(_body(found, chosen), chosen.content_type, answer.version, f"{tag}.{chosen.name}")


def _body(found: QuestionAnswer, chosen: Format) -> str:
    if chosen.name == "csv":
        return to_csv(found.answer)
    return found.answer.text(chosen.writer)


def _page(view: View, question: Question, given: dict[str, str]) -> Response:
    needed = [p for p in question.parameters if not (p.is_optional or p.default)]
    is_asked = all(p.name in given or p.variable in given for p in needed)
    found = view.question(question.name, **given) if is_asked else None
    page = render_template(
        "question.html",
        question=question,
        found=found,
        values=found.values if found else given,
        columns=columns(found.answer.variables) if found else [],
        rows=list(cells(found.answer))[:MOST_ROWS] if found else [],
        most=MOST_ROWS,
        query_string=request.query_string.decode("latin-1"),
        suffixes=("csv", "xlsx", "json", "xml", "tsv", "ttl"),
    )
    tag = f"{question.name}-{request.query_string.decode('latin-1')}.html"
    return reply(page, "text/html; charset=utf-8", view.version, tag)
