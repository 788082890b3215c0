"""Putting a graph together: in memory, for writing a workspace, or for reading one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from aimsgraph.assets import Assets
from aimsgraph.derivation import Derivation, record_graphs
from aimsgraph.egress.reach import Reach
from aimsgraph.errors import StoreLockedError
from aimsgraph.ledger.change import Change
from aimsgraph.ledger.delta import Delta
from aimsgraph.ledger.journal import Journal
from aimsgraph.ledger.memory import Ledger, MemoryJournal
from aimsgraph.ledger.signing import Signer
from aimsgraph.opening import Live, forget_old_store, is_held, old_store, open_live, settled
from aimsgraph.past import Past
from aimsgraph.publication import Elsewhere, InMemory, OnDisk, Publication
from aimsgraph.release import Release
from aimsgraph.search.search import Search
from aimsgraph.settings import Settings
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.store.state import State
from aimsgraph.terms import Terms
from aimsgraph.workspace import Workspace
from aimsgraph.writer import Writer

FETCH_SECONDS: Final = 10.0
"""How long an update waits for a document of another host; nobody else can write meanwhile."""


@dataclass
class Parts:
    """What a graph is made of."""

    release: Release
    settings: Settings
    ledger: Ledger
    publication: Publication
    past: Past
    writer: Writer | None = None
    """None where the graph is only read."""
    workspace: Workspace | None = None
    """None where the graph lives in memory."""
    live: Live | None = None
    pinned: date | None = None
    """The day the graph is to stand at, whatever day it is."""
    found_at: int = 0
    """The generation before the graph was brought to this release and this day."""

    notices: tuple[str, ...] = ()
    """What was found and mended while it was opened."""

    @cached_property
    def search(self) -> Search:
        """Return the search of the graph, whose index lies in the workspace, or in memory."""
        return Search(self.ledger, self.workspace.cache_path if self.workspace else None)

    def close(self) -> None:
        """Leave the workspace in order and let go of it."""
        if self.live is not None:
            self.live.close()
            self.live = None


def in_memory(assets: Assets, settings: Settings, today: date | None) -> Parts:
    """Return a graph that holds the release and no records."""
    release = Release.of(assets)
    ledger = MemoryJournal()
    writer = _writer(EmbeddedStore.memory(), ledger, release, settings)
    publication = InMemory(writer)
    past = Past(ledger, lambda: publication.current()[:2])
    parts = Parts(release, settings, ledger, publication, past, writer=writer)
    _establish(parts, writer, today or settings.today)
    return parts


def for_writing(
    workspace: Workspace, settings: Settings, assets: Assets, today: date | None
) -> Parts:
    """Open a workspace for writing, and bring it to this release and this day.

    Raises:
        StoreLockedError: another process writes it.
        JournalDamagedError: what was acknowledged cannot be read.
    """
    release = Release.of(assets, workspace)
    live = open_live(workspace)
    try:
        writer = _writer(live.store, live.journal, release, settings)
        publication = OnDisk(writer, live.snapshots)
        past = _past(workspace, settings, live.journal, publication)
        parts = Parts(
            release,
            settings,
            live.journal,
            publication,
            past,
            writer=writer,
            workspace=workspace,
            live=live,
            notices=tuple(live.journal.notices),
        )
        _establish(parts, writer, today or settings.today)
    except BaseException:
        live.close()
        raise
    return parts


def for_reading(
    workspace: Workspace, settings: Settings, assets: Assets, today: date | None
) -> Parts:
    """Open the newest snapshot of a workspace, beside whoever writes it.

    A workspace that nobody writes is brought to this release and this day first.
    """
    release = Release.of(assets, workspace)
    day = today or settings.today
    notices: tuple[str, ...] = ()
    if not is_held(workspace) and not _is_current(workspace, release, day):
        with suppress(StoreLockedError):
            brought = for_writing(workspace, settings, assets, day)
            brought.close()
            notices = brought.notices
    publication = Elsewhere(Snapshots(workspace.snapshots_path))
    journal = Journal(workspace.journal_path)
    past = _past(workspace, settings, journal, publication)
    return Parts(
        release, settings, journal, publication, past, workspace=workspace, notices=notices
    )


def _establish(parts: Parts, writer: Writer, pinned: date | None) -> None:
    """Bring the release and the day into the graph where they are not the same yet."""
    parts.found_at, parts.pinned = parts.ledger.head, pinned
    day = pinned or datetime.now(UTC).date()
    with writer.at_rest() as store:
        delta = parts.release.delta(store)
        is_new = bool(delta)
        added, removed = State(store).day(day)
        delta.then(Delta(dict.fromkeys(added), dict.fromkeys(removed)))
    if is_new:
        writer.keep(delta, "release", parts.release.message, release=parts.release.digest)
    elif delta:
        writer.keep(delta, "day", f"The day becomes {day}")
    if parts.workspace is not None and (old := old_store(parts.workspace)) is not None:
        _carry_over(old, writer)
        forgotten, parts.workspace = parts.workspace, parts.workspace.upgraded()
        forget_old_store(forgotten)


def _carry_over(folder: Path, writer: Writer) -> None:
    """Journal the records of a workspace that had no journal."""
    store = EmbeddedStore.open(folder)
    try:
        found = [q for graph in record_graphs(store) for q in store.quads(graph)]
    finally:
        store.close()
    change = Change(tuple(found), message="Records from before the ledger", kind="upgrade")
    writer.commit(change, Terms(advisory=True), lambda _: None)


def _writer(store: EmbeddedStore, ledger: Ledger, release: Release, settings: Settings) -> Writer:
    signer = Signer.read(Path(settings.signing_key).expanduser()) if settings.signing_key else None
    return Writer(
        store,
        ledger,
        Derivation(release.rules, settings.refuse),
        is_union=settings.default_graph == "union",
        signer=signer,
        reach=Reach(settings.service_hosts, seconds=FETCH_SECONDS),
    )


def _past(
    workspace: Workspace, settings: Settings, journal: Journal, publication: Publication
) -> Past:
    return Past(
        journal,
        lambda: publication.current()[:2],
        Snapshots(workspace.snapshots_path),
        workspace.cache_path,
        settings.as_of_cache * 1024 * 1024,
    )


def _is_current(workspace: Workspace, release: Release, today: date | None) -> bool:
    """Return whether the newest snapshot is the last state, of this release and this day."""
    if settled(workspace) is None:
        return False
    opened = Snapshots(workspace.snapshots_path).open()
    if opened is None:
        return False
    state = State(opened[1])
    day = today or datetime.now(UTC).date()
    return (state.release, state.today) == (release.digest, day)
