"""The objectives of the synthetic organisation, with what they are measured by."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from decimal import Decimal

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.documents import FAIRNESS, RELIABILITY
from aimsgraph.generate.governance import ANNOUNCEMENT, BUDGET
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import Record, aims, node, prose
from aimsgraph.generate.words import unit_name


def objectives(plan: Plan) -> Iterator[Record]:
    """Yield one objective for development, and one for the use of AI in each unit."""
    lead = nodes.person(6)
    label = "every AI system we make is tested for fair results"
    yield from _objective(plan, nodes.DEVELOPMENT, "DevelopmentObjective", label, lead)
    for index in range(plan.units):
        label = f"AI in {unit_name(index)} is corrected in fewer than 5 of 100 cases"
        owner = nodes.member(plan, index, 0)
        yield from _objective(plan, nodes.objective(index), "UseObjective", label, owner)


def _objective(
    plan: Plan, name: ox.NamedNode, kind: str, label: str, owner: ox.NamedNode
) -> Iterator[Record]:
    key = name.value.rsplit("/", 1)[-1]
    indicator = yield from _indicator(plan, key, owner)
    action = Record(
        node("action", key),
        "Action",
        f"quarterly sample for the objective {key}",
        ownedBy=owner,
        dueOn=plan.day(80),
    )
    yield action
    yield Record(
        name,
        "Objective",
        label,
        hasObjectiveKind=aims(kind),
        supportsTheme=FAIRNESS if kind == "DevelopmentObjective" else RELIABILITY,
        setOn=plan.day(-200),
        dueOn=plan.day(165),
        ownedBy=owner,
        evaluationMethod=prose("The last value of the indicator is compared with its target."),
        measuredBy=indicator,
        hasAction=action,
        needsResource=BUDGET,
    )
    yield Record.addition(ANNOUNCEMENT, about=name)


def _indicator(plan: Plan, key: str, owner: ox.NamedNode) -> Generator[Record, None, Record]:
    value = plan.chance("measurement", key).randint(12, 48)
    measurement = Record(
        node("measurement", key),
        "Measurement",
        f"measured for the objective {key}",
        value=Decimal(value) / 10,
        measuredOn=plan.day(-25),
        performedBy=owner,
    )
    yield measurement
    indicator = Record(
        node("indicator", key),
        "Indicator",
        f"share of corrected results for the objective {key}",
        unit="%",
        goodDirection=aims("Down"),
        method=prose("Results that a person corrected, in a sample of 200."),
        targetValue=Decimal("5.0"),
        ownedBy=owner,
        nextDueOn=plan.day(65),
        hasMeasurement=measurement,
    )
    yield indicator
    return indicator
