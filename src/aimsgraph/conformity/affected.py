"""Which focus nodes a change can affect: from a statement back to `$this`.

A result that comes or goes rests on a solution of the patterns of some group
of the query, and of the groups around it, that uses a changed statement. So
the focus nodes are found from that statement along patterns that hold in every
such solution. Filters are left aside: what is found is all that can change,
and some that does not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count, pairwise
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.paths import Facts, Link, Nodes, Path
from aimsgraph.conformity.patterns import EXISTS, OPTIONAL, Group, Node, Pattern, Variable
from aimsgraph.namespaces import TODAY
from aimsgraph.rdf.terms import Term
from aimsgraph.rdf.tokens import tokens

THIS: Final = Variable("this")

_SHARED: Final = 50
"""What it costs to go to a value and back to all that share it."""

_ALONG, _AGAINST = 2, 3
"""What a step costs with and against its direction; more things point at one than it points at."""


@dataclass(frozen=True)
class Step:
    """A step of a way: a path, or any predicate, with or against its direction."""

    path: Path | None
    is_along: bool

    def take(self, facts: Facts, node: Term) -> Nodes:
        """Return the nodes that the step leads to."""
        if self.path is None:
            ways = facts.outgoing(node) if self.is_along else facts.incoming(node)
            return frozenset(other for _, other in ways)
        return self.path.ends(facts, node) if self.is_along else self.path.starts(facts, node)


Way = tuple[Step, ...]

SUBJECT: Final = "subject"
PREDICATE: Final = "predicate"
OBJECT: Final = "object"


@dataclass(frozen=True)
class Condition:
    """What another pattern demands of a term in one place of a statement."""

    place: str
    predicate: str
    value: Term | None
    """What the term has to point to; None where anything does."""
    is_along: bool = True
    """Whether the term is the subject of that predicate; otherwise its object."""

    def holds(self, facts: Facts, node: Term) -> bool:
        """Return whether a term meets it."""
        if not self.is_along:
            return facts.has_subject(self.predicate, node)
        if self.value is None:
            return facts.has_object(node, self.predicate)
        return self.value in facts.objects(node, self.predicate)


@dataclass(frozen=True)
class Trigger:
    """A pattern that statements may match, and the way from there to the focus nodes."""

    path: Path | None
    """None where any predicate matches."""
    subject: Term | None
    """The only subject that matches; None where any does."""
    object: Term | None
    is_from_subject: bool
    way: Way | None
    """None where nothing leads to the focus nodes: then all may be affected."""
    conditions: frozenset[Condition] = frozenset()
    """What else has to hold of the statement's terms, or it does not matter."""
    is_existence: bool = False
    """Whether it only matters that there is any object, not which."""
    is_row: bool = False
    """Whether the statement is what a result is about: focus node, path and value."""
    is_of_value: bool = False
    """Whether the way starts from the value of a result, and any statement leads to it."""

    def predicates(self) -> frozenset[str] | None:
        """Return the predicates of statements that may match; None for any."""
        return None if self.path is None else self.path.predicates()

    def origins(self, facts: Facts, triple: ox.Triple) -> Nodes:
        """Return the nodes from which the way starts, where a statement matches."""
        found: set[Term] = set()
        predicate: Nodes = frozenset({triple.predicate})
        for starts, ends in self._through(facts, triple):
            if self.subject is not None and self.subject not in starts:
                continue
            if self.object is not None and self.object not in ends:
                continue
            starts = self._meeting(facts, starts, SUBJECT)
            ends = self._meeting(facts, ends, OBJECT)
            if starts and ends and self._meeting(facts, predicate, PREDICATE):
                found |= starts if self.is_from_subject else ends
        return frozenset(found)

    def _meeting(self, facts: Facts, nodes: Nodes, place: str) -> Nodes:
        """Return the terms in one place of a statement that meet the conditions on it."""
        for one in self.conditions:
            if one.place == place:
                nodes = frozenset(node for node in nodes if one.holds(facts, node))
        return nodes

    def _through(self, facts: Facts, triple: ox.Triple) -> Iterable[tuple[Nodes, Nodes]]:
        if self.path is None:
            return [(frozenset({triple.subject}), frozenset({triple.object}))]
        return self.path.through(facts, triple)


