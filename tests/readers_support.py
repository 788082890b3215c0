"""A pool of readers over a small store on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.readers.asking import Turn
from aimsgraph.readers.pool import Pool
from aimsgraph.settings import Settings
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.prepared import Prepared, prepare
from aimsgraph.store.snapshots import LEASE, open_snapshot

SIZE: Final = 2000
GRAPH: Final = "urn:graph"

ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""Takes longer than anybody waits."""


def snapshot(folder: Path) -> EmbeddedStore:
    """Return a store of so many statements, as readers find it."""
    store = ox.Store(folder)
    graph, knows = ox.NamedNode(GRAPH), ox.NamedNode("urn:knows")
    store.extend(
        ox.Quad(ox.NamedNode(f"urn:s{i}"), knows, ox.Literal(f"value {i}"), graph)
        for i in range(SIZE)
    )
    store.flush()
    del store
    (folder / LEASE).touch()
    found = open_snapshot(folder)
    assert found is not None
    return found


@contextmanager
def pool_of(**settings: Any) -> Iterator[Pool]:
    """Give a pool with short limits."""
    pool = Pool(Settings(**{"query_timeout": 20.0, "readers": 2, "caller_queries": 2, **settings}))
    try:
        yield pool
    finally:
        pool.close()


def query(text: str) -> Prepared:
    """Return a query of the one graph."""
    return prepare(text, [GRAPH])


def turn(pool: Pool, caller: str = "Ada") -> Turn:
    """Return somebody who asks and stays."""
    return Turn(pool, caller, lambda: False)
