"""Search: what a person finds of the graph by words, in the state and with the rights of a view."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Final

from aimsgraph.errors import ParameterError, QueryError
from aimsgraph.ledger.memory import Ledger
from aimsgraph.namespaces import shorten
from aimsgraph.search.database import Mark
from aimsgraph.search.index import Index
from aimsgraph.search.present import Match, Said, Seen, searched, texts_of, types_of
from aimsgraph.search.snippets import Snippet
from aimsgraph.search.texts import COLUMN_FOR_PREDICATE, DESCRIPTION, NAME
from aimsgraph.search.words import Words, folded

MOST_SHOWN: Final = 100
"""The most hits that are given at a time."""

DEEPEST: Final = 1_000
"""The hits that can be reached by paging; who wants more asks SPARQL."""

COUNTED: Final = 100
"""How far hits are counted beyond those shown; then the total is told as a lower bound."""

MOST_IN_SPARQL: Final = 10_000
"""The most hits that a SPARQL query can go on with."""

_MOST_CHECKED: Final = 5 * MOST_IN_SPARQL
"""The most candidates that are looked at for a SPARQL query."""


@dataclass(frozen=True)
class Hit:
    """A thing that was found, and by what."""

    iri: str
    label: str
    type: str | None
    """What it is, in words, where that is stated."""
    predicate: str
    """The property whose text is shown."""
    snippet: Snippet

    @property
    def is_by_label(self) -> bool:
        """Return whether what matched is what it is called."""
        return self.snippet.text == self.label

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return {
            "iri": self.iri,
            "label": self.label,
            "type": self.type,
            "property": self.predicate,
            "snippet": self.snippet.text,
            "marks": [list(mark) for mark in self.snippet.marks],
        }


@dataclass(frozen=True)
class Found:
    """Some of the hits, and how many there are."""

    hits: tuple[Hit, ...]
    total: int
    is_exact: bool
    """Whether there are so many; at least so many otherwise."""

    @property
    def count(self) -> str:
        """Return how many there are, in words."""
        if not self.is_exact:
            return f"at least {self.total:,}"
        return f"{self.total:,}" if self.total else "nothing"


class Search:
    """Searches the states of one graph.

    Args:
        ledger: the changesets of the graph.
        folder: where the index lies; None for one in memory.
    """

    def __init__(self, ledger: Ledger, folder: Path | None) -> None:
        self._index = Index(ledger, folder)

    def find(self, view: Seen, text: str, limit: int = 20, offset: int = 0) -> Found:
        """Return what a view holds that has all words of a text, the best first.

        Args:
            view: the state that is looked at, as its caller may read it.
            text: words, "phrases", and beginnings* of words.
            limit: how many hits are wanted at most.
            offset: how many come before them.

        Raises:
            ParameterError: there is no word in the text, or too much is wanted.
        """
        if not 1 <= limit <= MOST_SHOWN:
            raise ParameterError(f"the number of hits is from 1 to {MOST_SHOWN}, not {limit}")
        if not 0 <= offset <= DEEPEST - limit:
            raise ParameterError(f"only the first {DEEPEST:,} hits can be reached; use more words")
        words = Words.read(text)
        upto = offset + limit + COUNTED
        candidates = self._candidates(view, words, upto + 1)
        known = texts_of(view, candidates[:upto])
        marked = dict(Match(words, known).marked())
        found = [thing for thing in candidates if thing in marked]
        found.sort(key=lambda thing: _distance(words, known[thing]))
        shown = found[offset : offset + limit]
        types = types_of(view, shown)
        hits = (_hit(one, known[one], types.get(one), marked[one]) for one in shown)
        return Found(tuple(hits), len(found), len(candidates) <= upto)

    def things(self, view: Seen, text: str) -> list[str]:
        """Return the IRIs of all that a view holds that has the words of a text.

        Raises:
            ParameterError: there is no word in it.
            QueryError: there are too many.
        """
        words = Words.read(text)
        candidates = self._candidates(view, words, _MOST_CHECKED + 1)
        matched: set[str] = set()
        if len(candidates) <= _MOST_CHECKED:
            matched = Match(words, texts_of(view, candidates)).things()
        if len(candidates) > _MOST_CHECKED or len(matched) > MOST_IN_SPARQL:
            raise QueryError(
                f"aims:matches finds more than {MOST_IN_SPARQL:,} things with {text!r}; "
                "give more words, or a phrase in quotes"
            )
        return [thing for thing in candidates if thing in matched]

    def _candidates(self, view: Seen, words: Words, limit: int) -> list[str]:
        return self._index.candidates(Mark.of(view.version), searched(view), words, limit)


def _distance(words: Words, texts: list[Said]) -> float:
    """Return how long the shortest name is that begins with what was searched for."""
    names = [
        folded(said.text) for said in texts if COLUMN_FOR_PREDICATE[said.predicate] != DESCRIPTION
    ]
    return min((len(name) for name in names if name.startswith(words.folded)), default=inf)


def _hit(thing: str, texts: list[Said], kind: str | None, marked: Said) -> Hit:
    first = texts[0]
    is_name = COLUMN_FOR_PREDICATE[first.predicate] == NAME
    label = first.text if is_name else shorten(thing)
    return Hit(thing, label, kind, marked.predicate, Snippet.of(marked.text))
