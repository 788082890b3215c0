"""What a person types into a search box, as FTS5 takes it.

Every word is quoted, so nothing that is typed can be an operator of FTS5 or an
error in its syntax; `A.6.2.4` becomes the phrase of its parts.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from aimsgraph.errors import ParameterError
from aimsgraph.search.texts import plain

LONGEST: Final = 500
"""The longest text that is searched for, in characters."""

MOST_WORDS: Final = 32

_PART: Final = re.compile(r'"(?P<phrase>[^"]*)"(?P<open>\*?)|(?P<word>[^\s"]+)')
_PUNCTUATION: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Words:
    """What is searched for: all words, phrases in quotes, `*` for the rest of a word.

    Args:
        match: the same as FTS5 takes it.
        folded: the whole text, to be compared with what things are called.
    """

    match: str
    folded: str

    @classmethod
    def read(cls, text: str) -> Words:
        """Read what a person typed.

        Raises:
            ParameterError: there is no word in it, or it is too long.
        """
        if len(text) > LONGEST:
            raise ParameterError(
                f"the text to search for has {len(text):,} characters; {LONGEST} are taken at most"
            )
        found = plain(text.encode("utf-8", "replace").decode())
        terms = [term for part in _PART.finditer(found) if (term := _term(part))]
        if not terms:
            raise ParameterError("there is nothing to search for; give a word, or a name")
        if len(terms) > MOST_WORDS:
            raise ParameterError(
                f"there are {len(terms)} words to search for; {MOST_WORDS} are taken at most"
            )
        return cls(" AND ".join(terms), folded(found))


def _term(part: re.Match[str]) -> str | None:
    """Return a word or phrase as FTS5 takes it; None where no letter or digit is in it."""
    phrase, is_open = part["phrase"], bool(part["open"])
    if phrase is None:
        phrase, is_open = part["word"].rstrip("*"), part["word"].endswith("*")
    if not any(map(_is_searched, phrase)):
        return None
    return f'"{phrase}"*' if is_open else f'"{phrase}"'


def _is_searched(character: str) -> bool:
    return unicodedata.category(character)[0] in "LN"


def folded(text: str) -> str:
    """Return a name as it is compared: without case, diacritics and punctuation."""
    letters = text.casefold()
    if not letters.isascii():
        parts = unicodedata.normalize("NFKD", letters)
        letters = "".join(part for part in parts if not unicodedata.combining(part))
    return _PUNCTUATION.sub(" ", letters).strip()
