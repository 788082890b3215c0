"""What a query looks at: its triple patterns, and the groups they stand in.

Only as much of SPARQL is read as tells which statements can matter to an
answer; filters and expressions are passed over, save the groups of EXISTS in
them. The engine itself says whether the text is valid (SPARQL 1.1, 19.8).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.paths import Alternative, Inverse, Link, Negated, Path, Repeat, Sequence
from aimsgraph.errors import QueryError
from aimsgraph.namespaces import RDF
from aimsgraph.rdf.terms import Term, as_stored, read_term
from aimsgraph.rdf.tokens import Token, tokens


@dataclass(frozen=True)
class Variable:
    """A variable, or a blank node, which is one too."""

    name: str


Node = Variable | Term


@dataclass(frozen=True)
class Pattern:
    """A triple pattern; its middle is a path or a variable."""

    subject: Node
    path: Path | Variable
    object: Node


@dataclass
class Group:
    """What stands between a pair of braces, in its order."""

    patterns: list[tuple[int, Pattern]] = field(default_factory=list)
    groups: list[tuple[int, str, Group]] = field(default_factory=list)
    """Groups within, each with its place and what it is: OPTIONAL, EXISTS, MINUS, or empty."""

    def walk(self) -> Iterator[Group]:
        """Yield this group and all within it."""
        yield self
        for _, _, group in self.groups:
            yield from group.walk()


OPTIONAL: Final = "OPTIONAL"
EXISTS: Final = "EXISTS"
PLAIN: Final = ""

_WORDS: Final = {"FILTER", "BIND", "VALUES", "OPTIONAL", "MINUS", "GRAPH", "UNION", "SERVICE"}
_CLOSED_BY: Final = {"(": ")", "{": "}", "[": "]"}


def read_query(text: str, prefixes: Mapping[str, str] | None = None) -> Group:
    """Return the outermost group of a SELECT query.

    Args:
        text: the query; a prologue of its own adds to `prefixes`.
        prefixes: namespaces by prefix.

    Raises:
        QueryError: it holds something that is not understood here.
    """
    try:
        return _Reader(text, prefixes or {}).query()
    except IndexError:
        raise QueryError("the query ends too early") from None


class _Reader:
    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self._tokens = list(tokens(text))
        self._at = 0
        self._prefixes = dict(prefixes)
        self._fresh = count()
        self._scopes: list[tuple[int, set[str] | None]] = []
        """Sub-selects around this place: a number, and what each projects; None is all."""

    # -- tokens ------------------------------------------------------------------

    @property
    def _here(self) -> Token:
        return self._tokens[self._at]

    def _is(self, *texts: str) -> bool:
        return self._at < len(self._tokens) and self._here.text.upper() in texts

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _take(self, text: str) -> bool:
        if self._is(text):
            self._at += 1
            return True
        return False

    # -- groups ------------------------------------------------------------------

    def query(self) -> Group:
        apart = Group()
        while not self._is("{"):
            if self._take("PREFIX"):
                name, iri = self._next(), self._next()
                self._prefixes[name.text[:-1]] = iri.text[1:-1]
            elif self._is("BASE"):
                raise QueryError("BASE is not followed here; write the IRIs in full")
            elif not self._told_apart(apart):
                self._next()
        group = self._group()
        group.groups += apart.groups
        while self._at < len(self._tokens):
            self._expression_token(group, -1)
        return group

    def _group(self) -> Group:
        if not self._take("{"):
            raise QueryError(f"a group was expected before {self._here.text!r}")
        group = Group()
        if self._is("SELECT"):
            self._sub_select(group)
        for place in count():
            if self._take("}"):
                return group
            self._member(group, place)
        raise AssertionError

    def _member(self, group: Group, place: int) -> None:
        if self._take(".") or self._take("UNION"):
            return
        if self._is("{"):
            group.groups.append((place, PLAIN, self._group()))
        elif self._is(*_WORDS):
            self._special(group, place, self._next().text.upper())
        else:
            self._triples(group, place)

    def _special(self, group: Group, place: int, word: str) -> None:
        if word in {"OPTIONAL", "MINUS"}:
            group.groups.append((place, word, self._group()))
        elif word == "GRAPH":
            self._at += 1
            group.groups.append((place, PLAIN, self._group()))
        elif word == "VALUES":
            while not self._is("{"):
                self._next()
            self._pass_over()
        elif word == "SERVICE":
            raise QueryError("SERVICE cannot be followed")
        else:
            self._expression(group, place)

    def _sub_select(self, group: Group) -> None:
        """Read a sub-select in the place of a group; what it does not project gets a name apart."""
        self._at += 1
        start = self._at
        projected = self._projected()
        self._take("WHERE")
        self._scopes.append((next(self._fresh), projected))
        inner = self._group()
        group.groups.append((0, PLAIN, inner))
        behind, self._at = self._at, start
        while not self._is("{", "WHERE"):
            if not self._told_apart(inner):
                self._next()
        self._at = behind
        while not self._is("}"):
            self._expression_token(group, 0)
        self._scopes.pop()

    def _projected(self) -> set[str] | None:
        """Return the variables that a sub-select hands on; None where these are all."""
        projected: set[str] = set()
        depth, before, is_all = 0, "", False
        while depth or not self._is("{", "WHERE"):
            if self._take("EXISTS"):
                self._pass_over()
                continue
            token = self._next()
            depth += (token.text in _CLOSED_BY) - (token.text in _CLOSED_BY.values())
            is_all = is_all or (token.text == "*" and not depth)
            if token.kind == "variable" and (not depth or before == "AS"):
                projected.add(token.text[1:])
            before = token.text.upper()
        return None if is_all else projected

    def _told_apart(self, group: Group) -> bool:
        """Take up an EXISTS in a projection, which looks at what the whole group binds."""
        if not self._take("EXISTS"):
            return False
        group.groups.append((-1, EXISTS, self._group()))
        return True

    # -- expressions -------------------------------------------------------------

    def _expression(self, group: Group, place: int) -> None:
        """Pass over the expression of a FILTER or BIND, and take up the groups within."""
        while not self._is("(", "{"):
            self._expression_token(group, place)
            if self._is_over():
                return
        if self._is("("):
            self._brackets(group, place)
        elif self._is("{"):
            group.groups.append((place, EXISTS, self._group()))

    def _is_over(self) -> bool:
        """Return whether an EXISTS was the whole of a filter."""
        return self._tokens[self._at - 1].text == "}"

    def _brackets(self, group: Group, place: int) -> None:
        depth = 0
        while True:
            depth += self._is("(") - self._is(")")
            self._expression_token(group, place)
            if not depth:
                return

    def _expression_token(self, group: Group, place: int) -> None:
        word = self._next().text.upper()
        if word == "EXISTS":
            group.groups.append((place, EXISTS, self._group()))

    def _pass_over(self) -> None:
        """Pass over a pair of brackets and what is in it."""
        depth = 0
        while True:
            token = self._next()
            depth += (token.text in _CLOSED_BY) - (token.text in _CLOSED_BY.values())
            if not depth:
                return

    # -- triples -----------------------------------------------------------------

    def _triples(self, group: Group, place: int) -> None:
        subject = self._node(group, place)
        if not self._is(".", "}"):
            self._properties(group, place, subject)

    def _properties(self, group: Group, place: int, subject: Node) -> None:
        while True:
            path = self._verb()
            while True:
                value = self._node(group, place)
                group.patterns.append((place, Pattern(subject, path, value)))
                if not self._take(","):
                    break
            while self._take(";"):
                pass
            if self._is(".", "}", "]", *_WORDS) or self._is("{"):
                return

    def _verb(self) -> Path | Variable:
        if self._here.kind == "variable":
            return self._variable(self._next().text[1:])
        return self._path()

    def _node(self, group: Group, place: int) -> Node:
        token = self._next()
        if token.kind == "variable":
            return self._variable(token.text[1:])
        if token.kind == "blank":
            return self._variable(token.text)
        if token.text == "[":
            node = self._new()
            if not self._is("]"):
                self._properties(group, place, node)
            self._close("]")
            return node
        if token.text == "(":
            return self._collection(group, place)
        if token.kind in {"iri", "name"}:
            return ox.NamedNode(self._iri(token))
        return self._literal(token)

    def _collection(self, group: Group, place: int) -> Node:
        first, rest = Link(f"{RDF}first"), Link(f"{RDF}rest")
        head: Node | None = None
        last: Node | None = None
        while not self._take(")"):
            cell, member = self._new(), self._node(group, place)
            group.patterns.append((place, Pattern(cell, first, member)))
            if last is None:
                head = cell
            else:
                group.patterns.append((place, Pattern(last, rest, cell)))
            last = cell
        nil = ox.NamedNode(f"{RDF}nil")
        if last is None or head is None:
            return nil
        group.patterns.append((place, Pattern(last, rest, nil)))
        return head

    def _literal(self, token: Token) -> Term:
        text = token.text
        if text in {"+", "-"}:
            text += self._next().text
        elif token.kind == "string":
            if self._here.kind == "lang":
                text += self._next().text
            elif self._is("^") and self._tokens[self._at + 1].text == "^":
                self._at += 2
                text += f"^^<{self._iri(self._next())}>"
        elif token.kind not in {"number", "word"}:
            raise QueryError(f"{text!r} is not understood here")
        try:
            return as_stored(read_term(text))
        except SyntaxError:
            raise QueryError(f"{text!r} is not understood here") from None

    def _variable(self, name: str) -> Variable:
        for number, projected in reversed(self._scopes):
            if projected is not None and name not in projected:
                return Variable(f"{name}.{number}")
        return Variable(name)

    def _new(self) -> Variable:
        return Variable(f".{next(self._fresh)}")

    def _close(self, text: str) -> None:
        if not self._take(text):
            raise QueryError(f"{text!r} was expected before {self._here.text!r}")

    def _iri(self, token: Token) -> str:
        if token.kind == "iri":
            return token.text[1:-1]
        prefix, _, local = token.text.partition(":")
        if prefix not in self._prefixes:
            raise QueryError(f"the prefix {prefix}: is not declared")
        return self._prefixes[prefix] + local.replace("\\", "")

    # -- paths -------------------------------------------------------------------

    def _path(self) -> Path:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Alternative(tuple(parts))

    def _sequence(self) -> Path:
        parts = [self._step()]
        while self._take("/"):
            parts.append(self._step())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _step(self) -> Path:
        is_inverse = self._take("^")
        path = self._primary()
        if self._is("*", "+", "?"):
            path = Repeat(path, self._next().text)
        return Inverse(path) if is_inverse else path

    def _primary(self) -> Path:
        if self._take("!"):
            return self._negated()
        if self._take("("):
            path = self._path()
            self._close(")")
            return path
        return Link(self._predicate())

    def _predicate(self) -> str:
        token = self._next()
        if token.text == "a":
            return f"{RDF}type"
        if token.kind not in {"iri", "name"}:
            raise QueryError(f"a property was expected instead of {token.text!r}")
        return self._iri(token)

    def _negated(self) -> Path:
        is_list = self._take("(")
        forward: set[str] = set()
        backward: set[str] = set()
        while True:
            (backward if self._take("^") else forward).add(self._predicate())
            if not (is_list and self._take("|")):
                break
        if is_list:
            self._close(")")
        return Negated(frozenset(forward) or None, frozenset(backward) or None)
