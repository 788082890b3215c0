"""Following changes: what inference and checking cost after each, and what committing it does."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final, TypeVar

from aimsgraph import AimsGraph, Terms
from aimsgraph.derivation import Derivation, Derived, Progress
from aimsgraph.generate.plan import TODAY
from aimsgraph.ledger.change import Change as Intent
from aimsgraph.ledger.delta import Delta, Work
from aimsgraph.ledger.prov import changeset_iri
from benchmarks.changes import ACCEPTANCE, Change, Records, tick

EACH: Final = 8
"""So many changes of each kind."""

COMMITS: Final = 20

T = TypeVar("T")


def changing(small: AimsGraph, big: AimsGraph) -> None:
    """Follow the same kinds of change in both, turn by turn, and changes with a wide reach."""
    graphs = (small, big)
    records = [Records(graph.writer.store, TODAY) for graph in graphs]
    times: dict[str, tuple[list[float], list[float]]] = {}
    say("c. following one change on disk", "ms in the small graph, in the big one, ratio")
    for changes in zip(*(one.changes(EACH) for one in records), strict=True):
        for side, (graph, change) in enumerate(zip(graphs, changes, strict=True)):
            seconds, _ = following(graph, change)
            for kind in ("all", change.kind):
                times.setdefault(kind, ([], []))[side].append(seconds)
    for kind in (*(one for one in times if one != "all"), "all"):
        _compared(kind, times[kind])
    for name, pairs in (("hub", (one.hubs() for one in records)),):
        for (one, _), (other, links) in zip(*pairs, strict=True):
            spent = [
                following(graph, made)[0] for graph, made in zip(graphs, (one, other), strict=True)
            ]
            say(f"   {name}, {other.kind}", f"{_both(*spent)}; {links:,} records point to it")
    days = [following(graph, tick(graph.writer.store)) for graph in graphs]
    moved = len(days[1][1].appeared) + len(days[1][1].resolved)
    say(
        "   the day becomes the next", f"{_both(days[0][0], days[1][0])}; {moved:,} findings change"
    )


def _compared(kind: str, times: tuple[list[float], list[float]]) -> None:
    for name, of in (("median", statistics.median), ("p95", _p95)):
        say(f"   {kind}, {name} of {len(times[0])}", _both(*(of(found) for found in times)))


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[18]


def _both(one: float, other: float) -> str:
    return f"{one * 1000:.1f}, {other * 1000:.1f}: {other / one:.2f} times"


def following(graph: AimsGraph, change: Change) -> tuple[float, Derived]:
    """Return how long inference and validation take after a change; take it back."""
    writer = graph.writer
    work = Work(writer.store)
    try:
        work.change(change.added, change.removed)
        since = changeset_iri(writer.ledger.head + 1)
        return timed(
            lambda: writer.derivation.follow(work, since, is_in_step=True, progress=_silent)
        )
    finally:
        work.undo()


class Nothing(Derivation):
    """Stands in for inference and checking, so that what the ledger costs shows."""

    def follow(self, work: Work, since: str, *, is_in_step: bool, progress: Progress) -> Derived:
        """Return nothing."""
        del work, since, is_in_step, progress
        return Derived(Delta())


def committing(small: AimsGraph, big: AimsGraph) -> None:
    """Commit changes for good: the ledger's part, and the publication of each state."""
    times: dict[str, tuple[list[float], list[float]]] = {
        name: ([], []) for name in ("commit", "commit without what follows", "publication")
    }
    for side, graph in enumerate((small, big)):
        records = Records(graph.writer.store, TODAY)
        derivation = graph.writer.derivation
        for number, change in enumerate(_acceptances(records)):
            is_whole = number % 2 == 0
            graph.writer.derivation = derivation if is_whole else Nothing(derivation.rules)
            intent = Intent(tuple(change.added), tuple(change.removed))
            spent, _ = timed(lambda: graph.commit(intent, Terms(author="benchmark")))  # noqa: B023
            name = "commit" if is_whole else "commit without what follows"
            times[name][side].append(spent)
            times["publication"][side].append(timed(graph.view)[0])
    for name, found in times.items():
        _compared(f"{name} of an acceptance", found)


def _acceptances(records: Records) -> Iterator[Change]:
    return (one for one in records.changes(COMMITS) if one.kind == ACCEPTANCE)


def _silent(step: str) -> None:
    del step


def timed(what: Callable[[], T]) -> tuple[float, T]:
    """Return how long something takes, in seconds, and what it gives."""
    started = perf_counter()
    found = what()
    return perf_counter() - started, found


def say(name: str, text: str) -> None:
    """Print a figure."""
    print(f"{name}: {text}", flush=True)  # noqa: T201 - a script's own output
