"""How the synthetic management system is run: context, leadership, planning, review, audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.documents import RECORD_TYPE, document
from aimsgraph.generate.frameworks import Frameworks
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import Record, address, aims, node, prose, requirement

BUDGET: Final = node("resource", "governance-team")

ANNOUNCEMENT: Final = node("communication", "objectives")

_TOPICS: Final = (
    "AuditResults",
    "EarlierActions",
    "ImprovementOpportunities",
    "IssueChanges",
    "MonitoringResults",
    "NonconformityTrends",
    "PartyNeedChanges",
)

_PROCESSES: Final = (
    ("inventory", "keeping the inventory of AI systems", nodes.SCOPE),
    ("risk", "risk assessment and treatment", nodes.TREATMENT_PLAN),
    ("use", "release and use of AI systems", node("document", "responsible-use")),
)


def governance(plan: Plan, frameworks: Frameworks) -> Iterator[Record]:
    """Yield the management system and how it is run."""
    yield Record(
        nodes.AIMS,
        "AIManagementSystem",
        "AI management system",
        operatedBy=nodes.ORGANISATION,
        hasScope=nodes.SCOPE,
        hasPolicy=nodes.POLICY,
        hasProcess=tuple(node("process", key) for key, _, _ in _PROCESSES),
    )
    yield from _processes()
    yield from _context(plan)
    yield from _leadership(plan)
    yield from _communication(plan)
    yield from _review(plan)
    yield from _audit(plan, frameworks)


def _processes() -> Iterator[Record]:
    following = [*_PROCESSES[1:], None]
    for (key, label, output), after in zip(_PROCESSES, following, strict=True):
        yield Record(
            node("process", key),
            "Process",
            label,
            ownedBy=nodes.GOVERNANCE_LEAD,
            hasOutputRecord=output,
            feedsInto=node("process", after[0]) if after else None,
        )


def _context(plan: Plan) -> Iterator[Record]:
    for key, kind, label in (
        ("skills", "InternalIssue", "few people can judge models"),
        ("law", "ExternalIssue", "new duties for AI in law"),
        ("climate", "ExternalIssue", "energy use of large models"),
    ):
        yield Record(
            node("issue", key),
            kind,
            label,
            isClimateRelated=key == "climate",
            recordedOn=plan.day(-400),
            reviewedOn=plan.day(-60),
            rationale=prose("Watched by the committee; followed up through the objectives."),
        )
    need = Record(
        node("need", "told"),
        "PartyRequirement",
        "to be told when AI had a part in a decision",
        isAccepted=True,
        metBy=nodes.POLICY,
    )
    yield need
    yield Record(
        node("party", "customers"),
        "InterestedParty",
        "customers",
        isAffectedByAI=True,
        hasPartyRequirement=need,
    )
    yield Record(
        node("opportunity", "faster-service"),
        "Opportunity",
        "faster service through AI",
        ownedBy=nodes.GOVERNANCE_LEAD,
        rationale=prose("Followed up in the objectives of the units."),
    )


def _leadership(plan: Plan) -> Iterator[Record]:
    minutes = Record(
        node("evidence", "board-minutes"),
        "Evidence",
        "minutes of the board on AI",
        shows=prose("The board decided on the budget and the aims of AI management."),
        collectedOn=plan.day(-30),
        location=address("board-minutes.pdf"),
    )
    yield minutes
    yield Record(
        node("commitment", "budget"),
        "Commitment",
        "budget for AI management granted",
        madeBy=nodes.DIRECTOR,
        madeOn=plan.day(-30),
        hasCommitmentKind=aims("Resourcing"),
        hasEvidence=minutes,
    )
    yield Record(
        BUDGET,
        "HumanResource",
        "AI governance team",
        providesCompetence=node("competence", "ai-literacy"),
        forStage=aims("Operation"),
    )
    yield Record(
        node("decision", "staffing"),
        "ResourcingDecision",
        "staffing of the AI governance team",
        decidedOn=plan.day(-30),
        provides=BUDGET,
    )


def _communication(plan: Plan) -> Iterator[Record]:
    customers = node("party", "customers")
    yield Record(
        node("communication", "yearly-report"),
        "PlannedCommunication",
        "yearly report on AI",
        topic=prose("What AI is used for and how it is watched."),
        audience=customers,
        channel="website",
        performedBy=nodes.GOVERNANCE_LEAD,
        dueOn=plan.day(90),
    )
    yield Record(
        ANNOUNCEMENT,
        "Communication",
        "message of the director on the objectives",
        sentOn=plan.day(-200),
        audience=nodes.HEAD_OFFICE,
    )
    yield Record(
        node("awareness", "briefing"),
        "AwarenessActivity",
        "briefing on the AI policy in all units",
        heldOn=plan.day(-250),
        nextDueOn=plan.day(115),
        reaches=(nodes.HEAD_OFFICE, nodes.INTERNAL_AUDIT),
        about=nodes.POLICY,
    )
    yield Record(node("channel", "concerns"), "ConcernChannel", "speak-up line", isAnonymous=True)


def _review(plan: Plan) -> Iterator[Record]:
    inputs = [
        Record(
            node("review-input", topic),
            "ReviewInput",
            f"report on {_spaced(topic)}",
            inputTopic=aims(topic),
            basedOn=nodes.TREATMENT_PLAN,
        )
        for topic in _TOPICS
    ]
    yield from inputs
    decision = Record(
        node("review-decision", "as-is"),
        "ReviewDecision",
        "scope and policy stay as they are",
        ownedBy=nodes.GOVERNANCE_LEAD,
        rationale=prose("Nothing put before the review called for a change."),
    )
    yield decision
    yield Record(
        node("review", "latest"),
        "ManagementReview",
        "management review",
        heldOn=plan.day(-120),
        nextDueOn=plan.day(245),
        attendedBy=nodes.DIRECTOR,
        hasInput=inputs,
        hasDecision=decision,
    )
    yield Record(
        node("improvement", "inventory"),
        "Improvement",
        "inventory fed from the procurement system",
        improvementSource=node("review", "latest"),
        completedOn=plan.day(-45),
        improvementEffect=prose("New AI systems are seen on the day they are ordered."),
    )


def _audit(plan: Plan, frameworks: Frameworks) -> Iterator[Record]:
    clauses = [requirement(str(number)) for number in range(4, 11)]
    covered: tuple[ox.NamedNode, ...] = (*clauses, *(one.node for one in frameworks.controls))
    audit = Record(
        node("audit", "internal"),
        "Audit",
        "internal audit of the AI management system",
        auditKind=aims("InternalAudit"),
        criteria=prose("ISO/IEC 42001:2023 and the organisation's own procedures."),
        hasAuditor=nodes.AUDITOR,
        auditsRequirement=covered,
        auditsUnit=nodes.HEAD_OFFICE,
        plannedFor=plan.day(-160),
        completedOn=plan.day(-150),
        reportedTo=nodes.DIRECTOR,
        reportedOn=plan.day(-140),
    )
    yield audit
    yield document(
        plan,
        node("document", "audit-programme"),
        "AuditProgramme",
        "audit programme",
        RECORD_TYPE,
        hasAudit=audit,
        cycleStart=plan.day(-365),
        cycleEnd=plan.day(365),
        rationale=prose("All requirements once in the cycle; more often where risk is high."),
    )


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
