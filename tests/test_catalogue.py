"""A question is a file: what its header says is what callers get, or a clear error."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.parameters import Parameter, bind
from aimsgraph.catalogue.question import Question
from aimsgraph.errors import ParameterError, SourceError, UnknownQueryError
from aimsgraph.rdf.tokens import tokens
from cases_support import ROOT, catalogue

HEADER = """\
#+ summary: Things
#+ question: Which things?
#+ clauses: [6.1.4]
#+ expects: any
#+ empty: There are none.
"""
BODY = "SELECT ?x WHERE { ?x ?p ?o } ORDER BY ?x\n"
TODAY = date(2026, 11, 20)


def write(folder: Path, text: str, name: str = "things") -> Path:
    """Write a question file."""
    path = folder / f"{name}.rq"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BODY, "the header has no 'summary'"),
        (HEADER.replace("any", "maybe") + BODY, "'expects' is 'maybe'"),
        (HEADER + "#+ colour: red\n" + BODY, "unknown key 'colour'"),
        (HEADER + "#+ params: {_x_iri: {label: X}}\n" + BODY, "'_x_iri' is declared but not used"),
        (HEADER + BODY.replace("?o", "?_o_iri"), "'_o_iri' is used but not declared"),
        (HEADER + "#+ params: {_o_thing: {label: X}}\n" + BODY, "is not _name_type"),
        (HEADER + "#+ params: {_o_iri: {colour: X}}\n" + BODY, "takes label, optional and default"),
        (HEADER + "#+ : : :\n" + BODY, "the header is not YAML"),
    ],
)
def test_a_malformed_question_is_named_with_the_remedy(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence):
        Question.read(write(tmp_path, text))


def test_two_questions_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [write(tmp_path / name, HEADER + BODY) for name in ("a", "b")]

    with pytest.raises(SourceError, match="the name is taken"):
        Catalogue.read(paths)


def test_an_unknown_question_offers_the_nearest() -> None:
    name = next(iter(catalogue())).name

    with pytest.raises(UnknownQueryError, match=f"did you mean .*{name}"):
        catalogue()[name[:-1]]


@pytest.mark.parametrize(
    ("variable", "text", "term"),
    [
        ("_x_iri", "iso42001:6.1.4", "<https://w3id.org/aimsgraph/iso42001/6.1.4>"),
        ("_x_string", 'a "quoted" } text\n', r'"a \"quoted\" } text\n"'),
        ("_x_integer", "-7", '"-7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("_x_date", "2026-02-28", '"2026-02-28"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("_x_boolean", "True", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
    ],
)
def test_a_value_becomes_a_term(variable: str, text: str, term: str) -> None:
    assert str(Parameter(variable, "X").term(text)) == term


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("_x_iri", "no iri"),
        ("_x_iri", "http://x/> } DELETE"),
        ("_x_integer", "7.5"),
        ("_x_decimal", "1e5"),
        ("_x_date", "2026-02-30"),
        ("_x_boolean", "maybe"),
    ],
)
def test_an_ill_typed_value_is_refused(variable: str, text: str) -> None:
    with pytest.raises(ParameterError, match="takes"):
        Parameter(variable, "X").term(text)


def test_parameters_are_bound_as_tokens_only() -> None:
    text = 'SELECT ?x { ?x ?p ?_o_string . FILTER(?x != "?_o_string") } # ?_o_string'
    value = Parameter("_o_string", "O").term('" } DROP ALL # ?x')

    bound = bind(text, {"_o_string": value})

    assert '"?_o_string"' in bound
    assert bound.endswith("# ?_o_string")
    assert sum(token.kind == "string" for token in tokens(bound)) == 2


@pytest.mark.parametrize(
    ("default", "value"),
    [("today", "2026-11-20"), ("today+90", "2027-02-18"), ("today-1", "2026-11-19"), ("7", "7")],
)
def test_a_default_may_be_counted_from_the_day(default: str, value: str) -> None:
    assert Parameter("_x_date", "X", default=default).default_on(TODAY) == value


def test_missing_and_unknown_parameters_are_named(tmp_path: Path) -> None:
    text = HEADER + "#+ params: {_p_iri: {label: Property}}\n" + BODY.replace("?p", "?_p_iri")
    question = Question.read(write(tmp_path, text))

    with pytest.raises(ParameterError, match=r"needs the parameter 'p' \(Property\)"):
        question.values({}, TODAY)
    with pytest.raises(ParameterError, match="has no parameter 'q'; it has: p"):
        question.values({"q": "1"}, TODAY)


def test_there_are_at_least_forty_questions_in_themes() -> None:
    assert len(catalogue()) >= 40
    assert len(catalogue().themes) >= 8


@pytest.mark.parametrize("question", list(catalogue()), ids=lambda one: one.name)
def test_question_keeps_the_house_rules(question: Question) -> None:
    words = [token.text.upper() for token in tokens(question.text) if token.kind == "word"]
    body = [line for line in question.text.splitlines() if line and not line.startswith("#+")]

    assert "ORDER" in words, "an answer has a fixed order"
    assert not {"NOW", "RAND", "UUID", "STRUUID"} & set(words), "an answer can be reproduced"
    assert "*" not in "".join(body[:12]).split("WHERE")[0], "columns are spelt out"
    assert question.question.endswith("?")
    assert question.empty.endswith(".")
    assert len(body) <= 60
    if question.expects == "no-rows":
        assert question.population, "a question about problems says what it looked at"
    sibling = ROOT / "tests" / "cases" / "queries" / question.name
    assert list(sibling.glob("*.ttl"))
