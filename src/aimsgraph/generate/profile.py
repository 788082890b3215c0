"""What chance made of one synthetic AI system; its records follow from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.plan import SYSTEMS_PER_UNIT, Plan
from aimsgraph.generate.record import Record, node
from aimsgraph.generate.tasks import TASKS, Task
from aimsgraph.generate.words import unit_name

Parts = Iterator[tuple[str, Record]]
"""Records of an AI system, each with what it is to it."""

STAGES: Final = {
    "Inception": 6,
    "DesignAndDevelopment": 14,
    "VerificationAndValidation": 10,
    "DeploymentStage": 4,
    "Operation": 60,
    "Retirement": 6,
}
"""How many of a hundred AI systems are in each stage of their life cycle, in its order."""

_AGES: Final = {"Operation": (60, 900), "Retirement": (1000, 1500)}
"""How many days ago a system of that stage went live."""


@dataclass(frozen=True)
class Profile:
    """What chance made of an AI system."""

    plan: Plan
    number: int
    task: Task
    stage: str
    is_bought: bool
    start: date
    """The day it went live, or for one that is not yet live the day it was last looked at."""
    version: str
    chance: Random

    @classmethod
    def draw(cls, plan: Plan, number: int) -> Profile:
        """Return the profile of an AI system; the first one is made here and in operation."""
        chance = plan.chance("system", number)
        task = chance.choice(TASKS)
        stage = chance.choices(list(STAGES), list(STAGES.values()))[0]
        is_bought = chance.random() < 0.3 or task.annex is not None
        if number == 1:
            task, stage, is_bought = TASKS[0], "Operation", False
        start = plan.day(-chance.randint(*_AGES.get(stage, (5, 60))))
        version = f"{chance.randint(1, 6)}.{chance.randint(0, 9)}"
        return cls(plan, number, task, stage, is_bought, start, version, chance)

    @cached_property
    def key(self) -> str:
        """Return its number as it stands in names."""
        return f"{self.number:04d}"

    @property
    def unit(self) -> int:
        """Return the unit it belongs to."""
        return (self.number - 1) // SYSTEMS_PER_UNIT

    @cached_property
    def name(self) -> str:
        """Return its name."""
        return f"{self.task.name} for {unit_name(self.unit)} {self.key}"

    @cached_property
    def system(self) -> ox.NamedNode:
        """Return the AI system itself."""
        return self.node("system")

    @property
    def owner(self) -> ox.NamedNode:
        """Return who answers for it."""
        return nodes.member(self.plan, self.unit, self.number)

    @property
    def expert(self) -> ox.NamedNode:
        """Return another person of its unit, who looks after it day by day."""
        return nodes.member(self.plan, self.unit, self.number + 1)

    @property
    def supplier(self) -> ox.NamedNode:
        """Return who supplies it, if it is bought."""
        return nodes.supplier(self.number % self.plan.suppliers)

    @property
    def is_live(self) -> bool:
        """Return whether it is in operation."""
        return self.stage == "Operation"

    @property
    def was_released(self) -> bool:
        """Return whether it ever went live."""
        return self.stage in _AGES

    def is_at_least(self, stage: str) -> bool:
        """Return whether it has come as far as a stage."""
        order = list(STAGES)
        return order.index(self.stage) >= order.index(stage)

    def node(self, kind: str, rest: str = "") -> ox.NamedNode:
        """Return the name of a record about it."""
        return node(kind, f"{self.key}-{rest}" if rest else self.key)

    def before_start(self, days: int) -> date:
        """Return the day so many days before it went live or was last looked at."""
        return self.start - timedelta(days=days)


class Dossier:
    """All records of one AI system by what they are to it, open to change until written."""

    def __init__(self, profile: Profile, parts: Parts) -> None:
        self.profile = profile
        self.records = dict(parts)

    def __getitem__(self, part: str) -> Record:
        return self.records[part]

    def __contains__(self, part: str) -> bool:
        return part in self.records

    def statements(self) -> Iterator[ox.Quad]:
        """Yield all that is said about the AI system."""
        for record in self.records.values():
            yield from record.statements()
