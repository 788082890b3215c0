"""The home page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, Response, render_template

from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.errors import UnknownQueryError
from aimsgraph.rdf.terms import value_of
from aimsgraph.view import View
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import reply

_ORGANISATIONS = """
PREFIX aims: <https://w3id.org/aimsgraph#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?organisation ?label ?system ?systemLabel
WHERE {
  ?system a aims:AIManagementSystem ; rdfs:label ?systemLabel ; aims:operatedBy ?organisation .
  ?organisation rdfs:label ?label .
}
ORDER BY ?label
"""


def blueprint(desk: Desk) -> Blueprint:
    """Return the home page."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def home() -> Response:
        view = desk.view
        results = () if view.caller.is_limited else view.report().results
        page = render_template(
            "home.html",
            organisations=view.ask(_ORGANISATIONS).rows,
            counts=Counter(result.severity for result in results),
            worst=[result for result in results if result.severity == "Violation"],
            states=_states(view),
            records=view.record_count,
            rules=len(view.rules.rules),
            questions=len(view.catalogue),
            themes=view.catalogue.themes,
        )
        return reply(page, "text/html; charset=utf-8", view.version, "home")

    return pages


def _states(view: View) -> list[dict[str, str]]:
    """Return id, title, IRI and state of every requirement, where that question is there."""
    try:
        answer = view.question("requirement-states")
    except UnknownQueryError:
        return []
    return _named(answer, ("requirement", "requirementLabel", "identifier", "state"))


def _named(answer: QuestionAnswer, wanted: Sequence[str]) -> list[dict[str, str]]:
    place = {name: index for index, name in enumerate(answer.answer.variables)}
    return [
        {name: value_of(row[place[name]] or "") for name in wanted if name in place}
        for row in answer.answer.rows
    ]
