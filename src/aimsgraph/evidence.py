"""Evidence files, named by the SHA-256 of their content, beside the journal."""

from __future__ import annotations

import mimetypes
import shutil
from hashlib import file_digest
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import SourceError
from aimsgraph.files import sync_path
from aimsgraph.ledger.change import Change
from aimsgraph.namespaces import AIMS, RDF, RDFS
from aimsgraph.rdf.terms import Term

ATTACHED: Final = "urn:sha256:"
"""Begins the IRI of an evidence record whose file is kept here; its digest follows."""


def evidence_file(folder: Path, digest: str) -> Path:
    """Return where the file of a digest lies."""
    return folder / digest[:2] / digest


def keep(folder: Path, path: Path) -> str:
    """Copy a file to the evidence, and return its digest.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        target = evidence_file(folder, digest)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            making = target.with_name(f"{digest}.making")
            with path.open("rb") as source, making.open("wb") as output:
                shutil.copyfileobj(source, output)
                output.flush()
            making.replace(target)
            sync_path(target.parent)
    except OSError as error:
        raise SourceError(path, f"cannot be kept: {error.strerror or error}") from error
    return digest


def attachment(path: Path, digest: str, about: str | None, graph: str, message: str) -> Change:
    """Return the change that records an evidence file.

    Args:
        path: the file as it was given; its name is kept.
        digest: the SHA-256 of its content.
        about: the IRI of the record it supports, if any.
        graph: the IRI of the record graph.
        message: why.
    """
    subject = ox.NamedNode(ATTACHED + digest)
    media_type = mimetypes.guess_type(path.name)[0]
    values: list[tuple[str, Term]] = [
        (f"{RDF}type", ox.NamedNode(f"{AIMS}Evidence")),
        (f"{RDFS}label", ox.Literal(path.name)),
        (f"{AIMS}fileName", ox.Literal(path.name)),
        (f"{AIMS}sha256", ox.Literal(digest)),
    ]
    if media_type is not None:
        values.append((f"{AIMS}mediaType", ox.Literal(media_type)))
    if about is not None:
        values.append((f"{AIMS}supports", ox.NamedNode(about)))
    node = ox.NamedNode(graph)
    added = tuple(ox.Quad(subject, ox.NamedNode(p), value, node) for p, value in values)
    return Change(added, message=message or f"Evidence {path.name}", kind="attach")
