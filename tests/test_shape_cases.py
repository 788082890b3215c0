"""Every rule fires where it should, and is silent where it should be."""

from __future__ import annotations

from collections import Counter

import pytest

from aimsgraph.conformity.engine import Checker
from aimsgraph.conformity.reference import check
from aimsgraph.store.embedded import EmbeddedStore
from cases_support import Case, Workbench, expand, rules, rules_of, shape_cases


@pytest.mark.parametrize("case", shape_cases(), ids=lambda case: case.id)
def test_case_gives_exactly_the_results_its_header_expects(
    case: Case, workbench: Workbench
) -> None:
    about = {expand(name) for name in case.header["rules"]}
    own = rules_of(case.path.parent.name)
    assert about <= set(own.rules), f"no such rule: {about - set(own.rules)}"
    chosen = own.only(about)
    expected = {(expand(focus), expand(rule)) for focus, rule in case.header.get("expect", [])}
    workbench.put(case.path)
    is_integrity = all(own.rules[rule].is_integrity for rule in about)

    with workbench.data() as data:
        own_nodes = [str(n) for n in set(data.subjects()) if str(n).startswith("https://example")]
        report = check(data, chosen, own_nodes if is_integrity else None)

    found = {(result.focus, result.rule) for result in report.results}
    assert found == expected
    store, focus = EmbeddedStore(workbench.store), own_nodes if is_integrity else None
    asked = Checker(chosen).check(store, focus)
    assert {r.iri for r in asked.results} == {r.iri for r in report.results}
    assert [(e.rule.iri, e.population, e.results) for e in asked.evaluations] == [
        (e.rule.iri, e.population, e.results) for e in report.evaluations
    ]
    if case.path.stem.endswith(".pass"):
        silent = [e.rule.iri for e in report.evaluations if not e.population]
        assert not silent, "a passing case needs a focus node for every rule it is about"
        assert not expected
    else:
        assert expected, "a failing case expects something"


def test_every_rule_has_a_passing_and_a_failing_case() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for case in shape_cases():
        kind = case.path.stem.rsplit(".", 1)[-1]
        if kind == "fail":
            names = {expand(rule) for _, rule in case.header.get("expect", [])}
        else:
            names = {expand(rule) for rule in case.header["rules"]}
        seen.update((name, kind) for name in names)

    missing = {
        (rule, kind) for rule in rules().rules for kind in ("pass", "fail") if not seen[rule, kind]
    }

    assert not missing
