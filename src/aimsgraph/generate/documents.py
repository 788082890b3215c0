"""The documents of the synthetic management system: scope, policy, criteria, processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import Record, Value, aims, node, prose

POLICY_TYPE: Final = node("document-type", "policy")
PROCEDURE_TYPE: Final = node("document-type", "procedure")
RECORD_TYPE: Final = node("document-type", "governance-record")

FAIRNESS: Final = node("theme", "fair-results")
RELIABILITY: Final = node("theme", "reliable-results")

SCALE: Final = 5
THRESHOLD: Final = 9

_LIKELIHOODS: Final = ("rare", "unlikely", "possible", "likely", "almost certain")
_CONSEQUENCES: Final = ("negligible", "minor", "moderate", "major", "severe")


def documents(plan: Plan) -> Iterator[Record]:
    """Yield the documents and what they are made of."""
    yield from _types()
    yield _scope(plan)
    yield from _policies(plan)
    yield from _criteria(plan)
    yield from _procedures(plan)


def document(
    plan: Plan, name: ox.NamedNode, kind: str, label: str, sort: ox.NamedNode, /, **more: Value
) -> Record:
    """Return an approved document."""
    values: dict[str, Value] = {
        "identifier": f"AI-{name.value.rsplit('/', 1)[-1]}",
        "documentType": sort,
        "version": "2.0",
        "hasStatus": aims("Approved"),
        "ownedBy": nodes.GOVERNANCE_LEAD,
        "approvedBy": nodes.COMMITTEE,
        "approvedOn": plan.day(-300),
        "reviewDueOn": plan.day(65),
    }
    return Record(name, kind, label, **values | more)


def _types() -> Iterator[Record]:
    for name, label in (
        (POLICY_TYPE, "policy"),
        (PROCEDURE_TYPE, "procedure"),
        (RECORD_TYPE, "governance record"),
    ):
        yield Record(
            name,
            "DocumentType",
            label,
            isNeeded=True,
            retention=prose("Ten years after it was replaced."),
        )


def _scope(plan: Plan) -> Record:
    return document(
        plan,
        nodes.SCOPE,
        "Scope",
        "scope of the AI management system",
        RECORD_TYPE,
        coversUnit=nodes.HEAD_OFFICE,
        coversActivity=prose("Making, buying and using AI systems in all units."),
    )


def _policies(plan: Plan) -> Iterator[Record]:
    for name, label in ((FAIRNESS, "fair results"), (RELIABILITY, "reliable results")):
        yield Record(name, "PolicyTheme", label)
    yield document(
        plan,
        nodes.POLICY,
        "AIPolicy",
        "AI policy",
        POLICY_TYPE,
        approvedBy=nodes.DIRECTOR,
        communicatedOn=plan.day(-290),
        hasTheme=(FAIRNESS, RELIABILITY),
        isPublished=True,
    )
    security = node("document", "security-policy")
    yield document(plan, security, "Policy", "information security policy", POLICY_TYPE)
    yield Record(
        node("alignment", "security-policy"),
        "PolicyAlignment",
        "AI policy compared with the information security policy",
        alignsPolicy=nodes.POLICY,
        withPolicy=security,
        checkedOn=plan.day(-280),
    )
    yield Record(
        node("acknowledgement", "ai-policy"),
        "Acknowledgement",
        "AI policy read by the head of AI governance",
        acknowledges=nodes.POLICY,
        acknowledgedBy=nodes.GOVERNANCE_LEAD,
        acknowledgedOn=plan.day(-285),
        ofVersion="2.0",
    )


def _criteria(plan: Plan) -> Iterator[Record]:
    levels = [*_scale("Likelihood", _LIKELIHOODS), *_scale("Consequence", _CONSEQUENCES)]
    yield from levels
    yield document(
        plan,
        nodes.CRITERIA,
        "RiskCriteria",
        "AI risk criteria",
        PROCEDURE_TYPE,
        approvedOn=plan.day(-3000),
        validFrom=plan.day(-2990),
        scaleMaximum=SCALE,
        acceptanceThreshold=THRESHOLD,
        acceptanceAuthority=nodes.COMMITTEE,
        hasScaleLevel=levels,
    )


def _scale(kind: str, steps: tuple[str, ...]) -> Iterator[Record]:
    for rank, step in enumerate(steps, start=1):
        yield Record(
            node("scale", f"{kind.lower()}-{rank}"),
            "ScaleLevel",
            f"{kind.lower()}: {step}",
            description=prose(f"{step.capitalize()} in the judgement of those who know the work."),
            scaleKind=aims(kind),
            rank=rank,
        )


def _procedures(plan: Plan) -> Iterator[Record]:
    stages = (aims("DesignAndDevelopment"), aims("VerificationAndValidation"))
    for key, kind, label in (
        ("treatment-plan", "TreatmentPlan", "risk treatment plan"),
        ("responsible-use", "ResponsibleUseProcess", "process for responsible use"),
        ("incident-communication", "IncidentCommunicationPlan", "incident communication plan"),
    ):
        yield document(plan, node("document", key), kind, label, PROCEDURE_TYPE)
    yield document(
        plan,
        node("document", "impact-assessment"),
        "ImpactAssessmentProcess",
        "process for impact assessment",
        PROCEDURE_TYPE,
        requiresAssessmentAt=stages,
    )
