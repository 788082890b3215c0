"""A reader: a process that answers one query after the other, and may be killed at any time."""

from __future__ import annotations

import json
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import pyoxigraph as ox

from aimsgraph.errors import (
    AimsGraphError,
    FormatError,
    LimitError,
    NoSuchStateError,
    QueryError,
)
from aimsgraph.formats import NOT_IN_JSON_LD
from aimsgraph.readers.counting import counter
from aimsgraph.readers.frames import FAILURE, JOB, Incoming, told
from aimsgraph.readers.output import Outlet
from aimsgraph.readers.writing import form_for, kind_of, write, write_first, write_triples
from aimsgraph.store.answer import Result
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.prepared import Prepared
from aimsgraph.store.snapshots import open_snapshot

Work = Callable[[EmbeddedStore, Mapping[str, Any], dict[str, Any]], bytes]
"""Works something out on a state, from what is given; may keep something for the next time."""

KEPT: Final = 2
"""How many states a reader keeps open."""


class States:
    """The states that a reader has open, those used last."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, EmbeddedStore] = OrderedDict()
        self.kept: dict[str, Any] = {}

    def at(self, place: str) -> EmbeddedStore:
        """Return the state that lies at a place: a snapshot's folder, or a file of N-Quads.

        Raises:
            NoSuchStateError: it is gone.
        """
        if place not in self._open:
            self._open[place] = _opened(Path(place))
        self._open.move_to_end(place)
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return self._open[place]

    def forget(self, place: str) -> None:
        """Let go of a state."""
        self._open.pop(place, None)


def _opened(path: Path) -> EmbeddedStore:
    if path.is_file():
        store = EmbeddedStore.memory()
        store.engine.bulk_extend(ox.parse(path=path, format=ox.RdfFormat.N_QUADS))
        return store
    found = open_snapshot(path)
    if found is None:
        raise NoSuchStateError("the state of the graph that was asked for is gone; ask again")
    return found


def serve(channel: socket.socket) -> None:
    """Answer the jobs that come in over a socket, until it is closed."""
    incoming, states = Incoming(channel), States()
    while incoming.receive():
        for letter, payload in incoming.ready():
            if letter == JOB:
                _answer(json.loads(payload), states, channel)


def _answer(job: dict[str, Any], states: States, channel: socket.socket) -> None:
    """Send an answer, or what is wrong."""
    outlet = Outlet(channel, job["rows"], job["size"])
    try:
        _written(job, states, outlet)
    except (AimsGraphError, MemoryError, ValueError, RuntimeError, OSError, SyntaxError) as error:
        if outlet.failure is None and isinstance(error, BrokenPipeError):
            raise
        _tell(channel, outlet.failure or _sayable(error, job.get("relay")))
    finally:
        if not job["keep"]:
            states.forget(job["place"])


def _written(job: dict[str, Any], states: States, outlet: Outlet) -> None:
    if "call" in job:
        store = states.at(job["place"])
        outlet.write(_called(job["call"])(store, job["given"], states.kept))
        outlet.end()
        return
    query = Prepared(
        job["text"],
        "",
        tuple(job["default"]),
        tuple(job["named"]),
        job["base"],
        is_everything=job["everything"],
    )
    result = states.at(job["place"]).run(query)
    kind = kind_of(result)
    if job["first"] is not None:
        total = write_first(result, job["first"], cast(Any, outlet))
        outlet.rows = total
    else:
        _whole(result, kind, job["form"], outlet)
    outlet.end()


def _called(name: str) -> Work:
    """Return the function of a name, `module:function`, that the service asks for."""
    module, _, function = name.partition(":")
    return cast(Work, getattr(import_module(module), function))


def _whole(result: Result, kind: str, name: str, outlet: Outlet) -> None:
    form = form_for(kind, name)
    if isinstance(result, ox.QueryTriples):
        write_triples(outlet.counted(result), form, cast(Any, outlet))
    else:
        outlet.count_by(counter(form.name))
        write(result, form, cast(Any, outlet))


def _sayable(error: Exception, relay: str | None) -> Exception:
    """Return an error as it may be told; of a query that asks the relay it may name its address.

    Args:
        error: what went wrong.
        relay: how the relay's addresses begin; None where the query does not lead there.
    """
    if "does not support RDF 1.2" in str(error):
        return FormatError(NOT_IN_JSON_LD)
    is_ours = isinstance(error, AimsGraphError | MemoryError)
    if relay is None or (is_ours and relay not in str(error)):
        return error
    return QueryError("another endpoint did not answer as it should")


def _tell(channel: socket.socket, error: Exception) -> None:
    """Send what is wrong; the service makes the same error of it."""
    kind = type(error).__name__
    content = {"error": kind, "text": str(error)}
    if isinstance(error, LimitError):
        content["limit"] = error.limit
    channel.sendall(told(FAILURE, content))
