"""The release: what this installation ships, as quads for the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.namespaces import ONTOLOGY_GRAPH, QUERIES_GRAPH, SHAPES_GRAPH
from aimsgraph.rdf.parsing import read_all


def digest(paths: Iterable[Path]) -> str:
    """Return a digest of some files' names and contents."""
    total = sha256()
    for path in sorted(paths, key=lambda one: (one.name, str(one))):
        total.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return total.hexdigest()


def ontology_quads(assets: Assets) -> Iterator[ox.Quad]:
    """Yield ontology, frameworks and mappings."""
    return read_all(assets.ontology_files(), ox.NamedNode(ONTOLOGY_GRAPH))


def shape_quads(paths: Iterable[Path]) -> Iterator[ox.Quad]:
    """Yield the shapes as data."""
    return read_all(paths, ox.NamedNode(SHAPES_GRAPH))


def question_quads(catalogue: Catalogue) -> Iterator[ox.Quad]:
    """Yield the catalogue as data."""
    for question in catalogue:
        yield from question.quads()


RELEASE_GRAPHS = (ONTOLOGY_GRAPH, SHAPES_GRAPH, QUERIES_GRAPH)
"""The graphs the release writes."""
