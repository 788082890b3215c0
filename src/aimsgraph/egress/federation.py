"""SERVICE in a query, written so that the engine asks the relay and nobody else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from aimsgraph.errors import RefusedQueryError
from aimsgraph.rdf.tokens import Token, named_iri

_FULL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Relaying(Protocol):
    """What stands for other endpoints."""

    @property
    def nowhere(self) -> str:
        """Return an address that answers that it may not."""

    def address_for(self, iri: str) -> str:
        """Return the address that stands for an endpoint."""


def relayed(text: str, found: Sequence[Token], relay: Relaying) -> str:
    """Return a query in which each SERVICE asks the relay.

    Raises:
        RefusedQueryError: an endpoint may not be reached, or is not named in full.
    """
    parts, end = [], 0
    inside = _Inside()
    for index, token in enumerate(found):
        inside.step(token)
        if _word(token) != "SERVICE":
            continue
        if inside.is_service:
            raise RefusedQueryError(
                "a SERVICE within a SERVICE is not passed on; ask each endpoint by itself"
            )
        inside.is_announced = True
        is_silent = _word(_at(found, index + 1)) == "SILENT"
        named = _at(found, index + 1 + is_silent)
        address = _address(named, found, relay, is_silent=is_silent)
        parts += [text[end : named.start], f" <{address}> "]
        end = named.start + len(named.text)
    return "".join([*parts, text[end:]])


class _Inside:
    """Whether the tokens stand within the braces of a SERVICE."""

    def __init__(self) -> None:
        self._depth = 0
        self._opened: int | None = None
        self.is_announced = False

    @property
    def is_service(self) -> bool:
        return self._opened is not None or self.is_announced

    def step(self, token: Token) -> None:
        if token.kind == "open":
            self._depth += 1
            if self.is_announced:
                self._opened, self.is_announced = self._depth, False
        elif token.kind == "close":
            if self._opened == self._depth:
                self._opened = None
            self._depth -= 1


def _address(named: Token, found: Sequence[Token], relay: Relaying, *, is_silent: bool) -> str:
    if named.kind == "variable":
        raise RefusedQueryError(
            f"SERVICE {named.text} is not allowed here: name the endpoint by its IRI, "
            "since a variable could lead anywhere"
        )
    iri = named_iri(named, found)
    if iri is None or not _FULL.match(iri):
        raise RefusedQueryError(
            f"SERVICE {named.text} is not allowed here: name the endpoint by its full IRI"
        )
    try:
        return relay.address_for(iri)
    except RefusedQueryError:
        if is_silent:
            return relay.nowhere
        raise


def _at(found: Sequence[Token], index: int) -> Token:
    return found[index] if index < len(found) else Token("end", "", 0)


def _word(token: Token) -> str:
    return token.text.upper() if token.kind == "word" else ""
