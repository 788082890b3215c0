"""The index as an SQLite database: one row per thing, with all texts it ever had."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from aimsgraph.ledger.changeset import GENESIS
from aimsgraph.search.texts import BETWEEN, COLUMNS, DESCRIPTION, Text
from aimsgraph.search.words import Words, folded

FORMAT: Final = 1
"""The version of the layout; an index of another one is made anew."""

WORDS: Final = f"""
CREATE VIRTUAL TABLE words USING fts5(
  {", ".join(COLUMNS)}, tokenize = "unicode61 remove_diacritics 2"
)
"""
"""How texts are cut into words: by letters and digits, without case and diacritics."""

_SCHEMA: Final = (
    "CREATE TABLE origin (journal TEXT NOT NULL)",
    "CREATE TABLE seen (generation INTEGER PRIMARY KEY, digest TEXT NOT NULL)",
    "CREATE TABLE graph (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, first INTEGER NOT NULL)",
    "CREATE TABLE place (thing INTEGER, graph INTEGER, PRIMARY KEY (thing, graph)) WITHOUT ROWID",
    "CREATE TABLE called (folded TEXT, thing INTEGER, PRIMARY KEY (folded, thing)) WITHOUT ROWID",
    WORDS,
    f"PRAGMA user_version = {FORMAT}",
)

_PATIENCE: Final = 60.0
"""Seconds to wait for somebody else who reads or writes the file."""

_LONGEST_NAME: Final = 300
"""Longer texts are no names that somebody types out."""

_LAST: Final = "\U0010ffff"
"""Comes after every letter."""

_CANDIDATES: Final = """
SELECT thing.iri
FROM words
JOIN thing ON thing.id = words.rowid
LEFT JOIN (
  SELECT thing, MIN(LENGTH(folded)) AS length
  FROM called WHERE folded >= ? AND folded < ? GROUP BY thing
) AS begun ON begun.thing = words.rowid
WHERE words MATCH ? AND thing.first <= ? {placed}
ORDER BY begun.length IS NULL, begun.length, bm25(words, 4.0, 8.0, 1.0), thing.iri
LIMIT ?
"""
"""What is called so comes first, then what is called so and more."""

_PLACED: Final = """
AND EXISTS (SELECT 1 FROM place WHERE place.thing = thing.id AND place.graph IN ({ids}))
"""


class Mark(NamedTuple):
    """A state of the graph: its generation, and the beginning of its changeset's digest."""

    generation: int
    digest: str

    @classmethod
    def of(cls, version: str) -> Mark:
        """Return the state that the version of a view names first."""
        generation, digest = version.split("-")[:2]
        return cls(int(generation), digest)


