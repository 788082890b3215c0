"""How a synthetic AI system was specified, tested, released, and in the end taken out of use."""

from __future__ import annotations

from aimsgraph.generate import nodes
from aimsgraph.generate.controls import digest
from aimsgraph.generate.profile import Parts, Profile
from aimsgraph.generate.record import Record, aims, prose


def tests(profile: Profile) -> Parts:
    """Yield a requirement with the tests that verify it, and the proof that they were made."""
    if not profile.is_at_least("VerificationAndValidation"):
        return
    test = _test(profile, "Validation")
    yield "test", test
    if profile.task.decides:
        yield "fairness-test", _test(profile, "FairnessTest")
    requirement = Record(
        profile.node("requirement"),
        "SystemRequirement",
        f"accuracy asked of {profile.name}",
        concernsSystem=profile.system,
        approvedBy=nodes.COMMITTEE,
        approvedOn=profile.before_start(50),
        verifiedBy=test,
    )
    yield "requirement", requirement
    if not profile.is_bought:
        addition = Record.addition(nodes.DEVELOPMENT, realisedByRequirement=requirement)
        yield "development", addition
    yield "evidence", _evidence(profile, test)


def _test(profile: Profile, kind: str) -> Record:
    return Record(
        profile.node("test", kind.lower()),
        "Test",
        f"{'test of fairness' if kind == 'FairnessTest' else 'validation'} of {profile.name}",
        concernsSystem=profile.system,
        ofVersion=profile.version,
        testKind=aims(kind),
        isRequired=kind == "Validation",
        performedOn=profile.before_start(12),
        result=aims("Passed"),
    )


def _evidence(profile: Profile, test: Record) -> Record:
    file_name = f"test-{profile.key}.pdf"
    return Record(
        profile.node("evidence"),
        "Evidence",
        f"test report of {profile.name}",
        shows=prose("All asked measures were reached on data kept apart."),
        collectedOn=profile.before_start(11),
        collectedBy=profile.expert,
        validUntil=profile.plan.day(profile.chance.randint(40, 700)),
        fileName=file_name,
        sha256=digest(file_name),
        supports=test,
    )


def release(profile: Profile) -> Parts:
    """Yield what let the AI system go live, and what took it out of use again."""
    if not profile.was_released:
        return
    yield (
        "gate",
        Record(
            profile.node("gate", "operation"),
            "StageGate",
            f"gate to operation of {profile.name}",
            concernsSystem=profile.system,
            gateFor=aims("Operation"),
            passedOn=profile.before_start(2),
            approvedBy=nodes.COMMITTEE,
            approvedOn=profile.before_start(3),
        ),
    )
    yield (
        "deployment",
        Record(
            profile.node("deployment"),
            "Deployment",
            f"release {profile.version} of {profile.name}",
            deploysSystem=profile.system,
            version=profile.version,
            releaseApprovedBy=nodes.COMMITTEE,
            releaseApprovedOn=profile.before_start(3),
            wentLiveOn=profile.start,
        ),
    )
    if profile.stage == "Retirement":
        yield from _end(profile)


def _end(profile: Profile) -> Parts:
    retired = profile.plan.day(-profile.chance.randint(10, 300))
    yield "end", Record.addition(profile.system, retiredOn=retired)
    yield (
        "decommissioning",
        Record(
            profile.node("decommissioning"),
            "Decommissioning",
            f"end of {profile.name}",
            concernsSystem=profile.system,
            completedOn=retired,
            dataDisposition=prose("Erased, but for what the law asks to keep."),
        ),
    )
