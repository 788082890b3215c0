"""A query that has passed the look at its tokens, with the graphs it is asked of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import urljoin

from aimsgraph.namespaces import UNNAMED
from aimsgraph.rdf.tokens import Dataset, Token, dataset_of, guard, with_full_iris

KIND_FOR_WORD: Final = {
    "SELECT": "select",
    "ASK": "ask",
    "CONSTRUCT": "graph",
    "DESCRIBE": "graph",
}

FLEETING: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID"})
"""Functions that give another value each time, so that an answer is not good for the next."""


@dataclass(frozen=True)
class Prepared:
    """A query as the engine takes it; equal ones have equal answers in one state of a store."""

    text: str
    kind: str
    """select, ask or graph; empty where the text is no query at all, which the parser tells."""
    default: tuple[str, ...]
    """The graphs that make the default graph."""
    named: tuple[str, ...]
    base: str | None = None
    """Against which relative IRIs are resolved."""
    is_everything: bool = False
    """Whether the graphs above are all that the store has, which the engine reads faster."""
    is_repeatable: bool = True
    """Whether asking again gives the same, as long as the store is the same."""


def prepare(
    text: str,
    readable: Iterable[str],
    dataset: Dataset | None = None,
    default: Iterable[str] | None = None,
    base: str | None = None,
    *,
    is_everything: bool = False,
    is_relayed: bool = False,
) -> Prepared:
    """Return a query over the graphs a caller may read.

    FROM and FROM NAMED, or the dataset of the protocol in their place, narrow
    the readable graphs and never widen them.

    Args:
        text: the query.
        readable: the graphs the caller may read.
        dataset: the graphs asked for by the protocol.
        default: the graphs that make the default graph where none is asked
            for; all readable ones if not given.
        base: against which relative IRIs are resolved.
        is_everything: whether the store has no other graphs.
        is_relayed: whether each SERVICE in it leads to our own relay, and nowhere else.

    Raises:
        RefusedQueryError: the token pass refuses the text.
    """
    found = guard(text, {"SERVICE"} if is_relayed else ())
    text = with_full_iris(text, found)
    asked = dataset if dataset is not None and dataset.is_given else _from(found, base)
    allowed = list(readable)
    chosen = None if default is None else set(default)
    wanted = [g for g in allowed if chosen is None or g in chosen]
    if asked.is_given:
        wanted = [g for g in allowed if g in asked.default]
    named = [g for g in allowed if g != UNNAMED and (not asked.is_given or g in asked.named)]
    words = {token.text.upper() for token in found if token.kind == "word"}
    return Prepared(
        text,
        _kind(found),
        tuple(wanted),
        tuple(named),
        base,
        is_everything=is_everything and default is None and not asked.is_given,
        is_repeatable=not is_relayed and FLEETING.isdisjoint(words),
    )


def _from(found: list[Token], base: str | None) -> Dataset:
    """Return the graphs of FROM and FROM NAMED, relative IRIs resolved."""
    asked = dataset_of(found)
    for word, iri in pairwise(found):
        if word.kind == "word" and word.text.upper() == "BASE":
            base = urljoin(base or "", iri.text[1:-1])
    if base is None:
        return asked
    return Dataset(*(tuple(urljoin(base, g) for g in one) for one in (asked.default, asked.named)))


def _kind(found: list[Token]) -> str:
    words = (token.text.upper() for token in found if token.kind == "word")
    return next((KIND_FOR_WORD[word] for word in words if word in KIND_FOR_WORD), "")
