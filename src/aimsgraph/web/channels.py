"""What Waitress does for one connection, and what we have it do otherwise."""

from __future__ import annotations

import json
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import uuid4

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.task import ErrorTask, WSGITask

from aimsgraph.errors import AimsGraphError
from aimsgraph.web.sharing import HEADERS

if TYPE_CHECKING:
    from waitress.task import Task

STALL: Final = 60.0
"""Seconds for which a client may take nothing of an answer that is there."""


class Connection(HTTPChannel):
    """A connection that is cut when its client takes nothing, or not all of it in time."""

    began: float | None = None
    """When the application was first asked; the time of an answer counts from then."""
    is_last: bool = False
    """Whether no request is taken after the one that is under way."""
    _seen: tuple[float, float] | None = None
    """The last time anything moved, and when that was first seen."""
    _receiving: tuple[int, float] | None = None
    """Which request is being received, and when that was first seen."""

    @property
    def is_busy(self) -> bool:
        """Return whether a request is under way, or is being received, or an answer is not out."""
        return bool(self.requests or self.total_outbufs_len or self.request is not None)

    def cut_if_stalled(self, longest: float) -> None:
        """Cut the connection if its client holds up a request or an answer.

        Nothing else ends that: a byte now and then keeps a connection open,
        and the thread that answers waits for room.

        Args:
            longest: seconds that making and fetching one answer may take, or
                sending a request.
        """
        now = monotonic()
        if self._holds_up_answer(now, longest) or self._holds_up_request(now, longest):
            self.handle_close()

    def _holds_up_answer(self, now: float, longest: float) -> bool:
        if not self.total_outbufs_len:
            self._seen = None
            return False
        if self._seen is None or self._seen[0] != self.last_activity:
            self._seen = (self.last_activity, now)
        is_late = self.began is not None and now - self.began > longest
        return is_late or now - self._seen[1] > STALL

    def _holds_up_request(self, now: float, longest: float) -> bool:
        request: Any = self.request
        if request is None:
            self._receiving = None
            return False
        if self._receiving is None or self._receiving[0] != id(request):
            self._receiving = (id(request), now)
        return now - self._receiving[1] > (longest if request.headers_finished else STALL)


class _Answer(WSGITask):
    """An answer of the application."""

    def start(self) -> None:
        """Take the time."""
        super().start()
        cast(Connection, self.channel).began = monotonic()

    def build_response_header(self) -> bytes:
        """Return the header; a service that stops says that it will close the connection."""
        if cast(Connection, self.channel).is_last:
            cast(Any, self.request).headers["CONNECTION"] = "close"
        return super().build_response_header()

    def execute(self) -> None:
        """Answer; one that has begun and meets a limit is broken off, which is no bug."""
        try:
            super().execute()
        except AimsGraphError as error:
            if not self.wrote_header:
                raise
            raise ClientDisconnected from error


class _Refusal(ErrorTask):
    """An answer to what is no request that the application can be asked."""

    def execute(self) -> None:
        """Answer with a problem document."""
        error: Any = cast("Task", self).request.error  # type: ignore[attr-defined]
        told = {"title": error.reason, "status": error.code, "detail": str(error.body)}
        name = uuid4()
        if error.code >= 500:
            told["instance"] = name.urn
        body = (json.dumps(told) + "\n").encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [
            *HEADERS.items(),
            ("Content-Type", "application/problem+json"),
            ("X-Request-Id", name.hex),
        ]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


Connection.task_class = _Answer
Connection.error_task_class = _Refusal
