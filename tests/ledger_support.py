"""A workspace whose ledger has a bit of everything."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from aimsgraph import Terms
from aimsgraph.errors import IntegrityRefusedError
from aimsgraph.settings import Settings
from aimsgraph.verification import Trust, Verification, verify
from aimsgraph.workspace import Workspace
from tiny_support import DANGLING, OWNED, SYSTEM, opened, update, workspace


def history(folder: Path, settings: Settings | None = None) -> Path:
    """Make a workspace with a ledger of nine changesets."""
    workspace(folder)
    with opened(folder, settings=settings) as graph:
        graph.commit(update(SYSTEM, "A bot"), Terms(author="Ada"))
        with suppress(IntegrityRefusedError):
            graph.commit(update(DANGLING))
        graph.commit(update(OWNED, "Its owner"), Terms(is_deferred=True))
        graph.commit(update("DELETE DATA { GRAPH r:main { ex:bot rdfs:label 'Bot' } }"))
        graph.commit(update("INSERT DATA { GRAPH r:main { ex:bot rdfs:label 'Bot' } }"))
        graph.commit(update("INSERT DATA { GRAPH r:other { ex:c aims:reviewedOn [] } }"))
        graph.commit(update("CLEAR GRAPH r:other"))
        graph.tick(date(2026, 11, 21))
        graph.commit(update(DANGLING), Terms(advisory=True))
    return folder


def verified(folder: Path, trust: Trust | None = None) -> Verification:
    """Verify a workspace."""
    return verify(Workspace.read(folder), trust or Trust(), lambda _: None)


def engine(path: Path) -> ox.Store:
    """Open a store behind the program's back."""
    return ox.Store(path)
