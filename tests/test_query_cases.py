"""Every question gives the rows its cases expect."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest

from aimsgraph.conformity.engine import check_store
from aimsgraph.knowledge import Generation, Knowledge
from aimsgraph.namespaces import CONFORMITY_GRAPH
from aimsgraph.rdf.terms import value_of
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.view import View
from cases_support import Case, Workbench, catalogue, expand, question_cases, rules


@pytest.mark.parametrize("case", question_cases(), ids=lambda case: case.id)
def test_case_gives_exactly_the_rows_its_header_expects(case: Case, workbench: Workbench) -> None:
    graph = _graph(case, workbench)
    params = {name: expand(str(value)) for name, value in (case.header.get("params") or {}).items()}
    wanted: list[dict[str, Any]] = case.header.get("rows") or []

    found = graph.question(case.path.parent.name, **params)

    columns = found.answer.variables
    unknown = {name for row in wanted for name in row} - set(columns)
    assert not unknown, f"the question has no such column: {unknown}"
    rows = [
        {
            name: None if cell is None else value_of(cell)
            for name, cell in zip(columns, row, strict=True)
        }
        for row in found.answer.rows
    ]
    shown = [
        {name: row[name] for name in (wanted[i] if i < len(wanted) else row)}
        for i, row in enumerate(rows)
    ]
    assert shown == [
        {n: None if v is None else expand(_text(v)) for n, v in row.items()} for row in wanted
    ]
    if "verdict" in case.header:
        assert found.verdict == case.header["verdict"]


def test_every_question_has_a_case_with_rows_and_a_test_one_that_is_met() -> None:
    with_rows = {case.path.parent.name for case in question_cases() if case.header.get("rows")}
    met = {c.path.parent.name for c in question_cases() if c.header.get("verdict") == "met"}
    tests = {question.name for question in catalogue() if question.expects == "no-rows"}

    assert not {question.name for question in catalogue()} - with_rows
    assert not tests - met


def test_every_case_belongs_to_a_question() -> None:
    names = {question.name for question in catalogue()}

    assert not {case.path.parent.name for case in question_cases()} - names


def _graph(case: Case, workbench: Workbench) -> View:
    workbench.put(case.path)
    store = EmbeddedStore(workbench.store)
    store.engine.remove_graph(ox.NamedNode(CONFORMITY_GRAPH))
    if case.header.get("validate"):
        report = check_store(store, rules().conformity())
        store.engine.extend(report.quads())
    return View(Generation(store, Knowledge(rules, catalogue), case.id))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
