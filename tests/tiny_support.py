"""A workspace with an ontology as small as it can be, for tests of the write path."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from aimsgraph.assets import Assets
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.update import Update
from aimsgraph.settings import Settings
from aimsgraph.workspace import Workspace

TINY: Final = Assets(Path(__file__).parent / "tiny")
TODAY: Final = date(2026, 11, 20)

PREFIXES: Final = """\
PREFIX aims: <https://w3id.org/aimsgraph#>
PREFIX ex: <https://example.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX r: <https://w3id.org/aimsgraph/graph/records/>
"""

SYSTEM: Final = "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; rdfs:label 'Bot' } }"
"""Adds an AI system without an owner: one finding."""

OWNED: Final = """
INSERT DATA { GRAPH r:main {
  ex:ada a aims:Person ; rdfs:label 'Ada' .
  ex:bot aims:ownedBy ex:ada
} }
"""
"""Gives it an owner: no finding, and one inferred statement."""

DANGLING: Final = "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; aims:ownedBy ex:nobody } }"
"""Breaks an integrity rule."""


def update(text: str, message: str = "") -> Update:
    """Return an update with the prefixes that tests use."""
    return Update(PREFIXES + text, message)


def memory(settings: Settings | None = None) -> AimsGraph:
    """Return a graph in memory with the small ontology."""
    return AimsGraph.memory(assets=TINY, today=TODAY, settings=settings)


def workspace(folder: Path) -> Path:
    """Make a workspace in a new folder."""
    Workspace.create(folder)
    opened(folder).close()
    return folder


def opened(folder: Path, *, read_only: bool = False, settings: Settings | None = None) -> AimsGraph:
    """Open a workspace with the small ontology."""
    return AimsGraph.open(folder, today=TODAY, read_only=read_only, settings=settings, assets=TINY)
