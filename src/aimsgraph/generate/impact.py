"""The impact assessment of a synthetic AI system."""

from __future__ import annotations

from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.profile import Parts, Profile
from aimsgraph.generate.record import Record, Value, aims, prose
from aimsgraph.generate.system import SUBJECTS

_HARMS: Final = (
    ("AccountabilityDimension", "nobody feels answerable for a wrong result"),
    ("TransparencyDimension", "people cannot tell why they got a result"),
    ("FinancialDimension", "some people pay more than others"),
    ("LabourDimension", "work becomes more monotonous"),
)
_GAINS: Final = (
    ("AccessibilityDimension", "answers outside office hours"),
    ("FinancialDimension", "fewer errors that cost people money"),
    ("SafetyDimension", "faults seen before they hurt anybody"),
)
_SEVERITIES: Final = ("Negligible", "Minor", "Moderate")
"""Graver harm would have to raise a risk of its own."""


def impact(profile: Profile) -> Parts:
    """Yield the assessment, begun in design and completed before release, and its impacts."""
    if not profile.is_at_least("DesignAndDevelopment"):
        return
    groups = SUBJECTS if profile.task.decides else (nodes.group("staff"),)
    harm = _impact(profile, "harm", groups)
    gain = _impact(profile, "gain", groups)
    yield "harm", harm
    yield "gain", gain
    done = profile.is_at_least("VerificationAndValidation")
    yield (
        "impact-assessment",
        Record(
            profile.node("impact-assessment"),
            "ImpactAssessment",
            f"impact assessment of {profile.name}",
            assessesImpactOf=profile.system,
            consultsGroup=groups,
            covers=tuple(aims(one) for one in _dimensions(profile)),
            identifiesImpact=(harm, gain),
            performedBy=nodes.IMPACT_LEAD,
            startedOn=profile.before_start(60),
            **(_results(profile) if done else {}),
        ),
    )


def _dimensions(profile: Profile) -> list[str]:
    found = ["TransparencyDimension", "SafetyDimension"]
    if profile.task.is_personal:
        found.append("PrivacyDimension")
    if profile.task.decides:
        found.append("FairnessDimension")
    return found


def _impact(profile: Profile, kind: str, groups: tuple[ox.NamedNode, ...]) -> Record:
    is_gain = kind == "gain"
    dimension, what = profile.chance.choice(_GAINS if is_gain else _HARMS)
    severity = profile.chance.choice(_SEVERITIES)
    return Record(
        profile.node("impact", kind),
        "Impact",
        f"{what}: {profile.name}",
        onGroup=groups[0],
        inDimension=aims(dimension),
        severity=aims(severity),
        isBeneficial=is_gain,
    )


def _results(profile: Profile) -> dict[str, Value]:
    completed = profile.before_start(profile.chance.randint(16, 30))
    return {
        "completedOn": completed,
        "approvedBy": nodes.COMMITTEE,
        "approvedOn": profile.before_start(14),
        "nextDueOn": profile.plan.day(profile.chance.randint(30, 400)),
        "retainUntil": profile.plan.day(3650),
        "informsRiskAssessment": profile.node("risk-assessment"),
        "foreseeableMisuse": prose("Results taken over without a second look."),
        "societalFindings": prose("No effect beyond the unit and those it serves."),
    }
