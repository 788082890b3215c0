"""The index, kept in step with the ledger: it is asked only once it has seen the state asked for.

It holds every text the ledger ever knew and forgets none, so one index serves
all states of the graph: it finds candidates, and what is there is for the view
to say. Where it lies in a folder it is shared by processes; where the folder
cannot be written it lives in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from aimsgraph.errors import NoSuchStateError
from aimsgraph.ledger.memory import Ledger
from aimsgraph.ledger.segments import Segments
from aimsgraph.search.database import Database, Mark
from aimsgraph.search.shelf import InMemory, OnDisk, Shelf
from aimsgraph.search.texts import records
from aimsgraph.search.words import Words

REDACTION: Final = "redact"
"""The kind of a changeset after which texts are gone that were there."""

_TRIES: Final = 3


class _OutOfStepError(Exception):
    """The index is not one of the ledger as it is now, and has to be made anew."""


class Index:
    """All texts of a ledger.

    Args:
        ledger: the changesets.
        folder: where the index lies; None for one in memory.
    """

    def __init__(self, ledger: Ledger, folder: Path | None) -> None:
        self._ledger = ledger
        self._shelf: Shelf = InMemory() if folder is None else OnDisk(folder)

    def candidates(self, mark: Mark, graphs: Sequence[str], words: Words, limit: int) -> list[str]:
        """Return what may match in a state of the graph, as `Database.candidates` does.

        Raises:
            NoSuchStateError: the ledger does not hold that state.
        """
        for _ in range(2):
            # The file may be replaced just while it is opened, so it is opened a second time.
            with suppress(OSError, sqlite3.DatabaseError):
                return self._asked(mark, graphs, words, limit)
        try:
            with self._shelf.turn():
                self._remake(mark)
            return self._asked(mark, graphs, words, limit)
        except (OSError, sqlite3.DatabaseError):
            self._shelf = InMemory()
        return self._asked(mark, graphs, words, limit)

    def _asked(self, mark: Mark, graphs: Sequence[str], words: Words, limit: int) -> list[str]:
        with self._shelf.opened() as found:
            if found and found.is_of(self._journal) and found.has_seen(mark):
                return found.candidates(mark, graphs, words, limit)
        with self._shelf.turn():
            self._bring(mark)
            with self._shelf.opened() as found:
                return found.candidates(mark, graphs, words, limit) if found else []

    @property
    def _journal(self) -> str:
        """Return what tells the journal from one that was written anew, as redaction does."""
        if not isinstance(self._ledger, Segments):
            return ""
        first = self._ledger.segments()[0]
        return f"{first.name} {first.stat().st_ino}"

    def _bring(self, mark: Mark) -> None:
        """Let the index see all changesets up to a state."""
        with self._shelf.opened() as found:
            if found is not None and self._is_brought(found, mark):
                return
        self._remake(mark)

    def _is_brought(self, found: Database, mark: Mark) -> bool:
        journal = self._journal
        if not found.is_of(journal):
            return False
        try:
            if not found.has_seen(mark):
                with found.changing():
                    self._follow(found, mark, journal)
        except _OutOfStepError:
            return False
        return True

    def _remake(self, mark: Mark) -> None:
        def fill(made: Database) -> None:
            journal = self._journal
            with made.changing():
                made.make(journal)
                self._follow(made, mark, journal)

        for _ in range(_TRIES):
            try:
                self._shelf.remake(fill)
            except _OutOfStepError:
                continue
            return
        raise NoSuchStateError(f"the ledger does not hold generation {mark.generation}; ask again")

    def _follow(self, index: Database, mark: Mark, journal: str) -> None:
        """Add what changesets brought after the last one seen, up to a state."""
        head = index.head
        is_new = head.generation == 0
        for header, texts in records(self._ledger, head.generation + 1):
            if header.generation > mark.generation:
                break
            if header.parent != head.digest or (header.kind == REDACTION and not is_new):
                raise _OutOfStepError
            head = Mark(header.generation, header.digest)
            index.add(head, texts)
        if not index.has_seen(mark) or self._journal != journal:
            raise _OutOfStepError
