"""A change: quads added and removed in one step, by somebody, for a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import pyoxigraph as ox

from aimsgraph.access import Caller
from aimsgraph.errors import ParameterError
from aimsgraph.ledger.delta import Work
from aimsgraph.namespaces import RECORDS_GRAPHS, UNNAMED, is_records
from aimsgraph.rdf.parsing import read_quads
from aimsgraph.rdf.terms import graph_name

SETS_DAY: Final = (
    "the records set aims:today, which is not theirs to set; leave that statement "
    "out and give the day as AIMSGRAPH_TODAY"
)


@dataclass(frozen=True)
class Change:
    """Quads that enter and leave the record graphs in one step."""

    added: tuple[ox.Quad, ...] = ()
    removed: tuple[ox.Quad, ...] = ()
    message: str = ""
    kind: str = "change"

    @classmethod
    def of_files(cls, paths: Iterable[Path], graph: str = "main", message: str = "") -> Change:
        """Read files as one change.

        What a file puts into a graph of its own stays there; everything else
        goes into `graph`.

        Raises:
            SourceError: a file is missing or malformed.
            ParameterError: the name of the graph is not one plain word.
        """
        target = ox.NamedNode(records_graph(graph))
        quads: dict[ox.Quad, None] = {}
        for path in paths:
            quads.update(dict.fromkeys(read_quads(path, target)))
        return cls(tuple(quads), message=message, kind="load")

    def carry_out(self, work: Work, caller: Caller, *, is_union: bool) -> None:
        """Make the quads leave and enter.

        Raises:
            AccessError: a graph is not the caller's to write.
        """
        for graph in {quad.graph_name for quad in (*self.added, *self.removed)}:
            require_writable(graph_name(graph), caller, is_union=is_union)
        work.change(self.added, self.removed)


@dataclass(frozen=True)
class Replacement:
    """A graph that is to hold these quads and nothing else (Graph Store Protocol, 5.3)."""

    graph: str
    quads: tuple[ox.Quad, ...] = ()
    message: str = ""
    kind: str = "graph-store"

    def carry_out(self, work: Work, caller: Caller, *, is_union: bool) -> None:
        """Make the graph hold the quads.

        Raises:
            AccessError: the graph is not the caller's to write.
        """
        require_writable(self.graph, caller, is_union=is_union)
        work.change(self.quads, list(work.store.quads(self.graph)))


class Intent(Protocol):
    """What somebody wants changed: it is carried out on the live store, step by step."""

    @property
    def message(self) -> str:
        """Return why."""

    @property
    def kind(self) -> str:
        """Return the door it came through."""

    def carry_out(self, work: Work, caller: Caller, *, is_union: bool) -> None:
        """Do it."""


def require_writable(graph: str, caller: Caller, *, is_union: bool) -> None:
    """See that a caller may write a graph.

    Raises:
        AccessError: it is not one of records, or not one of the caller's.
        ParameterError: it is the graph without a name where that stands for the union.
    """
    if graph == UNNAMED and is_union:
        raise ParameterError(
            "the default graph is the union of all graphs here and cannot be written; "
            "name a record graph"
        )
    caller.require_writable(graph)


def records_graph(name: str) -> str:
    """Return the IRI of a record graph, from its short name or its IRI.

    Raises:
        ParameterError: the name is not one path segment.
    """
    if ":" in name and is_records(name):
        return name
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise ParameterError(
            f"{name!r} cannot name a record graph; use letters, digits, '-', '_' and '.'"
        )
    return RECORDS_GRAPHS + name


def name_of(term: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    """Return a subject as text: an IRI, or `_:label`."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)
