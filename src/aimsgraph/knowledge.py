"""A generation of the graph: its store, its rules and questions, and what is read of it often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.namespaces import QUERIES_GRAPH, SHAPES_GRAPH, UNNAMED
from aimsgraph.search.search import Search
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.state import State


@dataclass(frozen=True)
class Knowledge:
    """The rules and questions of a generation, read when they are first wanted."""

    read_rules: Callable[[], RuleSet]
    read_catalogue: Callable[[], Catalogue]

    @classmethod
    def of(cls, store: EmbeddedStore) -> Knowledge:
        """Return what a store holds of them, as of the release it was built with."""
        return cls(
            lambda: RuleSet.of_quads(store.quads(SHAPES_GRAPH)),
            lambda: Catalogue.of_quads(store.quads(QUERIES_GRAPH)),
        )

    @cached_property
    def rules(self) -> RuleSet:
        """Return the rules."""
        return self.read_rules()

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the questions."""
        return self.read_catalogue()


class Generation:
    """One state of the graph, which never changes; what is asked of it often is read once.

    Args:
        store: holds the state.
        knowledge: its rules and questions.
        version: names the state, as no other state of any graph is named.
        is_union: whether a query's default graph is the union of what may be
            read, or the graph without a name.
        past: what moment is looked at, in words, where it is not the present.
        search: searches the graph; without one, states cannot be searched.
    """

    def __init__(
        self,
        store: EmbeddedStore,
        knowledge: Knowledge,
        version: str,
        *,
        is_union: bool = True,
        past: str | None = None,
        search: Search | None = None,
    ) -> None:
        self.store = store
        self.knowledge = knowledge
        self.version = version
        self.is_union = is_union
        self.past = past
        self.search = search

    @cached_property
    def graphs(self) -> list[str]:
        """Return the graphs that hold anything."""
        graphs = self.store.graphs()
        if next(self.store.quads(UNNAMED), None) is not None:
            graphs.append(UNNAMED)
        return graphs

    @cached_property
    def today(self) -> date:
        """Return the day the graph stands at, `aims:today`."""
        return State(self.store).today

    @cached_property
    def number(self) -> int:
        """Return the number of changesets the graph has seen."""
        return State(self.store).generation

    @property
    def release(self) -> str | None:
        """Return the digest of the release the state was built with."""
        return State(self.store).release
