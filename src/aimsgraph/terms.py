"""On what terms a change is made, and the receipt that says what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aimsgraph.access import OWNER, Caller
from aimsgraph.conformity.report import CheckResult, Standing
from aimsgraph.ledger.changeset import Header
from aimsgraph.ledger.delta import Ask


@dataclass(frozen=True)
class Terms:
    """On what terms a change is made."""

    caller: Caller = OWNER
    author: str = ""
    message: str | None = None
    advisory: bool = False
    """Record results of integrity rules instead of refusing."""
    effective: datetime | None = None
    """When it took effect, as declared; for a history that comes from elsewhere."""
    expected: str | None = None
    """The generation, or generation and digest, the caller looked at."""
    idempotency: str | None = None
    """Names the request, so that one sent twice is carried out once."""
    is_deferred: bool = False
    """Leave what follows from it to a later changeset of the same import."""
    details: Mapping[str, Any] = field(default_factory=dict)
    ask: Ask | None = None
    """Runs the queries in an update, within limits; the writer itself if not given."""


@dataclass(frozen=True)
class Receipt:
    """What became of a change."""

    generation: int
    digest: str
    header: Header | None
    """None where nothing changed, so that there is no changeset."""
    standing: Standing = field(default_factory=Standing)
    """How the rules stand after it; empty where that was deferred, or not for the caller to see."""
    appeared: tuple[CheckResult, ...] = ()
    """The findings that it brought."""
    resolved: tuple[CheckResult, ...] = ()
    """The findings that it took away."""
    is_repeated: bool = False

    @property
    def added(self) -> int:
        """Return how many statements entered."""
        return self.header.asserted.added if self.header else 0

    @property
    def removed(self) -> int:
        """Return how many statements left."""
        return self.header.asserted.removed if self.header else 0
