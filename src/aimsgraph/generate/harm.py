"""What a defect is, and the simple ways to do harm to the records of an AI system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aimsgraph.generate.profile import Dossier
from aimsgraph.generate.record import Record, Value

Harm = Callable[[Dossier], Record]
"""Changes the records of an AI system and returns the one that the rule will name."""


@dataclass(frozen=True)
class Defect:
    """One kind of defect."""

    kind: str
    rule: str
    """The rule that finds it, without the namespace of the shapes."""
    done: str
    """What is done to the records, in words."""
    harm: Harm
    needs: tuple[str, ...] = ("monitor",)
    """The parts a dossier must have for it; only an AI system in operation has a monitor."""


@dataclass(frozen=True)
class Finding:
    """A defect that was put in: what a check has to find."""

    focus: str
    rule: str
    defect: Defect


def changed(part: str, focus: str | None = None, /, **values: Value) -> Harm:
    """Give a record other values; the rule names it, or another part."""

    def harm(dossier: Dossier) -> Record:
        dossier[part].change(**values)
        return dossier[focus or part]

    return harm


def moved(part: str, focus: str | None = None, /, **days: int) -> Harm:
    """Give a record other dates, counted in days from today."""

    def harm(dossier: Dossier) -> Record:
        dates = {name: dossier.profile.plan.day(count) for name, count in days.items()}
        dossier[part].change(**dates)
        return dossier[focus or part]

    return harm


def dropped(part: str, focus: str) -> Harm:
    """Leave a record out."""

    def harm(dossier: Dossier) -> Record:
        del dossier.records[part]
        return dossier[focus]

    return harm