class Walker:
    """Walks ways over facts, each from each node once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._known: dict[tuple[Way, Term], Nodes] = {}

    def walk(self, way: Way, node: Term) -> Nodes:
        """Return the nodes at the end of a way."""
        if not way:
            return frozenset({node})
        key = way, node
        found = self._known.get(key)
        if found is None:
            after = (self.walk(way[1:], one) for one in way[0].take(self.facts, node))
            found = self._known[key] = frozenset().union(*after)
        return found


@dataclass(frozen=True)
class Place:
    """A pattern, and the patterns that hold wherever it matters."""

    pattern: Pattern
    usable: tuple[Pattern, ...]


def places_in(group: Group) -> Iterator[Place]:
    """Yield every pattern of a group and of those within, in its place."""
    yield from _places(group, (), is_apart=False)


def _places(group: Group, around: tuple[Pattern, ...], *, is_apart: bool) -> Iterator[Place]:
    """Yield the patterns of a group; one that stands apart is evaluated on its own, then joined."""
    own = tuple(pattern for _, pattern in group.patterns)
    for pattern in own:
        yield Place(pattern, (*own, *around))
    for place, kind, inner in group.groups:
        before = own if kind != OPTIONAL else tuple(p for at, p in group.patterns if at < place)
        outer = around
        if kind == OPTIONAL or (kind == EXISTS and is_apart):
            free = _names(inner) - {name for p in before for name in _variables(p)}
            outer = tuple(p for p in around if not free & _variables(p))
        yield from _places(inner, (*before, *outer), is_apart=kind not in {EXISTS, OPTIONAL})


def _names(group: Group) -> set[str]:
    """Return the variables of a group, which it may bind where nothing around it does."""
    return {name for inner in group.walk() for _, p in inner.patterns for name in _variables(p)}


def _variables(pattern: Pattern) -> set[str]:
    terms = (pattern.subject, pattern.path, pattern.object)
    return {term.name for term in terms if isinstance(term, Variable)} - {THIS.name}


def triggers_of(group: Group, mentions: Mapping[str, int] | None = None) -> Iterator[Trigger]:
    """Yield a trigger for each pattern of a query.

    Args:
        group: the outermost group.
        mentions: how often the query mentions each variable, by name.
    """
    for place in places_in(group):
        pattern = place.pattern
        is_any = isinstance(pattern.path, Link | Variable)
        is_any = is_any and (mentions or {}).get(_plain(pattern.object)) == 1
        yield trigger_of(pattern, place.usable, is_existence=is_any)
        if _is_adrift(place):
            yield Trigger(None, None, None, is_from_subject=True, way=None)


def _is_adrift(place: Place) -> bool:
    """Return whether a path of no length may stand for any node of the graph."""
    pattern = place.pattern
    if isinstance(pattern.path, Variable) or not pattern.path.may_be_empty():
        return False
    held = {n for other in place.usable if other is not pattern for n in _variables(other)}
    ends = (pattern.subject, pattern.object)
    return not any(not isinstance(end, Variable) or end == THIS or end.name in held for end in ends)


def mentions_in(text: str) -> Counter[str]:
    """Return how often a query mentions each variable, by name.

    Nothing where it counts solutions, or tells all variables without naming them.
    """
    found = list(tokens(text))
    words = [token.text.upper() for token in found if token.kind == "word" or token.text == "*"]
    projects_all = ("SELECT", "*") in pairwise(words) or ("DISTINCT", "*") in pairwise(words)
    if projects_all or _COUNTING.intersection(words):
        return Counter()
    return Counter(token.text[1:] for token in found if token.kind == "variable")


_COUNTING: Final = {"GROUP", "HAVING", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE"}


def _plain(node: Node) -> str:
    return node.name.partition(".")[0] if isinstance(node, Variable) else ""


def trigger_of(
    pattern: Pattern, usable: Sequence[Pattern], *, is_existence: bool = False
) -> Trigger:
    """Return the trigger of a pattern, given the patterns that hold wherever it matters."""
    ways = _ways(usable)
    sides = [
        (ways[node][0], is_subject, ways[node][1])
        for node, is_subject in ((pattern.subject, True), (pattern.object, False))
        if node in ways
    ]
    _, is_subject, way = min(sides, default=(0, True, None), key=lambda side: side[0])
    end = pattern.subject if is_subject else pattern.object
    return Trigger(
        path=None if isinstance(pattern.path, Variable) else pattern.path,
        subject=None if isinstance(pattern.subject, Variable) else pattern.subject,
        object=None if isinstance(pattern.object, Variable) else pattern.object,
        is_from_subject=is_subject,
        way=way,
        conditions=frozenset(_conditions(pattern, usable)),
        is_existence=is_existence,
        is_row=pattern == _ROW,
        is_of_value=_ROW in usable and end == _ROW.object and way == (Step(None, is_along=False),),
    )


_ROW: Final = Pattern(THIS, Variable("path"), Variable("value"))
"""The pattern of a rule that looks at every statement of its focus nodes."""


def _conditions(pattern: Pattern, usable: Sequence[Pattern]) -> Iterator[Condition]:
    """Yield what other patterns demand of the terms of a statement that matches one."""
    places: list[tuple[str, object]] = [
        (SUBJECT, pattern.subject),
        (PREDICATE, pattern.path),
        (OBJECT, pattern.object),
    ]
    for other in usable:
        if other is pattern or not isinstance(other.path, Link) or other.path.iri == TODAY:
            continue
        value = None if isinstance(other.object, Variable) else other.object
        for place, term in places:
            if isinstance(term, Variable) and term == other.subject:
                yield Condition(place, other.path.iri, value)
            elif isinstance(term, Variable) and term == other.object:
                yield Condition(place, other.path.iri, None, is_along=False)


def _turns_back(step: Step, way: Way) -> bool:
    return bool(way) and step.path == way[0].path and step.is_along and not way[0].is_along


def _ways(usable: Sequence[Pattern]) -> dict[Node, tuple[int, Way]]:
    """Return the cheapest way to `$this` from every variable that has one."""
    edges: defaultdict[Node, list[tuple[int, Node, Step]]] = defaultdict(list)
    for pattern in usable:
        path = None if isinstance(pattern.path, Variable) else pattern.path
        # The way is built from its end, so each edge is entered under the node it leads to.
        edges[pattern.object].append((_ALONG, pattern.subject, Step(path, is_along=True)))
        edges[pattern.subject].append((_AGAINST, pattern.object, Step(path, is_along=False)))
    found: dict[Node, tuple[int, Way]] = {}
    order = count()
    waiting: list[tuple[int, int, Node, Way]] = [(0, next(order), THIS, ())]
    while waiting:
        cost, _, node, way = heappop(waiting)
        if node in found:
            continue
        found[node] = cost, way
        for price, other, step in edges[node]:
            if isinstance(other, Variable) and other not in found:
                price += _SHARED * _turns_back(step, way)
                heappush(waiting, (cost + price, next(order), other, (step, *way)))
    return found
