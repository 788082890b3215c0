"""Visits: every request on its way through the service, until its last byte is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from aimsgraph.access import Caller
from aimsgraph.errors import LimitError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY: Final = "aimsgraph.visit"
"""Where a request's environment has its visit."""

COMPLETE: Final = "complete"
LEFT: Final = "client left"
FAILED: Final = "failed"


@dataclass(eq=False)
class Visit:
    """One request: who came, what was asked, and how it ended."""

    method: str
    remote: str = ""
    id: str = field(default_factory=lambda: uuid4().hex)
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=perf_counter)
    notes: dict[str, object] = field(default_factory=dict)
    """What the handlers say of it; `logs.note` adds to them."""
    route: str | None = None
    """The rule of the route, not the path, of which there are too many."""
    caller: Caller | None = None
    status: int = 0
    sent: int = 0
    """Bytes of the body that went out."""
    seconds: float = 0.0
    aborted: str | None = LEFT
    """What ended the answer too early; None where it is complete."""

    @property
    def outcome(self) -> str:
        """Return how it ended, in words."""
        return COMPLETE if self.aborted is None else f"aborted: {self.aborted}"

    def end(self) -> None:
        """Take the time, and hear from the notes which limit ended it."""
        self.seconds = perf_counter() - self.began
        told = self.notes.get("aborted")
        if told is not None:
            self.aborted = str(told)


Finished = Callable[[Visit], None]


class Visits:
    """Follows the requests of an application; tells when one has ended.

    Args:
        application: answers them.
        under_way: holds the visits that have not ended.
        finished: is told of each that has.
    """

    def __init__(
        self, application: WSGIApplication, under_way: set[Visit], finished: Finished
    ) -> None:
        self._application = application
        self._under_way = under_way
        self._finished = finished

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        visit = Visit(str(environ["REQUEST_METHOD"]))
        environ[KEY] = visit
        self._under_way.add(visit)

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            visit.status = int(status[:3])
            return start_response(status, headers, *failure)

        try:
            body = self._application(environ, start)
        except BaseException:
            visit.aborted = FAILED
            self._end(visit)
            raise
        return _Passing(body, visit, self._end)

    def _end(self, visit: Visit) -> None:
        if visit in self._under_way:
            self._under_way.discard(visit)
            visit.end()
            self._finished(visit)


class _Passing:
    """The body of an answer, counted as it passes."""

    def __init__(self, body: Iterable[bytes], visit: Visit, end: Finished) -> None:
        self._body = body
        self._chunks = iter(body)
        self._visit = visit
        self._end = end

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._visit.aborted = None
            raise
        except BaseException as error:
            self._visit.aborted = error.limit if isinstance(error, LimitError) else FAILED
            raise
        self._visit.sent += len(chunk)
        return chunk

    def close(self) -> None:
        """Let go of the body, whoever did not want the rest of it."""
        try:
            with suppress(AttributeError):
                close = self._body.close  # type: ignore[attr-defined]
                close()
        finally:
            self._end(self._visit)
