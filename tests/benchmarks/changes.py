"""Changes for benchmarks: of one record each, in many ways, and of records that many point to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pyoxigraph as ox

from aimsgraph.ledger.change import records_graph
from aimsgraph.namespaces import AIMS, RDF, RDFS
from aimsgraph.rdf.terms import Term, typed
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.state import State

RECORDS: Final = ox.NamedNode(records_graph("main"))
TYPE: Final = ox.NamedNode(f"{RDF}type")
LABEL: Final = ox.NamedNode(f"{RDFS}label")
ACCEPTANCE: Final = "acceptance added"
NEW: Final = "https://example.org/benchmark"

Quads = list[ox.Quad]


@dataclass(frozen=True)
class Change:
    """Quads that enter and leave."""

    kind: str
    added: Quads
    removed: Quads


class Records:
    """The records of a store, as those who make changes look at them.

    Args:
        store: holds a synthetic organisation; it is not changed.
        today: the day it stands at.
    """

    def __init__(self, store: EmbeddedStore, today: date) -> None:
        self._engine = store.engine
        self._today = today
        self._known: dict[str, list[ox.NamedNode]] = {}

    def changes(self, each: int) -> Iterator[Change]:
        """Yield changes of one record, of all kinds in turn, so many of each."""
        for number in range(each):
            for kind, (sort, make) in KINDS.items():
                records = self.all_of(sort)
                record = records[number * 7919 % len(records)]
                added, removed = make(self, record, number)
                both = set(added) & set(removed)
                yield Change(
                    kind, [q for q in added if q not in both], [q for q in removed if q not in both]
                )

    def all_of(self, sort: str) -> list[ox.NamedNode]:
        """Return the records of a class, in the order of their names."""
        if sort not in self._known:
            found = self._engine.quads_for_pattern(None, TYPE, aims(sort), RECORDS)
            named = (q.subject for q in found if isinstance(q.subject, ox.NamedNode))
            self._known[sort] = sorted(named, key=str)
        return self._known[sort]

    def about(self, record: ox.NamedNode, *names: str) -> Quads:
        """Return what is said of a record with some properties."""
        return [
            quad
            for name in names
            for quad in self._engine.quads_for_pattern(record, aims(name), None, RECORDS)
        ]

    def put(self, record: ox.NamedNode, name: str, value: Term) -> tuple[Quads, Quads]:
        """Return what enters and leaves where a property gets one other value."""
        return [_said(record, aims(name), value)], self.about(record, name)

    def hubs(self) -> Iterator[tuple[Change, int]]:
        """Yield changes of the records that most others point to, and how many do."""
        for sort, name, value in HUBS:
            record, links = self._most_linked(sort)
            entering, leaving = self.put(record, name, value)
            yield Change(f"{_short(record)}: {name}", entering, leaving), links

    def _most_linked(self, sort: str) -> tuple[ox.NamedNode, int]:
        counts = Counter(
            {
                one: sum(1 for _ in self._engine.quads_for_pattern(None, None, one, RECORDS))
                for one in self.all_of(sort)
            }
        )
        return counts.most_common(1)[0]

    # -- one record --------------------------------------------------------------

    def new_risk(self, assessment: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return a risk with its rating, like another one of the same assessment."""
        risk, rating = _new("risk", number), _new("rating", number)
        other = self.about(assessment, "identifies")[0].object
        if not isinstance(other, ox.NamedNode):
            raise TypeError("risks have names")
        said = ("riskOf", "ownedBy", "hasStatus", "riskCategory", "identifiedOn", "hasRiskSource")
        like = self.about(other, *said, "threatensObjective", "hasConsequenceFor")
        return [
            *(_said(risk, quad.predicate, quad.object) for quad in like),
            *_made(risk, "Risk", f"risk {number}"),
            _said(risk, aims("inherentRating"), rating),
            _said(assessment, aims("identifies"), risk),
            *_made(rating, "RiskRating", f"rating {number}"),
            *(_said(rating, aims(name), ox.Literal(3)) for name in ("likelihood", "consequence")),
            _said(rating, aims("level"), ox.Literal(9)),
            _said(rating, aims("ratedOn"), self._day(-1)),
        ], []

    def risk_status(self, risk: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return what closes an open risk and opens a closed one."""
        del number
        is_open = [q.object for q in self.about(risk, "hasStatus")] == [aims("Open")]
        return self.put(risk, "hasStatus", aims("Closed" if is_open else "Open"))

    def stage(self, system: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return what brings an AI system to another stage."""
        now = {quad.object for quad in self.about(system, "hasStage")}
        others = [one for one in STAGES if aims(one) not in now]
        return self.put(system, "hasStage", aims(others[number % len(others)]))

    def lapse(self, evidence: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return what lets evidence lapse."""
        return self.put(evidence, "validUntil", self._day(-1 - number))

    def untreated(self, treatment: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return what takes a treatment off its risk."""
        del number
        return [], self.about(treatment, "treats")

    def new_system(self, other: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return an AI system in the unit of another one, with a person who owns it."""
        system, owner = _new("system", number), _new("person", number)
        like = self.about(other, "belongsToUnit", "purpose", "inScopeOf", "organisationRole")
        return [
            *(_said(system, quad.predicate, quad.object) for quad in like),
            *_made(system, "AISystem", f"system {number}"),
            _said(system, aims("hasStage"), aims("Inception")),
            _said(system, aims("ownedBy"), owner),
            *_made(owner, "Person", f"Person {number}"),
        ], []

    def applicable(self, entry: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return what makes an excluded control applicable, and another one excluded."""
        del number
        is_in = any(q.object == _TRUE for q in self.about(entry, "isApplicable"))
        return self.put(entry, "isApplicable", typed("false" if is_in else "true", "boolean"))

    def accepted(self, risk: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return a decision to let a risk stand."""
        acceptance = _new("acceptance", number)
        return [
            *_made(acceptance, "RiskAcceptance", f"acceptance {number}"),
            _said(acceptance, aims("acceptsRisk"), risk),
            _said(acceptance, aims("acceptedBy"), self.all_of("Committee")[0]),
            _said(acceptance, aims("acceptedOn"), self._day(-1)),
            _said(acceptance, aims("acceptedLevel"), ox.Literal(9)),
            _said(acceptance, aims("validUntil"), self._day(number * 30)),
        ], []

    def label(self, record: ox.NamedNode, number: int) -> tuple[Quads, Quads]:
        """Return what gives a record another name."""
        old = self._engine.quads_for_pattern(record, LABEL, None, RECORDS)
        return [_said(record, LABEL, ox.Literal(f"renamed {number}", language="en"))], list(old)

    def _day(self, days: int) -> ox.Literal:
        return typed((self._today + timedelta(days=days)).isoformat(), "date")


KINDS: Final[dict[str, tuple[str, Callable[[Records, ox.NamedNode, int], tuple[Quads, Quads]]]]] = {
    "new risk with rating": ("RiskAssessment", Records.new_risk),
    "status of a risk": ("Risk", Records.risk_status),
    "stage of a system": ("AISystem", Records.stage),
    "evidence lapses": ("Evidence", Records.lapse),
    "treatment link removed": ("RiskTreatment", Records.untreated),
    "new system with its owner": ("AISystem", Records.new_system),
    "entry of the SoA": ("ApplicabilityEntry", Records.applicable),
    ACCEPTANCE: ("Risk", Records.accepted),
    "label of a system": ("AISystem", Records.label),
}
"""Kinds of change, each with the class of the record it is made to."""

STAGES: Final = ("Operation", "Retirement", "DesignAndDevelopment")

HUBS: Final = (
    ("ControlImplementation", "hasStatus", ox.NamedNode(f"{AIMS}Planned")),
    ("AIPolicy", "hasStatus", ox.NamedNode(f"{AIMS}Draft")),
    ("RiskCriteria", "hasStatus", ox.NamedNode(f"{AIMS}Draft")),
    ("RiskCriteria", "acceptanceThreshold", ox.Literal(8)),
)

_TRUE: Final = typed("true", "boolean")


def tick(store: EmbeddedStore) -> Change:
    """Return what makes the day the next one."""
    state = State(store)
    added, removed = state.day(state.today + timedelta(days=1))
    return Change("the day becomes the next", added, removed)


def aims(name: str) -> ox.NamedNode:
    """Return a term of the ontology."""
    return ox.NamedNode(AIMS + name)


def _new(sort: str, number: int) -> ox.NamedNode:
    return ox.NamedNode(f"{NEW}/{sort}/{number}")


def _made(record: ox.NamedNode, sort: str, label: str) -> Quads:
    named = ox.Literal(label, language="en")
    return [_said(record, TYPE, aims(sort)), _said(record, LABEL, named)]


def _said(record: ox.NamedNode, link: ox.NamedNode, value: Term) -> ox.Quad:
    return ox.Quad(record, link, value, RECORDS)


def _short(record: ox.NamedNode) -> str:
    return "/".join(record.value.rsplit("/", 2)[1:])
