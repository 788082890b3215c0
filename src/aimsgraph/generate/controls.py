"""The synthetic Statement of Applicability and how each control is put into practice."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.documents import RECORD_TYPE, document
from aimsgraph.generate.frameworks import Control, Frameworks
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import Record, aims, node, prose

OPTIONAL: Final = ("A.7.3", "A.8.5", "A.10.4")
"""Controls no treatment relies on; chance excludes one of them."""


def controls(plan: Plan, frameworks: Frameworks) -> Iterator[Record]:
    """Yield the statement with an entry for every control, and the implementations."""
    left_out = plan.chance("exclusion").choice(OPTIONAL)
    entries = []
    for number, control in enumerate(frameworks.controls):
        is_applicable = control.identifier != left_out
        if is_applicable:
            yield from _practice(plan, control, nodes.person(1 + number % (nodes.CORE - 2)))
        entries.append(_entry(control, is_applicable=is_applicable))
    yield from entries
    yield document(
        plan,
        node("document", "statement-of-applicability"),
        "StatementOfApplicability",
        "Statement of Applicability",
        RECORD_TYPE,
        hasEntry=entries,
    )


def _entry(control: Control, *, is_applicable: bool) -> Record:
    why = "Needed to treat the risks of the AI systems." if is_applicable else "No such case here."
    return Record(
        node("entry", control.identifier),
        "ApplicabilityEntry",
        f"{control.identifier} {'included' if is_applicable else 'excluded'}",
        forControl=control.node,
        isApplicable=is_applicable,
        justification=prose(why),
        implementationStatus=aims("Implemented") if is_applicable else None,
        implementedThrough=nodes.implementation(control.identifier) if is_applicable else None,
    )


def _practice(plan: Plan, control: Control, owner: ox.NamedNode) -> Iterator[Record]:
    title = _lowered(control.title)
    check = Record(
        node("check", control.identifier),
        "ControlCheck",
        f"check of {title}",
        checkedOn=plan.day(-100),
        nextDueOn=plan.day(265),
        result=aims("Passed"),
        performedBy=nodes.AUDITOR,
    )
    yield check
    arrangement = Record(
        nodes.implementation(control.identifier),
        "ControlImplementation",
        f"arrangements for {title}",
        implementsControl=control.node,
        ownedBy=owner,
        implementedOn=plan.day(-800),
        hasStatus=aims("Implemented"),
        intervalInDays=365,
        hasCheck=check,
    )
    yield arrangement
    file_name = f"{control.identifier}-check.pdf"
    yield Record(
        node("evidence", control.identifier),
        "Evidence",
        f"report on the check of {title}",
        shows=prose("The control was seen at work in a sample of AI systems."),
        collectedOn=plan.day(-100),
        collectedBy=nodes.AUDITOR,
        fileName=file_name,
        sha256=digest(file_name),
        supports=arrangement,
    )


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:] if title[1].islower() else title


def digest(name: str) -> str:
    """Return a digest such as a file of that name would have."""
    return sha256(name.encode()).hexdigest()
