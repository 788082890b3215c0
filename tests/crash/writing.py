"""A process that writes to a workspace until it is killed, and tells what was acknowledged."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Final

from aimsgraph.errors import IntegrityRefusedError
from aimsgraph.graph import AimsGraph
from aimsgraph.terms import Terms
from tiny_support import DANGLING, opened, update

WRITERS: Final = 3
"""Threads that write at a time."""

HALVES: Final = """
PREFIX ex: <https://example.org/>
SELECT (COUNT(DISTINCT ?a) AS ?n)
WHERE {
  { GRAPH <https://w3id.org/aimsgraph/graph/records/main> { ?a a ex:Half } }
  UNION { GRAPH <https://w3id.org/aimsgraph/graph/records/other> { ?a a ex:Half } }
  FILTER(!EXISTS { GRAPH <https://w3id.org/aimsgraph/graph/records/main> { ?a a ex:Half } }
    || !EXISTS { GRAPH <https://w3id.org/aimsgraph/graph/records/other> { ?a a ex:Half } })
}
"""
"""Counts the records of which only one half is there."""

REFUSED: Final = "ASK { ?s ?p <https://example.org/nobody> }"


def pair(name: str) -> str:
    """Return an update of two operations that writes a record in two halves."""
    return (
        f"INSERT DATA {{ GRAPH r:main {{ ex:{name} a ex:Half ; rdfs:label '{name}' }} }} ; "
        f"INSERT DATA {{ GRAPH r:other {{ ex:{name} a ex:Half }} }}"
    )


def run(folder: str, pipe: int, label: str) -> None:
    """Open the workspace and write until killed; every line in the pipe is a promise."""
    graph = opened(Path(folder))
    _tell(pipe, "open")
    for number in range(WRITERS):
        Thread(target=_write, args=(graph, pipe, f"{label}-{number}"), daemon=True).start()
    while True:
        _look(graph, pipe)


def _write(graph: AimsGraph, pipe: int, label: str) -> None:
    count = 0
    while True:
        count += 1
        name = f"{label}-{count}"
        receipt = graph.commit(update(pair(name), name), Terms(idempotency=name))
        _tell(pipe, f"done {name} {receipt.generation}")
        if count % 3 == 0:
            with suppress(IntegrityRefusedError):
                graph.commit(update(f"{pair(f'refused-{name}')} ; {DANGLING}"))
                _tell(pipe, "BAD a change that breaks integrity was made")


def _look(graph: AimsGraph, pipe: int) -> None:
    view = graph.view(fresh=False)
    if bool(view.ask(REFUSED)) or view.ask(HALVES).rows[0][0].value != "0":  # type: ignore[union-attr]
        _tell(pipe, f"BAD generation {view.generation} shows half a change")


def _tell(pipe: int, line: str) -> None:
    os.write(pipe, f"{line}\n".encode())
