"""One synthetic AI system: what chance made of it, and all records about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random
from typing import Final

import pyoxigraph as ox

from aimsgraph.generate import nodes
from aimsgraph.generate.plan import SYSTEMS_PER_UNIT, Plan
from aimsgraph.generate.record import Record, node
from aimsgraph.generate.tasks import TASKS, Task
from aimsgraph.generate.words import unit_name

STAGES: Final = {
    "Inception": 6,
    "DesignAndDevelopment": 14,
    "VerificationAndValidation": 10,
    "DeploymentStage": 4,
    "Operation": 60,
    "Retirement": 6,
}
"""How many of a hundred AI systems are in each stage of their life cycle."""


@dataclass(frozen=True)
class Profile:
    """What chance made of an AI system."""

    plan: Plan
    number: int
    task: Task
    stage: str
    is_bought: bool
    start: date
    """The day it went live, or for one that is not yet live the day it was last examined."""
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
        return cls(plan, number, task, stage, is_bought, _start(plan, stage, chance), chance)

    @property
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
    def owner(self) -> ox.NamedNode:
        """Return who answers for it."""
        return nodes.member(self.plan, self.unit, self.number * 7)

    @cached_property
    def expert(self) -> ox.NamedNode:
        """Return another person of its unit, who looks after it day by day."""
        return nodes.member(self.plan, self.unit, self.number * 7 + 1)
    ...
