"""What a running service does by itself: publish what was written, and turn the day."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import time
from typing import Final

from aimsgraph.errors import AimsGraphError
from aimsgraph.graph import AimsGraph
from aimsgraph.publication import INTERVAL

_LOG = logging.getLogger(__name__)

PAUSE: Final = 60.0
"""Seconds until it is tried again after a failure."""


class Upkeep:
    """How the upkeep of a service stands."""

    def __init__(self) -> None:
        self.failure: str | None = None
        """Why it does not succeed; None where it does, or has not begun."""
        self.turned: float | None = None
        """When the day was turned, or found right at the start."""

    def run(self, graph: AimsGraph, stop: Event) -> None:
        """Keep a graph until told to stop."""
        while not stop.wait(INTERVAL):
            try:
                if graph.tick() is not None or self.turned is None:
                    self.turned = time()
                graph.publish()
                self.failure = None
            except AimsGraphError as error:
                _LOG.error("%s", error)
                self.failure = f"the day or the published state cannot be kept: {error}"
                stop.wait(PAUSE)
            except Exception:  # noqa: BLE001 - a bug is told, and the day still has to turn
                _LOG.exception("the upkeep failed")
                self.failure = "the day or the published state cannot be kept; the log says why"
                stop.wait(PAUSE)


@contextmanager
def upkeep(graph: AimsGraph, state: Upkeep | None = None) -> Iterator[None]:
    """Keep a graph published and its day right, for the time of the context.

    Args:
        graph: what is kept.
        state: is told how it goes.
    """
    stop = Event()
    thread = Thread(target=(state or Upkeep()).run, args=(graph, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
