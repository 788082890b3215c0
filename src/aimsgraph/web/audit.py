"""The audit log: who asked or changed what, when, and how it ended; one line of JSON each."""

from __future__ import annotations

import io
import logging
import os
import sys
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from aimsgraph.errors import SettingsError
from aimsgraph.graph import AimsGraph
from aimsgraph.web.logs import line, moment
from aimsgraph.web.visits import Visit

FILE: Final = "audit.jsonl"

MOST_TEXT: Final = 10_000
"""Characters of a query that are kept; its digest is always that of the whole."""

SIZE: Final = 16 * 1024 * 1024
FILES: Final = 10
"""The log is continued in a new file at this size, and so many old ones are kept."""

KIND_FOR_ROUTE: Final = {
    "/sparql": "query",
    "/sparql/": "query",
    "/update": "update",
    "/load": "load",
    "/graphs": "graph-store",
    "/graphs/<path:path>": "graph-store",
    "/queries/<name>": "question",
    "/search": "search",
}
"""What a request is where its handler does not say; any other is not audited."""

_LOG: Final = logging.getLogger(__name__)


class AuditLog:
    """Writes a line for each query and each change; a failing disk fails no request.

    Args:
        handler: writes lines; None writes nothing.
        on_failure: is told when a line could not be written.
    """

    def __init__(
        self, handler: logging.Handler | None, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._handler = handler
        self._on_failure = on_failure
        self._has_failed = False
        if handler is not None:
            handler.setFormatter(logging.Formatter("%(message)s"))
            weakref.finalize(self, handler.close)

    @classmethod
    def of(cls, graph: AimsGraph, on_failure: Callable[[], None]) -> AuditLog:
        """Return the log that the settings name: by default a file in the workspace."""
        wanted = graph.settings.audit_log
        if wanted == "-":
            return cls(_Stream(sys.stderr), on_failure)
        if not wanted and graph.workspace is None:
            return cls(None)
        path = Path(wanted).expanduser() if wanted or graph.workspace is None else None
        return cls(_File(path or _own(graph)), on_failure)

    def require_writable(self) -> None:
        """See that the log can be written, before anything is served.

        Raises:
            SettingsError: it can't.
        """
        if isinstance(self._handler, _File):
            try:
                self._handler.reopen()
            except OSError as error:
                raise SettingsError(
                    f"{self._handler.baseFilename}: the audit log cannot be written: "
                    f"{error.strerror}; set AIMSGRAPH_AUDIT_LOG to another file, or to -"
                ) from error

    def write(self, visit: Visit) -> None:
        """Write down a visit that has ended, if it was a query or a change."""
        kind = visit.notes.get("kind") or KIND_FOR_ROUTE.get(visit.route or "")
        if self._handler is None or kind is None:
            return
        text = line(_told(visit, str(kind)))
        record = logging.LogRecord(__name__, logging.INFO, "", 0, text, None, None)
        try:
            self._handler.handle(record)
        except (OSError, ValueError) as error:
            self._failed(error)
        else:
            self._has_failed = False

    def _failed(self, error: Exception) -> None:
        self._on_failure()
        if not self._has_failed:
            self._has_failed = True
            reason = getattr(error, "strerror", None) or error
            _LOG.error("the audit log cannot be written: %s; lines are lost until it can", reason)


def _own(graph: AimsGraph) -> Path:
    if graph.workspace is None:
        raise TypeError("a graph in memory has no folder")
    return graph.workspace.path / FILE


def _told(visit: Visit, kind: str) -> dict[str, object]:
    caller, notes = visit.caller, visit.notes
    return {
        "time": moment(visit.moment),
        "request": visit.id,
        "caller": caller.name if caller else None,
        "role": caller.role.value if caller and caller.role else None,
        "remote": visit.remote,
        "method": visit.method,
        "route": visit.route,
        "kind": kind,
        **_text(notes.get("query")),
        "question": notes.get("question"),
        "parameters": _parameters(notes.get("parameters")),
        "generation": notes.get("generation"),
        "status": visit.status,
        "bytes": visit.sent,
        "ms": round(visit.seconds * 1000, 1),
        "refused": notes.get("refused"),
        "outcome": visit.outcome,
    }


def _text(query: object) -> dict[str, object]:
    """Return a query's text, cut where it is long and marked then, and the digest of it all."""
    if query is None:
        return {}
    text = str(query)
    told: dict[str, object] = {"query": text[:MOST_TEXT]}
    if len(text) > MOST_TEXT:
        told["cut"] = True
    return {**told, "sha256": sha256(text.encode("utf-8", "surrogatepass")).hexdigest()}


def _parameters(given: object) -> object:
    if not isinstance(given, Mapping):
        return None
    return {str(name)[:100]: str(value)[:MOST_TEXT] for name, value in given.items()}


class _Stream(logging.StreamHandler[Any]):
    """A stream whose failures are told to whoever writes."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Let the failure out."""
        del record
        raise


class _File(RotatingFileHandler):
    """A file that its owner alone reads, continued in a new one when it is large."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=SIZE, backupCount=FILES, encoding="utf-8", delay=True)
        self._is_torn = False
        self._size = 0

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - logging's own name
        """Return whether the file is large enough, without asking the disk for each line."""
        if self.stream is None:
            self.stream = self._open()
        self._size += len(record.getMessage()) + 1
        return self._size > self.maxBytes

    def _open(self) -> io.TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._size = os.fstat(handle).st_size
        file = os.fdopen(handle, "a", encoding="utf-8")
        if self._is_torn:
            file.write("\n")
            self._is_torn = False
        return file

    def reopen(self) -> None:
        """Open the file now, and not with the first line."""
        self.acquire()
        try:
            if self.stream is None:
                self.stream = self._open()
        finally:
            self.release()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Begin anew with the next line, and let the failure out."""
        del record
        broken, self.stream = self.stream, None
        self._is_torn = True
        if broken is not None:
            with suppress(OSError, ValueError):
                broken.close()
        raise
