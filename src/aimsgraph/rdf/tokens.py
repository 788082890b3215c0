"""A pass over the tokens of a SPARQL text, before any parser sees it.

A parser that recurses can be crashed by nesting, and the engine would follow
`SERVICE` and `LOAD` to any address; so length, depth and these two keywords
are looked at first, on tokens, so that a keyword inside a string, an IRI or a
comment does not count (SPARQL 1.1 Query, section 19.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aimsgraph.errors import RefusedQueryError

MAX_LENGTH: Final = 200_000
"""The longest text taken, in characters."""

MAX_DEPTH: Final = 128
"""The deepest nesting of brackets taken."""

REFUSED: Final = {
    "SERVICE": "federated queries would make this server open a connection",
    "LOAD": "LOAD would make this server open a file or a connection",
}

_TOKEN: Final = re.compile(
    r"""
      (?P<skip>\s+|\#[^\r\n]*)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''
        |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<name>(?:[^\W\d_][\w.-]*?)?:
        (?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-]|[.-](?=[\w:.\\%-]))*)
    | (?P<blank>_:[\w.-]+)
    | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One token, with its kind and where it starts."""

    kind: str
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a SPARQL text, white space and comments left out."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind != "skip":
            yield Token(kind, match.group(), match.start())


def guard(text: str) -> list[Token]:
    """Return the tokens of a text that may go to the parser.

    Raises:
        RefusedQueryError: too long, nested too deeply, or it asks the server
            to open a connection or a file.
    """
    if len(text) > MAX_LENGTH:
        raise RefusedQueryError(
            f"the query has {len(text):,} characters; {MAX_LENGTH:,} are taken at most"
        )
    found, depth = list(tokens(text)), 0
    for token in found:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth > MAX_DEPTH:
            raise RefusedQueryError(f"the query nests deeper than {MAX_DEPTH} brackets")
        word = token.text.upper()
        if token.kind == "word" and word in REFUSED:
            raise RefusedQueryError(f"{word} is not allowed here: {REFUSED[word]}")
    return found


@dataclass(frozen=True)
class Dataset:
    """What the FROM and FROM NAMED clauses of a query ask for."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Return whether the query has such a clause at all."""
        return bool(self.default or self.named)


def with_full_iris(text: str, found: list[Token]) -> str:
    """Return a text in which prefixed names with dots are written as IRIs.

    `iso42001:6.1.4` is a name in SPARQL 1.1 (section 19.8, PN_LOCAL), but the
    engine's parser stops at its second dot.
    """
    declared = _declared(found)
    parts, end = [], 0
    for token in found:
        prefix, _, local = token.text.partition(":")
        if token.kind == "name" and "." in local and f"{prefix}:" in declared:
            iri = declared[f"{prefix}:"] + _unescaped(local)
            parts += [text[end : token.start], f"<{iri}>"]
            end = token.start + len(token.text)
    return "".join([*parts, text[end:]])


def _declared(found: list[Token]) -> dict[str, str]:
    return {
        name.text: iri.text[1:-1]
        for word, name, iri in zip(found, found[1:], found[2:], strict=False)
        if word.kind == "word" and word.text.upper() == "PREFIX"
    }


def _unescaped(local: str) -> str:
    return re.sub(r"\\(.)", r"\1", local)


def dataset_of(found: list[Token]) -> Dataset:
    """Return the dataset clauses of a query, given its tokens.

    Raises:
        RefusedQueryError: a graph is named with a prefix the query does not declare.
    """
    prefixes = _declared(found)
    default: list[str] = []
    named: list[str] = []
    depth = 0
    for index, token in enumerate(found):
        depth += (token.kind == "open") - (token.kind == "close")
        word = token.text.upper() if token.kind == "word" else ""
        after = found[index + 1 : index + 3]
        if word == "FROM" and depth == 0 and len(after) >= 1:
            is_named = after[0].text.upper() == "NAMED" and len(after) == 2
            graph = _graph(after[1] if is_named else after[0], prefixes)
            (named if is_named else default).append(graph)
    return Dataset(tuple(default), tuple(named))


def _graph(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, _, rest = token.text.partition(":")
    if f"{prefix}:" not in prefixes:
        raise RefusedQueryError(f"the prefix of {token.text} after FROM is not declared")
    return prefixes[f"{prefix}:"] + _unescaped(rest)


def syntax_sentence(found: list[Token], message: str, text: str) -> str:
    """Return a parser's message as a sentence that names the place and what stands there."""
    match = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if match is None:
        return f"the query is not valid SPARQL: {message}"
    line, column = int(match[1]), int(match[2])
    start = sum(len(one) + 1 for one in text.split("\n")[: line - 1]) + column - 1
    at = next((token.text for token in found if token.start + len(token.text) > start), None)
    where = f"line {line}, column {column}"
    missing = _undeclared(found) if "Prefix not found" in match[3] else None
    if missing is not None:
        return f"{where}: the prefix {missing} is not declared; add PREFIX {missing} <...> on top"
    told = re.search(r"The [A-Z]+ [^,\[]+", match[3])
    if told is not None:
        return f"the query is not valid SPARQL: {told[0].strip()}"
    near = "the end of the query" if at is None else f"{at!r} ({where})"
    return f"the query is not valid SPARQL at or just before {near}"


def _undeclared(found: list[Token]) -> str | None:
    declared = _declared(found)
    for token in found:
        if token.kind == "name" and (prefix := token.text.split(":")[0] + ":") not in declared:
            return prefix
    return None
