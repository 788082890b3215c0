"""The samples load, show what their authors meant them to show, and agree with the references."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from aimsgraph.conformity import reference
from aimsgraph.conformity.report import Report
from aimsgraph.graph import AimsGraph
from aimsgraph.rdf.header import read_header
from aimsgraph.rdf.terms import to_rdflib_graph
from aimsgraph.sample import Sample
from cases_support import ASSETS, CASES, catalogue, expand, rules

SAMPLES = ASSETS.samples()


@pytest.fixture(scope="module", params=SAMPLES)
def loaded(request: pytest.FixtureRequest) -> Iterator[tuple[Sample, AimsGraph, Report]]:
    """Return a sample, loaded as the demo loads it, with what checking it gave."""
    sample = Sample.read(ASSETS, request.param)
    with AimsGraph.memory(assets=ASSETS, today=sample.today) as graph:
        graph.load(*sample.files, graph=sample.name)
        yield sample, graph, graph.report()


def test_results_are_those_the_sample_is_meant_to_have(
    loaded: tuple[Sample, AimsGraph, Report],
) -> None:
    sample, _, report = loaded
    expected = read_header(CASES / "samples" / f"{sample.name}.yaml")
    about = {result.rule for result in report.results}

    if "exactly" in expected:
        found = {(result.focus, result.rule) for result in report.results}
        assert found == {(focus, expand(rule)) for focus, rule in expected["exactly"]}
    else:
        assert {expand(rule) for rule in expected["among"]} <= about
        assert report.count()["Violation"] >= expected["violations"]


def test_report_read_back_is_the_report(loaded: tuple[Sample, AimsGraph, Report]) -> None:
    _, graph, report = loaded

    again = graph.report()

    assert {result.iri for result in again.results} == {result.iri for result in report.results}
    assert again.count() == report.count()
    assert [(e.rule.iri, e.verdict) for e in again.evaluations] == [
        (e.rule.iri, e.verdict) for e in report.evaluations
    ]


def test_conformity_equals_pyshacl(loaded: tuple[Sample, AimsGraph, Report]) -> None:
    _, graph, report = loaded
    data = to_rdflib_graph(
        (
            quad
            for name in graph.view().graphs()
            if not name.endswith(("/shapes", "/queries", "/conformity", "/history"))
            for quad in graph.view().quads(name)
        ),
        reference.PreparedGraph(),
    )

    wanted = reference.check(data, rules().conformity())

    assert {result.iri for result in report.results} == {result.iri for result in wanted.results}
    assert {e.rule.iri: e.population for e in wanted.evaluations}.items() <= {
        e.rule.iri: e.population for e in report.evaluations
    }.items()


def test_every_question_answers(loaded: tuple[Sample, AimsGraph, Report]) -> None:
    _, graph, _ = loaded

    for question in catalogue():
        needed = [p for p in question.parameters if not (p.is_optional or p.default)]
        if not needed:
            assert graph.question(question.name).answer.variables, question.name


def test_no_rule_and_no_question_is_left_without_anything_to_look_at_in_the_lender() -> None:
    sample = Sample.read(ASSETS, "lender")
    with AimsGraph.memory(assets=ASSETS, today=sample.today) as graph:
        graph.load(*sample.files, graph=sample.name)
        idle = {
            question.name
            for question in catalogue()
            if question.expects != "any"
            and graph.question(question.name).verdict in {"nothing to check", "nothing recorded"}
        }

    assert not idle


def test_inference_equals_owlrl_on_a_sample() -> None:
    sample = Sample.read(ASSETS, "startup")
    with AimsGraph.memory(assets=ASSETS, today=sample.today) as graph:
        graph.load(*sample.files, graph=sample.name)

        missing, extra = graph.compare_inference()

    assert not missing
    assert not extra


def test_every_sample_has_a_readme_and_a_list_of_what_it_shows() -> None:
    for name in SAMPLES:
        assert (Path(ASSETS.root) / "data" / name / "README.md").is_file()
        assert (CASES / "samples" / f"{name}.yaml").is_file()
