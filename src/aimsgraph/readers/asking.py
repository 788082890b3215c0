"""Asking the pool in the name of one caller, for one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, cast
from weakref import finalize

from aimsgraph.egress.relay import Relay
from aimsgraph.readers.limits import MEGABYTE
from aimsgraph.readers.places import copied
from aimsgraph.readers.pool import Pool
from aimsgraph.readers.reader import Work
from aimsgraph.readers.runner import Answering
from aimsgraph.readers.writing import read_first
from aimsgraph.store.answer import Answer, Result
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.prepared import Prepared

IN_MEMORY: Final = 16 * MEGABYTE
"""An answer of more bytes waits in a file for whoever looks at its rows."""


class Turn:
    """Runs the queries of one request in a pool.

    Args:
        pool: has the readers.
        caller: in whose name.
        has_left: tells whether the client is gone.
    """

    def __init__(self, pool: Pool, caller: str, has_left: Callable[[], bool]) -> None:
        self._pool = pool
        self._caller = caller
        self._has_left = has_left

    @property
    def relay(self) -> Relay | None:
        """Return what stands for other endpoints; None where none may be asked."""
        return self._pool.relay

    def stream(self, store: EmbeddedStore, query: Prepared, form: str) -> Answering:
        """Begin to answer in a format, by name; the kind's default where it has none such."""
        return self._pool.open(store, query, form, self._caller, self._has_left)

    def ask(
        self, store: EmbeddedStore, query: Prepared, version: str, first: int | None = None
    ) -> Answer:
        """Return an answer with its rows, or its first rows."""
        form = "ntriples" if query.kind == "graph" else "json"
        found = self._pool.open(store, query, form, self._caller, self._has_left, first=first)
        return collected(found, query.kind, version, counts=first is not None)

    def call(self, store: EmbeddedStore, work: Work, given: Mapping[str, Any]) -> bytes:
        """Have a function of the program work something out in a reader; return all of it."""
        return b"".join(self._pool.call(store, work, given, self._caller, self._has_left))

    def ask_live(self, store: EmbeddedStore, query: Prepared) -> Answer:
        """Return an answer of a store that somebody holds still, and will change again."""
        with copied(store) as place:
            form = "ntriples" if query.kind == "graph" else "json"
            found = self._pool.open(store, query, form, None, self._has_left, place=place)
            return collected(found, query.kind, "")


def collected(found: Answering, kind: str, version: str, *, counts: bool = False) -> Answer:
    """Return an answer once all of it is here, in a file where it is large."""
    body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it lives as long as the answer
    try:
        for piece in found:
            body.write(piece)
    except BaseException:
        body.close()
        raise

    def read() -> Result:
        body.seek(0)
        return read_first(kind, cast(IO[bytes], body))

    answer = Answer(read, version, found.rows if counts else None)
    finalize(answer, body.close)
    return answer
