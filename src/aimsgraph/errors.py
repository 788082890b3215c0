"""Everything that can go wrong, as a shallow tree of errors that hold their data.

This module imports nothing of ours. The edges translate these errors: the web
into status codes and problem documents, the command line into one line on
stderr and an exit code. Anything that is not an `AimsGraphError` is a bug and
keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol


class ResultLike(Protocol):
    """What an error needs to know of a check result."""

    @property
    def message(self) -> str:
        """Return the sentence with the remedy."""


class ReportLike(Protocol):
    """What an error needs to know of a report."""

    @property
    def results(self) -> Sequence[ResultLike]:
        """Return the results."""


class AimsGraphError(Exception):
    """Something the caller can understand and mend; the text says how."""


class SourceError(AimsGraphError):
    """A file cannot be read as what it claims to be."""

    def __init__(self, path: Path | str, reason: str, line: int | None = None) -> None:
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line


class SourcesError(AimsGraphError):
    """Several things are wrong with files; each is told on a line of its own."""

    def __init__(self, errors: Sequence[SourceError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class SettingsError(AimsGraphError):
    """A setting is unknown or has a value it cannot have."""


class WorkspaceError(AimsGraphError):
    """A folder is not a workspace, or can't become one."""


class StoreLockedError(AimsGraphError):
    """Another process has the store open."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: another process writes this workspace (a running 'aimsgraph serve'?); "
            "stop it and try again"
        )
        self.path = path


class QueryError(AimsGraphError):
    """A SPARQL query has a syntax error or fails while it runs."""


class RefusedQueryError(AimsGraphError):
    """A query is refused before any parser sees it: too long, too deep, or reaching out."""


class LimitError(AimsGraphError):
    """A query or its answer goes beyond what the service gives; `limit` names which limit."""

    def __init__(self, limit: str, text: str) -> None:
        super().__init__(text)
        self.limit = limit


class DeadlineError(LimitError):
    """A query takes longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "query_timeout",
            f"the query was stopped: it took longer than {seconds:g} seconds; "
            "ask for less, or set AIMSGRAPH_QUERY_TIMEOUT",
        )


class BusyError(LimitError):
    """More is asked at a time than the service takes; later it will."""


class FormatError(AimsGraphError):
    """The answer cannot be said in the format that was asked for."""


class EngineError(AimsGraphError):
    """The engine broke down on a query; nothing else was hurt."""


class UnknownNameError(AimsGraphError):
    """There is no such thing; the nearest names are offered."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        near = get_close_matches(name, list(known), n=3, cutoff=0.5)
        text = f"there is no {kind} named {name!r}"
        if near:
            text += f"; did you mean {' or '.join(near)}?"
        super().__init__(f"{text} {hint}".rstrip())
        self.name = name
        self.near = near


class UnknownQueryError(UnknownNameError):
    """There is no question of that name in the catalogue."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__("question", name, known, "('aimsgraph queries' lists them)")


class ParameterError(AimsGraphError):
    """A named question was given a parameter it can't take, or lacks one it needs."""


class IntegrityRefusedError(AimsGraphError):
    """A change breaks integrity rules and was not made; `report` says which."""

    def __init__(self, report: ReportLike) -> None:
        messages = [result.message for result in report.results]
        shown = "; ".join(messages[:3])
        more = f"; and {len(messages) - 3} more" if len(messages) > 3 else ""
        reason = f"{shown}{more}" or "it breaks rules on records that you may not see"
        super().__init__(f"refused, nothing was changed: {reason}")
        self.report = report


class JournalError(AimsGraphError):
    """The journal cannot be written; what was to be recorded is not."""


class JournalDamagedError(AimsGraphError):
    """The journal does not read as it was written; file and byte are named."""

    def __init__(self, path: Path, offset: int, reason: str) -> None:
        super().__init__(
            f"{path}: damaged at byte {offset}: {reason}; keep the folder as it is, "
            "and restore a backup with 'aimsgraph restore'"
        )
        self.path = path
        self.offset = offset
        self.reason = reason


class NoSuchStateError(AimsGraphError):
    """The graph is asked for as of a moment before it began, or after now."""


class ConflictError(AimsGraphError):
    """The graph changed since the caller looked at it; nothing was written."""


class AccessError(AimsGraphError):
    """The caller may not do this."""


class UnknownTokenError(AccessError):
    """The token is not known, or has expired, or one is needed."""


class RuleError(AimsGraphError):
    """A shape cannot be checked by the reference."""


class InferenceError(AimsGraphError):
    """The ontology's rules do not come to rest, or use a construct we don't carry out."""


class ServiceError(AimsGraphError):
    """The service cannot start, for instance because its port is taken."""
