"""What is to be made: how large, from which seed, with how many defects, as of which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from aimsgraph.errors import ParameterError

TODAY: Final = date(2026, 11, 16)
"""The day an organisation is written for if nobody says another."""

SYSTEMS_PER_UNIT: Final = 50


@dataclass(frozen=True)
class Plan:
    """The size of an organisation and all that chance depends on."""

    systems: int
    seed: int = 0
    defects: float = 0.0
    """The share of AI systems that get a defect, from 0 to 1."""
    today: date = TODAY

    def __post_init__(self) -> None:
        if self.systems < 1:
            raise ParameterError(
                f"an organisation of {self.systems} AI systems cannot be made; ask for 1 or more"
            )
        if not 0 <= self.defects <= 1:
            raise ParameterError(
                f"{self.defects} is no share of AI systems; give the defects a rate from 0 to 1"
            )
        if not 1900 <= self.today.year <= 9000:
            raise ParameterError(f"{self.today} is too far away; take a day from 1900 to 9000")

    @property
    def units(self) -> int:
        """Return the number of units that have AI systems."""
        return -(-self.systems // SYSTEMS_PER_UNIT)

    @property
    def people(self) -> int:
        """Return the number of people."""
        return self.systems // 4 + 20

    @property
    def suppliers(self) -> int:
        """Return the number of suppliers."""
        return self.systems // 20 + 3

    def day(self, days: int) -> date:
        """Return the day so many days after today, or before it."""
        return self.today + timedelta(days=days)

    def chance(self, *what: str | int) -> Random:
        """Return a source of chance that depends on the seed and what it is for, and no more."""
        return Random("/".join(map(str, (self.seed, *what))))
