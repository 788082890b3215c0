"""Counting the rows of an answer in its bytes, as the engine writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


class _Marks:
    """Counts a mark in pieces of text, wherever they are cut."""

    def __init__(self, mark: bytes) -> None:
        self._mark = mark
        self._carried = b""

    def __call__(self, piece: bytes) -> int:
        text = self._carried + piece
        keep = len(self._mark) - 1
        self._carried = text[-keep:] if keep else b""
        return text.count(self._mark)


class _Json:
    """Counts the first row, and `},{`, which parts two rows, outside of values.

    In a value a quotation mark has a backslash before it, so that `},{"` can
    only be the end of one, where `}` or `,` follows.
    """

    def __init__(self) -> None:
        self._parting = [_Marks(b'},{"'), _Marks(b",{}"), _Marks(b'"bindings":[{')]
        self._in_values = [_Marks(b'},{"}'), _Marks(b'},{",')]

    def __call__(self, piece: bytes) -> int:
        wrong = sum(marks(piece) for marks in self._in_values)
        return sum(marks(piece) for marks in self._parting) - wrong


class _Csv:
    """Counts the line ends outside quotation marks."""

    def __init__(self) -> None:
        self._is_quoted = False
        self._is_first = True

    def __call__(self, piece: bytes) -> int:
        parts = piece.split(b'"')
        found = sum(part.count(b"\n") for part in parts[self._is_quoted :: 2])
        self._is_quoted ^= len(parts) % 2 == 0
        heading = self._is_first and found > 0
        self._is_first &= not heading
        return found - heading


class _Tsv:
    """Counts the line ends after the first."""

    def __init__(self) -> None:
        self._is_first = True

    def __call__(self, piece: bytes) -> int:
        found = piece.count(b"\n")
        heading = self._is_first and found > 0
        self._is_first &= not heading
        return found - heading


def _none(_piece: bytes) -> int:
    return 0


_COUNTERS: Final[dict[str, Callable[[], Callable[[bytes], int]]]] = {
    "json": _Json,
    "xml": lambda: _Marks(b"<result>"),
    "csv": _Csv,
    "tsv": _Tsv,
}


def counter(form: str) -> Callable[[bytes], int]:
    """Return what counts the rows of a table in a format, piece by piece.

    In JSON a value that holds `,{}` counts.
    """
    return _COUNTERS[form]() if form in _COUNTERS else _none
