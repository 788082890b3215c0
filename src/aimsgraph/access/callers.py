"""Callers, their roles and their rights; the one place that decides who may do what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aimsgraph.errors import AccessError, UnknownTokenError
from aimsgraph.namespaces import RELEASE_GRAPHS, is_records


class Right(StrEnum):
    """What a caller may do; the text completes 'may not ...'."""

    READ = "read"
    HISTORY = "read history"
    WRITE = "write records"
    MANAGE = "manage the workspace"


class Role(StrEnum):
    """What somebody is here for."""

    READER = "reader"
    AUDITOR = "auditor"
    EDITOR = "editor"
    ADMIN = "admin"


RIGHTS_FOR_ROLE: Final[dict[Role, frozenset[Right]]] = {
    Role.READER: frozenset({Right.READ}),
    Role.AUDITOR: frozenset({Right.READ, Right.HISTORY}),
    Role.EDITOR: frozenset({Right.READ, Right.HISTORY, Right.WRITE}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True)
class Caller:
    """Somebody at a door."""

    name: str
    role: Role | None
    graphs: frozenset[str] | None = None
    """The record graphs the caller may see; None is all, and everything derived from them."""
    is_known: bool = True
    """Whether somebody has shown a token, or owns the files."""

    @property
    def is_limited(self) -> bool:
        """Return whether the caller sees some record graphs only."""
        return self.graphs is not None

    def may(self, right: Right) -> bool:
        """Return whether the role has a right."""
        return self.role is not None and right in RIGHTS_FOR_ROLE[self.role]

    def require(self, right: Right) -> None:
        """See that the caller has a right.

        Raises:
            UnknownTokenError: nobody is signed in, and the right needs somebody.
            AccessError: the role does not have it.
        """
        if self.may(right):
            return
        if not self.is_known:
            raise UnknownTokenError(f"a token is needed to {right}; send it as 'Bearer TOKEN'")
        raise AccessError(f"the role {self.role} may not {right}")

    def require_everything(self, what: str) -> None:
        """See that the caller is not limited to some graphs, since `what` is made of all.

        Raises:
            AccessError: it is.
        """
        if self.is_limited:
            raise AccessError(f"this token is limited to some record graphs and may not see {what}")

    def readable(self, graphs: Iterable[str]) -> list[str]:
        """Return those of some graphs that the caller may read."""
        self.require(Right.READ)
        if self.graphs is None:
            return list(graphs)
        allowed = self.graphs | set(RELEASE_GRAPHS)
        return [graph for graph in graphs if graph in allowed]

    def require_writable(self, graph: str) -> None:
        """See that the caller may write a graph.

        Raises:
            AccessError: the graph is not one of records, or not one of the caller's.
        """
        if not is_records(graph):
            raise AccessError(
                f"the graph {graph} cannot be written from outside; it is kept by aimsgraph itself"
            )
        if self.graphs is not None and graph not in self.graphs:
            raise AccessError(f"this token may not write the graph {graph}")


OWNER: Final = Caller("owner", Role.ADMIN)
"""Whoever runs the program: they own the files."""

NOBODY: Final = Caller("nobody", None, is_known=False)
"""A caller without a token where one is needed."""

VISITOR: Final = Caller("visitor", Role.AUDITOR, is_known=False)
"""A caller without a token where reading is open."""

RESERVED: Final = frozenset({OWNER.name, NOBODY.name, VISITOR.name, "aimsgraph"})
"""Names that the ledger knows as somebody else."""
