"""A change: quads added and removed in one step, by somebody, for a reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from aimsgraph.errors import ParameterError
from aimsgraph.namespaces import RECORDS_GRAPHS, TODAY
from aimsgraph.rdf.parsing import read_quads
from aimsgraph.rdf.terms import value_of


@dataclass(frozen=True)
class Change:
    """Quads that enter and leave the record graphs in one step."""

    added: tuple[ox.Quad, ...] = ()
    removed: tuple[ox.Quad, ...] = ()
    message: str = ""

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
        return cls(added=tuple(quads), message=message)

    def check(self) -> None:
        """See that the change writes records and nothing else.

        Raises:
            ParameterError: it touches another graph, or sets the day.
        """
        for quad in (*self.added, *self.removed):
            if not value_of(quad.graph_name).startswith(RECORDS_GRAPHS):
                raise ParameterError(
                    f"the graph {value_of(quad.graph_name)} cannot be written; "
                    f"record graphs begin with {RECORDS_GRAPHS}"
                )
            if quad.predicate.value == TODAY:
                raise ParameterError(
                    "the records set aims:today, which is not theirs to set; leave that statement "
                    "out and give the day as AIMSGRAPH_TODAY"
                )

    @property
    def touched(self) -> set[str]:
        """Return the subjects whose statements change, blank nodes as `_:label`."""
        return {name_of(quad.subject) for quad in (*self.added, *self.removed)}


def records_graph(name: str) -> str:
    """Return the IRI of a record graph, from its short name or its IRI.

    Raises:
        ParameterError: the name is not one path segment.
    """
    if name.startswith(RECORDS_GRAPHS):
        return name
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise ParameterError(
            f"{name!r} cannot name a record graph; use letters, digits, '-', '_' and '.'"
        )
    return RECORDS_GRAPHS + name


def name_of(term: ox.NamedNode | ox.BlankNode | ox.Triple) -> str:
    """Return a subject as text: an IRI, or `_:label`."""
    return term.value if isinstance(term, ox.NamedNode) else str(term)
