"""A pass over the tokens of a SPARQL text, before any parser sees it.

A parser that recurses can be crashed by nesting and by long chains, and the
engine would follow `SERVICE` and `LOAD` to any address; so length, depth,
chains and these two keywords are looked at first, on tokens, so that a keyword
inside a string, an IRI or a comment does not count (SPARQL 1.1 Query, section
19.8).

The engine's parser tries one reading after another and knows no borders of
words: it takes `trueSERVICE` for two words, `?a <b:c#d>` for a comparison with
a comment behind it, and a long string with a wrong escape for two short ones.
What could be read in two ways is therefore refused here, or written by
`with_full_iris` so that one way is left.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from aimsgraph.errors import RefusedQueryError

MAX_LENGTH: Final = 200_000
"""The longest text taken, in characters."""

MAX_DEPTH: Final = 128
"""The deepest nesting of brackets taken."""

MAX_CHAIN: Final = 1_000
"""The longest chain of operators and clauses taken, counted from the outermost bracket inwards.

The engine's stack holds some 2,500 of the worst of them.
"""

REFUSED: Final = {
    "SERVICE": "federated queries would make this server open a connection",
    "LOAD": "LOAD would make this server open a file or a connection",
}

_REACHES_OUT: Final = re.compile("|".join(REFUSED), re.IGNORECASE)

_CHAINED: Final = frozenset("!|&+-*/^=<>") | {
    *("OPTIONAL", "UNION", "MINUS", "FILTER", "EXISTS", "SELECT", "IN", "LATERAL"),
}

_UNREADABLE: Final = frozenset("\"'\\")

_TOKEN: Final = re.compile(
    r"""
      (?P<skip>[\s]+|\#[^\r\n]*)
    | (?P<string>\"{3}(?:[^"\\]|ESCAPE|"(?!""))*+\"{3}|'{3}(?:[^'\\]|ESCAPE|'(?!''))*+'{3}
        |"(?:[^"\\\r\n]|ESCAPE)++"|'(?:[^'\\\r\n]|ESCAPE)++'|""(?!")|''(?!'))
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|UNICODE)*+>)
    | (?P<variable>[?$]\w+)
    | (?P<name>(?:[^\W\d_][\w.-]{0,99}?)?:
        (?:[\w:]|%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-]|[.-](?=[\w:.\\%-]))*+)
    | (?P<blank>_:[\w.-]+)
    | (?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    | (?P<other>.)
    """.replace("ESCAPE", r"""(?:\\[tbnrf"'\\]|UNICODE)""").replace(
        "UNICODE",
        r"\\(?:u(?![dD][89a-fA-F])[0-9A-Fa-f]{4}|U000(?!0[dD][89a-fA-F])[0-9A-Fa-f]{5}"
        r"|U0010[0-9A-Fa-f]{4})",
    ),
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
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


def guard(text: str, allowed: Collection[str] = ()) -> list[Token]:
    """Return the tokens of a text that may go to the parser.

    Args:
        text: a query or an update.
        allowed: those of the words in `REFUSED` that may stand in it all the same.

    Raises:
        RefusedQueryError: too long, nested or chained too deeply, not readable
            in one way only, or it asks the server to open a connection or a file.
    """
    if len(text) > MAX_LENGTH:
        raise RefusedQueryError(
            f"the query has {len(text):,} characters; {MAX_LENGTH:,} are taken at most"
        )
    found = list(_readable(text))
    _refuse_depth(found)
    prefixes: dict[str, str] | None = None
    for token in found:
        if token.kind in _WORDLIKE and _REACHES_OUT.search(token.text):
            prefixes = _declared(found) if prefixes is None else prefixes
            _refuse_reach(token, prefixes, allowed)
    return found


def _readable(text: str) -> Iterator[Token]:
    for token in tokens(text):
        if token.kind == "other" and token.text in _UNREADABLE:
            raise RefusedQueryError(_unreadable(text, token.start))
        yield token


_WORDLIKE: Final = frozenset({"word", "name", "blank"})


def _refuse_depth(found: list[Token]) -> None:
    """See that brackets and chains are no deeper than the engine's stack."""
    chains = [_Chain("{")]
    last = ""
    for kind, text, _ in found:
        if kind == "open":
            chains.append(_Chain(text))
            if len(chains) > MAX_DEPTH + 1:
                raise RefusedQueryError(f"the query nests deeper than {MAX_DEPTH} brackets")
        elif kind == "close" and len(chains) > 1:
            inner = chains.pop()
            chains[-1].take(inner)
        elif (kind == "other" or kind == "word") and _is_link(text, last, chains[-1].bracket):
            chains[-1].own += 1
        elif text.upper() == "AS":
            chains[-1].bracket = _ALIASED
        last = text
        if chains[-1].own + chains[-1].within > MAX_CHAIN:
            raise RefusedQueryError(
                f"the query chains more than {MAX_CHAIN:,} operators or clauses; "
                "VALUES and IN take long lists"
            )


@dataclass
class _Chain:
    """What is chained directly in a bracket, and the longest chain in the brackets within it."""

    bracket: str
    own: int = 0
    within: int = 0

    def take(self, inner: _Chain) -> None:
        self.own += inner.bracket == _ALIASED
        self.within = max(self.within, inner.own + inner.within)


_ALIASED: Final = "(AS"


def _is_link(text: str, last: str, bracket: str) -> bool:
    is_second = text == last and text in "|&"
    is_sign = text in "+-" and bracket == "{"
    return text.upper() in _CHAINED and not is_second and not is_sign


def _refuse_reach(token: Token, prefixes: dict[str, str], allowed: Collection[str]) -> None:
    """Refuse a word that reaches out, and what the engine might take for one.

    A name is not taken for one where its prefix is declared, since it then
    goes to the engine as an IRI.
    """
    word = token.text.upper()
    if word in allowed:
        return
    if token.kind == "name":
        prefix, _, local = token.text.partition(":")
        is_split = _REACHES_OUT.search(prefix) or _AT_DOT.search(local)
        if not is_split or _is_absolute(prefixes.get(f"{prefix}:", "")):
            return
    elif token.kind == "blank" and not _AT_DOT.search(token.text):
        return
    match = _REACHES_OUT.search(word)
    told = match[0] if match else word
    raise RefusedQueryError(f"{told} is not allowed here: {REFUSED[told]}")


_AT_DOT: Final = re.compile(rf"[.-](?:\w*?)(?:{'|'.join(REFUSED)})", re.IGNORECASE)


def _is_absolute(iri: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri) is not None


def _unreadable(text: str, start: int) -> str:
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return (
        f"the query cannot be read at line {line}, column {column}: a string that begins there "
        "does not end, or it holds an escape that SPARQL does not know"
    )


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
    """Return a text that the engine reads as these tokens.

    `iso42001:6.1.4` is a name in SPARQL 1.1 (section 19.8, PN_LOCAL), but the
    engine's parser stops at its second dot; and `service:x` it may take for a
    keyword. Such names are written as IRIs. An IRI that it could take for a
    comparison is written with escapes, which nothing but an IRI may hold.
    """
    declared = _declared(found)
    parts, end = [], 0
    brackets: list[str] = []
    for index, token in enumerate(found):
        if token.kind == "open":
            brackets.append(token.text)
        elif token.kind == "close" and brackets:
            brackets.pop()
        is_row = brackets[-1:] == ["("]
        written = _written(token, declared, is_row=is_row)
        is_declaration = index > 0 and found[index - 1].text.upper() == "PREFIX"
        if written != token.text and not is_declaration:
            parts += [text[end : token.start], written]
            end = token.start + len(token.text)
    return "".join([*parts, text[end:]])


_AMBIGUOUS: Final = re.compile(r"[#'()]")


def _written(token: Token, declared: dict[str, str], *, is_row: bool) -> str:
    if token.kind == "iri" and is_row:
        return _AMBIGUOUS.sub(lambda match: f"\\u{ord(match[0]):04X}", token.text)
    prefix, _, local = token.text.partition(":")
    namespace = declared.get(f"{prefix}:")
    if token.kind != "name" or namespace is None:
        return token.text
    if "." in local or _REACHES_OUT.search(prefix):
        return _written_iri(namespace, _unescaped(local), is_row=is_row)
    return token.text


def _written_iri(namespace: str, local: str, *, is_row: bool) -> str:
    iri = f"<{namespace}{local}>"
    return _AMBIGUOUS.sub(lambda match: f"\\u{ord(match[0]):04X}", iri) if is_row else iri


def _declared(found: Sequence[Token]) -> dict[str, str]:
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


def named_iri(token: Token, found: Sequence[Token]) -> str | None:
    """Return the IRI that a token names behind what is declared; None where it names none."""
    if token.kind == "iri":
        return _plain(token.text[1:-1])
    prefix, _, local = token.text.partition(":")
    namespace = _declared(found).get(f"{prefix}:") if token.kind == "name" else None
    return None if namespace is None else _plain(namespace) + _unescaped(local)


def _plain(iri: str) -> str:
    """Return an IRI without the escapes it may hold."""
    return re.sub(
        r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})",
        lambda match: chr(int(match[1] or match[2], 16)),
        iri,
    )


def _graph(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return _plain(token.text[1:-1])
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
