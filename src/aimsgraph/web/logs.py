"""The service's own log: one line of JSON for each thing that happens, never with a token."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Final, cast

from flask import g, has_request_context, request

from aimsgraph.access import PREFIX
from aimsgraph.web.visits import KEY, Visit

_SECRET: Final = re.compile(re.escape(PREFIX) + r"[\w-]{8,}")

_LEVELS: Final = {
    "aimsgraph": logging.INFO,
    "waitress": logging.WARNING,
    "waitress.queue": logging.ERROR,
}
"""What is written of whom; that requests wait for a thread is a number, not an event."""


def note(**details: object) -> None:
    """Say of the current request what the audit log is to hold.

    Known are `kind`, `query`, `question`, `parameters`, `generation`,
    `refused` (why it was not carried out) and `aborted` (which limit ended it).
    """
    notes().update(details)


def notes() -> dict[str, object]:
    """Return what was said of the current request, for a stream to go on with after it."""
    if "audit" not in g:
        g.audit = {}
    return cast(dict[str, object], g.audit)


def visit() -> Visit | None:
    """Return the current visit; None outside a request."""
    return request.environ.get(KEY) if has_request_context() else None


def request_id() -> str | None:
    """Return what names the current request in its answer and in the logs."""
    now = visit()
    return now.id if now else None


def line(told: Mapping[str, object]) -> str:
    """Return one line of JSON without what is empty, and without any token in it."""
    kept = {name: value for name, value in told.items() if value is not None}
    return _SECRET.sub(f"{PREFIX}...", json.dumps(kept, default=str))


def moment(at: datetime) -> str:
    """Return a time as logs have it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON; a traceback stays inside."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        told: dict[str, object] = {
            "time": moment(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else None,
        }
        return line(told)


@contextmanager
def structured(stream: IO[str] | None = None) -> Iterator[None]:
    """Write the service's log as lines of JSON to standard error, for the time of the context."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    loggers = {logging.getLogger(name): level for name, level in _LEVELS.items()}
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    for logger, level in loggers.items():
        logger.setLevel(level)
        if "." not in logger.name:
            logger.addHandler(handler)
            logger.propagate = False
    try:
        yield
    finally:
        for logger, old, propagate in before:
            logger.removeHandler(handler)
            logger.setLevel(old)
            logger.propagate = propagate
