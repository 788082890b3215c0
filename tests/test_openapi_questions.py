"""The OpenAPI document has every named question, with its parameters and their types."""

from __future__ import annotations

from pathlib import Path

import pytest
from openapi_schema_validator import OAS31Validator

from aimsgraph.catalogue.question import Question
from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from aimsgraph.web.openapi.operations import SUFFIXES
from cases_support import catalogue
from openapi_support import is_as_told, json, of, parameters, shipped, site, told
from tiny_support import TODAY
from tiny_support import workspace as tiny_workspace

QUESTIONS = """\
#+ summary: Things
#+ question: Which things?
#+ clauses: [6.1.4]
#+ expects: any
#+ empty: There are none.
#+ params:
#+   _any_iri: {label: Any, optional: true}
#+   _day_date: {label: Day, default: today+90}
#+   _most_integer: {label: Most, default: 7}
#+   _least_decimal: {label: Least, default: "0.5"}
#+   _all_boolean: {label: All, default: false}
#+   _wrong_integer: {label: Wrong, default: seven}
#+   _word_string: {label: Word}

SELECT ?x WHERE { BIND(?_word_string AS ?x)
  FILTER(?_most_integer > ?_least_decimal || ?_all_boolean || ?_day_date < ?_any_iri
    || ?_wrong_integer > 1) } ORDER BY ?x
"""


@pytest.mark.parametrize("question", list(catalogue()), ids=lambda one: one.name)
def test_a_question_is_described_with_its_parameters(question: Question) -> None:
    paths = shipped()["paths"]
    own = {one.name for one in question.parameters}
    for path in (f"/queries/{question.name}", f"/queries/{question.name}.{{suffix}}"):
        found = parameters(paths[path]["get"])
        needed = {name for name, one in found.items() if one.get("required")} - {"suffix"}

        assert own <= set(found)
        assert needed == {p.name for p in question.parameters if not (p.is_optional or p.default)}
        for one in question.parameters:
            OAS31Validator.check_schema(found[one.name]["schema"])
            default = found[one.name]["schema"].get("default")
            if default is not None:
                OAS31Validator(found[one.name]["schema"]).validate(default)
                one.term(str(default))
    form = paths[f"/queries/{question.name}"]["post"]["requestBody"]["content"]
    assert set(form["application/x-www-form-urlencoded"]["schema"]["properties"]) == own


def test_parameters_are_typed_and_have_their_defaults(tmp_path: Path) -> None:
    question = Question.parse(tmp_path / "things.rq", QUESTIONS)

    found = parameters(of(question)["paths"]["/queries/things"]["get"])
    schemas = {one.name: found[one.name]["schema"] for one in question.parameters}

    assert schemas["any"] == {"type": "string", "format": "iri"}
    assert schemas["day"] == {"type": "string", "format": "date", "default": "2027-02-18"}
    assert schemas["most"] == {"type": "integer", "default": 7}
    assert schemas["least"]["default"] == "0.5"
    assert schemas["all"] == {"type": "boolean", "default": False}
    assert schemas["wrong"] == {"type": "integer"}
    assert found["word"]["required"]
    assert "today+90" in found["day"]["description"]


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_a_suffix_gives_what_is_described(suffix: str) -> None:
    operation = told()["paths"]["/queries/systems.{suffix}"]["get"]

    answer = site().get(f"/queries/systems.{suffix}")

    assert parameters(operation)["suffix"]["schema"]["enum"] == sorted(SUFFIXES)
    assert answer.mimetype == SUFFIXES[suffix]
    assert is_as_told(answer, operation)


def test_questions_of_the_workspace_are_included(tmp_path: Path) -> None:
    folder = tiny_workspace(tmp_path / "w")
    own = folder / "queries" / "own"
    own.mkdir(parents=True)
    (own / "things.rq").write_text(QUESTIONS)
    with AimsGraph.open(folder, today=TODAY) as graph:
        found = json(create_app(graph).test_client().get("/openapi.json"))

    assert found["paths"]["/queries/things"]["get"]["tags"] == ["own"]
