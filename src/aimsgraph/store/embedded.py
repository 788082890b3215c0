"""The embedded store: Oxigraph, in memory or in a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from aimsgraph.errors import QueryError, StoreLockedError, WorkspaceError
from aimsgraph.namespaces import UNNAMED
from aimsgraph.rdf.terms import Term, graph_name, graph_node, is_iri
from aimsgraph.rdf.tokens import Dataset, dataset_of, guard, syntax_sentence, with_full_iris
from aimsgraph.store.answer import Answer, Result


class EmbeddedStore:
    """Quads in named graphs, read by SPARQL and changed in whole steps."""

    def __init__(self, store: ox.Store, lease: object = None) -> None:
        self.engine = store
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
            return cls(ox.Store(folder))
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
        """Answer a query over the graphs a caller may read.

        FROM and FROM NAMED, or the dataset of the protocol in their place,
        narrow the readable graphs and never widen them.

        Args:
            text: the query.
            readable: the graphs the caller may read.
            version: names the state of the store.
            dataset: the graphs asked for by the protocol.
            default: the graphs that make the default graph where none is asked
                for; all readable ones if not given.

        Raises:
            RefusedQueryError: the token pass refuses the text.
            QueryError: a syntax error, or the engine fails on it.
        """
        found = guard(text)
        text = with_full_iris(text, found)
        asked = dataset if dataset is not None and dataset.is_given else dataset_of(found)
        allowed = list(readable)
        wanted = [g for g in allowed if default is None or g in set(default)]
        if asked.is_given:
            wanted = [g for g in allowed if g in asked.default]
        named = [g for g in allowed if g != UNNAMED and (not asked.is_given or g in asked.named)]

        def run() -> Result:
            return self.engine.query(
                text,
                default_graph=[graph_node(g) for g in wanted],
                named_graphs=[ox.NamedNode(g) for g in named],
            )

        try:
            return Answer(run, version)
        except SyntaxError as error:
            raise QueryError(syntax_sentence(found, str(error.msg), text)) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise QueryError(f"the query cannot be answered: {error}") from error

    def __len__(self) -> int:
        """Return the number of quads."""
        return len(self.engine)

    def close(self) -> None:
        """Write everything to disk and let go of the folder."""
        self.engine.flush()
        del self.engine
