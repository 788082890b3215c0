"""Verification: whether the ledger is as it was written, and the store what it says.

What this can't show: whoever can write the folder can rewrite the whole chain
consistently. That shows only against a head exported earlier, or a signing key
kept elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.errors import JournalDamagedError, SourceError, StoreLockedError, WorkspaceError
from aimsgraph.evidence import ATTACHED, evidence_file
from aimsgraph.ledger.changeset import GENESIS, SORTED, Changeset, Header, Tally, is_derived
from aimsgraph.ledger.frame import FrameError
from aimsgraph.ledger.journal import Journal, Place
from aimsgraph.ledger.lines import ADDED, REMOVED, in_order
from aimsgraph.ledger.memory import Ledger
from aimsgraph.ledger.prov import bookkeeping_of
from aimsgraph.ledger.signing import PublicKeys
from aimsgraph.opening import hold, read_mark
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.workspace import Workspace

MOST: Final = 20
"""So many problems are named one by one; then verification stops looking for more of a kind."""

Progress = Callable[[str], None]


@dataclass
class Verification:
    """What was looked at, and what is wrong."""

    head: int = 0
    digest: str = GENESIS
    statements: int = 0
    signed: int = 0
    erased: int = 0
    """Lines whose literal was redacted; the digests hold for them all the same."""
    stores: list[str] = field(default_factory=list)
    evidence: int = 0
    attached: set[str] = field(default_factory=set)
    """Digests of evidence files that changesets speak of."""
    heads: int = 0
    """Exported heads the ledger was compared with."""
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True)
class Trust:
    """What the verifier brings from outside the workspace."""

    keys: PublicKeys | None = None
    """Keys of which one must have signed every changeset; those beside the ledger if not given."""
    heads: tuple[dict[str, Any], ...] = ()
    """Exported heads: generation and digest."""


def read_heads(path: Path) -> tuple[dict[str, Any], ...]:
    """Read exported heads, one JSON object to a line.

    Raises:
        SourceError: a line is none.
    """
    found = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(path, f"cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        try:
            one = json.loads(line)
            found.append({"generation": int(one["generation"]), "digest": str(one["digest"])})
        except (ValueError, KeyError, TypeError) as error:
            reason = "is not an exported head, as 'aimsgraph head' prints it"
            raise SourceError(path, reason, number) from error
    if not found:
        raise SourceError(path, "holds no exported head; make one with 'aimsgraph head'")
    return tuple(found)


def verify(workspace: Workspace, trust: Trust, progress: Progress) -> Verification:
    """Verify a workspace: journal, stores and evidence."""
    found = Verification()
    journal = Journal(workspace.journal_path)
    replayed = _Replayed(found)
    stores = _Stores(workspace, found)
    keys = trust.keys or PublicKeys.read(sorted(workspace.keys_path.glob("*.pem")))
    chain = _Chain(found, keys, needs_key=trust.keys is not None, heads=trust.heads)
    progress("reading the journal")
    try:
        for place in journal.places():
            changeset = chain.read(place)
            if changeset is None:
                break
            replayed.take(changeset)
            progress(f"changeset {found.head}")
            stores.compare(replayed)
        chain.end(journal)
    except JournalDamagedError as error:
        found.problems.append(str(error))
    stores.close(replayed)
    found.statements = len(replayed.digests)
    progress("reading evidence")
    _check_evidence(workspace, found)
    return found


def verify_ledger(ledger: Ledger) -> Verification:
    """Verify changesets on their own: chain, digests and counts."""
    found = Verification()
    chain = _Chain(found, PublicKeys({}))
    for changeset in ledger.changesets():
        chain.check(changeset, changeset.header.digest)
    return found


class _Chain:
    """Checks one changeset after the other."""

    def __init__(
        self,
        found: Verification,
        keys: PublicKeys,
        *,
        needs_key: bool = False,
        heads: Iterable[dict[str, Any]] = (),
    ) -> None:
        self._found = found
        self._keys = keys
        self._needs_key = needs_key
        self._heads = {one["generation"]: one["digest"] for one in heads}
        self._time = ""
        found.heads = len(self._heads)

    def read(self, place: Place) -> Changeset | None:
        """Return the changeset at a place, checked; None where it cannot be read."""
        try:
            changeset = place.changeset()
        except (JournalDamagedError, FrameError) as error:
            self._found.problems.append(str(error))
            return None
        self.check(changeset, place.frame.digest)
        return changeset

    def check(self, changeset: Changeset, digest: str) -> None:
        header = changeset.header
        for problem in self._wrong(changeset, digest):
            self._found.problems.append(f"changeset {header.generation}: {problem}")
        self._found.head, self._found.digest = header.generation, header.digest
        for line in changeset.asserted:
            if line.sign == ADDED and line.statement.startswith(f"<{ATTACHED}"):
                self._found.attached.add(line.statement[len(ATTACHED) + 1 :].partition(">")[0])
        self._found.erased += sum(line.is_erased for line in changeset.lines)
        self._time = header.time

    def _wrong(self, changeset: Changeset, digest: str) -> Iterator[str]:
        header = changeset.header
        if header.digest != digest:
            yield f"its header has the digest {header.digest}, but the journal says {digest}"
        if header.generation != self._found.head + 1:
            yield f"it follows changeset {self._found.head}"
        if header.parent != self._found.digest:
            yield f"its parent is {header.parent}, but the one before it is {self._found.digest}"
        if header.time <= self._time:
            yield f"its time {header.time} is not after {self._time}"
        yield from _tallied(changeset, header)
        yield from self._signed(changeset, header)
        if self._heads.get(header.generation, header.digest) != header.digest:
            known = self._heads[header.generation]
            yield f"its digest is {header.digest}, but the exported head says {known}"

    def _signed(self, changeset: Changeset, header: Header) -> Iterator[str]:
        if changeset.signature is None or header.key is None:
            if self._needs_key or header.key is not None:
                yield "it is not signed"
            return
        if not self._keys.knows(header.key):
            yield f"it is signed with the key {header.key[:16]}, which is not among those known"
        elif not self._keys.holds(header.key, header.digest, changeset.signature):
            yield "its signature is not that of its key"
        else:
            self._found.signed += 1

    def end(self, journal: Journal) -> None:
        """See that the journal has all that was exported, and nothing after its last frame."""
        for generation in sorted(self._heads):
            if generation > self._found.head:
                self._found.problems.append(
                    f"changeset {generation}: it was exported, but the ledger ends at "
                    f"{self._found.head}"
                )
        for path in journal.segments()[-1:]:
            last = list(journal.places(max(self._found.head, 1)))[-1:]
            end = last[0].offset + last[0].frame.size if last and last[0].path == path else 0
            if path.stat().st_size != end:
                self._found.problems.append(
                    f"{path}: at byte {end} something follows that is no whole changeset; "
                    "a change being written now, or one that was cut off"
                )


def _tallied(changeset: Changeset, header: Header) -> Iterator[str]:
    parts = [("stated", changeset.asserted, header.asserted)]
    if header.derived is not None:
        parts.append(("derived", changeset.derived, header.derived))
    elif any(is_derived(line) for line in changeset.lines):
        yield "it has derived statements, which its header does not know of"
    for name, lines, wanted in parts:
        if header.order == SORTED and lines != in_order(lines):
            yield f"its {name} statements are out of order"
        if Tally.of(lines) != wanted:
            yield f"its {name} statements do not have the digest or the number its header says"


class _Replayed:
    """The statements there are after the changesets so far, as digests."""

    def __init__(self, found: Verification) -> None:
        self._found = found
        self.digests: set[bytes] = set()
        self.text: dict[bytes, str] = {}

    def take(self, changeset: Changeset) -> None:
        generation = changeset.header.generation
        for line in changeset.lines:
            key = _key(line.current)
            if line.sign == REMOVED and key in self.digests:
                self.digests.discard(key)
            elif line.sign == ADDED and key not in self.digests:
                self.digests.add(key)
            elif len(self._found.problems) < MOST:
                does = "removes what is not there" if line.sign == REMOVED else "adds what is there"
                self._found.problems.append(f"changeset {generation}: {does}: {line.current}")
        note = bookkeeping_of(changeset)
        self.digests -= {_key(text) for text in stored(note.removed)}
        self.digests |= {_key(text) for text in stored(note.added)}


class _Stores:
    """The stores of a workspace: the newest snapshot, and the live store where nobody writes it."""

    def __init__(self, workspace: Workspace, found: Verification) -> None:
        self._found = found
        self._waiting: list[tuple[int, str, EmbeddedStore]] = []
        self._lock = None
        try:
            opened = Snapshots(workspace.snapshots_path).open()
            if opened is not None:
                name = f"snapshot {opened[0].path.name[:12]}"
                self._waiting.append((opened[0].generation, name, opened[1]))
        except WorkspaceError as error:
            found.problems.append(str(error))
        with suppress(StoreLockedError):
            self._lock = hold(workspace)
            self._open_live(workspace)

    def _open_live(self, workspace: Workspace) -> None:
        mark = read_mark(workspace)
        if mark is None:
            return
        try:
            store = EmbeddedStore(ox.Store.read_only(str(workspace.store_path)))
        except (OSError, RuntimeError) as error:
            self._found.problems.append(f"{workspace.store_path}: cannot be opened: {error}")
            return
        self._waiting.append((mark[0], "live store", store))

    def compare(self, replayed: _Replayed) -> None:
        """Compare the stores that stand at the generation replayed so far."""
        for one in [one for one in self._waiting if one[0] == self._found.head]:
            self._waiting.remove(one)
            self._found.stores.append(one[1])
            self._found.problems += _differences(one[1], one[2], replayed)

    def close(self, replayed: _Replayed) -> None:
        """Name the stores that stand at no generation of the ledger."""
        del replayed
        for generation, name, _ in self._waiting:
            self._found.problems.append(
                f"{name}: stands at generation {generation}, which the ledger does not reach"
            )
        if self._lock is not None:
            self._lock.close()


def _differences(name: str, store: EmbeddedStore, replayed: _Replayed) -> Iterator[str]:
    seen: set[bytes] = set()
    extra = 0
    for quad in store.engine:
        key = _key(str(quad))
        seen.add(key)
        if key not in replayed.digests:
            extra += 1
            if extra <= MOST:
                yield f"{name}: holds what the ledger does not: {quad}"
    if extra > MOST:
        yield f"{name}: holds {extra - MOST:,} more statements that the ledger does not"
    missing = len(replayed.digests - seen)
    if missing:
        yield f"{name}: lacks {missing:,} statements that the ledger has"


def stored(quads: Iterable[ox.Quad]) -> Iterator[str]:
    """Yield quads as text, as an engine gives them back."""
    scratch = ox.Store()
    scratch.extend(quads)
    return (str(quad) for quad in scratch)


def _key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _check_evidence(workspace: Workspace, found: Verification) -> None:
    for digest in sorted(found.attached):
        if not evidence_file(workspace.evidence_path, digest).is_file():
            found.problems.append(f"the evidence {digest} was attached, and its file is not there")
    for path in sorted(workspace.evidence_path.glob("??/*")):
        found.evidence += 1
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        if digest != path.name:
            found.problems.append(f"{path}: the evidence was changed: its content is {digest}")
