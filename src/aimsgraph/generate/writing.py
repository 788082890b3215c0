"""Writing a synthetic organisation into a file, and its defects into another beside it.

Statements are made one AI system at a time and go straight to the file, so
that memory does not grow with the organisation. Both files appear whole or
not at all.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, cast

import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.errors import SourceError
from aimsgraph.generate.defects import put_defect
from aimsgraph.generate.frameworks import Frameworks
from aimsgraph.generate.harm import Finding
from aimsgraph.generate.organisation import dossier, shared
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.record import BASE
from aimsgraph.namespaces import PREFIXES
from aimsgraph.rdf.parsing import FORMAT_FOR_SUFFIX

SUFFIXES: Final = (".ttl", ".nt", ".nq", ".trig")
"""What a file may end in; each also with .gz."""

_TERMS: Final = ("aims", "iso42001", "euaiact", "rdfs", "dcterms", "org", "xsd")
_KINDS: Final = ("control", "document", "person", "rating", "risk", "system", "unit")
_PREFIXES: Final = {
    **{name: PREFIXES[name] for name in _TERMS},
    **{kind: f"{BASE}{kind}/" for kind in _KINDS},
}

Step = Callable[[], None]
"""Is told that another AI system was written."""


@dataclass
class Made:
    """What was written."""

    statements: int = 0
    defects: Counter[str] = field(default_factory=Counter)
    """How often each kind of defect was put in."""


def write(plan: Plan, path: Path, step: Step = lambda: None) -> Made:
    """Write an organisation, and a table of its defects beside it.

    Raises:
        SourceError: the suffix is none of ours, or a file cannot be written.
    """
    rdf_format = _format(path)
    frameworks = Frameworks.read(Assets.shipped())
    made = Made()
    with _whole(path) as file, _whole(defects_path(path)) as table:
        rows = _Table(table)

        def note(finding: Finding) -> None:
            made.defects[finding.defect.kind] += 1
            rows.add(finding.focus, finding.rule, finding.defect.done)

        with _packed(file, path) as stream:
            prefixes = _prefixes(rdf_format)
            stream.write(_head(plan) + prefixes)
            rest = cast(IO[bytes], _Rest(stream, len(prefixes)))
            quads = _counted(statements(plan, frameworks, note, step), made)
            ox.serialize(quads, rest, rdf_format, prefixes=_PREFIXES)
    return made


def defects_path(path: Path) -> Path:
    """Return where the defects of an organisation are listed."""
    return path.with_name(f"{path.name}.defects.csv")


def statements(
    plan: Plan, frameworks: Frameworks, note: Callable[[Finding], None], step: Step
) -> Iterator[ox.Quad]:
    """Yield all that is said about an organisation, one AI system after the other."""
    for record in shared(plan, frameworks):
        yield from record.statements()
    for number in range(1, plan.systems + 1):
        records = dossier(plan, frameworks, number)
        finding = put_defect(plan, records)
        if finding is not None:
            note(finding)
        yield from records.statements()
        step()


class _Rest:
    """Passes on what the serialiser writes after the prefixes, which come in any order."""

    def __init__(self, stream: IO[bytes], prefixes: int) -> None:
        self._stream = stream
        self._left_out = prefixes

    def write(self, data: bytes) -> int:
        """Write what is not a prefix."""
        rest = data[self._left_out :]
        self._left_out -= len(data) - len(rest)
        self._stream.write(rest)
        return len(data)

    def flush(self) -> None:
        """Write what is held back."""
        self._stream.flush()


class _Table:
    """The table of defects, as it grows."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.add("focus", "rule", "done")

    def add(self, *cells: str) -> None:
        """Write one row."""
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(cells)
        self._file.write(line.getvalue().encode())


def _format(path: Path) -> ox.RdfFormat:
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if suffix not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise SourceError(path, f"name the file with one of {known}, or that and .gz")
    return FORMAT_FOR_SUFFIX[suffix]


def _head(plan: Plan) -> bytes:
    """Return the comment that says how to make the same file again."""
    return (
        f"# aimsgraph generate --systems {plan.systems} --seed {plan.seed} "
        f"--defects {plan.defects:g} --today {plan.today}\n"
    ).encode()


def _prefixes(rdf_format: ox.RdfFormat) -> bytes:
    """Return the prefixes as the serialiser writes them, but in a fixed order."""
    any_node = ox.NamedNode(BASE)
    text = ox.serialize(
        [ox.Quad(any_node, any_node, any_node)], None, rdf_format, prefixes=_PREFIXES
    )
    lines = (text or b"").splitlines(keepends=True)
    return b"".join(sorted(line for line in lines if line.startswith(b"@prefix")))


def _counted(quads: Iterator[ox.Quad], made: Made) -> Iterator[ox.Quad]:
    for quad in quads:
        made.statements += 1
        yield quad


@contextmanager
def _packed(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """Give the file, or a way to write it packed, the same at any time and under any name."""
    if path.suffix != ".gz":
        yield file
        return
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
        yield cast(IO[bytes], packed)


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that takes its name once it is finished, and else disappears."""
    if path.is_dir():
        raise SourceError(path, "cannot be written: it is a folder")
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise SourceError(path, f"cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
