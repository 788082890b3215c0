"""Reading RDF files, with the file and the line in every error.

The format follows from the file name: .ttl .trig .nt .nq .jsonld .rdf, each
also as .gz. Blank nodes get labels made of the document's digest, so that two
documents never share one and the same document read twice says the same.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from hashlib import file_digest, sha256
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO, Any, Final

import pyoxigraph as ox

from aimsgraph.errors import SourceError
from aimsgraph.rdf.scan import refuse_hostile_xml

FORMAT_FOR_SUFFIX: Final[dict[str, ox.RdfFormat]] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}


MARKS: Final = {".nt": (b"_:",), ".ttl": (b"_:", b"[", b"(")}
"""What a blank node looks like in the bytes of a file."""


def format_of(path: Path) -> ox.RdfFormat:
    """Return the format a file name stands for.

    Raises:
        SourceError: the name ends in no known suffix.
    """
    suffix = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    try:
        return FORMAT_FOR_SUFFIX[suffix.lower()]
    except KeyError:
        known = " ".join(FORMAT_FOR_SUFFIX)
        reason = f"cannot tell the RDF format; name the file with one of {known}, or that and .gz"
        raise SourceError(path, reason) from None


def read_quads(path: Path, graph: ox.NamedNode | None = None) -> Iterator[ox.Quad]:
    """Yield the quads of a file; what names no graph goes into `graph`.

    Raises:
        SourceError: the file is missing, can't be read, or is malformed; the
            line is named where the parser tells it.
    """
    if path.is_dir():
        raise SourceError(path, "is a folder; name the files in it")
    rdf_format = format_of(path)
    try:
        if rdf_format == ox.RdfFormat.RDF_XML:
            _refuse_entities(path)
        seed = _digest(path)
        with _open(path) as stream:
            yield from parse_quads(stream, rdf_format, graph, name=path, seed=seed)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise SourceError(path, "no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(path, f"damaged gzip: {error}") from error
    except OSError as error:
        raise SourceError(path, f"cannot be read: {error.strerror or error}") from error


def parse_quads(
    source: IO[bytes] | bytes,
    rdf_format: ox.RdfFormat,
    graph: ox.NamedNode | None = None,
    *,
    name: Path | str = "<body>",
    seed: bytes | None = None,
    base: str | None = None,
) -> Iterator[ox.Quad]:
    """Yield the quads of a stream.

    Args:
        source: the bytes.
        rdf_format: their format.
        graph: where statements go that name no graph; the unnamed one if not given.
        name: stands in errors for where they came from.
        seed: the digest of the document, of which blank nodes get their labels;
            of the bytes where they are all there.
        base: against which relative IRIs are resolved.
    """
    target = graph or ox.DefaultGraph()
    if seed is None and isinstance(source, bytes):
        seed = sha256(source).digest()
    stable = _StableLabels(seed, str(target)) if seed else None
    try:
        for quad in ox.parse(source, rdf_format, base_iri=base, rename_blank_nodes=True):
            subject, value, into = quad.subject, quad.object, quad.graph_name
            if stable:
                if type(subject) is not _NAMED:
                    subject = stable(subject)
                if type(value) is _BLANK:
                    value = stable(value)
            into = target if type(into) is _DEFAULT else stable(into) if stable else into
            yield ox.Quad(subject, quad.predicate, value, into)
    except SyntaxError as error:
        raise syntax_error(name, error) from error


def syntax_error(name: Path | str, error: SyntaxError) -> SourceError:
    """Return what is wrong with a document, as the engine's parser tells it."""
    return SourceError(name, _reason(error), error.lineno)


def read_all(paths: Iterable[Path], graph: ox.NamedNode) -> Iterator[ox.Quad]:
    """Yield the quads of several files, all into one graph."""
    for path in paths:
        yield from read_quads(path, graph)


def has_no_blank_nodes(path: Path) -> bool:
    """Return whether a file of triples surely names no blank node, so that the engine may read it.

    The engine would give blank nodes labels of its own. A literal that holds
    what looks like one is mistaken for it, which costs time and nothing else.
    """
    if path.suffix.lower() not in MARKS or not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return all(content.find(mark) < 0 for mark in MARKS[path.suffix.lower()])


_NAMED, _BLANK, _DEFAULT = ox.NamedNode, ox.BlankNode, ox.DefaultGraph


class _StableLabels:
    """Blank nodes by the order in which a document first names them."""

    def __init__(self, seed: bytes, place: str) -> None:
        self._seed = seed + place.encode()
        self._known: dict[ox.BlankNode, ox.BlankNode] = {}

    def __call__(self, term: Any) -> Any:
        if not isinstance(term, ox.BlankNode):
            return term
        found = self._known.get(term)
        if found is None:
            number = len(self._known).to_bytes(8, "big")
            found = ox.BlankNode(sha256(self._seed + number).hexdigest()[:32])
            self._known[term] = found
        return found


def _refuse_entities(path: Path) -> None:
    """See that no entity of a file grows as it is expanded; small ones are common in OWL."""
    with _open(path) as stream:
        content = stream.read()
    if b"<!" in content or not content.isascii():
        refuse_hostile_xml(content, str(path), is_own=True)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return file_digest(file, "sha256").digest()


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _reason(error: SyntaxError) -> str:
    """Return the parser's sentence without the place, which the error itself carries."""
    text = str(error.msg)
    if text.startswith("Parser error at line") and ": " in text:
        text = text.split(": ", 1)[1]
    if "LoadDocumentCallback" in text:
        text = "remote JSON-LD contexts are never fetched; put the context into the document"
    column = f" (column {error.offset})" if error.offset else ""
    return f"not valid RDF: {text}{column}"
