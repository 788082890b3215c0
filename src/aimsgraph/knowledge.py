"""The rules and questions of a generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.namespaces import QUERIES_GRAPH, SHAPES_GRAPH
from aimsgraph.store.embedded import EmbeddedStore


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
