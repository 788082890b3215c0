"""The facts: rows of the CSV files beside this module, and complaints that name the row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


class FactError(Exception):
    """A row says something that cannot be: an unknown element, role, tier or word."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}, line {line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Row:
    """One row of a CSV file, with the line it stands on."""

    file: str
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell without surrounding blanks."""
        return self.values[column].strip()

    def parts(self, column: str) -> list[str]:
        """Return the values of a cell that may hold several."""
        return [part.strip() for part in self[column].split(";") if part.strip()]

    def translated(self, column: str, names: Mapping[str, str]) -> str:
        """Return what a word of the CSV is called in the ontology.

        Raises:
            FactError: the word is unknown.
        """
        word = self[column]
        if word not in names:
            raise self.error(f"{column} is {word!r}; known: {', '.join(sorted(names))}")
        return names[word]

    def error(self, reason: str) -> FactError:
        """Return a complaint about this row."""
        return FactError(self.file, self.line, reason)


def rows(file: str) -> Iterator[Row]:
    """Yield the rows of a CSV file in their order."""
    with (FOLDER / file).open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for values in reader:
            yield Row(file, reader.line_num, values)
