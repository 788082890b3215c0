"""A piece of a text around the words that were found in it, as plain text with places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

START: Final = "\x02"
END: Final = "\x03"
"""Stand around what matches; no text that is searched holds either."""

LONGEST: Final = 200
"""How many characters a snippet has at most, about."""

_BEFORE: Final = 60


@dataclass(frozen=True)
class Snippet:
    """A piece of text, and where in it the words are: pairs of first place and end."""

    text: str
    marks: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, marked: str) -> Snippet:
        """Return the piece around the first match of a text with marks in it."""
        text, marks = _parsed(marked)
        first = marks[0][0] if marks else 0
        start, end = 0, len(text)
        if first > _BEFORE * 2:
            start = text.rfind(" ", 0, first - _BEFORE) + 1 or first - _BEFORE
        if end - start > LONGEST:
            end = max(text.rfind(" ", start + 1, start + LONGEST), start + LONGEST // 2)
        head, tail = "… " if start else "", " …" if end < len(text) else ""
        shift = len(head) - start
        within = ((max(a, start), min(b, end)) for a, b in marks if a < end and b > start)
        return cls(
            f"{head}{text[start:end]}{tail}", tuple((a + shift, b + shift) for a, b in within)
        )

    @property
    def parts(self) -> Iterator[tuple[str, bool]]:
        """Yield the text in parts, and whether each is what was searched for."""
        at = 0
        for start, end in self.marks:
            yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        yield self.text[at:], False


def _parsed(marked: str) -> tuple[str, list[tuple[int, int]]]:
    text, marks = "", []
    for part in re.split(f"({START}[^{END}]*{END})", marked):
        if part.startswith(START):
            marks.append((len(text), len(text) + len(part) - 2))
        text += part.strip(START + END)
    return text, marks
