"""The lines of a large load, digested in load order by a process of its own.

    python -m aimsgraph.ledger.streaming all|distinct GRAPH OUTPUT FILE...

While the engine takes in the same files, this writes their statements to
OUTPUT as lines of a changeset, and prints as JSON how many there
are and their digest. Both read blank nodes under the same labels, since those
follow from the document.
"""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import IO, Final

import pyoxigraph as ox

from aimsgraph.errors import JournalError, ParameterError
from aimsgraph.ledger.change import SETS_DAY
from aimsgraph.ledger.changeset import Tally
from aimsgraph.ledger.delta import Canonical
from aimsgraph.ledger.frame import ROOM
from aimsgraph.ledger.lines import ADDED, PLAIN, REDACTED, split
from aimsgraph.namespaces import TODAY
from aimsgraph.rdf.parsing import format_of, has_no_blank_nodes, read_quads

BATCH: Final = 20_000
"""Lines that are digested and written at a time."""

_SALT_BYTES: Final = 16


PART: Final = 4 * 1024 * 1024
"""Bytes of N-Triples that are read at a time."""

_IRI: Final = r'<[^\x00-\x20<>"{}|^`\\]+>'

_PLAIN: Final = re.compile(
    rf"^({_IRI} {_IRI} (?:{_IRI})?)"
    rf'((?:"[^"\\\x00-\x1f\x7f]*"(?:@[a-z]+(?:-[a-z0-9]+)*|\^\^{_IRI})?)?) \.$',
    re.MULTILINE,
)
"""A line of N-Triples that the engine would write as it stands, taken apart at the literal.

The engine reads the same file and refuses what is no N-Triples, so this need
only tell what is plain; a block with any other line is parsed.
"""


