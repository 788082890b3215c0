"""The past: stores as they stood at an earlier generation, or as of an effective time.

A snapshot is copied (by links) and the changesets after the moment are undone.
What was worked out with a later changeset is worked out anew, by the rules of
that day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.rules import RuleSet
from aimsgraph.derivation import Derivation
from aimsgraph.errors import NoSuchStateError
from aimsgraph.ledger.changeset import Changeset, Header
from aimsgraph.ledger.delta import Delta, Work
from aimsgraph.ledger.lines import ADDED, REMOVED, quads
from aimsgraph.ledger.memory import Ledger
from aimsgraph.ledger.prov import changeset_iri, forget, forget_one
from aimsgraph.moments import Moment, said
from aimsgraph.namespaces import HISTORY_GRAPH, PREFIXES, SHAPES_GRAPH
from aimsgraph.rdf.terms import value_of
from aimsgraph.store.built import Built, BuiltOnDisk
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.store.state import State

OURS: Final = frozenset({"release", "day", "derive"})
"""Kinds of changesets that aimsgraph makes itself; an effective time leaves them in."""

_AT: Final = f"""
PREFIX aims: <{PREFIXES["aims"]}>
PREFIX prov: <{PREFIXES["prov"]}>
PREFIX xsd: <{PREFIXES["xsd"]}>
SELECT (MAX(?generation) AS ?newest) (MIN(?time) AS ?first)
WHERE {{
  ?changeset aims:generation ?generation ; prov:endedAtTime ?time .
  FILTER(?time <= "MOMENT"^^xsd:dateTime)
}}
"""


class Past:
    """Earlier states of a graph.

    Args:
        ledger: the changesets.
        present: gives the newest published store with its generation.
        snapshots: those of the workspace; None for a graph in memory.
        cache: the folder where built states lie; None for a graph in memory.
        budget: how many bytes they may take on disk.
    """

    def __init__(
        self,
        ledger: Ledger,
        present: Callable[[], tuple[EmbeddedStore, int]],
        snapshots: Snapshots | None = None,
        cache: Path | None = None,
        budget: int = 0,
    ) -> None:
        self._ledger = ledger
        self._present = present
        self._built = (
            Built(present)
            if snapshots is None or cache is None
            else BuiltOnDisk(present, snapshots, cache, budget)
        )

    def generation_at(self, moment: Moment) -> int:
        """Return the generation the graph was at.

        Raises:
            NoSuchStateError: the ledger begins later, or has no such generation.
        """
        store, head = self._present()
        if isinstance(moment, int):
            if not 1 <= moment <= head:
                raise NoSuchStateError(
                    f"there is no generation {moment}; the ledger goes from 1 to {head}"
                )
            return moment
        found = store.query(_AT.replace("MOMENT", moment.isoformat()), [HISTORY_GRAPH]).rows
        if not found or found[0][0] is None:
            first = next(self._ledger.headers(), None)
            begins = f" begins at {said(first.moment)}" if first else " is empty"
            raise NoSuchStateError(f"nothing is known as of {said(moment)}: the ledger{begins}")
        return int(value_of(found[0][0]))

    def generation_until(self, moment: Moment) -> int:
        """Return the generation the graph was at, 0 before the ledger began."""
        if moment == 0:
            return 0
        try:
            return self.generation_at(moment)
        except NoSuchStateError:
            if isinstance(moment, int):
                raise
            return 0

    def header(self, generation: int) -> Header:
        """Return the header of a changeset."""
        return next(self._ledger.headers(generation))

    def at(self, generation: int) -> EmbeddedStore:
        """Return the store as it stood at a generation, inferences and results included."""
        header = self.header(generation)
        name = f"{generation:012d}-{header.digest}"

        def build(store: EmbeddedStore, head: int) -> None:
            wind_back(store.engine, self._ledger, head, generation)
            if header.derived is None:
                derive(store)

        return self._built.state(name, generation, build)

    def effective(self, moment: datetime, zone_day: str) -> EmbeddedStore:
        """Return the newest state without what took effect after a moment, on that day.

        Args:
            moment: the effective time.
            zone_day: the day it falls on in the workspace's time zone.
        """
        _, head = self._present()
        digest = self.header(head).digest
        name = f"effective-{sha256(f'{head} {digest} {moment} {zone_day}'.encode()).hexdigest()}"

        def build(store: EmbeddedStore, at: int) -> None:
            wind_back(store.engine, self._ledger, at, head)
            later = [
                one
                for one in self._ledger.changesets()
                if one.header.generation <= head and _is_later(one.header, moment)
            ]
            for one in reversed(later):
                _assertions(one).inverse().apply(store.engine)
                forget_one(store.engine, one.header.generation)
            work = Work(store)
            work.change(*State(store).day(date.fromisoformat(zone_day)))
            derive(store)

        return self._built.state(name, head, build)


def wind_back(engine: ox.Store, ledger: Ledger, head: int, to: int) -> None:
    """Undo in a store that stands at `head` all changesets after `to`."""
    if head == to:
        return
    total = Delta()
    for changeset in ledger.changesets(to + 1):
        if changeset.header.generation > head:
            break
        total.then(Delta(dict.fromkeys(changeset.added()), dict.fromkeys(changeset.removed())))
    total.inverse().apply(engine)
    forget(engine, to + 1, head)


def derive(store: EmbeddedStore) -> None:
    """Make the derived graphs of a store anew, by the rules it holds."""
    rules = RuleSet.of_quads(store.quads(SHAPES_GRAPH))
    since = changeset_iri(State(store).generation)
    Derivation(rules).follow(Work(store), since, is_in_step=False, progress=lambda _: None)


def _is_later(header: Header, moment: datetime) -> bool:
    return header.kind not in OURS and header.declared > moment


def _assertions(changeset: Changeset) -> Delta:
    found = changeset.asserted
    return Delta(dict.fromkeys(quads(found, ADDED)), dict.fromkeys(quads(found, REMOVED)))
