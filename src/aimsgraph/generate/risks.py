"""The risks of a synthetic AI system: assessed, rated, treated or accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, cast

from aimsgraph.generate import nodes
from aimsgraph.generate.documents import SCALE, THRESHOLD
from aimsgraph.generate.profile import Parts, Profile
from aimsgraph.generate.record import Record, Value, aims, prose, requirement
from aimsgraph.generate.tasks import HAZARDS, Hazard

_STEPS: Final = range(1, SCALE + 1)
HIGH: Final = tuple((a, b) for a in _STEPS for b in _STEPS if THRESHOLD < a * b <= 16)
LOW: Final = tuple((a, b) for a in _STEPS for b in _STEPS if 3 <= a * b <= THRESHOLD)
"""Likelihood and consequence of risks above the threshold, and of those up to it."""


def risks(profile: Profile) -> Parts:
    """Yield the risk assessment with two or three risks, no two of which go the same way.

    One is treated, one is being treated, one is accepted, one is low.
    """
    hazards = profile.chance.sample(HAZARDS if profile.is_bought else HAZARDS[:-1], 3)
    assessed = profile.before_start(profile.chance.randint(20, 50))
    parts: dict[str, Record] = {}
    for course, hazard in zip(_courses(profile), hazards, strict=False):
        parts |= dict(_risk(profile, course, hazard, assessed))
    yield (
        "risk-assessment",
        Record(
            profile.node("risk-assessment"),
            "RiskAssessment",
            f"risk assessment of {profile.name}",
            assessesSystem=profile.system,
            usesCriteria=nodes.CRITERIA,
            identifies=[one for part, one in parts.items() if part.startswith("risk-")],
            performedBy=nodes.RISK_LEAD,
            completedOn=assessed,
            nextDueOn=profile.plan.day(profile.chance.randint(30, 330)),
        ),
    )
    yield from parts.items()


def _courses(profile: Profile) -> list[str]:
    if profile.stage == "Retirement":
        return ["treated", "low"]
    first = profile.chance.choice(("treated", "open"))
    others = [one for one in ("treated", "open", "accepted", "low") if one != first]
    return [first, *profile.chance.sample(others, 1 if profile.chance.random() < 0.7 else 2)]


def _risk(profile: Profile, course: str, hazard: Hazard, assessed: date) -> Parts:
    pairs = LOW if course == "low" else HIGH
    rating = _rating(profile, hazard, "inherent", profile.chance.choice(pairs), assessed)
    risk = Record(
        profile.node("risk", hazard.key),
        "Risk",
        f"{hazard.name}: {profile.name}",
        riskOf=profile.system,
        riskCategory=aims(hazard.category),
        hasRiskSource=requirement(hazard.source),
        threatensObjective=requirement(hazard.theme),
        hasConsequenceFor=tuple(aims(one) for one in hazard.falls_on),
        ownedBy=profile.owner,
        hasStatus=aims("Closed" if profile.stage == "Retirement" else "Open"),
        identifiedOn=assessed,
        inherentRating=rating,
    )
    yield f"risk-{course}", risk
    yield f"inherent-{course}", rating
    if course in _COURSES:
        yield from _COURSES[course](profile, hazard, risk)


def _rating(
    profile: Profile, hazard: Hazard, kind: str, pair: tuple[int, int], day: date
) -> Record:
    likelihood, consequence = pair
    return Record(
        profile.node("rating", f"{hazard.key}-{kind}"),
        "RiskRating",
        f"{kind} rating of {hazard.name} {profile.key}",
        likelihood=likelihood,
        consequence=consequence,
        level=likelihood * consequence,
        ratedOn=day,
        ratedBy=nodes.RISK_LEAD,
    )


def _treatment(profile: Profile, hazard: Hazard, risk: Record, **progress: Value) -> Record:
    return Record(
        profile.node("treatment", hazard.key),
        "RiskTreatment",
        f"{hazard.answer}: {profile.name}",
        treats=risk,
        treatmentOption=aims("Mitigate"),
        inPlan=nodes.TREATMENT_PLAN,
        appliesImplementation=tuple(nodes.implementation(one) for one in hazard.controls),
        ownedBy=profile.expert,
        **progress,
    )


def _treated(profile: Profile, hazard: Hazard, risk: Record) -> Parts:
    """Yield a treatment that is done, and the lower rating after it."""
    done, seen = profile.before_start(9), profile.before_start(4)
    yield (
        "treatment-done",
        _treatment(
            profile,
            hazard,
            risk,
            hasStatus=aims("Completed"),
            dueOn=profile.start,
            completedOn=done,
            effectivenessVerifiedOn=seen,
        ),
    )
    rating = _rating(profile, hazard, "residual", profile.chance.choice(LOW), seen)
    rating.change(approvedBy=nodes.COMMITTEE, approvedOn=seen)
    risk.change(residualRating=rating)
    yield "residual-rating", rating


def _under_treatment(profile: Profile, hazard: Hazard, risk: Record) -> Parts:
    """Yield a treatment that is not due yet."""
    due = profile.plan.day(profile.chance.randint(20, 200))
    status = aims("InProgress")
    yield "treatment-open", _treatment(profile, hazard, risk, hasStatus=status, dueOn=due)


def _accepted(profile: Profile, hazard: Hazard, risk: Record) -> Parts:
    """Yield a decision to let the risk stand for a time."""
    until = profile.plan.day(profile.chance.randint(20, 300))
    yield "acceptance", acceptance(profile, hazard.key, risk, until)


def acceptance(profile: Profile, key: str, risk: Record, until: date) -> Record:
    """Return a decision of the committee to let a risk stand at its level until a day."""
    rating = cast(Record, risk.values["inherentRating"])
    return Record(
        profile.node("acceptance", key),
        "RiskAcceptance",
        f"acceptance of a risk: {key} {profile.key}",
        acceptsRisk=risk,
        acceptedBy=nodes.COMMITTEE,
        acceptedOn=profile.before_start(15),
        acceptedLevel=rating.values["level"],
        validUntil=until,
        rationale=prose("Treatment would cost more than the harm it prevents."),
        reReviewTrigger=prose("A first case of harm."),
    )


_COURSES: Final[dict[str, Callable[[Profile, Hazard, Record], Parts]]] = {
    "treated": _treated,
    "open": _under_treatment,
    "accepted": _accepted,
}
"""What becomes of a risk; a low one is left as it is."""
