"""A changeset: what one change did to the graph, by whom, when and why, with its digest.

The digest is SHA-256 over the header, as JSON with sorted keys and no spaces;
the header holds the digests of its lines and that of its parent, so the digest
of the last changeset stands for the whole ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.ledger.lines import ADDED, REMOVED, Line, digest, quads
from aimsgraph.namespaces import DERIVED_GRAPHS

GENESIS: Final = "0" * 64
"""The parent of the first changeset."""

SORTED: Final = "sorted"
LOAD: Final = "load"

_DERIVED_ENDS: Final = tuple(f"<{graph}>" for graph in DERIVED_GRAPHS)


@dataclass(frozen=True)
class Tally:
    """How many statements of one part entered and left, and the digest of its lines."""

    added: int
    removed: int
    digest: str

    @classmethod
    def of(cls, found: Sequence[Line]) -> Tally:
        """Count and digest lines, in the order they have."""
        added = sum(line.sign == ADDED for line in found)
        return cls(added, len(found) - added, digest(found))


@dataclass(frozen=True)
class Header:
    """What a changeset says of itself. Times are RFC 3339 in UTC."""

    generation: int
    parent: str
    time: str
    kind: str
    """What door it came through: load, update, graph-store, api, day, release, ..."""
    author: str
    message: str
    asserted: Tally
    derived: Tally | None
    """What followed from it; None where that is worked out with a later changeset."""
    order: str = SORTED
    effective: str | None = None
    """When it took effect, as the one who imported it declared."""
    idempotency: str | None = None
    key: str | None = None
    """The fingerprint of the key it is signed with."""
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Header:
        """Read a header from JSON; raises ValueError or TypeError where it is none."""
        values = json.loads(text)
        values["asserted"] = Tally(**values["asserted"])
        if values.get("derived") is not None:
            values["derived"] = Tally(**values["derived"])
        values.setdefault("derived", None)
        return cls(**values)

    @property
    def text(self) -> str:
        """Return the header as canonical JSON, in which what is not there is left out."""
        values = {key: value for key, value in asdict(self).items() if value not in (None, {})}
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def digest(self) -> str:
        """Return the digest of the changeset."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def moment(self) -> datetime:
        """Return the ledger's time of it."""
        return datetime.fromisoformat(self.time)

    @property
    def declared(self) -> datetime:
        """Return when it took effect: as declared, else when it was recorded."""
        return datetime.fromisoformat(self.effective) if self.effective else self.moment


@dataclass(frozen=True)
class Changeset:
    """A header and its lines."""

    header: Header
    lines: Sequence[Line]
    signature: str | None = None

    @property
    def asserted(self) -> list[Line]:
        """Return the lines that somebody stated."""
        return [line for line in self.lines if not is_derived(line)]

    @property
    def derived(self) -> list[Line]:
        """Return the lines that followed: inferences and check results."""
        return [line for line in self.lines if is_derived(line)]

    def added(self) -> Iterable[ox.Quad]:
        """Yield the quads that entered."""
        return quads(self.lines, ADDED)

    def removed(self) -> Iterable[ox.Quad]:
        """Yield the quads that left."""
        return quads(self.lines, REMOVED)


def is_derived(line: Line) -> bool:
    """Return whether a line lies in a graph that follows from the others."""
    return line.statement.endswith(_DERIVED_ENDS)


def stamp(moment: datetime) -> str:
    """Return a moment as the ledger writes it, to the microsecond and in UTC."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
