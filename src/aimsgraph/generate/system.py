"""A synthetic AI system itself, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.profile import Parts, Profile
from aimsgraph.generate.record import Record, Value, aims, node, prose
from aimsgraph.generate.tasks import TASKS
from aimsgraph.generate.units import STAGES, TOOLS
from aimsgraph.namespaces import PREFIXES

SUBJECTS: Final = (nodes.group("customers"), nodes.group("older-people"))
"""On whom results bear where a system decides on persons."""


def shared_by_systems() -> Iterator[Record]:
    """Yield purposes, the decisions that AI systems bear on, and the people they bear on."""
    for task in TASKS:
        yield Record(node("purpose", task.key), "SystemPurpose", task.purpose)
        if task.decides:
            label = f"decision prepared by {task.name.lower()}"
            yield Record(node("decision", task.key), "Decision", label)
    yield Record(SUBJECTS[0], "AffectedGroup", "customers and applicants", isVulnerable=False)
    yield Record(SUBJECTS[1], "AffectedGroup", "older people", isVulnerable=True)
    yield Record(nodes.group("staff"), "AffectedGroup", "staff", isVulnerable=False)


def system(profile: Profile) -> Parts:
    """Yield the AI system and the decision that it is in scope."""
    task = profile.task
    yield (
        "system",
        Record(
            profile.system,
            "AISystem",
            profile.name,
            identifier=f"AI-{profile.key}",
            purpose=node("purpose", task.key),
            intendedUse=prose(f"To {task.purpose}; a person of the unit has the last word."),
            ownedBy=profile.owner,
            belongsToUnit=nodes.unit(profile.unit),
            hasStage=aims(profile.stage),
            inScopeOf=nodes.SCOPE,
            isProcessingPersonalData=task.is_personal,
            decidesOnPersons=task.decides,
            influencesDecision=node("decision", task.key) if task.decides else None,
            hasSubject=SUBJECTS if task.decides else None,
            hasUserGroup=node("users", profile.unit),
            **_classification(profile),
            **_make_up(profile),
        ),
    )
    decision = Record(
        profile.node("scope-decision"),
        "ScopeDecision",
        f"{profile.name} is in scope",
        decidesOn=profile.system,
        isInScope=True,
        decidedOn=profile.before_start(60),
    )
    yield "scope-decision", decision
    yield "scope", Record.addition(nodes.SCOPE, hasScopeDecision=decision)


def _classification(profile: Profile) -> dict[str, Value]:
    """Return the role of the organisation and the tier under the EU AI Act."""
    annex = profile.task.annex
    tier, why = "MinimalTier", "No duty of the EU AI Act is tied to this use."
    if profile.task.talks:
        tier, why = "TransparencyTier", "People talk to it or read what it wrote."
    if annex:
        tier, why = "HighRiskTier", "It does what a point of Annex III names."
    return {
        "organisationRole": aims("AIUser" if profile.is_bought else "AIProducer"),
        "operatorRole": aims("Deployer" if profile.is_bought else "Provider"),
        "riskTier": aims(tier),
        "fallsUnder": ox.NamedNode(PREFIXES["euaiact"] + annex) if annex else None,
        "classifiedOn": profile.before_start(55),
        "classificationRationale": prose(why),
    }


def _make_up(profile: Profile) -> dict[str, Value]:
    """Return what the system consists of and runs on, as far as it has come."""
    values: dict[str, Value] = {"suppliedBy": profile.supplier if profile.is_bought else None}
    if profile.is_at_least("DesignAndDevelopment"):
        values["hasModel"] = profile.node("model")
    if profile.is_at_least("VerificationAndValidation"):
        values["usesResource"] = (node("machines", profile.unit), node("team", profile.unit))
    if profile.was_released:
        values |= {
            "currentVersion": profile.version,
            "inUseSince": profile.start,
            "hasReportingRoute": node("route", profile.unit),
        }
    return values


def components(profile: Profile) -> Parts:
    """Yield the model and the data it learned from or was tested on."""
    if not profile.is_at_least("DesignAndDevelopment"):
        return
    learned = profile.node("dataset", "training")
    tested = profile.node("dataset", "test")
    tool = profile.chance.choice(TOOLS).replace(" ", "-")
    yield (
        "model",
        Record(
            profile.node("model"),
            "Model",
            f"model of {profile.name}",
            version=profile.version,
            algorithm=profile.task.algorithm,
            suppliedBy=profile.supplier if profile.is_bought else None,
            trainedOn=None if profile.is_bought else learned,
            testedOn=tested,
            usesTool=node("tool", tool),
        ),
    )
    yield "test-data", _dataset(profile, "test", {})
    if not profile.is_bought:
        rules: dict[str, Value] = {
            "hasManagementCheck": node("data-check", profile.unit),
            "hasQualityRequirement": node("data-quality", profile.unit),
            "hasPreparation": node("data-preparation", profile.unit),
            "rightsValidUntil": profile.plan.day(profile.chance.randint(30, 900)),
        }
        yield "training-data", _dataset(profile, "training", rules)


def _dataset(profile: Profile, use: str, rules: dict[str, Value]) -> Record:
    return Record(
        profile.node("dataset", use),
        "Dataset",
        f"{use} data of {profile.name}",
        dataSource=prose("Records of the unit, drawn by its AI team."),
        legalBasis=prose("Legitimate interest, weighed by the data protection lead."),
        updatedOn=profile.before_start(70),
        containsPersonalData=profile.task.is_personal,
        forStage=STAGES[0],
        **rules,
    )
