"""What a running service does by itself: publish what was written, and turn the day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from aimsgraph.errors import AimsGraphError
from aimsgraph.graph import AimsGraph
from aimsgraph.publication import INTERVAL

_LOG = logging.getLogger(__name__)


@contextmanager
def upkeep(graph: AimsGraph) -> Iterator[None]:
    """Keep a graph published and its day right, for the time of the context."""
    stop = Event()
    thread = Thread(target=_run, args=(graph, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _run(graph: AimsGraph, stop: Event) -> None:
    while not stop.wait(INTERVAL):
        try:
            graph.tick()
            graph.publish()
        except AimsGraphError as error:
            _LOG.error("%s", error)
            stop.wait(60)
