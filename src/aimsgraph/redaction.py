"""Redaction: literals are erased from the whole ledger, and every digest still holds.

The act is recorded as a changeset first. Then the journal is written anew with
commitments in the place of the literals, and store, snapshots and past states
are made again from it. Headers (authors, messages) are digested as they are
and cannot be redacted.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import ParameterError
from aimsgraph.ledger.changeset import is_derived
from aimsgraph.ledger.frame import frame
from aimsgraph.ledger.lines import PLAIN, Line, commitment, split
from aimsgraph.ledger.segments import Place, Segments, frames
from aimsgraph.opening import REMADE, swap_journal
from aimsgraph.rdf.terms import value_of
from aimsgraph.workspace import Workspace

SHORTEST: Final = 3
"""A text shorter than this would be found everywhere."""


@dataclass
class Erasure:
    """What is to be erased, and what was found so far.

    A statement's literal is erased where the statement is about `subject` (and
    has `predicate`, if given), or where its literal holds `text`. What follows
    from erased statements, such as check results that quote them, is erased too.
    """

    subject: str | None = None
    predicate: str | None = None
    text: str | None = None
    texts: set[str] = field(default_factory=set)
    standing: dict[str, str] = field(default_factory=dict)
    """The commitment that stands in the graph for each statement erased."""
    count: int = 0

    def __post_init__(self) -> None:
        """See that it says what is meant."""
        if self.text is None and self.subject is None:
            raise ParameterError("name the record or the text to erase")
        if self.text is not None and len(self.text) < SHORTEST:
            raise ParameterError(f"{self.text!r} is too short: it would be found everywhere")

    def collect(self, line: Line) -> None:
        """Note the literals that are erased by name, for what follows from them."""
        if self._is_named(line):
            found = _lexical(line)
            if len(found) >= SHORTEST:
                self.texts.add(found)

    def __call__(self, line: Line) -> Line:
        """Return a line as it is to stand in the journal."""
        if line.literal is None or not (self._is_named(line) or self._follows(line)):
            return line
        own = commitment(line.salt, line.literal)
        standing = self.standing.setdefault(line.statement, own)
        self.count += 1
        return line.erased(standing)

    def _is_named(self, line: Line) -> bool:
        if line.literal is None:
            return False
        if self.text is not None and self.text in _lexical(line):
            return True
        if self.subject is None:
            return False
        head = f"<{self.subject}> "
        if self.predicate is not None:
            head += f"<{self.predicate}> "
        return line.statement.startswith(head) and not is_derived(line)

    def _follows(self, line: Line) -> bool:
        if not is_derived(line):
            return False
        found = _lexical(line)
        return any(text in found for text in self.texts)


def _lexical(line: Line) -> str:
    """Return what a line's literal says, without language and datatype."""
    _, literal, _ = split(line.statement)
    quad = next(iter(ox.parse(f"<urn:s> <urn:p> {literal} .".encode(), ox.RdfFormat.N_TRIPLES)))
    return value_of(quad.object)


def erase(workspace: Workspace, erasure: Erasure, progress: Callable[[str], None]) -> int:
    """Erase literals from the journal of a workspace that this process holds and has not open.

    Returns:
        how many lines were changed.
    """
    journal = Segments(workspace.journal_path)
    for place in journal.places():
        progress(f"looking at changeset {place.frame.generation}")
        for line in place.changeset().lines:
            if line.salt != PLAIN:
                erasure.collect(line)
    remade = workspace.path / REMADE
    remade.mkdir()
    for path in journal.segments():
        _write(remade / path.name, _rewritten(path, erasure, progress))
    swap_journal(workspace)
    for torn in workspace.journal_path.glob("*.torn"):
        torn.unlink()
    return erasure.count


def _rewritten(path: Path, erasure: Erasure, progress: Callable[[str], None]) -> Iterator[bytes]:
    place: Place
    for place in frames(path):
        progress(f"writing changeset {place.frame.generation}")
        changeset = place.changeset()
        texts = (erasure(line).text for line in changeset.lines)
        yield frame(changeset.header, texts, changeset.signature)


def _write(path: Path, parts: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
