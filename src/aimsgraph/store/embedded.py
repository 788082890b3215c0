"""The embedded store: Oxigraph, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from aimsgraph.errors import QueryError, StoreLockedError, WorkspaceError
from aimsgraph.rdf.terms import Term, graph_name, graph_node, is_iri
from aimsgraph.rdf.tokens import Dataset, syntax_sentence, tokens
from aimsgraph.store.answer import Answer, Result
from aimsgraph.store.prepared import Prepared, prepare


class EmbeddedStore:
    """Quads in named graphs, read by SPARQL and changed in whole steps.

    Args:
        store: the engine's own.
        lease: keeps the folder from being removed, for as long as the store lives.
        path: the folder; None for a store in memory.
    """

    def __init__(self, store: ox.Store, lease: object = None, path: Path | None = None) -> None:
        self.engine = store
        self.path = path
        self._lease = lease

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
            return cls(ox.Store(folder), path=folder)
        except (OSError, RuntimeError) as error:
            if "lock" in str(error).lower():
                raise StoreLockedError(folder) from error
            raise WorkspaceError(f"{folder}: the store cannot be opened: {error}") from error

    def copy(self) -> EmbeddedStore:
        """Return a copy in memory; blank nodes keep their labels."""
        other = ox.Store()
        other.bulk_extend(self.engine)
        return EmbeddedStore(other)

    def graphs(self) -> list[str]:
        """Return the names of the graphs that hold anything, sorted."""
        return sorted(str(name.value) for name in self.engine.named_graphs())

    def quads(
        self, graph: str | None = None, predicate: ox.NamedNode | None = None
    ) -> Iterator[ox.Quad]:
        """Yield the quads of one graph, or of all; with one predicate, or with any."""
        name = None if graph is None else graph_node(graph)
        return self.engine.quads_for_pattern(None, predicate, None, name)

    def values(
        self,
        subject: str,
        predicate: str,
        graph: str | None = None,
        *,
        among: Collection[str] | None = None,
    ) -> list[Term]:
        """Return the objects of a subject and predicate in one graph, in some, or in all."""
        name = None if graph is None else ox.NamedNode(graph)
        if not is_iri(subject):
            return []
        found = self.engine.quads_for_pattern(
            ox.NamedNode(subject), ox.NamedNode(predicate), None, name
        )
        return [q.object for q in found if among is None or graph_name(q.graph_name) in among]

    def query(
        self,
        text: str,
        readable: Iterable[str],
        version: str = "",
        dataset: Dataset | None = None,
        default: Iterable[str] | None = None,
    ) -> Answer:
        """Answer a query over the graphs a caller may read, as `prepare` takes them.

        Raises:
            RefusedQueryError: the token pass refuses the text.
            QueryError: a syntax error, or the engine fails on it.
        """
        prepared = prepare(text, readable, dataset, default)
        return Answer(lambda: self.run(prepared), version)

    def run(self, query: Prepared) -> Result:
        """Ask the engine.

        Raises:
            QueryError: a syntax error, or the engine fails on it.
        """
        try:
            if query.is_everything:
                return self.engine.query(
                    query.text, base_iri=query.base, use_default_graph_as_union=True
                )
            return self.engine.query(
                query.text,
                base_iri=query.base,
                default_graph=[graph_node(graph) for graph in query.default],
                named_graphs=[ox.NamedNode(graph) for graph in query.named],
            )
        except SyntaxError as error:
            found = list(tokens(query.text))
            raise QueryError(syntax_sentence(found, str(error.msg), query.text)) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise QueryError(f"the query cannot be answered: {error}") from error

    def __len__(self) -> int:
        """Return the number of quads."""
        return len(self.engine)

    def close(self) -> None:
        """Write everything to disk and let go of the folder."""
        self.engine.flush()
        del self.engine
