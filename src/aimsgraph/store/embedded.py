"""The embedded store: Oxigraph, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from aimsgraph.errors import QueryError, StoreLockedError, WorkspaceError
from aimsgraph.rdf.terms import Term, is_iri
from aimsgraph.rdf.tokens import Dataset, dataset_of, guard, syntax_sentence, with_full_iris
from aimsgraph.store.answer import Answer, Result


class EmbeddedStore:
    """Quads in named graphs, read by SPARQL and changed in whole steps."""

    def __init__(self, store: ox.Store) -> None:
        self.engine = store

    @classmethod
    def memory(cls) -> EmbeddedStore:
        """Return an empty store that lives as long as the process."""
        return cls(ox.Store())

    @classmethod
    def open(cls, folder: Path) -> EmbeddedStore:
        """Open the store in a folder, which is made where it is missing.

        Raises:
            StoreLockedError: another process has it open.
            WorkspaceError: the folder cannot be used.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls(ox.Store(folder))
        except OSError as error:
            if "lock" in str(error).lower():
                raise StoreLockedError(folder) from error
            raise WorkspaceError(f"{folder}: the store cannot be opened: {error}") from error

    def graphs(self) -> list[str]:
        """Return the names of the graphs that hold anything, sorted."""
        return sorted(str(name.value) for name in self.engine.named_graphs())

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Yield the quads of one graph, or of all."""
        name = None if graph is None else ox.NamedNode(graph)
        return self.engine.quads_for_pattern(None, None, None, name)

    def values(self, subject: str, predicate: str, graph: str | None = None) -> list[Term]:
        """Return the objects of a subject and predicate in one graph, or in all."""
        name = None if graph is None else ox.NamedNode(graph)
        if not is_iri(subject):
            return []
        found = self.engine.quads_for_pattern(
            ox.NamedNode(subject), ox.NamedNode(predicate), None, name
        )
        return [quad.object for quad in found]

    def query(
        self,
        text: str,
        readable: Iterable[str],
        version: str = "",
        dataset: Dataset | None = None,
    ) -> Answer:
        """Answer a query over the union of the graphs a caller may read.

        FROM and FROM NAMED, or the dataset of the protocol in their place,
        narrow the readable graphs and never widen them.

        Raises:
            RefusedQueryError: the token pass refuses the text.
            QueryError: a syntax error, or the engine fails on it.
        """
        found = guard(text)
        text = with_full_iris(text, found)
        asked = dataset if dataset is not None and dataset.is_given else dataset_of(found)
        allowed = list(readable)
        default = [g for g in allowed if g in asked.default] if asked.is_given else allowed
        named = [g for g in allowed if g in asked.named] if asked.is_given else allowed

        def run() -> Result:
            return self.engine.query(
                text,
                default_graph=[ox.NamedNode(g) for g in default],
                named_graphs=[ox.NamedNode(g) for g in named],
            )

        try:
            return Answer(run, version)
        except SyntaxError as error:
            raise QueryError(syntax_sentence(found, str(error.msg), text)) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise QueryError(f"the query cannot be answered: {error}") from error

    def apply(self, added: Iterable[ox.Quad], removed: Iterable[ox.Quad] = ()) -> None:
        """Remove quads one by one, then add quads in one atomic step."""
        for quad in removed:
            self.engine.remove(quad)
        self.engine.extend(added)

    def replace(self, graph: str, quads: Iterable[ox.Quad]) -> None:
        """Make a graph hold these quads and nothing else; writes only the difference."""
        wanted = set(quads)
        present = set(self.quads(graph))
        self.apply(wanted - present, present - wanted)

    def __len__(self) -> int:
        """Return the number of quads."""
        return len(self.engine)

    def close(self) -> None:
        """Write everything to disk and let go of the folder."""
        self.engine.flush()
        del self.engine
