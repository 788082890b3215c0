"""How a query is run for one caller: in this process, or in a reader of the pool."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from aimsgraph.egress.relay import Relay
from aimsgraph.readers.reader import Work
from aimsgraph.readers.writing import form_for, kind_of, read_first, write, write_first
from aimsgraph.store.answer import Answer
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.prepared import Prepared


class Answering(Protocol):
    """An answer on its way, as bytes in a format."""

    @property
    def is_whole(self) -> bool:
        """Return whether everything is here."""

    @property
    def rows(self) -> int:
        """Return how many rows there are, once everything is here."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, once; an error on the way means that the answer is not complete."""

    def close(self) -> None:
        """Give it up."""


class Runner(Protocol):
    """Runs queries."""

    @property
    def relay(self) -> Relay | None:
        """Return what stands for other endpoints; None where none may be asked."""

    def stream(self, store: EmbeddedStore, query: Prepared, form: str) -> Answering:
        """Begin to answer in a format, by name; the kind's default where it has none such."""

    def ask(
        self, store: EmbeddedStore, query: Prepared, version: str, first: int | None = None
    ) -> Answer:
        """Return an answer with its rows, or its first rows."""

    def call(self, store: EmbeddedStore, work: Work, given: Mapping[str, Any]) -> bytes:
        """Have a function of the program work something out on a state."""


class Whole:
    """An answer that is here already."""

    is_whole = True

    def __init__(self, body: bytes, rows: int) -> None:
        self._body = body
        self.rows = rows

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes."""
        yield self._body

    def close(self) -> None:
        """Do nothing."""


class Here:
    """Runs queries in this process, without limits; other endpoints are not asked."""

    relay: Relay | None = None

    def stream(self, store: EmbeddedStore, query: Prepared, form: str) -> Answering:
        """Answer in a format."""
        result, output = store.run(query), io.BytesIO()
        write(result, form_for(kind_of(result), form), output)
        return Whole(output.getvalue(), 0)

    def ask(
        self, store: EmbeddedStore, query: Prepared, version: str, first: int | None = None
    ) -> Answer:
        """Return an answer with its rows, or its first rows."""
        if first is None:
            return Answer(lambda: store.run(query), version)
        result, output = store.run(query), io.BytesIO()
        total = write_first(result, first, output)
        kind = kind_of(result)
        return Answer(lambda: read_first(kind, io.BytesIO(output.getvalue())), version, total)

    def call(self, store: EmbeddedStore, work: Work, given: Mapping[str, Any]) -> bytes:
        """Have a function of the program work something out on a state."""
        return work(store, given, {})
