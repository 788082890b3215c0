"""The operations of a SPARQL Update request, by their tokens.

`pieces` takes a request apart. What `operation` is given the engine has parsed
before, so it is known to be well formed (SPARQL 1.1 Query, grammar rules 29 to 51).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pyoxigraph as ox

from aimsgraph.rdf.tokens import Dataset, Token

_MANAGEMENT: Final = {"CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "LOAD"}


@dataclass(frozen=True)
class Operation:
    """One operation of a request."""

    kind: str
    """INSERT DATA, DELETE DATA, DELETE WHERE, MODIFY, LOAD, or one on graphs, such as DROP."""
    prologue: str
    groups: Mapping[str, str]
    """The texts in braces, by what stands before them: DATA, DELETE, INSERT, WHERE."""
    iris: Mapping[str, str]
    """Graphs by their role: WITH, TARGET, FROM, TO."""
    using: Dataset | None = None
    scope: str = ""
    """ALL, NAMED or DEFAULT, for operations on whole graphs."""
    is_silent: bool = False

    def group(self, name: str) -> str:
        """Return the text of a group with its braces; empty where there is none."""
        return self.groups.get(name, "")

    def iri(self, role: str) -> str | None:
        """Return the graph in a role; None where none is named."""
        return self.iris.get(role)


@dataclass(frozen=True)
class Piece:
    """The tokens of one operation, and those of all that is declared before it."""

    prologue: Sequence[Token]
    body: Sequence[Token]

    def alone(self, text: str) -> str:
        """Return the operation by itself, behind what is declared for it."""
        return self._behind("", text)

    def only_parsed(self, text: str) -> str:
        """Return the operation behind one that fails, so that the engine parses it and no more."""
        return self._behind("DROP GRAPH <urn:aimsgraph:nothing> ;", text)

    def _behind(self, first: str, text: str) -> str:
        declared = " ".join(token.text for token in self.prologue)
        if not self.body:
            return declared
        last = self.body[-1]
        return f"{declared} {first} {text[self.body[0].start : last.start + len(last.text)]}"

    def in_place(self, text: str) -> str:
        """Return the text with everything else blank, so that all stands where it stood."""
        found = [one if one == "\n" else " " for one in text]
        for token in (*self.prologue, *self.body):
            found[token.start : token.start + len(token.text)] = token.text
        return "".join(found)

    @property
    def labels(self) -> frozenset[str]:
        """Return the blank node labels of INSERT DATA, which no other one may use."""
        words = [_word(token) for token in self.body[:2]]
        if words != ["INSERT", "DATA"]:
            return frozenset()
        return frozenset(token.text for token in self.body if token.kind == "blank")


def declarations(found: Sequence[Token]) -> Piece:
    """Return all that a request declares, wherever it does."""
    parts = _parts(found)
    return Piece([token for part in parts for token in part[: _prologue_length(part)]], [])


def pieces(found: Sequence[Token]) -> Iterator[Piece]:
    """Yield the pieces of a request; one without a body where it holds no operation.

    Each has the declarations it needs and no others, so that many operations
    behind many prefixes are not many times as much to read.
    """
    declared: dict[str, list[Token]] = {}
    for part in _parts(found):
        start, at = _prologue_length(part), 0
        while at < start:
            end = at + _declaration_length(part[at])
            is_prefix = _word(part[at]) == "PREFIX"
            name = part[at + 1].text if is_prefix else f"{_word(part[at])} {len(declared)}"
            declared.pop(name, None)
            declared[name] = part[at:end]
            at = end
        body = part[start:]
        used = {token.text.partition(":")[0] + ":" for token in body if token.kind == "name"}
        needed = [one for name, one in declared.items() if name in used or len(one) == 2]
        yield Piece([token for one in needed for token in one], body)


def operation(text: str, found: Sequence[Token]) -> Operation | None:
    """Return the one operation of a text; None where it declares only."""
    start = _prologue_length(found)
    prologue = " ".join(token.text for token in found[:start])
    return _operation(text, prologue, found[start:]) if found[start:] else None


def _parts(found: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens between the semicolons outside all brackets."""
    part: list[Token] = []
    depth = 0
    for token in found:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.text == ";" and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _prologue_length(part: Sequence[Token]) -> int:
    at = 0
    while at < len(part) and (length := _declaration_length(part[at])):
        at = min(at + length, len(part))
    return at


