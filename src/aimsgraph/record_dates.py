"""Since when a record is there, and since when a statement holds, read from the records themselves.

A record is there from the earliest day on which something of its own happened.
One that tells of no such day is there as soon as a record that points to it,
and one that nobody points to was always there. The tables say what the words of
the ontology add to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

import pyoxigraph as ox

from aimsgraph.namespaces import AIMS, XSD

ALWAYS: Final = date.min
"""Stands for the day of what was there before anything was recorded."""

NO_EVENT: Final = frozenset(
    f"{AIMS}{name}"
    for name in (
        *("dueOn", "nextDueOn", "reviewDueOn", "responseDueOn", "notificationDueOn"),
        *("effectivenessCheckDueOn", "cycleStart", "cycleEnd", "periodStart", "periodEnd"),
        *("validFrom", "validUntil", "rightsValidUntil", "retainUntil", "supportEndsOn"),
        "occurredOn",
    )
)
"""Dates of what is due, valid or looked at, and of what came to light later: they date nothing."""

THERE_BEFORE: Final = frozenset(
    f"{AIMS}{name}"
    for name in (
        *("assessesImpactOf", "assessesSystem", "decidesOn", "riskOf"),
        *("followedBy", "hasAction", "hasCorrectiveAction", "hasDecision", "hasTreatment"),
        "requiresAction",
    )
)
"""Who says so knows the object: what it is about, or what it sets going, done or not."""

THERE_WITH: Final = frozenset(
    f"{AIMS}{name}"
    for name in (
        *("hasMeasurement", "hasQualityMeasurement", "hasReading"),
        *("inContract", "logsSystem", "monitorsSystem", "overseesSystem"),
    )
)
"""Who says so is there as soon as the object: it holds, watches or was read."""

COMES_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    f"{AIMS}{name}": tuple(f"{AIMS}{other}" for other in others)
    for name, others in {
        "approvedBy": ("approvedOn",),
        "hasStatus": ("approvedOn", "closedOn", "completedOn", "implementedOn"),
        "implementationStatus": ("implementedThrough",),
        "hasStage": ("inUseSince",),
        "currentVersion": ("inUseSince",),
        "riskTier": ("classifiedOn",),
        "fallsUnder": ("classifiedOn",),
        "classificationRationale": ("classifiedOn",),
    }.items()
}
"""Statements that hold only once others of the same record do: how something ended, above all."""

_DATES: Final = frozenset(f"{XSD}{name}" for name in ("date", "dateTime"))

_Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


class RecordDates:
    """The days of some records, and of what is said of them."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        quads = list(quads)
        self._of_record = _settled(quads)
        self._first: dict[tuple[_Term, str], date] = {}
        for quad in quads:
            place = quad.subject, quad.predicate.value
            day = self._of_value(quad)
            self._first[place] = min(day, self._first.get(place, day))

    def of_record(self, record: _Term) -> date:
        """Return since when a record is there; what is not a record always was."""
        return self._of_record.get(record, ALWAYS)

    def of_statement(self, quad: ox.Quad) -> date:
        """Return since when a statement holds: subject and object are there, and it came about."""
        others = COMES_WITH.get(quad.predicate.value, ())
        with_others = (self._first.get((quad.subject, other), ALWAYS) for other in others)
        return max(self.of_earlier(quad), *with_others, ALWAYS)

    def of_earlier(self, quad: ox.Quad) -> date:
        """Return since when a statement held that was later replaced: what it ends in is not it."""
        return max(self.of_record(quad.subject), self._of_value(quad))

    def _of_value(self, quad: ox.Quad) -> date:
        return _event(quad) or self.of_record(quad.object)


def _event(quad: ox.Quad) -> date | None:
    """Return the day a statement tells of, where something happened on it."""
    value = quad.object
    if not isinstance(value, ox.Literal) or value.datatype.value not in _DATES:
        return None
    if quad.predicate.value in NO_EVENT:
        return None
    try:
        return date.fromisoformat(value.value[:10])
    except ValueError:
        return None


def _settled(quads: list[ox.Quad]) -> dict[_Term, date]:
    """Return since when each record is there, going from record to record until nothing moves."""
    known = _own(quads)
    links = _links(quads, frozenset(known))
    pointed_to = {after for _, after in links}
    known |= {quad.subject: ALWAYS for quad in quads if quad.subject not in {*known, *pointed_to}}
    moved = True
    while moved:
        moved = False
        for before, after in links:
            day = known.get(before)
            if day is not None and day < known.get(after, date.max):
                known[after] = day
                moved = True
    return known


def _own(quads: list[ox.Quad]) -> dict[_Term, date]:
    """Return the earliest day each record tells of itself."""
    found: dict[_Term, date] = {}
    for quad in quads:
        if day := _event(quad):
            found[quad.subject] = min(day, found.get(quad.subject, day))
    return found


def _links(quads: list[ox.Quad], dated: frozenset[_Term]) -> list[tuple[_Term, _Term]]:
    """Return the pairs of records of which the second is there no later than the first."""
    records = {quad.subject for quad in quads}
    found: list[tuple[_Term, _Term]] = []
    for quad in quads:
        if quad.object not in records:
            continue
        if quad.predicate.value in THERE_WITH:
            found.append((quad.object, quad.subject))
        if quad.predicate.value in THERE_BEFORE or quad.object not in dated:
            found.append((quad.subject, quad.object))
    return found