class Database:
    """An open index."""

    def __init__(self, path: Path | str) -> None:
        """Open a file, which has to be there, or `:memory:`."""
        source = path if isinstance(path, str) else f"{path.absolute().as_uri()}?mode=rw"
        self.connection = sqlite3.connect(
            source, timeout=_PATIENCE, isolation_level=None, check_same_thread=False, uri=True
        )
        self.connection.execute("PRAGMA secure_delete = ON")
        self._graphs: dict[str, int] = {}

    def make(self, journal: str) -> None:
        """Lay out an empty index of a journal."""
        for statement in _SCHEMA:
            self.connection.execute(statement)
        self.connection.execute("INSERT INTO origin VALUES (?)", [journal])

    def is_of(self, journal: str) -> bool:
        """Return whether this is an index of a journal, in the present layout."""
        if self._one("PRAGMA user_version") != FORMAT:
            return False
        return bool(self._one("SELECT journal FROM origin") == journal)

    def has_seen(self, mark: Mark) -> bool:
        """Return whether the index holds all texts up to a state of the graph."""
        digest = self._one("SELECT digest FROM seen WHERE generation = ?", mark.generation)
        return digest is not None and str(digest).startswith(mark.digest)

    @property
    def head(self) -> Mark:
        """Return the last changeset the index has seen."""
        generation = self._one("SELECT MAX(generation) FROM seen")
        if generation is None:
            return Mark(0, GENESIS)
        digest = self._one("SELECT digest FROM seen WHERE generation = ?", generation)
        return Mark(int(str(generation)), str(digest))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Make changes that become visible together, or not at all."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            raise

    def add(self, mark: Mark, texts: Iterable[Text]) -> None:
        """Add the texts of a changeset, and note that it was seen."""
        known: dict[str, dict[Text, None]] = {}
        for count, text in enumerate(texts, 1):
            known.setdefault(text.iri, {})[text] = None
            if count % 20_000 == 0:
                self._put(known, mark.generation)
                known = {}
        self._put(known, mark.generation)
        self.connection.execute("INSERT INTO seen VALUES (?, ?)", mark)

    def _put(self, known: dict[str, dict[Text, None]], generation: int) -> None:
        for iri, texts in known.items():
            thing = self._one("SELECT id FROM thing WHERE iri = ?", iri)
            if thing is None:
                thing = self._made(iri, generation, texts)
            else:
                self._widen(thing, texts)
            self.connection.executemany(
                "INSERT OR IGNORE INTO place VALUES (?, ?)",
                [(thing, self._graph(graph)) for graph in {text.graph for text in texts}],
            )
            names = {folded(one.text) for one in texts if one.column != DESCRIPTION}
            self.connection.executemany(
                "INSERT OR IGNORE INTO called VALUES (?, ?)",
                [(name, thing) for name in names if name and len(name) <= _LONGEST_NAME],
            )

    def _made(self, iri: str, generation: int, texts: Iterable[Text]) -> object:
        made = self.connection.execute(
            "INSERT INTO thing (iri, first) VALUES (?, ?)", (iri, generation)
        )
        row = [BETWEEN.join({t.text: None for t in texts if t.column == c}) for c in COLUMNS]
        marks = ", ".join("?" for _ in row)
        self.connection.execute(
            f"INSERT INTO words (rowid, {', '.join(COLUMNS)}) VALUES (?, {marks})",  # noqa: S608 - names of ours
            (made.lastrowid, *row),
        )
        return made.lastrowid

    def _widen(self, thing: object, texts: Iterable[Text]) -> None:
        """Add texts to those that a thing has."""
        had = self.connection.execute(
            f"SELECT {', '.join(COLUMNS)} FROM words WHERE rowid = ?",  # noqa: S608 - names of ours
            [thing],
        ).fetchone()
        for column, old in zip(COLUMNS, had, strict=True):
            new = dict.fromkeys(
                [*old.split(BETWEEN), *(t.text for t in texts if t.column == column)]
            )
            joined = BETWEEN.join(text for text in new if text)
            if joined != old:
                self.connection.execute(
                    f"UPDATE words SET {column} = ? WHERE rowid = ?",  # noqa: S608 - a name of ours
                    (joined, thing),
                )

    def _graph(self, name: str) -> int:
        if name not in self._graphs:
            self.connection.execute("INSERT OR IGNORE INTO graph (name) VALUES (?)", [name])
            found = self._one("SELECT id FROM graph WHERE name = ?", name)
            self._graphs[name] = int(str(found))
        return self._graphs[name]

    def candidates(self, mark: Mark, graphs: Sequence[str], words: Words, limit: int) -> list[str]:
        """Return what may match, the best first: things that had the words in any state.

        Args:
            mark: the state that is looked at; what came after it is left out.
            graphs: those that may be read.
            words: what is searched for.
            limit: how many are wanted at most.
        """
        known = dict(self.connection.execute("SELECT name, id FROM graph").fetchall())
        ids = [known[graph] for graph in graphs if graph in known]
        placed = ""
        if len(ids) < len(known):
            placed = _PLACED.format(ids=", ".join(map(str, ids)))
        query = _CANDIDATES.format(placed=placed)
        name = words.folded
        given = (name, name + _LAST, words.match, mark.generation, limit)
        return [iri for (iri,) in self.connection.execute(query, given)]

    def _one(self, query: str, *given: object) -> object:
        row = self.connection.execute(query, given).fetchone()
        return None if row is None else row[0]

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
