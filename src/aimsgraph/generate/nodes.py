"""The records that many others point to, by name."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import node

ORGANISATION: Final = node("organisation", "group")
AIMS: Final = node("organisation", "ai-management-system")
COMMITTEE: Final = node("committee", "ai-risk")

SCOPE: Final = node("document", "scope")
POLICY: Final = node("document", "ai-policy")
CRITERIA: Final = node("document", "risk-criteria")
TREATMENT_PLAN: Final = node("document", "treatment-plan")

HEAD_OFFICE: Final = node("unit", "head-office")
INTERNAL_AUDIT: Final = node("unit", "internal-audit")

CORE: Final = 12
"""The first people hold the roles of the management system; the others work in units."""


def person(index: int) -> ox.NamedNode:
    """Return one of the people."""
    return node("person", index)


DIRECTOR: Final = person(0)
GOVERNANCE_LEAD: Final = person(1)
RISK_LEAD: Final = person(2)
DATA_LEAD: Final = person(5)
IMPACT_LEAD: Final = person(9)
AUDITOR: Final = person(CORE - 1)


def unit(index: int) -> ox.NamedNode:
    """Return one of the units that have AI systems."""
    return node("unit", index)


def member(plan: Plan, index: int, place: int) -> ox.NamedNode:
    """Return somebody who works in a unit; `place` may be any number."""
    others = plan.people - CORE
    size = len(range(index, others, plan.units))
    return person(CORE + index + plan.units * (place % size))


def implementation(control: str) -> ox.NamedNode:
    """Return what puts a control of Annex A into practice."""
    return node("control", control)


def supplier(index: int) -> ox.NamedNode:
    """Return one of the suppliers."""
    return node("supplier", index)


def group(key: str) -> ox.NamedNode:
    """Return a group of people on whom results of AI systems bear."""
    return node("group", key)


def objective(unit_index: int) -> ox.NamedNode:
    """Return the objective that a unit has for its use of AI."""
    return node("objective", f"use-{unit_index}")


DEVELOPMENT: Final = node("objective", "development")
"""The objective for the AI systems the organisation makes itself."""
