"""The synthetic organisation, its units and people, and who holds which role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import Record, address, aims, node, prose
from aimsgraph.generate.words import organisation_name, person_name, unit_name


@dataclass(frozen=True)
class Office:
    """A role that one of the core people holds."""

    key: str
    responsibility: str
    duties: tuple[str, ...] = ()
    is_top: bool = False

    @property
    def label(self) -> str:
        """Return its name."""
        return self.key.replace("-", " ")


OFFICES: Final = (
    Office("managing-director", "Answers for the AI management system.", is_top=True),
    Office(
        "head-of-ai-governance",
        "Keeps the AI management system in line with the standard and reports on it.",
        ("ConformityDuty", "ReportingDuty"),
    ),
    Office("ai-risk-lead", "Runs risk assessment and treatment.", ("RiskDuty",)),
    Office("data-protection-lead", "Watches over personal data.", ("PrivacyDuty",)),
    Office("general-counsel", "Answers for law and contracts.", ("LegalDuty",)),
    Office("data-lead", "Answers for data and its quality.", ("DataDuty",)),
    Office("development-lead", "Answers for how AI systems are made.", ("DevelopmentDuty",)),
    Office("security-lead", "Answers for security.", ("SecurityDuty",)),
    Office("supplier-lead", "Chooses and watches suppliers.", ("SupplierDuty", "ResourceDuty")),
    Office("impact-lead", "Runs impact assessment.", ("ImpactDuty", "SafetyDuty")),
    Office(
        "operations-lead",
        "Answers for monitoring and oversight in use.",
        ("OversightDuty", "PerformanceDuty"),
    ),
    Office("internal-auditor", "Audits the AI management system."),
)

COORDINATOR: Final = node("role", "unit-coordinator")
SKILL: Final = node("competence", "ai-literacy")
PROOF: Final = node("evidence", "literacy-course")


def organisation(plan: Plan) -> Iterator[Record]:
    """Yield the organisation with all that it has of people."""
    turn = plan.chance("names").randrange(2400)
    yield Record(nodes.ORGANISATION, "Organization", organisation_name(turn))
    yield from _units(plan)
    yield from _people(plan, turn)
    yield Record(
        nodes.COMMITTEE,
        "Committee",
        "AI risk committee",
        hasMember=(nodes.DIRECTOR, nodes.person(4), nodes.person(7)),
        chairedBy=nodes.DIRECTOR,
    )
    yield from _literacy(plan)
    for index, office in enumerate(OFFICES):
        yield from _office(plan, index, office)
    for index in range(plan.units):
        yield from _coordinator(plan, index)


def _units(plan: Plan) -> Iterator[Record]:
    for name, label in (
        (nodes.HEAD_OFFICE, "Head Office"),
        (nodes.INTERNAL_AUDIT, "Internal Audit"),
    ):
        yield Record(name, "Unit", label, unitOf=nodes.ORGANISATION)
    for index in range(plan.units):
        yield Record(nodes.unit(index), "Unit", unit_name(index), unitOf=nodes.HEAD_OFFICE)


def _people(plan: Plan, turn: int) -> Iterator[Record]:
    for index in range(plan.people):
        home = nodes.unit((index - nodes.CORE) % plan.units)
        if index < nodes.CORE:
            home = nodes.INTERNAL_AUDIT if index == nodes.CORE - 1 else nodes.HEAD_OFFICE
        yield Record(nodes.person(index), "Person", person_name(index, turn), worksIn=home)


def _literacy(plan: Plan) -> Iterator[Record]:
    yield Record(SKILL, "Competence", "AI literacy")
    yield Record(
        PROOF,
        "Evidence",
        "attendance list of the course in AI literacy",
        shows=prose("Everybody with a role took the course and passed the test."),
        collectedOn=plan.day(-180),
        location=address("literacy-course.pdf"),
    )
    yield Record(
        COORDINATOR,
        "Role",
        "AI coordinator of a unit",
        responsibility=prose("Keeps the inventory of the unit's AI systems true."),
        authority=prose("May stop the use of an AI system that is not in the inventory."),
        requiresCompetence=SKILL,
    )


def _office(plan: Plan, index: int, office: Office) -> Iterator[Record]:
    role = Record(
        node("role", office.key),
        "Role",
        office.label,
        responsibility=prose(office.responsibility),
        authority=prose("May stop an AI system until the matter is settled."),
        hasDuty=tuple(aims(duty) for duty in office.duties),
        isTopManagement=office.is_top,
        isMandatoryRole=True,
        requiresCompetence=SKILL,
    )
    yield role
    yield from _held(plan, index, role.node, office.key, office.label)


def _coordinator(plan: Plan, index: int) -> Iterator[Record]:
    label = f"AI coordinator of {unit_name(index)}"
    yield from _held(plan, nodes.CORE + index, COORDINATOR, f"coordinator-{index}", label)


def _held(plan: Plan, holder: int, role: ox.NamedNode, key: str, label: str) -> Iterator[Record]:
    """Yield who holds a role, and that the person is able to."""
    yield Record(
        node("assignment", key),
        "RoleAssignment",
        f"appointment as {label}",
        assignsRole=role,
        assignsPerson=nodes.person(holder),
        startedOn=plan.day(-900),
        communicatedOn=plan.day(-895),
    )
    yield Record(
        node("competence", key),
        "CompetenceRecord",
        f"AI literacy of the {label}",
        ofPerson=nodes.person(holder),
        provesCompetence=SKILL,
        basis=aims("TrainingBasis"),
        validUntil=plan.day(550),
        hasEvidence=PROOF,
    )