@dataclass
class Digesting:
    """The other process at work."""

    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def start(
        cls, graph: str, paths: Sequence[Path], output: Path, *, is_distinct: bool = False
    ) -> Digesting:
        """Begin to digest files that go into a graph; `statements` says what is distinct."""
        how = "distinct" if is_distinct else "all"
        command = [sys.executable, "-W", "ignore", "-m", __name__, how, graph, str(output)]
        process = subprocess.Popen(
            [*command, *(str(path.resolve()) for path in paths)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return cls(process, output)

    def result(self) -> Digested:
        """Wait for the end and return what was found.

        Raises:
            JournalError: the process failed.
            ParameterError: the files state the day, which is not theirs to state.
        """
        out, err = self.process.communicate()
        if self.process.returncode:
            last = err.decode(errors="replace").strip().rpartition("\n")[2]
            raise JournalError(f"the load could not be digested: {last}; nothing was changed")
        told = json.loads(out)
        if told["sets_day"]:
            raise ParameterError(SETS_DAY)
        tally = Tally(told["added"], 0, told["digest"])
        return Digested(tally, told["crc"], told["sets_day"])

    def stop(self) -> None:
        """Let go of the process and of what it wrote."""
        self.process.kill()
        self.process.communicate()
        self.output.unlink(missing_ok=True)


@dataclass(frozen=True)
class Digested:
    """What was found in the files."""

    tally: Tally
    crc: int
    """The checksum of the lines."""
    sets_day: bool
    """Whether they state the day, which is not theirs to state."""


Statement = tuple[str, str, str]
"""A statement in N-Quads up to its literal, its literal if it has one, and the graph."""


def statements(graph: str, paths: Sequence[Path], *, is_distinct: bool) -> Iterator[Statement]:
    """Yield the statements of files.

    Args:
        graph: where statements go that name no graph.
        paths: the files.
        is_distinct: leave out what was said before, which takes memory and time.
    """
    found = chain.from_iterable(_apart(graph, path) for path in paths)
    if not is_distinct:
        return found
    canonical = _Canonical()
    as_stored = ((head, literal and canonical(literal), place) for head, literal, place in found)
    return iter(dict.fromkeys(as_stored))


def _apart(graph: str, path: Path) -> Iterator[Statement]:
    """Yield the statements of a file, by the fastest way that its content allows."""
    place = f" <{graph}>"
    if not has_no_blank_nodes(path):
        for text in map(str, read_quads(path, ox.NamedNode(graph))):
            yield split(text) if '"' in text else (text, "", "")
    elif format_of(path) == ox.RdfFormat.N_TRIPLES:
        for block in _blocks(path):
            found = _PLAIN.findall(block)
            if len(found) == block.count("\n"):
                yield from [(head, literal, place) for head, literal in found]
            else:
                yield from _parsed(ox.parse(block, ox.RdfFormat.N_TRIPLES), place)
    else:
        yield from _parsed(ox.parse(path=path, format=format_of(path)), place)


def _parsed(quads: Iterable[ox.Quad], place: str) -> Iterator[Statement]:
    """Yield quads of the unnamed graph as statements of another one."""
    for text in map(str, quads):
        at = text.find('"')
        yield (text, "", place) if at < 0 else (text[:at], text[at:], place)


def _blocks(path: Path) -> Iterator[str]:
    """Yield a file in parts that end with a line."""
    with path.open("rb") as file:
        rest = b""
        while part := file.read(PART):
            end = part.rfind(b"\n") + 1
            yield (rest + part[:end]).decode()
            rest = part[end:]
        if rest:
            yield rest.decode() + "\n"


class _Canonical:
    """Literals in N-Quads as the engine stores them; each distinct one is asked of it once."""

    def __init__(self) -> None:
        self._canonical = Canonical()
        self._known: dict[str, str] = {}

    def __call__(self, literal: str) -> str:
        """Return a literal in its canonical form."""
        if literal[-1] != ">":
            return literal
        found = self._known.get(literal)
        if found is None:
            (quad,) = ox.parse(f"<urn:s> <urn:p> {literal} .".encode(), ox.RdfFormat.N_TRIPLES)
            value = quad.object
            found = str(self._canonical(value)) if isinstance(value, ox.Literal) else literal
            self._known[literal] = found
        return found


def write(found: Iterator[Statement], output: IO[bytes]) -> Digested:
    """Write statements as lines after free room, and digest them, in the order they come."""
    output.seek(ROOM)
    total, crc, count, sets_day = sha256(), 0, 0, False
    canonical = _Canonical()
    day = f" <{TODAY}> ".encode()
    while batch := list(islice(found, BATCH)):
        lines, digested = _lines(batch, canonical)
        sets_day = sets_day or day in digested
        total.update(digested)
        crc, count = zlib.crc32(lines, crc), count + len(batch)
        output.write(lines)
    return Digested(Tally(count, 0, total.hexdigest()), crc, sets_day)


def _lines(batch: list[Statement], canonical: _Canonical) -> tuple[bytes, bytes]:
    """Return statements as lines, and what is digested of them."""
    salts = os.urandom(_SALT_BYTES * len(batch)).hex()
    digested: list[str] = []
    lines: list[str] = []
    at = 0
    for head, literal, graph in batch:
        if literal:
            value = literal if literal[-1] != ">" else canonical(literal)
            salt = salts[at : at + 32]
            at += 32
            lines.append(f"{salt} {head}{value}{graph}")
            digest = sha256(f"{salt}{value}".encode()).hexdigest()
            digested.append(f'{head}"{digest}"^^<{REDACTED}>{graph}')
        else:
            lines.append(f"{PLAIN} {head}{graph}")
            digested.append(f"{head}{graph}")
    end = f" .\n{ADDED} "
    return (
        f"{ADDED} {end.join(lines)} .\n".encode(),
        f"{ADDED} {end.join(digested)} .\n".encode(),
    )


def main(how: str, graph: str, output: str, *paths: str) -> None:
    """Digest files and tell what was found."""
    gc.disable()  # Nothing here refers to itself, and there is much of it.
    os.nice(2)  # The engine comes first; this fills the gaps it leaves.
    with Path(output).open("wb") as file:
        texts = statements(graph, [Path(one) for one in paths], is_distinct=how == "distinct")
        found = write(texts, file)
    told = {"added": found.tally.added, "digest": found.tally.digest, "sets_day": found.sets_day}
    told["crc"] = found.crc
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
