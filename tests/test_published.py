"""Other editors find the questions, their prefixes and the ontology in the endpoint itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.partitions import partitions
from aimsgraph.catalogue.question import Question
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import AIMS, ONTOLOGY_GRAPH, PREFIXES, QUERIES_GRAPH, SH, XSD
from aimsgraph.rdf.parsing import read_all
from aimsgraph.web import create_app
from cases_support import ASSETS, catalogue

HEADER = """\
#+ summary: Things
#+ question: Which things?
#+ clauses: [6.1.4]
#+ expects: any
#+ empty: There are none.
"""

EXAMPLES = f"""
PREFIX sh: <{SH}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?sq ?comment ?query WHERE {{
  ?sq a sh:SPARQLExecutable ; rdfs:comment ?comment ;
      sh:select|sh:ask|sh:construct|sh:describe ?query .
}}
"""

PREFIXES_KNOWN = f"""
PREFIX sh: <{SH}>
SELECT DISTINCT ?prefix ?namespace WHERE {{ [] sh:namespace ?namespace ; sh:prefix ?prefix }}
"""

COMPLETION = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?class ?property ?to ?datatype WHERE {
  ?part void:class ?class ; void:propertyPartition ?inner .
  ?inner void:property ?property .
  OPTIONAL {
    { ?inner void:classPartition [ void:class ?to ] }
    UNION { ?inner ext:datatypePartition [ ext:datatype ?datatype ] }
  }
}
"""


@cache
def asked(query: str) -> list[dict[str, str]]:
    """Return what the endpoint of a graph with the release in it answers."""
    client = create_app(AimsGraph.memory()).test_client()
    answer: Any = client.post("/sparql", data={"query": query}).json
    return [{k: v["value"] for k, v in row.items()} for row in answer["results"]["bindings"]]


def parsed(body: str, params: str = "", header: str = HEADER) -> Question:
    """Return a question of a workspace's own."""
    return Question.parse(Path("own/things.rq"), header + params + body)


def triples(question: Question) -> set[tuple[str, str, str]]:
    """Return what is published of a question, in plain text."""
    return {
        (str(q.subject.value), q.predicate.value, str(q.object.value))  # type: ignore[union-attr]
        for q in question.quads()
    }


def test_every_question_is_an_example_of_the_endpoint() -> None:
    found = {row["sq"]: row for row in asked(EXAMPLES)}

    assert {one.iri for one in catalogue()} == set(found)
    for one in catalogue():
        assert found[one.iri]["comment"] == one.question
        assert found[one.iri]["query"] == one.published


def test_every_prefix_of_the_house_is_declared_in_the_endpoint() -> None:
    found = {(row["prefix"], row["namespace"]) for row in asked(PREFIXES_KNOWN)}

    assert set(PREFIXES.items()) <= found


def test_the_endpoint_says_which_properties_a_class_has() -> None:
    found = {tuple(sorted(row.items())) for row in asked(COMPLETION)}
    risk = {"class": f"{AIMS}Risk", "property": f"{AIMS}affectsAsset", "to": f"{AIMS}Record"}
    change = {
        "class": f"{AIMS}Changeset",
        "property": f"{AIMS}idempotencyKey",
        "datatype": f"{XSD}string",
    }

    assert {tuple(sorted(one.items())) for one in (risk, change)} <= found


@pytest.mark.parametrize("question", list(catalogue()), ids=lambda one: one.name)
def test_a_published_question_is_sparql_as_it_stands(question: Question) -> None:
    ox.Store().query(question.published)

    assert not question.published.startswith("#+")
    for one in question.parameters:
        assert f"# ?{one.variable} (" in question.published


@pytest.mark.parametrize(
    ("body", "kind", "name"),
    [
        ("SELECT ?x WHERE { ?x ?p ?o } ORDER BY ?x\n", "SPARQLSelectExecutable", "select"),
        ("ASK { ?x ?p ?o }\n", "SPARQLAskExecutable", "ask"),
        ("CONSTRUCT WHERE { ?x ?p ?o }\n", "SPARQLConstructExecutable", "construct"),
        ("PREFIX select: <urn:x> ASK { ?x select:y ?o }\n", "SPARQLAskExecutable", "ask"),
        ("ASK { { SELECT ?x { ?x ?p 'SELECT' } } }\n", "SPARQLAskExecutable", "ask"),
    ],
)
def test_a_question_is_published_as_what_it_is(body: str, kind: str, name: str) -> None:
    question = parsed(body)
    found = triples(question)
    kinds = {o for _, p, o in found if p.endswith("#type")}

    assert kinds == {f"{AIMS}Question", f"{SH}SPARQLExecutable", SH + kind}
    assert (question.iri, SH + name, body) in found


def test_a_description_has_no_word_in_shacl() -> None:
    assert not [p for _, p, _ in triples(parsed("DESCRIBE ?x { ?x ?p ?o }\n")) if SH in p]


def test_prefixes_of_the_house_are_shared_and_others_are_the_questions_own() -> None:
    house = parsed(f"PREFIX aims: <{AIMS}>\nASK {{ ?x a aims:Risk }}\n")
    own = parsed("PREFIX aims: <urn:mine:>\nASK { ?x a aims:Risk }\n")

    assert (house.iri, f"{SH}prefixes", QUERIES_GRAPH) in triples(house)
    assert (own.iri, f"{SH}prefixes", own.iri) in triples(own)
    assert (f"{own.iri}/prefix/aims", f"{SH}namespace", "urn:mine:") in triples(own)
    assert not [s for s, p, _ in triples(house) if p == f"{SH}namespace"]


@pytest.mark.parametrize(
    ("about", "hint"),
    [
        ("{label: From}", "# ?_o_date (From): put a day such as 2026-11-20 in its place\n"),
        ("{label: From, optional: true}", "in its place, or leave it\n"),
        ("{label: From, default: today-1}", "in its place; today-1 where nothing is asked for\n"),
        ('{label: "From\\n} DROP ALL #"}', "# ?_o_date (From } DROP ALL #): put a day"),
    ],
)
def test_a_comment_says_what_a_parameter_takes(about: str, hint: str) -> None:
    question = parsed("ASK { ?x ?p ?_o_date }\n", f"#+ params: {{_o_date: {about}}}\n")

    assert hint in question.published
    ox.Store().query(question.published)


def test_a_catalogue_is_read_back_from_what_is_published() -> None:
    ontology = read_all(ASSETS.ontology_files(), ox.NamedNode(ONTOLOGY_GRAPH))

    found = Catalogue.of_quads([*catalogue().quads(), *partitions(ontology)])

    assert [(one.name, one.theme, one.text) for one in found] == [
        (one.name, one.theme, one.text) for one in catalogue()
    ]
