"""The defects an AI system can be given, each with the rule that has to find it.

To add one, give it a line in `DEFECTS`. What is done to the records must be
found by its rule with the one focus node it returns, and by no other rule of
the table; the tests see to that.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from aimsgraph.generate import nodes
from aimsgraph.generate.harm import Defect, Finding, changed, dropped, moved
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.profile import Dossier
from aimsgraph.generate.record import Record, aims
from aimsgraph.generate.risks import acceptance
from aimsgraph.namespaces import SHAPES


def put_defect(plan: Plan, dossier: Dossier) -> Finding | None:
    """Give an AI system a defect, if chance has it so, and return what a check has to find."""
    chance = plan.chance("defect", dossier.profile.number)
    if chance.random() >= plan.defects:
        return None
    defect = chance.choice([one for one in DEFECTS if all(part in dossier for part in one.needs)])
    focus = defect.harm(dossier)
    return Finding(focus.node.value, SHAPES + defect.rule, defect)


def _assess_late(dossier: Dossier) -> Record:
    profile = dossier.profile
    assessment = dossier["impact-assessment"]
    assessment.change(completedOn=profile.before_start(-20), approvedOn=profile.before_start(-25))
    return dossier["system"]


def _let_acceptance_lapse(dossier: Dossier) -> Record:
    day = dossier.profile.plan.day(-2)
    lapsed = acceptance(dossier.profile, "interim", dossier["risk-open"], day)
    dossier.records["interim-acceptance"] = lapsed
    return lapsed


def _accept_own_risk(dossier: Dossier) -> Record:
    dossier["risk-accepted"].change(ownedBy=nodes.DIRECTOR)
    dossier["acceptance"].change(acceptedBy=nodes.DIRECTOR)
    return dossier["acceptance"]


def _let_owner_leave(dossier: Dossier) -> Record:
    profile = dossier.profile
    leaver = Record(
        profile.node("person", "former-owner"),
        "Person",
        f"former owner of {profile.name}",
        worksIn=nodes.unit(profile.unit),
        leftOn=profile.plan.day(-30),
    )
    dossier.records["leaver"] = leaver
    dossier["system"].change(ownedBy=leaver)
    return dossier["system"]


def _let_supplier_lapse(dossier: Dossier) -> Record:
    profile = dossier.profile
    supplier = Record(
        profile.node("supplier", "own"), "Supplier", f"former favourite for {profile.task.name}"
    )
    dossier.records["supplier"] = supplier
    dossier.records["supplier-assessment"] = Record(
        profile.node("supplier-assessment"),
        "SupplierAssessment",
        f"old assessment of the supplier of {profile.name}",
        assessesSupplier=supplier,
        completedOn=profile.plan.day(-500),
        validUntil=profile.plan.day(-135),
        result=aims("Passed"),
    )
    for part in ("system", "model"):
        dossier[part].change(suppliedBy=supplier)
    dossier["their-duties"].change(responsibleParty=supplier)
    return dossier["system"]


def _raise_alarm(dossier: Dossier) -> Record:
    plan = dossier.profile.plan
    dossier["reading"].change(
        value=Decimal("0.71"), isAlarm=True, readOn=plan.day(-19), responseDueOn=plan.day(-5)
    )
    return dossier["reading"]


DEFECTS: Final = (
    Defect(
        "impact assessed after release",
        "LiveAISystem-impact-assessed-before-use",
        "the impact assessment is completed 20 days after the system went live",
        _assess_late,
    ),
    Defect(
        "impact assessment not approved",
        "ImpactAssessment-approved",
        "the completed impact assessment has no approval",
        changed("impact-assessment", approvedBy=None, approvedOn=None),
    ),
    Defect(
        "risk assessment overdue",
        "ScopedAISystem-risk-assessment-on-time",
        "the next risk assessment was due 12 days ago",
        moved("risk-assessment", "system", nextDueOn=-12),
        needs=("risk-assessment",),
    ),
    Defect(
        "risk left untreated",
        "Risk-over-threshold-treated",
        "a risk above the threshold has no treatment and no acceptance",
        dropped("treatment-open", "risk-open"),
        needs=("treatment-open",),
    ),
    Defect(
        "treatment overdue",
        "RiskTreatment-done-on-time",
        "a treatment in progress was due 15 days ago",
        moved("treatment-open", dueOn=-15),
        needs=("treatment-open",),
    ),
    Defect(
        "mitigation without control",
        "RiskTreatment-mitigation-has-control",
        "a treatment that is to mitigate relies on no control",
        changed("treatment-open", appliesImplementation=None),
        needs=("treatment-open",),
    ),
    Defect(
        "acceptance lapsed",
        "RiskAcceptance-lapsed",
        "the interim acceptance of a risk ended two days ago",
        _let_acceptance_lapse,
        needs=("treatment-open",),
    ),
    Defect(
        "acceptor owns the risk",
        "RiskAcceptance-not-by-the-owner",
        "the person who accepted a risk is its owner",
        _accept_own_risk,
        needs=("acceptance",),
    ),
    Defect(
        "system without owner",
        "AISystem-ownedBy",
        "the AI system has no owner",
        changed("system", ownedBy=None),
        needs=("system",),
    ),
    Defect(
        "owner left",
        "AISystem-owner-present",
        "the owner of the AI system left 30 days ago",
        _let_owner_leave,
    ),
    Defect(
        "evidence expired",
        "Evidence-in-force",
        "the test report, the only evidence for its test, lapsed three days ago",
        moved("evidence", validUntil=-3),
        needs=("evidence",),
    ),
    Defect(
        "data right expired",
        "Dataset-rights-expired",
        "the right to use the training data ended eight days ago",
        moved("training-data", rightsValidUntil=-8),
        needs=("training-data",),
    ),
    Defect(
        "released on a failed test",
        "Deployment-required-tests-passed",
        "the required test failed and no deviation was approved",
        changed("test", "deployment", result=aims("Failed")),
        needs=("test", "deployment"),
    ),
    Defect(
        "gate passed without approval",
        "StageGate-passed-without-approval",
        "the gate to operation has no approval",
        changed("gate", approvedBy=None, approvedOn=None),
        needs=("gate",),
    ),
    Defect(
        "approval of use lapsed",
        "UseApproval-lapsed",
        "the approval of use ended ten days ago",
        moved("approval", validUntil=-10),
    ),
    Defect(
        "monitor switched off",
        "LiveAISystem-monitored",
        "the only monitor is not active",
        changed("monitor", "system", isActive=False),
    ),
    Defect(
        "alarm unanswered",
        "MonitorReading-alarm-answered",
        "a reading is an alarm that was to be answered five days ago",
        _raise_alarm,
    ),
    Defect(
        "logging switched off",
        "LiveAISystem-logs-events",
        "the event log is not enabled",
        changed("log", "system", isEnabled=False),
    ),
    Defect(
        "log kept too short",
        "EventLog-retention",
        "the event log is kept for 30 days",
        changed("log", retentionInDays=30),
    ),
    Defect(
        "nobody oversees",
        "LiveAISystem-overseen",
        "the human oversight names nobody who performs it",
        changed("oversight", "system", performedBy=None),
    ),
    Defect(
        "documentation behind",
        "LiveAISystem-technical-documentation",
        "the technical documentation describes an older version",
        changed("documentation", "system", describesVersion="0.9"),
    ),
    Defect(
        "supplier assessment expired",
        "ThirdPartyAISystem-supplier-assessed",
        "the only assessment of the supplier lapsed 135 days ago",
        _let_supplier_lapse,
        needs=("their-duties",),
    ),
    Defect(
        "duty without bearer",
        "ThirdPartyAISystem-duty-unallocated",
        "nobody is named for the duties of the supplier",
        dropped("their-duties", "system"),
        needs=("their-duties",),
    ),
)
"""All kinds of defect."""
