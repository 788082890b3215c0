"""A graph with three statements to update, and what is said of it in short names."""

from __future__ import annotations

import re
from typing import Final

import pyoxigraph as ox

from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import GRAPH, is_records
from aimsgraph.terms import Receipt
from tiny_support import memory, update

XSD: Final = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
START: Final = (
    "INSERT DATA { GRAPH r:main { ex:a ex:p 1 . ex:b ex:p 2 } GRAPH r:other { ex:a ex:q 3 } }"
)
ONE, TWO, THREE = "<a> <p> 1 <main>", "<b> <p> 2 <main>", "<a> <q> 3 <other>"
"""What START says."""

_INTEGER: Final = re.compile(r'"(\d+)"\^\^<http://www.w3.org/2001/XMLSchema#integer>')


def begun() -> AimsGraph:
    """Return a graph that holds what START says."""
    graph = memory()
    graph.commit(update(START))
    return graph


def short(quad: ox.Quad) -> str:
    """Return a quad with short names, an integer as its digits."""
    text = str(quad).replace("https://example.org/", "").replace(f"{GRAPH}records/", "")
    return _INTEGER.sub(r"\1", text)


def records(graph: AimsGraph) -> set[str]:
    """Return what is said in the record graphs."""
    view = graph.view()
    found = (quad for name in view.graphs() if is_records(name) for quad in view.quads(name))
    return {short(quad) for quad in found}


def delta(graph: AimsGraph, receipt: Receipt) -> tuple[set[str], set[str]]:
    """Return what somebody stated to enter and to leave; derived graphs are left out."""
    if receipt.header is None:
        return set(), set()
    changeset = graph.changeset(receipt.generation)
    derived = tuple(f"<{GRAPH}{name}>" for name in ("inferred", "conformity"))
    added, removed = (
        {short(one) for one in quads if not str(one.graph_name).startswith(derived)}
        for quads in (changeset.added(), changeset.removed())
    )
    return added, removed


def everything(graph: AimsGraph) -> set[str]:
    """Return all quads, those of our own graphs too."""
    return {str(quad) for quad in graph.view().quads()}
