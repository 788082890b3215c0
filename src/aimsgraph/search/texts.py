"""What is searched: labels, identifiers and descriptions, as the ledger recorded them.

What was inferred repeats what records say, and check results quote it; so
neither graph is searched, nor is the history.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from aimsgraph.errors import JournalDamagedError
from aimsgraph.ledger.changeset import Header
from aimsgraph.ledger.memory import Ledger
from aimsgraph.ledger.segments import Place, Segments
from aimsgraph.namespaces import (
    AIMS,
    CONFORMITY_GRAPH,
    DCTERMS,
    HISTORY_GRAPH,
    INFERRED_GRAPH,
    PREFIXES,
    RDFS,
    SH,
)
from aimsgraph.rdf.terms import graph_name

NAME: Final = "name"
IDENTIFIER: Final = "identifier"
DESCRIPTION: Final = "description"
COLUMNS: Final = (NAME, IDENTIFIER, DESCRIPTION)

COLUMN_FOR_PREDICATE: Final[dict[str, str]] = {
    f"{RDFS}label": NAME,
    f"{PREFIXES['skos']}prefLabel": NAME,
    f"{DCTERMS}title": NAME,
    f"{SH}name": NAME,
    f"{PREFIXES['skos']}altLabel": NAME,
    f"{DCTERMS}identifier": IDENTIFIER,
    f"{PREFIXES['skos']}notation": IDENTIFIER,
    f"{DCTERMS}description": DESCRIPTION,
    f"{PREFIXES['skos']}definition": DESCRIPTION,
    f"{AIMS}intendedUse": DESCRIPTION,
    f"{RDFS}comment": DESCRIPTION,
}
"""What is searched, and as what; of several names the first is what a thing is called by."""

NOT_SEARCHED: Final = frozenset({CONFORMITY_GRAPH, HISTORY_GRAPH, INFERRED_GRAPH})

LONGEST_IRI: Final = 4096
"""A thing with a longer name is not found, since nobody could ask for it."""

BETWEEN: Final = "\n\ue000\n"
"""Stands between the texts of one thing: a word nobody types, so that no phrase spans two."""

_UNSEEN: Final = re.compile("[\x00-\x20\x7f-\xa0\ue000]+")
_CHUNK: Final = 4 * 1024 * 1024
_BATCH: Final = 20_000

_WANTED: Final = frozenset(f"<{predicate}>".encode() for predicate in COLUMN_FOR_PREDICATE)
_UNWANTED_ENDS: Final = tuple(f" <{graph}> .".encode() for graph in NOT_SEARCHED)


class Text(NamedTuple):
    """One text of a thing, as it was stated in a graph."""

    graph: str
    iri: str
    column: str
    text: str


class Record(NamedTuple):
    """A changeset's header, and the texts that entered with it."""

    header: Header
    texts: Iterator[Text]


def plain(text: str) -> str:
    """Return a text on one line, without control characters."""
    return _UNSEEN.sub(" ", text).strip()


def records(ledger: Ledger, first: int) -> Iterator[Record]:
    """Yield the changesets of a ledger from a generation on; read the texts of each at once.

    What leaves has entered before, so only what enters is read.

    Raises:
        JournalDamagedError: a changeset does not read as it was written.
    """
    if isinstance(ledger, Segments):
        for place in ledger.places(first):
            yield Record(place.header(), _texts(_lines(place)))
        return
    for changeset in ledger.changesets(first):
        yield Record(changeset.header, _texts(line.text.encode() for line in changeset.lines))


def _texts(lines: Iterable[bytes]) -> Iterator[Text]:
    """Yield the texts that enter with some lines of a changeset."""
    statements = _statements(lines)
    while batch := b"".join(islice(statements, _BATCH)):
        for quad in ox.parse(batch, ox.RdfFormat.N_QUADS):
            text = plain(quad.object.value)
            if text:
                column = COLUMN_FOR_PREDICATE[quad.predicate.value]
                yield Text(graph_name(quad.graph_name), quad.subject.value, column, text)


def _statements(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the statements of lines that enter and give a thing with a name a text."""
    for line in lines:
        parts = line.split(b" ", 4)
        if (
            len(parts) == 5
            and parts[3] in _WANTED
            and parts[0] == b"+"
            and parts[1].isalnum()
            and parts[2].startswith(b"<")
            and len(parts[2]) <= LONGEST_IRI
            and parts[4].startswith(b'"')
            and not line.endswith(_UNWANTED_ENDS)
        ):
            yield b" ".join((*parts[2:], b"\n"))


def _lines(place: Place) -> Iterator[bytes]:
    """Yield the lines of a changeset in the journal; a large one is never in memory as a whole.

    Raises:
        JournalDamagedError: it does not match its checksum; told after the last line.
    """
    frame, rest, crc = place.frame, b"", 0
    left = frame.body_size
    with place.path.open("rb") as file:
        file.seek(place.offset + len(frame.line))
        head = file.read(frame.header_size)
        while left and (chunk := file.read(min(left, _CHUNK))):
            left -= len(chunk)
            crc = zlib.crc32(chunk, crc)
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
    if left or rest or zlib.crc32(head, crc) != frame.crc:
        raise JournalDamagedError(place.path, place.offset, "it does not match its checksum")
