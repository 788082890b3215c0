"""Search within SPARQL: `?x aims:matches "words" .` stands for what the words find.

The triple is replaced, on tokens, by inline data before the engine sees the
query; to the engine `aims:matches` would be a property that nothing has. So
every other way to write it is refused, rather than answered with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin

import pyoxigraph as ox

from aimsgraph.errors import QueryError
from aimsgraph.namespaces import AIMS, XSD
from aimsgraph.rdf.terms import read_term
from aimsgraph.rdf.tokens import Token

MATCHES: Final = f"{AIMS}matches"

HOW: Final = (
    "aims:matches is written in the WHERE of a query, as a triple of its own, with a variable "
    'and a text: ?x aims:matches "words" .'
)

_PROLOGUE: Final = frozenset({"BASE", "PREFIX"})
_FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})

Hits = Callable[[str], Sequence[str]]
"""Gives the IRIs of what words find."""


@dataclass
class _Reading:
    """Where a pass over the tokens is: what was declared, and in which brackets it stands."""

    base: str = ""
    prefixes: dict[str, str] = field(default_factory=dict)
    is_declaring: bool = True
    is_query: bool = False
    brackets: list[str] = field(default_factory=list)
    opens: str = ""
    """The keyword that says what the next curly bracket holds."""

    def take(self, tokens: Sequence[Token], at: int) -> None:
        """Note what a token says about those after it."""
        token = tokens[at]
        word = token.text.upper() if token.kind == "word" else ""
        if self.is_declaring and word in _PROLOGUE:
            self._declare(word, tokens[at + 1 : at + 3])
        elif self.is_declaring and word:
            self.is_declaring, self.is_query = False, word in _FORMS
        if word in {"CONSTRUCT", "VALUES"}:
            self.opens = word
        elif token.text == "{":
            self.brackets.append(self.opens)
            self.opens = ""
        elif token.text == "}" and self.brackets:
            self.brackets.pop()

    def _declare(self, word: str, after: Sequence[Token]) -> None:
        if word == "BASE" and after:
            self.base = urljoin(self.base, after[0].text[1:-1])
        elif word == "PREFIX" and len(after) == 2:
            self.prefixes[after[0].text] = urljoin(self.base, after[1].text[1:-1])

    def is_matches(self, token: Token) -> bool:
        """Return whether a token names the property, and is no declaration or data."""
        if self.is_declaring or (self.brackets and self.brackets[-1] == "VALUES"):
            return False
        if token.kind == "iri":
            return urljoin(self.base, token.text[1:-1]) == MATCHES
        prefix, colon, local = token.text.partition(":")
        return token.kind == "name" and self.prefixes.get(prefix + colon, "") + local == MATCHES

    @property
    def is_pattern(self) -> bool:
        """Return whether what stands here is matched against the graph."""
        return self.is_query and bool(self.brackets) and "CONSTRUCT" not in self.brackets


def with_matches(text: str, tokens: Sequence[Token], hits: Hits, base: str = "") -> str:
    """Return a query in which what words find stands in the place of `aims:matches`.

    Args:
        text: the query, its parameters bound.
        tokens: those of the text.
        hits: finds the words.
        base: against which relative IRIs are resolved before the query says.

    Raises:
        QueryError: `aims:matches` is used in another way, or in an update.
        ParameterError: there is no word in its text.
    """
    reading, parts, end = _Reading(base), [], 0
    found: dict[str, Sequence[str]] = {}
    for at, token in enumerate(tokens):
        if reading.is_matches(token):
            words, last = _read(tokens, at, reading)
            if words not in found:
                found[words] = hits(words)
            names = " ".join(str(ox.NamedNode(iri)) for iri in found[words])
            subject = tokens[at - 1]
            parts += [text[end : subject.start], f"VALUES {subject.text} {{ {names} }}"]
            end = tokens[last].start + len(tokens[last].text)
        reading.take(tokens, at)
    return "".join([*parts, text[end:]])


def _read(tokens: Sequence[Token], at: int, reading: _Reading) -> tuple[str, int]:
    """Return the words of the triple around a predicate, and the place of its last token."""
    before, after = tokens[max(at - 2, 0) : at], tokens[at + 1 : at + 5]
    is_own = (
        reading.is_pattern
        and len(before) == 2
        and before[0].text in {"{", "}", ".", ")"}
        and before[1].kind == "variable"
        and bool(after)
        and after[0].kind == "string"
    )
    length = _literal_length(after) if is_own else 0
    follows = tokens[at + 1 + length].text if at + 1 + length < len(tokens) else ""
    if not is_own or follows in {";", ","}:
        raise QueryError(HOW)
    last = at + length
    return _text(tokens[at + 1 : last + 1], reading.prefixes), last


def _literal_length(after: Sequence[Token]) -> int:
    """Return how many tokens a literal has: with a language two, with a datatype four."""
    if len(after) > 1 and after[1].kind == "lang":
        return 2
    return 4 if [token.text for token in after[1:3]] == ["^", "^"] else 1


def _text(literal: Sequence[Token], prefixes: dict[str, str]) -> str:
    """Return the text of a string that tokens write, whatever its language."""
    try:
        term = read_term(literal[0].text)
    except SyntaxError as error:
        raise QueryError(HOW) from error
    if len(literal) == 4:
        datatype = literal[3].text
        prefix, colon, local = datatype.partition(":")
        if f"{XSD}string" not in {datatype[1:-1], prefixes.get(prefix + colon, "") + local}:
            raise QueryError(HOW)
    return str(getattr(term, "value", ""))
