"""What the day alters: found again wherever it passes a date, and not looked for elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pyoxigraph as ox
import pytest

from aimsgraph.conformity.calendar import dated
from aimsgraph.conformity.patterns import read_query
from aimsgraph.derivation import Derivation
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import CONFORMITY_GRAPH, RECORDS_GRAPHS, XSD
from aimsgraph.sample import Sample
from cases_support import ASSETS
from conformity_support import EX, SINCE, SPARQL, Kept, quads, select

TODAY = "?c aims:today ?today ."
CHOICE = "OPTIONAL { $this :from ?a } $this :until ?b . BIND"
CUT = "'2026-11-20'^^xsd:date"

WAYS: list[tuple[str, str]] = [
    ("$this :until ?d", "none"),
    (f"{TODAY} $this :until ?d", "none"),
    (f"{TODAY} $this :until ?d FILTER(?d < ?today)", "until"),
    (f"{TODAY} $this :until ?d FILTER(?d <= ?today)", "until"),
    (f"{TODAY} $this :until ?d FILTER(?d != ?today)", "until"),
    (f"{TODAY} $this :until ?d FILTER(?d = ?today)", "until"),
    (f"{TODAY} $this :until ?d FILTER(?today > ?d)", "until"),
    (f"{TODAY} $this :until ?d FILTER(?today >= ?d)", "until"),
    (f"{TODAY} $this :until ?d FILTER(!(?today<?d))", "until"),
    (f"{TODAY} $this :until ?d FILTER(?d<=?today&&?today<=?d)", "until"),
    (f"{TODAY} $this :from ?a ; :until ?b FILTER(?a <= ?today && ?today < ?b)", "from until"),
    (f"{TODAY} $this :part/:until ?d FILTER(?d < ?today)", "part until"),
    (f"{TODAY} $this :from|:until ?d FILTER(?d < ?today)", "from until"),
    (f"{TODAY} $this :until/:none? ?d FILTER(?d < ?today)", "until none"),
    (f"{TODAY} $this :part ?x . ?x :until ?d FILTER(?d < ?today)", "until"),
    (f"{TODAY} OPTIONAL {{ $this :until ?d FILTER(?d < ?today) }} FILTER(!BOUND(?d))", "until"),
    (f"{TODAY} OPTIONAL {{ $this :until ?d }} FILTER(!BOUND(?d) || ?d < ?today)", "until"),
    (f"{TODAY} FILTER NOT EXISTS {{ $this :until ?d FILTER(?d >= ?today) }}", "until"),
    (f"{TODAY} $this :until ?d FILTER EXISTS {{ $this :part ?x FILTER(?d < ?today) }}", "until"),
    (f"FILTER EXISTS {{ {TODAY} $this :until ?d FILTER(?d < ?today) }}", "until"),
    (f"{TODAY} {CHOICE}(COALESCE(?a, ?b) AS ?d) FILTER(?d < ?today)", "from until"),
    (f"{TODAY} {CHOICE}(IF(BOUND(?a), ?a, ?b) AS ?d) FILTER(?today > ?d)", "from until"),
    (f"{TODAY} $this :until ?a BIND(?a AS ?b) FILTER(?b < ?today)", "until"),
    (f"{TODAY} $this :until ?d BIND(?d < ?today AS ?late) FILTER(?late)", "until"),
    (f"{TODAY} $this :until ?d BIND(IF(?d < ?today, 1, 2) AS ?n) FILTER(?n = 1)", "until"),
    (
        f"{TODAY} ?e aims:today ?now . $this :from ?a ; :until ?b "
        "FILTER(?a < ?today) FILTER(?now < ?b)",
        "from until",
    ),
    (
        f"{{ SELECT $this ?d WHERE {{ $this :until ?d }} }} {TODAY} FILTER(?d < ?today)",
        "until",
    ),
    (f"{TODAY} $this :until ?d FILTER(?d - ?today < 'P1D'^^xsd:duration)", "total"),
    (f"{TODAY} $this :until ?d FILTER(?d < ?today - 'P1D'^^xsd:dayTimeDuration)", "total"),
    (f"{TODAY} $this :until ?d FILTER(?d + 'P1D'^^xsd:dayTimeDuration < ?today)", "total"),
    (f"{TODAY} $this :from ?a ; :until ?b FILTER(COALESCE(?a, ?b) < ?today)", "total"),
    (f"{TODAY} $this :until ?d FILTER(STR(?d) < STR(?today))", "total"),
    (f"{TODAY} $this :until ?d FILTER(YEAR(?today) = 2026)", "total"),
    (f"{TODAY} $this :until ?d FILTER(?today > {CUT})", "total"),
    (f"{TODAY} $this :until ?d FILTER(?today IN ({CUT}, ?d))", "total"),
    (f"{TODAY} $this :until ?d FILTER(sameTerm(?d, ?today))", "total"),
    (f"{TODAY} $this :until ?d BIND(?today AS ?now) FILTER(?d < ?now)", "total"),
    (f"{TODAY} $this :until ?t BIND(STRDT(STR(?t), xsd:date) AS ?d) FILTER(?d < ?today)", "total"),
    (f"{TODAY} ?any :until ?d FILTER(?d < ?today)", "total"),
    (f"{TODAY} FILTER NOT EXISTS {{ ?any :until ?d FILTER(?d < ?today) }}", "total"),
]
"""How a query uses the day, and the properties whose dates it compares with it."""

STAMP = "'2026-11-20T10:00:00Z'^^xsd:dateTime"
LOST = [
    (f"{TODAY} $this :at ?t BIND(xsd:date(?t) AS ?d) FILTER(?d < ?today)", "a cast in BIND"),
    (f"{TODAY} {CHOICE}(COALESCE(?none, {CUT}) AS ?d) FILTER(?d < ?today)", "a constant in BIND"),
    (f"{TODAY} $this :until ?a BIND(?a AS ?b) BIND(?b AS ?d) FILTER(?d < ?today)", "two BINDs"),
    ("$this :calendar/aims:today ?today ; :until ?d FILTER(?d < ?today)", "a path to the day"),
    ("?today ^aims:today ?c . $this :until ?d FILTER(?d < ?today)", "an inverse path to the day"),
    (f"{TODAY} $this :until ?today", "the day as a value of the records"),
    (f"?c aims:today {CUT}", "the day as a constant"),
    (f"{TODAY} $this :until ?x . ?x :none? ?d FILTER(?d < ?today)", "a path of length zero"),
]
"""Ways of using the day that the calendar overlooks."""

RECORDS = (
    f":calendar :named 1 . :a a :C ; :at {STAMP} ; :from {CUT} ; :until '2026-11-22'^^xsd:date ; "
    ":calendar :calendar . :b a :C ; :part :x ; :until '2026-11-19'^^xsd:date . "
    ":x :until '2026-11-21'^^xsd:date ; :from '2026-12-24'^^xsd:date . :c a :C ."
)
DAYS = ["11-20", "11-21", "11-22", "11-23", "11-20", "11-19", "11-18", "12-25", "11-20"]


@pytest.mark.parametrize(("where", "expected"), WAYS, ids=[one[0] for one in WAYS])
def test_what_is_compared_with_the_day_is_known(where: str, expected: str) -> None:
    text = f"{SPARQL} SELECT $this WHERE {{ {where} }}"

    found = dated(text, read_query(text))

    if expected == "none":
        assert found is None or (not found.triggers and not found.is_total)
        return
    assert found is not None
    compared = {name for one in found.triggers for name in one.predicates() or ()}
    assert found.is_total == (expected == "total")
    if not found.is_total:
        assert compared == {EX + name for name in expected.split()}


ANY_WAY = "?c ?way ?today FILTER(?way = aims:today) $this :until ?today"


@pytest.mark.parametrize("where", [*(one[0] for one in WAYS), ANY_WAY])
def test_results_follow_the_day(where: str) -> None:
    walk(Kept(select(f"SELECT $this WHERE {{ {where} }}"), quads(RECORDS) | today("11-20")))


@pytest.mark.parametrize("where", [one[0] for one in LOST], ids=[one[1] for one in LOST])
def test_results_follow_the_day_however_it_is_used(where: str) -> None:
    walk(Kept(select(f"SELECT $this WHERE {{ {where} }}"), quads(RECORDS) | today("11-20")))


@pytest.mark.parametrize("told", ["$this ?today", "*", "DISTINCT ?today $this"])
def test_messages_follow_the_day(told: str) -> None:
    query = f"SELECT {told} WHERE {{ {TODAY} $this :until ?d FILTER(?d < ?today) }}"

    walk(Kept(select(query, message="late on {?today}"), quads(RECORDS) | today("11-20")))


def today(day: str) -> set[ox.Quad]:
    """Return the statement that sets the day."""
    return quads(f":calendar aims:today '2026-{day}'^^xsd:date .")


def walk(kept: Kept) -> None:
    """Move the day to and fro; what is kept is what a check of all gives, each time."""
    for before, after in pairwise(DAYS):
        kept.change(today(after), today(before))

        assert kept.held == kept.anew(), after


@pytest.fixture(scope="module")
def lender() -> Iterator[AimsGraph]:
    """Return the sample of the lender on its own day."""
    sample = Sample.read(ASSETS, "lender")
    with AimsGraph.memory(assets=ASSETS, today=sample.today) as graph:
        graph.load(*sample.files, graph=sample.name)
        yield graph


def held(graph: AimsGraph) -> set[ox.Quad]:
    """Return the conformity graph without what says since when."""
    return {q for q in graph.view().store.quads(CONFORMITY_GRAPH) if q.predicate != SINCE}


def turning_points(graph: AimsGraph) -> list[date]:
    """Return the days nearest to today that records name, and those after."""
    found = {
        date.fromisoformat(quad.object.value)
        for name in graph.view().graphs()
        if name.startswith(RECORDS_GRAPHS)
        for quad in graph.view().quads(name)
        if isinstance(quad.object, ox.Literal) and quad.object.datatype.value == f"{XSD}date"
    }
    nearest = sorted(found - {graph.today}, key=lambda day: abs(day - graph.today))[:6]
    return sorted({day + timedelta(days=by) for day in nearest for by in (0, 1)})


def test_the_lender_is_checked_on_any_day(lender: AimsGraph) -> None:
    start, first = lender.today, held(lender)
    derivation = Derivation(lender.rules)
    far = [start + timedelta(days=days) for days in (200, -400, 45)]
    moved = 0
    for day in (*turning_points(lender), *far, start):
        before = held(lender)
        receipt = lender.tick(day)
        assert receipt is not None

        report = derivation.check(lender.view().store, lambda _: None)

        assert held(lender) == set(report.quads()), day
        assert {q.subject for q in held(lender) - before} >= {
            ox.NamedNode(one.iri) for one in receipt.appeared
        }
        moved += len(receipt.appeared) + len(receipt.resolved)
    assert held(lender) == first
    assert moved > 100
