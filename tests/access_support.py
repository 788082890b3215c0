"""Callers, graphs and what they may do: the table that the access tests hold every door against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aimsgraph.access import NOBODY, VISITOR, Caller, Role
from aimsgraph.namespaces import GRAPH, RECORDS_GRAPHS

MAIN: Final = f"{RECORDS_GRAPHS}main"
OTHER: Final = f"{RECORDS_GRAPHS}other"
RELEASE: Final = tuple(f"{GRAPH}{name}" for name in ("ontology", "shapes", "queries"))
DERIVED: Final = tuple(f"{GRAPH}{name}" for name in ("inferred", "conformity", "workspace"))
HISTORY: Final = f"{GRAPH}history"
GRAPHS: Final = (MAIN, OTHER, *RELEASE, *DERIVED, HISTORY)

SETTING_UP: Final = (
    "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; rdfs:label 'MARK-main' ; "
    "aims:ownedBy ex:ada . ex:ada a aims:Person ; rdfs:label 'Ada' } }",
    "INSERT DATA { GRAPH r:other { ex:hidden a aims:AISystem ; rdfs:label 'MARK-other' } }",
)
"""The changesets of a graph in which every named graph holds something."""

GENERATIONS: Final = 3
HIDDEN: Final = "https://example.org/hidden"
MARK: Final = "MARK-other"


@dataclass(frozen=True)
class Who:
    """Somebody at a door, and what the design lets them do."""

    name: str
    caller: Caller
    may_read: bool = True
    may_look_back: bool = True
    may_write: bool = False
    may_manage: bool = False

    @property
    def is_limited(self) -> bool:
        """Return whether they see the record graph `main` only."""
        return self.caller.graphs is not None

    @property
    def sees(self) -> set[str]:
        """Return the graphs they may read."""
        if not self.may_read:
            return set()
        if self.is_limited:
            return {MAIN, *RELEASE}
        return set(GRAPHS) - (set() if self.may_look_back else {HISTORY})

    @property
    def writes(self) -> set[str]:
        """Return the graphs they may write."""
        return ({MAIN} if self.is_limited else {MAIN, OTHER}) if self.may_write else set()

    @property
    def refusal(self) -> int:
        """Return the status of what they may not do."""
        return 403 if self.caller.is_known else 401


def _limited(role: Role) -> Caller:
    return Caller(f"limited {role.value}", role, frozenset({MAIN}))


EVERYBODY: Final = (
    Who("nobody", NOBODY, may_read=False, may_look_back=False),
    Who("visitor", VISITOR),
    Who("reader", Caller("reader", Role.READER), may_look_back=False),
    Who("auditor", Caller("auditor", Role.AUDITOR)),
    Who("editor", Caller("editor", Role.EDITOR), may_write=True),
    Who("admin", Caller("admin", Role.ADMIN), may_write=True, may_manage=True),
    Who("limited reader", _limited(Role.READER), may_look_back=False),
    Who("limited auditor", _limited(Role.AUDITOR)),
    Who("limited editor", _limited(Role.EDITOR), may_write=True),
    Who("limited admin", _limited(Role.ADMIN), may_write=True, may_manage=True),
)
