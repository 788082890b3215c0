"""The home page, and the state of the service."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, Response, render_template

from aimsgraph.catalogue.answers import QuestionAnswer
from aimsgraph.errors import UnknownQueryError
from aimsgraph.graph import AimsGraph
from aimsgraph.rdf.terms import value_of
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


def blueprint(graph: AimsGraph) -> Blueprint:
    """Return the home page and the health of the service."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def home() -> Response:
        results = graph.report().results
        page = render_template(
            "home.html",
            organisations=graph.ask(_ORGANISATIONS).rows,
            counts=Counter(result.severity for result in results),
            worst=[result for result in results if result.severity == "Violation"],
            states=_states(graph),
            records=graph.record_count,
            rules=len(graph.rules.rules),
            questions=len(graph.catalogue),
            themes=graph.catalogue.themes,
        )
        return reply(page, "text/html; charset=utf-8", graph.version, "home")

    @pages.get("/healthz")
    def healthz() -> Response:
        body = {"status": "ok", "generation": graph.generation, "today": graph.today.isoformat()}
        return Response(json.dumps(body) + "\n", content_type="application/json")

    return pages


def _states(graph: AimsGraph) -> list[dict[str, str]]:
    """Return id, title, IRI and state of every requirement, where that question is there."""
    try:
        answer = graph.question("requirement-states")
    except UnknownQueryError:
        return []
    return _named(answer, ("requirement", "requirementLabel", "identifier", "state"))


def _named(answer: QuestionAnswer, wanted: Sequence[str]) -> list[dict[str, str]]:
    place = {name: index for index, name in enumerate(answer.answer.variables)}
    return [
        {name: value_of(row[place[name]] or "") for name in wanted if name in place}
        for row in answer.answer.rows
    ]
