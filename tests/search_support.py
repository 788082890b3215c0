"""Graphs that are searched, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aimsgraph.graph import AimsGraph
from aimsgraph.search.search import Search
from aimsgraph.view import View
from tiny_support import update

EX: Final = "https://example.org/"
DCT: Final = "PREFIX dct: <http://purl.org/dc/terms/>\n"


def search_of(graph: AimsGraph) -> Search:
    """Return the search of a graph, with its index where the workspace keeps it."""
    return Search(graph.ledger, graph.workspace.cache_path if graph.workspace else None)


def found(search: Search, view: View, text: str) -> list[str]:
    """Return the names of what is found in the namespace of the tests, in order."""
    hits = search.find(view, text, limit=100).hits
    return [hit.iri.removeprefix(EX) for hit in hits if hit.iri.startswith(EX)]


def state(graph: AimsGraph, triples: str, into: str = "r:main") -> None:
    """Add triples to a record graph."""
    graph.commit(update(f"{DCT}INSERT DATA {{ GRAPH {into} {{ {triples} }} }}"))


def named(names: Iterable[tuple[str, str]]) -> str:
    """Return triples that give things labels."""
    return " . ".join(f'ex:{thing} rdfs:label "{label}"' for thing, label in names)
