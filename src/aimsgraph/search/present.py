"""What a view holds of the things that may match, and which of them do match in it.

The index finds candidates, in whatever state and graph they had the words. What
decides is the same match over the texts that the caller can read in the state
that is looked at.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Final, NamedTuple, Protocol

import pyoxigraph as ox

from aimsgraph.namespaces import RDF
from aimsgraph.rdf.terms import value_of
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.search.database import WORDS
from aimsgraph.search.snippets import END, START
from aimsgraph.search.texts import BETWEEN, COLUMN_FOR_PREDICATE, COLUMNS, NOT_SEARCHED, plain
from aimsgraph.search.words import Words
from aimsgraph.store.answer import Answer


class Named(Protocol):
    """Knows what things are called."""

    def label(self, iri: str) -> str:
        """Return the name people know a thing by."""


class Seen(Protocol):
    """What a search needs of a view."""

    version: str

    @property
    def readable(self) -> list[str]:
        """Return the graphs the caller may read."""

    @property
    def names(self) -> Named:
        """Return how things are called."""

    def ask(self, sparql: str, *, dataset: Dataset | None = None) -> Answer:
        """Answer a SPARQL query."""


class Said(NamedTuple):
    """One text of a thing, with the property that gives it."""

    predicate: str
    text: str


Texts = dict[str, list[Said]]
"""The texts of each thing."""

_BATCH: Final = 200
_LONGEST: Final = 100_000
"""Characters of names in one query; a query has a limit of its own."""

_ORDER: Final = {predicate: at for at, predicate in enumerate(COLUMN_FOR_PREDICATE)}

_TEXTS: Final = f"""
SELECT ?thing ?property ?text {{
  VALUES ?thing {{ THINGS }}
  ?thing ?property ?text
  FILTER(?property IN ({", ".join(f"<{predicate}>" for predicate in COLUMN_FOR_PREDICATE)}))
}}
"""

_TYPES: Final = f"SELECT ?thing ?type {{ VALUES ?thing {{ THINGS }} ?thing <{RDF}type> ?type }}"


def searched(view: Seen) -> list[str]:
    """Return the graphs that a search of a view looks into."""
    return [graph for graph in view.readable if graph not in NOT_SEARCHED]


def texts_of(view: Seen, things: Sequence[str]) -> Texts:
    """Return what a view says of things, the texts by which they are called first."""
    found: Texts = {}
    for thing, predicate, text in _rows(view, _TEXTS, things):
        if isinstance(text, ox.Literal) and plain(text.value):
            said = Said(value_of(predicate), plain(text.value))
            known = found.setdefault(value_of(thing), [])
            if said not in known:
                known.append(said)
    for known in found.values():
        known.sort(key=lambda said: (_ORDER[said.predicate], said.text))
    return found


def types_of(view: Seen, things: Sequence[str]) -> dict[str, str]:
    """Return what things are, as a view states it; the first by name where it states several."""
    found: dict[str, list[str]] = {}
    for thing, kind in _rows(view, _TYPES, things):
        found.setdefault(value_of(thing), []).append(value_of(kind))
    return {thing: view.names.label(min(kinds)) for thing, kinds in found.items()}


def _rows(view: Seen, query: str, things: Iterable[str]) -> Iterator[tuple[object, ...]]:
    dataset = Dataset(default=tuple(searched(view)))
    if not dataset.is_given:
        return
    for batch in _batches(things):
        names = " ".join(str(ox.NamedNode(thing)) for thing in batch)
        yield from view.ask(query.replace("THINGS", names), dataset=dataset)


def _batches(things: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for thing in things:
        if len(batch) == _BATCH or size + len(thing) > _LONGEST:
            yield batch
            batch, size = [], 0
        batch.append(thing)
        size += len(thing)
    if batch:
        yield batch


class Match:
    """A match over texts of things."""

    def __init__(self, words: Words, texts: Texts) -> None:
        self._words = words
        self._texts = texts
        self._things = list(texts)

    def things(self) -> set[str]:
        """Return the things that match."""
        return {self._things[at] for (at,) in self._matched("rowid")}

    def marked(self) -> Iterator[tuple[str, Said]]:
        """Yield things that match, each with the text that matches most, its words marked."""
        shown = ", ".join(
            f"highlight(words, {at}, '{START}', '{END}')" for at, _ in enumerate(COLUMNS)
        )
        for at, *columns in self._matched(f"rowid, {shown}"):
            thing = self._things[at]
            marked = [text for column in columns for text in str(column).split(BETWEEN) if text]
            both = zip(_by_column(self._texts[thing]), marked, strict=True)
            said = [Said(said.predicate, text) for said, text in both]
            yield thing, max(said, key=lambda one: one.text.count(START))

    def _matched(self, shown: str) -> list[tuple[int, ...]]:
        marks = ", ".join("?" for _ in COLUMNS)
        with closing(sqlite3.connect(":memory:")) as scratch:
            scratch.execute(WORDS)
            scratch.executemany(
                f"INSERT INTO words (rowid, {', '.join(COLUMNS)}) VALUES (?, {marks})",  # noqa: S608 - names of ours
                [(at, *_row(self._texts[thing])) for at, thing in enumerate(self._things)],
            )
            found: list[tuple[int, ...]] = scratch.execute(
                f"SELECT {shown} FROM words WHERE words MATCH ?",  # noqa: S608 - names of ours
                [self._words.match],
            ).fetchall()
            return found


def _by_column(texts: Iterable[Said]) -> list[Said]:
    return sorted(texts, key=lambda said: COLUMNS.index(COLUMN_FOR_PREDICATE[said.predicate]))


def _row(texts: Iterable[Said]) -> list[str]:
    """Return the texts of a thing as a row of the index."""
    known = list(texts)
    return [
        BETWEEN.join(said.text for said in known if COLUMN_FOR_PREDICATE[said.predicate] == column)
        for column in COLUMNS
    ]
