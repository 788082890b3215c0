"""What a workspace states about itself: its day, its generation, the release it was built with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import AIMS, BASE, CALENDAR, RDF, RDFS, TODAY, WORKSPACE_GRAPH
from aimsgraph.rdf.terms import Term, typed, value_of
from aimsgraph.store.embedded import EmbeddedStore

STATE: Final = f"{BASE}/workspace"

Statement = tuple[str, str, Term]


class State:
    """The statements of the workspace graph, as Python sees them."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store

    @property
    def today(self) -> date:
        """Return the day the graph stands at, `aims:today`; in UTC where it is not set yet."""
        found = self._store.values(CALENDAR, TODAY)
        return date.fromisoformat(value_of(found[0])) if found else datetime.now(UTC).date()

    @property
    def generation(self) -> int:
        """Return the number of changesets the graph has seen."""
        return int(self._text("generation") or 0)

    @property
    def release(self) -> str | None:
        """Return the digest of the release the graph was built with."""
        return self._text("releaseDigest")

    @property
    def software(self) -> str | None:
        """Return the version of aimsgraph that built the graph."""
        return self._text("softwareVersion")

    def day(self, today: date) -> tuple[list[ox.Quad], list[ox.Quad]]:
        """Return the quads that enter and leave where the day becomes another."""
        return self._only(
            [
                (CALENDAR, f"{RDF}type", ox.NamedNode(f"{AIMS}Calendar")),
                (CALENDAR, f"{RDFS}label", _english("the day the graph stands at")),
                (CALENDAR, TODAY, typed(today.isoformat(), "date")),
            ]
        )

    def built_with(self, digest: str, version: str) -> tuple[list[ox.Quad], list[ox.Quad]]:
        """Return the quads that enter and leave where the release becomes another."""
        return self._only(
            [
                (STATE, f"{RDF}type", ox.NamedNode(f"{AIMS}WorkspaceState")),
                (STATE, f"{RDFS}label", _english("state of the workspace")),
                (STATE, f"{AIMS}releaseDigest", ox.Literal(digest)),
                (STATE, f"{AIMS}softwareVersion", ox.Literal(version)),
            ]
        )

    def _text(self, name: str) -> str | None:
        found = self._store.values(STATE, AIMS + name, WORKSPACE_GRAPH)
        return value_of(found[0]) if found else None

    def _only(self, wanted: list[Statement]) -> tuple[list[ox.Quad], list[ox.Quad]]:
        """Return what enters and leaves so that each statement is the only one of its kind."""
        added, removed = [], []
        for subject, predicate, value in wanted:
            old = self._store.values(subject, predicate, WORKSPACE_GRAPH)
            removed += [_quad(subject, predicate, one) for one in old if one != value]
            if value not in old:
                added.append(_quad(subject, predicate, value))
        return added, removed


def _quad(subject: str, predicate: str, value: Term) -> ox.Quad:
    graph = ox.NamedNode(WORKSPACE_GRAPH)
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph)


def _english(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")
