"""The lines of a changeset: one statement each, its literal behind a salted commitment.

A line is `+ SALT STATEMENT .` or `- SALT STATEMENT .` with the statement in
N-Quads. Where the object is a literal, SALT is 128 random bits in hexadecimal
and what is digested is not the literal but SHA-256 of salt and literal; so the
literal can be erased later and every digest still holds. A redacted line has
`!` as its salt and the commitment in the place of the literal; where the same
statement was committed to earlier with another salt, `!` and that commitment,
which is the one that stands in the graph. Without a literal SALT is `.`, and
the statement itself is digested.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import AIMS

ADDED: Final = "+"
REMOVED: Final = "-"
PLAIN: Final = "."
ERASED: Final = "!"

REDACTED: Final = f"{AIMS}redacted"
"""The datatype of what stands in the place of an erased literal: its commitment."""

_SALT_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a changeset: whether it enters or leaves, its salt, its N-Quads."""

    sign: str
    salt: str
    statement: str

    @classmethod
    def read(cls, text: str) -> Line:
        """Read a line as the journal holds it; raises ValueError where it is none."""
        sign, salt, statement = text.split(" ", 2)
        if sign not in {ADDED, REMOVED} or not statement.endswith(" ."):
            raise ValueError(text)
        return cls(sign, salt, statement[:-2])

    @property
    def text(self) -> str:
        """Return the line as the journal holds it."""
        return f"{self.sign} {self.salt} {self.statement} ."

    @property
    def digested(self) -> str:
        """Return what is digested of the line."""
        if self.salt == PLAIN or self.is_erased:
            return f"{self.sign} {self.statement} ."
        head, literal, graph = split(self.statement)
        return f"{self.sign} {head}{committed(self.salt, literal)}{graph} ."

    @property
    def literal(self) -> str | None:
        """Return the literal in N-Quads, unless there is none or it was erased."""
        return None if self.salt == PLAIN or self.is_erased else split(self.statement)[1]

    @property
    def is_erased(self) -> bool:
        """Return whether the literal was erased."""
        return self.salt.startswith(ERASED)

    @property
    def current(self) -> str:
        """Return the statement as it stands in the graph."""
        if len(self.salt) <= 1 or not self.is_erased:
            return self.statement
        head, _, graph = split(self.statement)
        return f"{head}{_redacted(self.salt[1:])}{graph}"

    def erased(self, standing: str | None = None) -> Line:
        """Return the line with the commitment in the place of the literal.

        Args:
            standing: the commitment, in hexadecimal, that stands in the graph
                for the same statement; this line's own if not given.
        """
        head, literal, graph = split(self.statement)
        own = committed(self.salt, literal)
        is_own = standing is None or own == _redacted(standing)
        return Line(self.sign, ERASED + ("" if is_own else str(standing)), f"{head}{own}{graph}")


def committed(salt: str, literal: str) -> str:
    """Return the commitment to a literal, as a literal in N-Quads."""
    return _redacted(commitment(salt, literal))


def commitment(salt: str, literal: str) -> str:
    """Return the SHA-256 of a salt and a literal, in hexadecimal."""
    return sha256(f"{salt}{literal}".encode()).hexdigest()


def _redacted(digits: str) -> str:
    return f'"{digits}"^^<{REDACTED}>'


_GRAPH: Final = re.compile(r' (?:<[^<>"]*>|_:[^\s"]+)$')


def split(statement: str) -> tuple[str, str, str]:
    """Return a statement up to its literal, the literal, and the graph with a space before.

    Neither an IRI nor a blank node label can hold a quotation mark, so the
    first one opens the literal; a datatype follows `^^` without a space.
    """
    start = statement.index('"')
    end = len(statement)
    close = statement.rindex('"')
    found = _GRAPH.search(statement, close)
    if found is not None:
        end = found.start()
    return statement[:start], statement[start:end], statement[end:]


def lines(sign: str, quads: Iterable[ox.Quad]) -> list[Line]:
    """Return quads as lines, each literal with a salt of its own."""
    statements = [str(quad) for quad in quads]
    salts = os.urandom(_SALT_DIGITS // 2 * len(statements)).hex()
    return [
        Line(sign, salts[at * _SALT_DIGITS : (at + 1) * _SALT_DIGITS], statement)
        if '"' in statement
        else Line(sign, PLAIN, statement)
        for at, statement in enumerate(statements)
    ]


def in_order(found: Iterable[Line]) -> list[Line]:
    """Return lines sorted by what is digested of them, byte by byte."""
    return sorted(found, key=lambda line: line.digested.encode())


def digest(found: Iterable[Line]) -> str:
    """Return the SHA-256 of what is digested of lines, each ended by a line feed."""
    total = sha256()
    for line in found:
        total.update(f"{line.digested}\n".encode())
    return total.hexdigest()


def quads(found: Sequence[Line], sign: str) -> Iterator[ox.Quad]:
    """Yield the quads of the lines with a sign; blank nodes keep their labels."""
    text = "".join(f"{line.current} .\n" for line in found if line.sign == sign)
    yield from ox.parse(text.encode(), ox.RdfFormat.N_QUADS)
