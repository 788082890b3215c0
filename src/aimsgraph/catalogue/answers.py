"""A question answered: the rows, the values it was asked with, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aimsgraph.catalogue.question import Question
from aimsgraph.store.answer import Answer

MET: Final = "met"
NOT_MET: Final = "not met"
NOTHING_TO_CHECK: Final = "nothing to check"
NOTHING_RECORDED: Final = "nothing recorded"
RECORDED: Final = "recorded"


@dataclass(frozen=True)
class QuestionAnswer:
    """The answer to a named question on one state of the graph."""

    question: Question
    values: Mapping[str, str]
    query: str
    answer: Answer
    population: int | None = None

    @property
    def verdict(self) -> str | None:
        """Return what the rows mean, or None where they only inform.

        Where rows are problems: met, not met, or nothing to check when there
        is nothing the question could have found a problem with. Where rows
        are a register: recorded or nothing recorded.
        """
        count = self.answer.count
        match self.question.expects:
            case "no-rows" if count:
                return NOT_MET
            case "no-rows":
                return MET if self.population else NOTHING_TO_CHECK
            case "rows":
                return RECORDED if count else NOTHING_RECORDED
        return None

    @property
    def sentence(self) -> str:
        """Return the verdict's reason as one sentence."""
        count = self.answer.count
        rows = "1 row" if count == 1 else f"{count} rows"
        match self.verdict:
            case "met":
                return f"{self.question.empty} ({self.population} checked)"
            case "not met" if self.population is not None:
                return f"{rows}; {self.population} checked."
            case "nothing to check":
                return f"Nothing to check: {self.question.population} is empty."
        return f"{rows}." if count else self.question.empty
