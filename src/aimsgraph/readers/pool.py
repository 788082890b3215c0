"""The pool: every query of the service runs in a reader, within limits, or comes from the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final

from aimsgraph.egress.reach import Reach
from aimsgraph.egress.relay import Relay
from aimsgraph.errors import BusyError, LimitError
from aimsgraph.readers.cache import AnswerCache, digest
from aimsgraph.readers.frames import JOB, told
from aimsgraph.readers.keeping import Keeping
from aimsgraph.readers.limits import MEGABYTE, Limits
from aimsgraph.readers.making import Ending, Nursery, Reader
from aimsgraph.readers.places import Places
from aimsgraph.readers.reader import Work
from aimsgraph.readers.runner import Answering, Whole
from aimsgraph.readers.stream import ANSWERED, REFUSED, Stream
from aimsgraph.readers.turns import Turns
from aimsgraph.settings import Settings
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.prepared import Prepared

SOUND: Final = frozenset({ANSWERED, REFUSED, "max_rows", "max_megabytes"})
"""What becomes of an answer whose reader is good for the next."""

FAT: Final = 256 * MEGABYTE
"""A reader that holds so much memory after an answer is replaced."""


class Pool:
    """Readers, and the turns in which they are had."""

    failure: str | None = None
    """Why no reader can be had, since that was tried last."""

    def __init__(self, settings: Settings) -> None:
        self.limits = Limits.of(settings)
        self._turns = Turns(self.limits)
        self._nursery = Nursery(self.limits.memory)
        self._idle: list[Reader] = []
        self._lock = Lock()
        self._places = Places()
        self._streams: set[Stream] = set()
        self._counts: Counter[str] = Counter()
        hosts = settings.service_hosts
        self.relay = Relay(Reach(hosts, seconds=self.limits.seconds)) if hosts else None
        self.cache = AnswerCache(settings.answer_cache * MEGABYTE)

    def warm(self) -> None:
        """Have a reader ready for the first query."""
        with suppress(BusyError):
            reader = self._made()
            with self._lock:
                self._idle.append(reader)

    def open(
        self,
        store: EmbeddedStore,
        query: Prepared,
        form: str,
        caller: str | None,
        has_left: Callable[[], bool],
        *,
        first: int | None = None,
        place: Path | None = None,
    ) -> Answering:
        """Begin to answer a query; return once there is something of the answer.

        Args:
            store: the state that is asked.
            query: the query.
            form: the name of the format; the default where the kind of query has none such.
            caller: in whose name; None for the writer, for whom all other writers wait.
            has_left: tells whether the client is gone.
            first: only so many rows, as JSON or N-Triples, and how many there are in all.
            place: where the state lies, if it is to be read once and not kept.

        Raises:
            QueryError: it is not valid SPARQL, or fails.
            LimitError: it goes beyond a limit before there is anything to send.
            ClientLeftError: the client is gone.
        """
        key = digest(self._places.name(store), query, form, first) if place is None else None
        found = self.cache.get(key) if key is not None and query.is_repeatable else None
        if found is not None:
            return Whole(*found)
        job = {
            **self._at(store, place),
            "text": query.text,
            "default": query.default,
            "named": query.named,
            "base": query.base,
            "everything": query.is_everything,
            "relay": self._relay_of(query),
            "form": form,
            "first": first,
            "rows": self.limits.rows if first is None else 0,
        }
        stream = self._started(told(JOB, job), caller, has_left)
        if key is not None and query.is_repeatable:
            return Keeping(stream, self.cache, key)
        return stream

    def call(
        self,
        store: EmbeddedStore,
        work: Work,
        given: Mapping[str, Any],
        caller: str,
        has_left: Callable[[], bool],
    ) -> Answering:
        """Have a function of the program work something out in a reader.

        Raises:
            AimsGraphError: the function's own, or a limit is reached.
            ClientLeftError: the client is gone.
        """
        name = f"{work.__module__}:{work.__qualname__}"
        job = {**self._at(store), "call": name, "given": given, "rows": 0}
        return self._started(told(JOB, job), caller, has_left)

    def _relay_of(self, query: Prepared) -> str | None:
        """Return the relay's own address, where a query leads there."""
        relay = self.relay
        return relay.origin if relay is not None and relay.origin in query.text else None

    def _at(self, store: EmbeddedStore, place: Path | None = None) -> dict[str, Any]:
        """Return what every job says: the state, whether it is kept, and how much may be sent."""
        return {
            "place": str(place or self._places.at(store)),
            "keep": place is None,
            "size": self.limits.size,
        }

    def _started(self, job: bytes, caller: str | None, has_left: Callable[[], bool]) -> Stream:
        """Give a job to a reader; without a caller it waits for no turn."""
        give_back = self._turn(caller, has_left)
        try:
            reader = self._reader(job)
        except BaseException:
            give_back()
            raise

        def finish(ended: Reader, outcome: str) -> Ending | None:
            try:
                return self._finished(ended, outcome)
            finally:
                self._streams.discard(stream)
                give_back()

        stream = Stream(reader, self.limits, has_left, finish)
        self._streams.add(stream)
        try:
            stream.begin()
        except BaseException:
            stream.close()
            raise
        return stream

    def _turn(self, caller: str | None, has_left: Callable[[], bool]) -> Callable[[], None]:
        """Wait for a turn of a caller, and return what ends it."""
        if caller is None:
            return lambda: None
        try:
            self._turns.take(caller, has_left, self._cut_slow)
        except LimitError as error:
            self._counts[f"refused_{error.limit}"] += 1
            raise
        return lambda: self._turns.give_back(caller)

    def _cut_slow(self) -> None:
        """End the answers whose clients hold up somebody who waits."""
        for stream in tuple(self._streams):
            stream.cut_if_slow()

    def _reader(self, job: bytes) -> Reader:
        """Give a job to a reader that has nothing to do, or to a new one."""
        while True:
            with self._lock:
                reader = self._idle.pop() if self._idle else None
            is_new = reader is None
            reader = reader or self._made()
            try:
                reader.channel.settimeout(self.limits.seconds)
                reader.channel.sendall(job)
            except OSError:
                self._nursery.end(reader)
                if is_new:
                    raise
            else:
                return reader

    def _made(self) -> Reader:
        """Return a new reader.

        Raises:
            BusyError: none can be started now.
        """
        try:
            reader = self._nursery.make()
        except OSError as error:
            self.failure = f"no reader can be started: {error}"
            raise BusyError("readers", "no query can be answered now; try again later") from error
        self.failure = None
        return reader

    def _finished(self, reader: Reader, outcome: str) -> Ending | None:
        self._counts[outcome] += 1
        if outcome in SOUND and _own_memory(reader.pid) < FAT:
            with self._lock:
                self._idle.append(reader)
            return None
        return self._nursery.end(reader)

    def stats(self) -> Mapping[str, int]:
        """Return numbers for those who watch the service."""
        running = self._turns.running
        return {
            **self._counts,
            "readers_busy": running,
            "readers_idle": len(self._idle),
            "waiting": self._turns.waiting,
            "cache_hits": self.cache.hits,
            "cache_misses": self.cache.misses,
            "cache_bytes": self.cache.size,
        }

    @property
    def nursery_pid(self) -> int | None:
        """Return the process that makes the readers, once there is one."""
        return self._nursery.pid

    def close(self) -> None:
        """End all readers."""
        with self._lock:
            idle, self._idle = self._idle, []
        for reader in idle:
            reader.channel.close()
        self._nursery.close()
        self._places.close()
        if self.relay is not None:
            self.relay.close()


@contextmanager
def readers(settings: Settings) -> Iterator[Pool]:
    """Give readers for the time of the context; the first is started meanwhile."""
    pool = Pool(settings)
    warming = Thread(target=pool.warm, daemon=True)
    warming.start()
    try:
        yield pool
    finally:
        warming.join()
        pool.close()


def _own_memory(pid: int) -> int:
    """Return the bytes of memory that a process holds for itself alone; 0 where it is gone."""
    with suppress(OSError):
        numbers = Path(f"/proc/{pid}/statm").read_text("ascii").split()
        return (int(numbers[1]) - int(numbers[2])) * 4096
    return 0
