"""What a workspace states about itself: its day, its generation, the release it was built with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import AIMS, BASE, CALENDAR, RDF, RDFS, TODAY, WORKSPACE_GRAPH
from aimsgraph.rdf.terms import Term, typed, value_of
from aimsgraph.store.embedded import EmbeddedStore

STATE: Final = f"{BASE}/workspace"


class State:
    """The statements of the workspace graph, as Python sees them."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store

    @property
    def today(self) -> date:
        """Return the day the graph stands at, `aims:today`; in UTC where it is not set yet."""
        found = self._store.values(CALENDAR, TODAY)
        return date.fromisoformat(value_of(found[0])) if found else datetime.now(UTC).date()

    def set_today(self, today: date) -> bool:
        """Move the day; tell whether that changed anything."""
        self._describe(CALENDAR, "Calendar", "the day the graph stands at")
        return self._set(CALENDAR, TODAY, typed(today.isoformat(), "date"))

    @property
    def generation(self) -> int:
        """Return the number of changes the graph has seen."""
        return int(self._text("generation") or 0)

    @property
    def release(self) -> str | None:
        """Return the digest of the release the graph was built with."""
        return self._text("releaseDigest")

    def set_release(self, digest: str) -> None:
        """Remember the release the graph was built with."""
        self._describe(STATE, "WorkspaceState", "state of the workspace")
        self._set(STATE, f"{AIMS}releaseDigest", ox.Literal(digest))

    @property
    def is_unfinished(self) -> bool:
        """Return whether a change was being written when the process ended."""
        return self._text("isUnfinished") == "true"

    def begin(self) -> None:
        """Note that a change is being written."""
        self._set(STATE, f"{AIMS}isUnfinished", typed("true", "boolean"))

    def finish(self) -> None:
        """Note that the change is written, which makes a new generation."""
        number = typed(str(self.generation + 1), "integer")
        self._set(STATE, f"{AIMS}generation", number)
        self._set(STATE, f"{AIMS}isUnfinished", typed("false", "boolean"))

    def _text(self, name: str) -> str | None:
        found = self._store.values(STATE, AIMS + name, WORKSPACE_GRAPH)
        return value_of(found[0]) if found else None

    def _describe(self, subject: str, kind: str, label: str) -> None:
        self._set(subject, f"{RDF}type", ox.NamedNode(AIMS + kind))
        self._set(subject, f"{RDFS}label", ox.Literal(label, language="en"))

    def _set(self, subject: str, predicate: str, value: Term) -> bool:
        """Make one statement the only one of its kind; tell whether it is new."""
        old = self._store.values(subject, predicate, WORKSPACE_GRAPH)
        if old == [value]:
            return False
        node, name = ox.NamedNode(subject), ox.NamedNode(predicate)
        graph = ox.NamedNode(WORKSPACE_GRAPH)
        self._store.apply(
            [ox.Quad(node, name, value, graph)], [ox.Quad(node, name, one, graph) for one in old]
        )
        return True
