"""A synthetic AI system in use: watched, logged, overseen, approved and explained."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.frameworks import Frameworks
from aimsgraph.generate.profile import Parts, Profile
from aimsgraph.generate.record import Record, aims, prose

_OURS: Final = ("DutyDeployment", "DutyIncidents", "DutyMonitoring", "DutyRetirement")
_THEIRS: Final = ("DutyData", "DutyDesign", "DutyValidation")


def operation(profile: Profile) -> Parts:
    """Yield what an AI system in operation needs."""
    if not profile.is_live:
        return
    yield "use", Record.addition(nodes.objective(profile.unit), concernsSystem=profile.system)
    yield from _watch(profile)
    yield from _papers(profile)
    yield (
        "approval",
        Record(
            profile.node("approval"),
            "UseApproval",
            f"approval to use {profile.name}",
            concernsSystem=profile.system,
            approvedBy=nodes.COMMITTEE,
            approvedOn=profile.before_start(3),
            validUntil=profile.plan.day(profile.chance.randint(20, 700)),
        ),
    )


def _watch(profile: Profile) -> Parts:
    value = profile.chance.randint(880, 990)
    reading = Record(
        profile.node("reading"),
        "MonitorReading",
        f"reading of {profile.name}",
        readOn=profile.plan.day(-profile.chance.randint(2, 25)),
        value=Decimal(value) / 1000,
        threshold=Decimal("0.85"),
        isAlarm=False,
    )
    yield "reading", reading
    yield (
        "monitor",
        Record(
            profile.node("monitor"),
            "Monitor",
            f"monitor of {profile.name}",
            monitorsSystem=profile.system,
            monitorKind=(aims("Performance"), aims("Usage")),
            isActive=True,
            ownedBy=profile.expert,
            nextDueOn=profile.plan.day(profile.chance.randint(2, 30)),
            hasReading=reading,
        ),
    )
    yield (
        "log",
        Record(
            profile.node("log"),
            "EventLog",
            f"event log of {profile.name}",
            logsSystem=profile.system,
            isEnabled=True,
            retentionInDays=profile.chance.choice((365, 730)),
            requiredRetentionInDays=184,
        ),
    )
    yield (
        "oversight",
        Record(
            profile.node("oversight"),
            "HumanOversight",
            f"oversight of {profile.name}",
            overseesSystem=profile.system,
            performedBy=profile.expert,
            measures=prose("A sample each week; results can be put aside."),
            canOverride=True,
        ),
    )


def _papers(profile: Profile) -> Parts:
    for part, kind, label in (
        ("design", "DesignRecord", "design of"),
        ("documentation", "TechnicalDocumentation", "technical documentation of"),
        ("information", "UserInformation", "what users of it should know:"),
    ):
        is_public = kind == "UserInformation"
        yield (
            part,
            Record(
                profile.node("document", part),
                kind,
                f"{label} {profile.name}",
                concernsSystem=profile.system,
                describesVersion=profile.version,
                isPublished=True if is_public else None,
                disclosesAI=True if is_public else None,
            ),
        )


def outside_duties(profile: Profile, frameworks: Frameworks) -> Parts:
    """Yield who bears which duty for a bought AI system, and how duties in law are met."""
    if profile.is_bought and profile.is_live:
        yield "their-duties", _allocation(profile, profile.supplier, "supplier", _THEIRS)
        yield "our-duties", _allocation(profile, nodes.ORGANISATION, "organisation", _OURS)
    if profile.task.annex:
        yield (
            "fulfilment",
            Record(
                profile.node("fulfilment"),
                "DutyFulfilment",
                f"duties of a deployer of {profile.name}",
                concernsSystem=profile.system,
                fulfils=frameworks.duties,
                completedOn=profile.before_start(5) if profile.is_live else None,
                hasEvidence=profile.node("evidence") if profile.is_live else None,
            ),
        )


def _allocation(
    profile: Profile, party: ox.NamedNode, whose: str, duties: tuple[str, ...]
) -> Record:
    return Record(
        profile.node("allocation", whose),
        "ResponsibilityAllocation",
        f"duties of the {whose} for {profile.name}",
        concernsSystem=profile.system,
        forDuty=tuple(aims(duty) for duty in duties),
        responsibleParty=party,
    )
