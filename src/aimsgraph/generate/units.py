"""What the AI systems of one synthetic unit share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from aimsgraph.generate import nodes
from aimsgraph.generate.people import SKILL
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import Record, aims, node, prose
from aimsgraph.generate.words import supplier_name, unit_name

STAGES: Final = (aims("VerificationAndValidation"), aims("Operation"))
TOOLS: Final = ("pipeline runner", "feature store", "model registry", "annotation desk")


def shared_by_units(plan: Plan) -> Iterator[Record]:
    """Yield suppliers, tools and, for each unit, its people, machines and data rules."""
    for index in range(plan.suppliers):
        yield from _supplier(plan, index)
    for name in TOOLS:
        yield Record(
            node("tool", name.replace(" ", "-")),
            "ToolingResource",
            name,
            version="3.2",
            origin=prose("Chosen in a comparison of three."),
            forStage=STAGES,
        )
    for index in range(plan.units):
        yield from _users(index)
        yield from _resources(plan, index)
        yield from _data_rules(plan, index)


def _supplier(plan: Plan, index: int) -> Iterator[Record]:
    yield Record(nodes.supplier(index), "Supplier", supplier_name(index))
    yield Record(
        node("supplier-assessment", index),
        "SupplierAssessment",
        f"assessment of {supplier_name(index)}",
        assessesSupplier=nodes.supplier(index),
        completedOn=plan.day(-90),
        validUntil=plan.day(275),
        result=aims("Passed"),
    )


def _users(index: int) -> Iterator[Record]:
    name = unit_name(index)
    yield Record(node("users", index), "UserGroup", f"staff of {name}")
    yield Record(
        node("route", index),
        "ReportingRoute",
        f"form for reports about AI in {name}",
        isPublished=True,
        channel="web form",
    )


def _resources(plan: Plan, index: int) -> Iterator[Record]:
    name = unit_name(index)
    is_cloud = index % 2 == 0
    yield Record(
        node("machines", index),
        "ComputingResource",
        f"machines of {name}",
        hostingKind=aims("Cloud" if is_cloud else "OnPremises"),
        providedBy=nodes.supplier(index % plan.suppliers) if is_cloud else None,
        capacity="32 cores, 2 accelerators",
        forStage=STAGES,
    )
    yield Record(
        node("team", index),
        "HumanResource",
        f"AI team of {name}",
        providesCompetence=SKILL,
        forStage=STAGES,
    )


def _data_rules(plan: Plan, index: int) -> Iterator[Record]:
    name = unit_name(index)
    yield Record(
        node("data-check", index),
        "DataManagementCheck",
        f"data management check of {name}",
        checkedOn=plan.day(-2500),
        approvedBy=nodes.DATA_LEAD,
        approvedOn=plan.day(-2490),
        coversPrivacy=True,
    )
    yield Record(node("data-preparation", index), "DataPreparation", f"cleaning rules of {name}")
    measurement = Record(
        node("data-quality", f"{index}-measured"),
        "DataQualityMeasurement",
        f"completeness of the data of {name}",
        value=Decimal("0.99"),
        measuredOn=plan.day(-20),
    )
    yield measurement
    yield Record(
        node("data-quality", index),
        "DataQualityRequirement",
        f"completeness asked of the data of {name}",
        characteristic="completeness",
        threshold=Decimal("0.98"),
        hasQualityMeasurement=measurement,
    )
