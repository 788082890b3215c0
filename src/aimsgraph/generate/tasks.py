"""What synthetic AI systems do, and what can go wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Task:
    """A job that AI is put to."""

    name: str
    purpose: str
    algorithm: str = "gradient-boosted trees"
    is_personal: bool = False
    """Whether it works with personal data."""
    decides: bool = False
    """Whether it bears on persons."""
    talks: bool = False
    """Whether people have to be told that it is AI."""
    annex: str | None = None
    """The point of Annex III of the EU AI Act that makes it high-risk."""

    @property
    def key(self) -> str:
        """Return the name as it stands in an IRI."""
        return self.name.lower().replace(" ", "-")


_LANGUAGE = "fine-tuned language model"
_VISION = "convolutional network"
_SERIES = "time series regression"

TASKS: Final = (
    Task("Invoice matching", "match invoices with orders"),
    Task("Demand forecast", "forecast how much will be ordered", _SERIES),
    Task("Contract summary", "shorten contracts for a first reading", _LANGUAGE),
    Task("Meeting minutes", "draft minutes from recordings", _LANGUAGE, is_personal=True),
    Task("Support chatbot", "answer common questions", _LANGUAGE, is_personal=True, talks=True),
    Task("Voice assistant", "take simple orders by phone", _LANGUAGE, is_personal=True, talks=True),
    Task("Damage estimate", "estimate repair costs from photos", _VISION),
    Task("Spare parts forecast", "forecast which parts will be needed", _SERIES),
    Task("Route planning", "order stops so that less is driven", "constraint solver"),
    Task("Pump monitoring", "see wear before a pump fails", _SERIES),
    Task("Document routing", "send incoming letters to the right desk", _LANGUAGE),
    Task("Complaint sorting", "sort complaints by urgency", _LANGUAGE, is_personal=True),
    Task("Translation", "translate working papers", _LANGUAGE),
    Task("Code completion", "suggest code to developers", _LANGUAGE),
    Task("Anomaly detection", "flag unusual bookings for a second look", "isolation forest"),
    Task("Churn forecast", "tell which customers may leave", is_personal=True),
    Task("Offer ranking", "order offers by likely interest", is_personal=True),
    Task("Price suggestion", "suggest prices to the pricing desk"),
    Task("Quality inspection", "find faults on the line", _VISION),
    Task("Cash forecast", "forecast the daily cash position", _SERIES),
    Task("Knowledge search", "find passages in manuals", _LANGUAGE),
    Task("Fraud screening", "flag payments for review", is_personal=True, decides=True),
    Task("Payment reminders", "choose when to remind a debtor", is_personal=True, decides=True),
    Task("Site access control", "compare faces at the gate", _VISION, is_personal=True),
    Task("Stock counting", "count pallets from drone images", _VISION),
    Task("Tariff coding", "propose customs codes", _LANGUAGE),
    Task("Energy forecast", "forecast consumption by the hour", _SERIES),
    Task("Report drafting", "draft the text of monthly reports", _LANGUAGE, talks=True),
    Task("Lead scoring", "order leads by likely success", is_personal=True),
    Task("Claim triage", "sort claims by complexity", is_personal=True, decides=True),
    Task(
        "CV screening",
        "put applications in an order for recruiters",
        _LANGUAGE,
        is_personal=True,
        decides=True,
        annex="AnnexIII.4(a)",
    ),
    Task(
        "Shift allocation",
        "propose shifts from past performance",
        is_personal=True,
        decides=True,
        annex="AnnexIII.4(b)",
    ),
)


@dataclass(frozen=True)
class Hazard:
    """A way in which an AI system can do harm, and what is done about it."""

    name: str
    category: str
    source: str
    theme: str
    falls_on: tuple[str, ...]
    answer: str
    controls: tuple[str, ...]

    @property
    def key(self) -> str:
        """Return the name as it stands in an IRI."""
        return self.name.replace(" ", "-")


_PEOPLE = ("ForIndividuals", "ForGroups")
_HOUSE = ("ForOrganization",)

HAZARDS: Final = (
    Hazard(
        "unfair results for a group",
        "Ethical",
        "C.3.4",
        "C.2.5",
        _PEOPLE,
        "parity test each quarter",
        ("A.5.4", "A.6.2.4"),
    ),
    Hazard(
        "slow loss of accuracy",
        "Technical",
        "C.3.4",
        "C.2.8",
        _HOUSE,
        "drift watch with a retraining rule",
        ("A.6.2.6",),
    ),
    Hazard(
        "results nobody can explain",
        "Reputational",
        "C.3.2",
        "C.2.11",
        _PEOPLE,
        "reasons shown with every result",
        ("A.8.2", "A.9.2"),
    ),
    Hazard(
        "leak of confidential input",
        "SecurityRisk",
        "C.3.1",
        "C.2.10",
        ("ForOrganization", "ForIndividuals"),
        "filtering of what goes in and out",
        ("A.4.5", "A.9.4"),
    ),
    Hazard(
        "blind trust in the output",
        "OperationalRisk",
        "C.3.3",
        "C.2.1",
        _PEOPLE,
        "second look by a person",
        ("A.9.2", "A.9.4"),
    ),
    Hazard(
        "training on unsuitable data",
        "DataRisk",
        "C.3.4",
        "C.2.3",
        _HOUSE,
        "data checks before training",
        ("A.7.4", "A.7.6"),
    ),
    Hazard(
        "standstill of the platform",
        "OperationalRisk",
        "C.3.5",
        "C.2.8",
        _HOUSE,
        "manual fallback, rehearsed twice a year",
        ("A.4.5", "A.6.2.5"),
    ),
    Hazard(
        "use outside its purpose",
        "Legal",
        "C.3.6",
        "C.2.7",
        ("ForIndividuals", "ForSociety"),
        "review of use against the stated purpose",
        ("A.9.4",),
    ),
    Hazard(
        "unnoticed change by a supplier",
        "ThirdPartyRisk",
        "C.3.7",
        "C.2.6",
        _HOUSE,
        "acceptance test of each new version",
        ("A.10.3", "A.6.2.4"),
    ),
)
