"""Groups within a query, and which variables are the same in them."""

from __future__ import annotations

import pytest

from aimsgraph.conformity.patterns import Group, Variable, read_query
from conformity_support import SPARQL


def shape(group: Group) -> list[object]:
    """Return the groups within a group: what each is, the place it has, and those within it."""
    return [[kind or "{}", place, *shape(inner)] for place, kind, inner in group.groups]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("?s :p ?x OPTIONAL { ?x :q ?y } ?y :r ?z", [["OPTIONAL", 1]]),
        ("{ ?s :p 1 } UNION { ?s :p 2 }", [["{}", 0], ["{}", 2]]),
        ("?s :p 1 FILTER NOT EXISTS { ?s :p 2 { ?s :p 3 } }", [["EXISTS", 1, ["{}", 1]]]),
        (
            "?s :p 1 BIND(EXISTS { ?s :p 2 } AS ?b) MINUS { ?s :q ?b }",
            [["EXISTS", 1], ["MINUS", 2]],
        ),
        ("{ SELECT ?s { ?s :p 1 } }", [["{}", 0, ["{}", 0]]]),
        ("OPTIONAL { ?s :p 1 FILTER EXISTS { ?s :q 1 } }", [["OPTIONAL", 0, ["EXISTS", 1]]]),
    ],
)
def test_groups_keep_what_they_are_and_where_they_stand(where: str, expected: list[object]) -> None:
    assert shape(read_query(f"{SPARQL} SELECT ?s WHERE {{ {where} }}")) == expected


def variables(where: str) -> set[tuple[str, str]]:
    """Return subject and object of each pattern by the names that scopes give them."""
    group = read_query(f"{SPARQL} SELECT * WHERE {{ {where} }}")
    ends = [(one.subject, one.object) for inner in group.walk() for _, one in inner.patterns]
    return {
        (s.name, o.name) for s, o in ends if isinstance(s, Variable) and isinstance(o, Variable)
    }


def test_a_sub_select_keeps_what_it_does_not_project() -> None:
    found = variables("{ SELECT ?s { ?s :p ?x OPTIONAL { ?x :q ?y } } } ?s :r ?x")
    (hidden,) = {o for s, o in found if s == "s"} - {"x"}

    assert ("s", "x") in found
    assert {s for s, _ in found} == {"s", hidden}


def test_each_sub_select_has_a_scope_of_its_own() -> None:
    found = variables("{ SELECT ?s { ?s :p ?x } } { SELECT ?s { ?s :q ?x } } ?s :r ?x")

    assert len({o for _, o in found}) == 3


def test_what_an_inner_sub_select_projects_may_end_at_the_outer_one() -> None:
    found = variables("{ SELECT ?s { ?s :p ?x { SELECT ?x { ?x :q ?y } } } } ?s :r ?x")
    (hidden,) = {o for s, o in found if s == "s"} - {"x"}

    assert hidden in {s for s, _ in found}


def test_what_an_aggregate_counts_ends_at_its_sub_select() -> None:
    found = variables("{ SELECT ?s (COUNT(?x) AS ?n) { ?s :p ?x } GROUP BY ?s } ?s :r ?x")

    assert len({o for _, o in found}) == 2
