"""A sample as it came about: its statements dealt out to the days of its history.

The records carry dates. `RecordDates` reads from them since when a record is
there and since when a statement holds; the manifest names the days on which
the record graph changed. What was said before and then replaced lies in the
sample's folder `history`, in files named after the day of the replacement.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph.derivation import Progress
from aimsgraph.errors import SourceError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change, records_graph
from aimsgraph.namespaces import RDF
from aimsgraph.rdf.parsing import read_all, read_quads
from aimsgraph.record_dates import RecordDates
from aimsgraph.sample import Milestone, Sample
from aimsgraph.terms import Receipt, Terms

NOTHING: Final = ox.NamedNode(f"{RDF}nil")
"""As a value in a file of the history: nothing was said until that day."""

_Key = tuple[ox.NamedNode | ox.BlankNode | ox.Triple, ox.NamedNode]


@dataclass(frozen=True)
class Step:
    """What entered and left the record graph on one day."""

    effective: date
    message: str
    author: str
    added: tuple[ox.Quad, ...]
    removed: tuple[ox.Quad, ...]


@dataclass(frozen=True)
class _Span:
    """A statement, the milestone from which it holds and the one that ends it, as positions."""

    quad: ox.Quad
    begins: int
    ends: int


@dataclass(frozen=True)
class _Earlier:
    """What a file of the history says of one subject and predicate, and until when."""

    path: Path
    until: int
    quads: tuple[ox.Quad, ...]


def chronicle(sample: Sample, graph: str) -> list[Step]:
    """Return the steps that lead to a sample, the oldest first.

    Made in order (remove, then add), they give what its files say. A milestone
    on which nothing changed makes no step; a sample without a history makes one.

    Args:
        sample: its files are read.
        graph: the IRI of the record graph that all statements go to.

    Raises:
        SourceError: a file is malformed, or does not fit the rest of the sample.
    """
    milestones = sample.history or (Milestone(sample.today, f"Load {sample.title}", sample.name),)
    days = [milestone.on for milestone in milestones]
    target = ox.NamedNode(graph)
    quads = list(dict.fromkeys(read_all(sample.files, target)))
    earlier = _read_earlier(sample, target, days, {_key(quad) for quad in quads})
    spans = list(_spans(quads, earlier, days))
    return list(_steps(milestones, spans))


def load_sample(graph: AimsGraph, sample: Sample, progress: Progress | None = None) -> Receipt:
    """Load a sample into its own record graph as it came about, a changeset for each step.

    Each declares the noon of its day as the time it took effect. What follows
    from the records is worked out once, with the last step.

    Raises:
        SourceError: a file is malformed, or does not fit the rest.
        IntegrityRefusedError: the sample breaks integrity rules.
    """
    steps = chronicle(sample, records_graph(sample.name))
    for number, step in enumerate(steps, 1):
        noon = datetime.combine(step.effective, time(12), graph.settings.timezone)
        receipt = graph.commit(
            Change(step.added, step.removed, step.message, "import"),
            Terms(
                author=step.author,
                effective=noon.astimezone(UTC),
                is_deferred=number < len(steps),
            ),
            progress=progress,
        )
    return receipt


def _key(quad: ox.Quad) -> _Key:
    return quad.subject, quad.predicate


def _read_earlier(
    sample: Sample, target: ox.NamedNode, days: list[date], known: set[_Key]
) -> dict[_Key, list[_Earlier]]:
    """Return what the files of the history say, the oldest first."""
    found: dict[_Key, list[_Earlier]] = {}
    for path in sample.earlier:
        until = _position(path, days)
        said: dict[_Key, dict[ox.Quad, None]] = {}
        for quad in read_quads(path, target):
            said.setdefault(_key(quad), {})[quad] = None
        for key, quads in said.items():
            if key not in known:
                reason = (
                    f"{key[0]} has no {key[1]} in the records of the sample; a history tells what "
                    "a present statement replaced: correct the names, or leave the statement out"
                )
                raise SourceError(path, reason)
            found.setdefault(key, []).append(_Earlier(path, until, tuple(quads)))
    return found


def _position(path: Path, days: list[date]) -> int:
    """Return which milestone a file of the history is named after; the first replaces nothing."""
    if path.stem in (known := [day.isoformat() for day in days][1:]):
        return known.index(path.stem) + 1
    raise SourceError(
        path,
        "is not named after a milestone; a file of the history holds what was so until that day: "
        f"rename it to one of {', '.join(known) or 'those in the manifest'}, with .ttl",
    )


def _spans(
    quads: list[ox.Quad], earlier: dict[_Key, list[_Earlier]], days: list[date]
) -> Iterator[_Span]:
    """Yield from which milestone until which other every statement holds."""
    replaced = {
        (quad, item.until): item
        for items in earlier.values()
        for item in items
        for quad in item.quads
        if quad.object != NOTHING
    }
    dates = RecordDates([*quads, *(quad for quad, _ in replaced)])
    for (quad, until), item in replaced.items():
        before = [one.until for one in earlier[_key(quad)] if one.until < until]
        begins = max([_on(dates.of_earlier(quad), days), *before])
        if begins >= until:
            reason = (
                f"{quad.subject} {quad.predicate} {quad.object} would hold only from "
                f"{days[begins]} on, so never before the day of the file; date the records "
                "earlier, or leave the statement out"
            )
            raise SourceError(item.path, reason)
        yield _Span(quad, begins, until)
    for quad in quads:
        after = [one.until for one in earlier.get(_key(quad), ())]
        yield _Span(quad, max([_on(dates.of_statement(quad), days), *after]), len(days))


def _on(day: date, days: list[date]) -> int:
    """Return the first milestone on or after a day; later than all is the last."""
    return min(bisect_left(days, day), len(days) - 1)


def _steps(milestones: tuple[Milestone, ...], spans: list[_Span]) -> Iterator[Step]:
    before: dict[ox.Quad, None] = {}
    for position, milestone in enumerate(milestones):
        now = {span.quad: None for span in spans if span.begins <= position < span.ends}
        added = tuple(quad for quad in now if quad not in before)
        removed = tuple(quad for quad in before if quad not in now)
        if added or removed:
            yield Step(milestone.on, milestone.message, milestone.author, added, removed)
        before = now
