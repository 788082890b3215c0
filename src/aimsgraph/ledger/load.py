"""Loading files: as an ordinary change, or in a stream where there is much and all is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph.access import Caller
from aimsgraph.errors import SourceError
from aimsgraph.ledger.change import Change, records_graph, require_writable
from aimsgraph.ledger.delta import Work
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.rdf.parsing import format_of, has_no_blank_nodes, read_quads, syntax_error
from aimsgraph.rdf.terms import GraphNode, graph_name, graph_node
from aimsgraph.store.embedded import EmbeddedStore

MUCH: Final = 16 * 1024 * 1024
"""From so many bytes on files are streamed."""


@dataclass(frozen=True)
class Load:
    """Files whose statements enter in one step; what names no graph goes into `graph`."""

    paths: tuple[Path, ...]
    graph: str = "main"
    message: str = ""
    kind: str = "load"

    @property
    def target(self) -> str:
        """Return the IRI of the record graph.

        Raises:
            ParameterError: the name is not one path segment.
        """
        return records_graph(self.graph)

    def change(self) -> Change:
        """Return the files as quads.

        Raises:
            SourceError: a file is missing or malformed.
        """
        return Change.of_files(self.paths, self.graph, self.message)

    def carry_out(self, work: Work, caller: Caller, *, is_union: bool) -> None:
        """Make the statements enter, worked out quad by quad."""
        self.change().carry_out(work, caller, is_union=is_union)

    def is_streamed(self, store: EmbeddedStore) -> bool:
        """Return whether all that the files say is new, and so much that streaming pays."""
        size = sum(path.stat().st_size for path in self.paths if path.is_file())
        if size < MUCH:
            return False
        if all(not is_records(graph) for graph in store.graphs()) and not _holds(store, UNNAMED):
            return True
        is_single = not any(format_of(path).supports_datasets for path in self.paths)
        return is_single and not _holds(store, self.target)


class Streaming:
    """Files on their way into the live store; remembers what is needed to take them out again."""

    def __init__(self, load: Load, caller: Caller, *, is_union: bool) -> None:
        self.load = load
        self._caller = caller
        self._is_union = is_union
        self.graphs: set[GraphNode] = set()

    def enter(self, engine: ox.Store) -> None:
        """Make the statements enter.

        Raises:
            SourceError: a file is missing or malformed.
            AccessError: a graph is not the caller's to write.
        """
        target = graph_node(self.load.target)
        for path in self.load.paths:
            if has_no_blank_nodes(path):
                self._admit(target)
                _bulk_load(engine, path, target)
            else:
                engine.bulk_extend(self._quads(path))

    def undo(self, engine: ox.Store) -> None:
        """Take everything out again: the graphs held nothing before."""
        for graph in self.graphs:
            engine.remove_graph(graph)

    def _admit(self, graph: GraphNode) -> None:
        require_writable(graph_name(graph), self._caller, is_union=self._is_union)
        self.graphs.add(graph)

    def _quads(self, path: Path) -> Iterator[ox.Quad]:
        for quad in read_quads(path, ox.NamedNode(self.load.target)):
            if quad.graph_name not in self.graphs:
                self._admit(quad.graph_name)
            yield quad


def _bulk_load(engine: ox.Store, path: Path, graph: GraphNode) -> None:
    try:
        engine.bulk_load(path=str(path), format=format_of(path), to_graph=graph)
    except SyntaxError as error:
        raise syntax_error(path, error) from error
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror or error}") from error


def _holds(store: EmbeddedStore, graph: str) -> bool:
    return next(store.quads(graph), None) is not None
