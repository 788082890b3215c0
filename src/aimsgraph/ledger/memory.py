"""What a ledger is, whatever keeps it; and one that lives as long as the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from aimsgraph.ledger.changeset import GENESIS, Changeset, Header


class Ledger(Protocol):
    """The changesets of a graph in order: in a folder, or in memory."""

    head: int
    head_digest: str
    head_header: Header | None

    def headers(self, first: int = 1) -> Iterator[Header]:
        """Yield the headers from a generation on."""

    def changesets(self, first: int = 1) -> Iterator[Changeset]:
        """Yield the changesets from a generation on."""

    def append(self, changeset: Changeset) -> int:
        """Add a changeset; return the mark to `sync` up to."""

    @property
    def mark(self) -> int:
        """Return the mark of everything appended so far."""

    def sync(self, upto: int) -> None:
        """Return once everything up to a mark is safe."""

    def close(self) -> None:
        """Let go of it."""


class MemoryJournal:
    """A journal that lives as long as the process."""

    def __init__(self) -> None:
        self._changesets: list[Changeset] = []
        self.head = 0
        self.head_digest = GENESIS
        self.head_header: Header | None = None

    def headers(self, first: int = 1) -> Iterator[Header]:
        """Yield the headers from a generation on."""
        return (one.header for one in self.changesets(first))

    def changesets(self, first: int = 1) -> Iterator[Changeset]:
        """Yield the changesets from a generation on."""
        return iter(self._changesets[first - 1 :])

    def append(self, changeset: Changeset) -> int:
        """Add a changeset."""
        self._changesets.append(changeset)
        self.head_header = changeset.header
        self.head, self.head_digest = changeset.header.generation, changeset.header.digest
        return self.head

    @property
    def mark(self) -> int:
        """Return the mark of everything there is."""
        return self.head

    def sync(self, upto: int) -> None:
        """Do nothing: there is no disk."""

    def close(self) -> None:
        """Do nothing."""