def _declaration_length(token: Token) -> int:
    """Return how many tokens a declaration has that starts with this one; 0 where none does."""
    return {"PREFIX": 3, "BASE": 2, "VERSION": 2}.get(_word(token), 0)


def _word(token: Token) -> str:
    return token.text.upper() if token.kind == "word" else ""


def _operation(text: str, prologue: str, part: Sequence[Token]) -> Operation:
    first = _word(part[0])
    if first in _MANAGEMENT:
        return _management(first, prologue, part[1:])
    outside = list(_outside(part))
    words = [_word(token) for token in outside if _word(token)]
    named: dict[str, list[str]] = {"WITH": [], "USING": [], "NAMED": []}
    for before, token in pairwise(outside):
        if token.kind != "open" and not _word(token) and _word(before) in named:
            named[_word(before)].append(resolved(prologue, token.text))
    is_data, is_short = words[1:2] == ["DATA"], _word(part[1]) == "WHERE"
    kind = f"{first} DATA" if is_data else "DELETE WHERE" if is_short else "MODIFY"
    using = Dataset(tuple(named["USING"]), tuple(named["NAMED"]))
    iris = {"WITH": named["WITH"][0]} if named["WITH"] else {}
    groups = _groups(text, part)
    return Operation(kind, prologue, groups, iris, using if using.is_given else None)


def _outside(part: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens outside all brackets, and the brackets that open a group there."""
    depth = 0
    for token in part:
        if depth == 0:
            yield token
        depth += (token.kind == "open") - (token.kind == "close")


def _groups(text: str, part: Sequence[Token]) -> dict[str, str]:
    """Return the texts of the outermost brackets, by the word that stands before them."""
    found: dict[str, str] = {}
    word, depth, opened = "", 0, 0
    for token in part:
        if token.kind == "open":
            opened = token.start if depth == 0 else opened
            depth += 1
        elif token.kind == "close":
            depth -= 1
            if depth == 0:
                found[word] = text[opened : token.start + 1]
        elif depth == 0 and _word(token):
            word = _word(token)
    return found


def _management(kind: str, prologue: str, part: Sequence[Token]) -> Operation:
    words = [_word(token) for token in part]
    named = [
        resolved(prologue, t.text) if not w else None for t, w in zip(part, words, strict=True)
    ]
    is_silent = "SILENT" in words
    if kind in {"ADD", "MOVE", "COPY"}:
        to = words.index("TO")
        source = next((one for one in named[:to] if one), None)
        target = next((one for one in named[to:] if one), None)
        iris = {role: one for role, one in (("FROM", source), ("TO", target)) if one}
        return Operation(kind, prologue, {}, iris, is_silent=is_silent)
    if kind == "LOAD":
        iris = dict(zip(("FROM", "TARGET"), (one for one in named if one), strict=False))
        return Operation(kind, prologue, {}, iris, is_silent=is_silent)
    scope = next((word for word in words if word in {"ALL", "NAMED", "DEFAULT"}), "")
    target = next((one for one in named if one), None)
    iris = {"TARGET": target} if target else {}
    return Operation(kind, prologue, {}, iris, scope=scope, is_silent=is_silent)


def resolved(prologue: str, name: str) -> str:
    """Return the IRI that a name stands for after a prologue, as the engine reads it."""
    scratch = ox.Store()
    scratch.update(f"{prologue} INSERT DATA {{ {name} <urn:p> <urn:o> }}")
    subject = next(iter(scratch)).subject
    if not isinstance(subject, ox.NamedNode):
        raise TypeError(f"{name} is no IRI")
    return subject.value
