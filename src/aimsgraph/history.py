"""What the ledger tells: which changesets there are, and what changed between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.access import Right
from aimsgraph.errors import NoSuchStateError, ParameterError
from aimsgraph.ledger.change import name_of
from aimsgraph.ledger.changeset import Changeset, Header
from aimsgraph.ledger.delta import Delta
from aimsgraph.ledger.lines import ADDED, REMOVED, quads
from aimsgraph.ledger.memory import Ledger
from aimsgraph.moments import Moment
from aimsgraph.namespaces import is_records
from aimsgraph.past import Past
from aimsgraph.rdf.terms import Term, graph_name, is_iri, value_of
from aimsgraph.view import View

_ENTRIES: Final = """
PREFIX aims: <https://w3id.org/aimsgraph#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?generation ?time ?author ?kind ?message ?added ?removed ?effective ?digest
  (EXISTS { ?changeset aims:filledGraph ?graph } AS ?filled)
FROM <https://w3id.org/aimsgraph/graph/history>
WHERE {
  #ABOUT
  ?changeset aims:generation ?generation ; prov:endedAtTime ?time ; aims:changeKind ?kind ;
    prov:wasAssociatedWith ?agent ; aims:changesetDigest ?digest ;
    aims:addedCount ?added ; aims:removedCount ?removed .
  ?agent rdfs:label ?author .
  OPTIONAL { ?changeset dcterms:description ?message }
  OPTIONAL { ?changeset aims:effectiveAt ?effective }
}
ORDER BY DESC(?generation)
"""


_ABOUT: Final = """
  {{ ?changeset aims:changed <{}> }} UNION {{ ?changeset aims:filledGraph ?any }}
"""


@dataclass(frozen=True)
class Entry:
    """A changeset in a list: who, when, why, and how many statements entered and left."""

    generation: int
    time: str
    author: str
    kind: str
    message: str
    added: int
    removed: int
    effective: str
    """The declared time of a history that came from elsewhere; empty where there is none."""
    digest: str
    filled: bool
    """Whether it filled graphs that held nothing before, so that its records are not listed."""

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON takes it."""
        return asdict(self)


def entries(
    view: View, ledger: Ledger, *, subject: str | None = None, since: Moment | None = None
) -> list[Entry]:
    """Return the changesets up to a view's generation, the newest first.

    Args:
        view: of a caller who may read history.
        ledger: is looked into for changesets that filled whole graphs.
        subject: only those that changed this record.
        since: only those after this moment or generation.

    Raises:
        AccessError: the caller may not read history, or sees some graphs only.
        ParameterError: the subject is not an IRI.
    """
    view.caller.require(Right.HISTORY)
    view.caller.require_everything("the history of all records")
    if subject is not None and not is_iri(subject):
        raise ParameterError(f"{subject!r} is not an IRI")
    about = _ABOUT.format(subject) if subject else ""
    rows = view.ask(_ENTRIES.replace("#ABOUT", about)).rows
    found = [_entry([value_of(one) if one is not None else "" for one in row]) for row in rows]
    if subject:
        found = [one for one in found if not one.filled or _mentions(ledger, one, subject)]
    return [one for one in found if since is None or _is_after(one, since)]


def _is_after(entry: Entry, moment: Moment) -> bool:
    if isinstance(moment, int):
        return entry.generation > moment
    return datetime.fromisoformat(entry.time) > moment


def _entry(row: list[str]) -> Entry:
    generation, time, author, kind, message, added, removed, effective, digest, filled = row
    return Entry(
        generation=int(generation),
        time=time,
        author=author,
        kind=kind,
        message=message,
        added=int(added),
        removed=int(removed),
        effective=effective,
        digest=digest,
        filled=filled == "true",
    )


def _mentions(ledger: Ledger, entry: Entry, subject: str) -> bool:
    changeset = next(iter(ledger.changesets(entry.generation)))
    return any(line.statement.startswith(f"<{subject}> ") for line in changeset.lines)


def changeset(ledger: Ledger, view: View, generation: int) -> Changeset:
    """Return one changeset with its statements.

    Raises:
        AccessError: the caller may not read history, or sees some graphs only.
        NoSuchStateError: there is none of that number.
    """
    view.caller.require(Right.HISTORY)
    view.caller.require_everything("what a change did to all records")
    if not 1 <= generation <= view.generation:
        raise NoSuchStateError(
            f"there is no changeset {generation}; the ledger goes from 1 to {view.generation}"
        )
    return next(iter(ledger.changesets(generation)))


@dataclass(frozen=True)
class Difference:
    """What is said of one resource at a later moment only, and what no longer is."""

    subject: str
    removed: list[tuple[str, Term]] = field(default_factory=list)
    added: list[tuple[str, Term]] = field(default_factory=list)


def diff(
    ledger: Ledger,
    past: Past,
    view: View,
    moments: tuple[Moment, Moment],
    *,
    by_effect: bool,
) -> list[Difference]:
    """Return how the records differ between two moments, by resource.

    Args:
        ledger: the changesets.
        past: finds the generations of the moments.
        view: the present, of a caller who may read history.
        moments: the earlier and the later one; before the ledger began, nothing was there.
        by_effect: go by the declared times at which changes took effect.

    Raises:
        AccessError: the caller may not read history, or sees some graphs only.
        ParameterError: the first moment is not the earlier one.
    """
    view.caller.require(Right.HISTORY)
    view.caller.require_everything("how all records differ")
    first, last = moments
    if by_effect:
        if isinstance(first, int) or isinstance(last, int):
            raise ParameterError("effective times are days or times, not generations")
        _in_order(first <= last)
        return between_effective(ledger, first, last, view.generation)
    lower, upper = past.generation_until(first), past.generation_until(last)
    _in_order(lower <= upper)
    return between(ledger, lower, upper)


def _in_order(is_so: bool) -> None:
    if not is_so:
        raise ParameterError("the first moment is later than the second; give the earlier first")


def between(ledger: Ledger, first: int, last: int) -> list[Difference]:
    """Return the net differences of the records between two generations, by resource."""

    def chosen(header: Header) -> bool:
        return first < header.generation <= last

    return by_resource(net(ledger.changesets(first + 1), chosen, last))


def between_effective(
    ledger: Ledger, after: datetime, until: datetime, head: int
) -> list[Difference]:
    """Return the net differences that took effect after one moment and until another."""

    def chosen(header: Header) -> bool:
        return after < header.declared <= until

    return by_resource(net(ledger.changesets(), chosen, head))


def net(changesets: Iterable[Changeset], chosen: Callable[[Header], bool], last: int) -> Delta:
    """Return the net change of the records by some changesets, up to a generation."""
    total = Delta()
    for one in changesets:
        if one.header.generation > last:
            break
        if chosen(one.header):
            total.then(
                Delta(
                    dict.fromkeys(_records(quads(one.lines, ADDED))),
                    dict.fromkeys(_records(quads(one.lines, REMOVED))),
                )
            )
    return total


def _records(found: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    return (quad for quad in found if is_records(graph_name(quad.graph_name)))


def by_resource(delta: Delta) -> list[Difference]:
    """Return a delta grouped by what its statements are about, in order."""
    found: dict[str, Difference] = {}
    for quads_, name in ((delta.removed, "removed"), (delta.added, "added")):
        for quad in quads_:
            subject = name_of(quad.subject)
            one = found.setdefault(subject, Difference(subject))
            getattr(one, name).append((quad.predicate.value, quad.object))
    for one in found.values():
        one.removed.sort(key=str)
        one.added.sort(key=str)
    return [found[subject] for subject in sorted(found)]
