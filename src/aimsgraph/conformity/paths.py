"""Property paths: as SPARQL text, and walked from node to node (SHACL, 2.3.1; SPARQL 1.1, 9)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import pyoxigraph as ox

from aimsgraph.rdf.terms import Term

Nodes = frozenset[Term]


class Facts(Protocol):
    """What a walk looks up."""

    def objects(self, subject: Term, predicate: str) -> Collection[Term]:
        """Return the objects of a subject and a predicate."""

    def subjects(self, predicate: str, value: Term) -> Collection[Term]:
        """Return the subjects of a predicate and an object."""

    def has_object(self, subject: Term, predicate: str) -> bool:
        """Return whether a subject and a predicate have an object."""

    def has_subject(self, predicate: str, value: Term) -> bool:
        """Return whether a predicate and an object have a subject."""

    def outgoing(self, subject: Term) -> Collection[tuple[str, Term]]:
        """Return the predicates and objects of a subject."""

    def incoming(self, value: Term) -> Collection[tuple[str, Term]]:
        """Return the predicates and subjects of an object."""


class Path(Protocol):
    """A property path."""

    def text(self) -> str:
        """Return the path as SPARQL writes it, in brackets where it needs them."""

    def predicates(self) -> frozenset[str] | None:
        """Return the predicates it is made of; None where any may be among them."""

    def may_be_empty(self) -> bool:
        """Return whether the path leads from any node to itself, without a statement."""

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return the nodes that the path leads to from a node."""

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return the nodes from which the path leads to a node."""

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield where ways over a triple start and end, once for each place it may take."""


@dataclass(frozen=True)
class Link:
    """One predicate."""

    iri: str

    def text(self) -> str:
        """Return the predicate."""
        return f"<{self.iri}>"

    def predicates(self) -> frozenset[str] | None:
        """Return the predicate."""
        return frozenset({self.iri})

    def may_be_empty(self) -> bool:
        """Return whether the path can have no length."""
        return False

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return the objects."""
        return frozenset(facts.objects(start, self.iri))

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return the subjects."""
        return frozenset(facts.subjects(self.iri, end))

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield the triple itself."""
        del facts
        if triple.predicate.value == self.iri:
            yield frozenset({triple.subject}), frozenset({triple.object})


@dataclass(frozen=True)
class Inverse:
    """A path walked backwards."""

    path: Path

    def text(self) -> str:
        """Return the path with a caret."""
        return f"^({self.path.text()})"

    def predicates(self) -> frozenset[str] | None:
        """Return those of the path."""
        return self.path.predicates()

    def may_be_empty(self) -> bool:
        """Return whether the path can have no length."""
        return self.path.may_be_empty()

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return where the path starts that ends here."""
        return self.path.starts(facts, start)

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return where the path ends that starts here."""
        return self.path.ends(facts, end)

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield the ways of the path, turned round."""
        for starts, ends in self.path.through(facts, triple):
            yield ends, starts


@dataclass(frozen=True)
class Sequence:
    """One path after another."""

    parts: tuple[Path, ...]

    def text(self) -> str:
        """Return the parts with strokes between them."""
        return f"({'/'.join(part.text() for part in self.parts)})"

    def predicates(self) -> frozenset[str] | None:
        """Return those of all parts."""
        return _together(self.parts)

    def may_be_empty(self) -> bool:
        """Return whether the path can have no length."""
        return all(part.may_be_empty() for part in self.parts)

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return where the last part leads to."""
        return _along(self.parts, facts, frozenset({start}))

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return where the first part comes from."""
        return _against(self.parts, facts, frozenset({end}))

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield the ways in which the triple belongs to one of the parts."""
        for index, part in enumerate(self.parts):
            for starts, ends in part.through(facts, triple):
                before = _against(self.parts[:index], facts, starts)
                if before and (after := _along(self.parts[index + 1 :], facts, ends)):
                    yield before, after


@dataclass(frozen=True)
class Alternative:
    """One path or another."""

    parts: tuple[Path, ...]

    def text(self) -> str:
        """Return the parts with bars between them."""
        return f"({'|'.join(part.text() for part in self.parts)})"

    def predicates(self) -> frozenset[str] | None:
        """Return those of all parts."""
        return _together(self.parts)

    def may_be_empty(self) -> bool:
        """Return whether the path can have no length."""
        return any(part.may_be_empty() for part in self.parts)

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return where any part leads to."""
        return frozenset().union(*(part.ends(facts, start) for part in self.parts))

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return where any part comes from."""
        return frozenset().union(*(part.starts(facts, end) for part in self.parts))

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield the ways of every part."""
        for part in self.parts:
            yield from part.through(facts, triple)


@dataclass(frozen=True)
class Repeat:
    """A path any number of times, or at most once."""

    path: Path
    mark: str
    """`*`, `+` or `?`."""

    def text(self) -> str:
        """Return the path with its mark."""
        return f"({self.path.text()}){self.mark}"

    def predicates(self) -> frozenset[str] | None:
        """Return those of the path."""
        return self.path.predicates()

    def may_be_empty(self) -> bool:
        """Return whether the path can have no length."""
        return self.mark != "+" or self.path.may_be_empty()

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return all that is reached."""
        return self._reached(start, lambda node: self.path.ends(facts, node))

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return all from which a node is reached."""
        return self._reached(end, lambda node: self.path.starts(facts, node))

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield the ways of the path, with all that lies before and behind them."""
        for starts, ends in self.path.through(facts, triple):
            if self.mark == "?":
                yield starts, ends
                continue
            lead = Repeat(self.path, "*")
            yield (
                frozenset().union(*(lead.starts(facts, node) for node in starts)),
                frozenset().union(*(lead.ends(facts, node) for node in ends)),
            )

    def _reached(self, origin: Term, step: Callable[[Term], Nodes]) -> Nodes:
        if self.mark == "?":
            return step(origin) | {origin}
        found: set[Term] = set() if self.mark == "+" else {origin}
        new: set[Term] = set(step(origin)) - found
        while new:
            found |= new
            new = {other for node in new for other in step(node)} - found
        return frozenset(found)


@dataclass(frozen=True)
class Negated:
    """Any predicate but some, in either direction."""

    forward: frozenset[str] | None
    """None where the set names inverse predicates only: then nothing is walked forward."""
    backward: frozenset[str] | None = None

    def text(self) -> str:
        """Return the set after an exclamation mark."""
        names = [f"<{one}>" for one in sorted(self.forward or ())]
        names += [f"^<{one}>" for one in sorted(self.backward or ())]
        return f"!({'|'.join(names)})"

    def predicates(self) -> frozenset[str] | None:
        """Return None: any predicate that is not named may be meant."""
        return None

    def may_be_empty(self) -> bool:
        """Return whether the path can have no length."""
        return False

    def ends(self, facts: Facts, start: Term) -> Nodes:
        """Return what other predicates lead to."""
        return self._ways(facts.outgoing(start), facts.incoming(start))

    def starts(self, facts: Facts, end: Term) -> Nodes:
        """Return where other predicates come from."""
        return self._ways(facts.incoming(end), facts.outgoing(end))

    def through(self, facts: Facts, triple: ox.Triple) -> Iterator[tuple[Nodes, Nodes]]:
        """Yield the triple in the directions in which it is not left out."""
        del facts
        predicate = triple.predicate.value
        start: Nodes = frozenset({triple.subject})
        end: Nodes = frozenset({triple.object})
        if self.forward is not None and predicate not in self.forward:
            yield start, end
        if self.backward is not None and predicate not in self.backward:
            yield end, start

    def _ways(
        self, along: Collection[tuple[str, Term]], against: Collection[tuple[str, Term]]
    ) -> Nodes:
        found: set[Term] = set()
        if self.forward is not None:
            found |= {node for predicate, node in along if predicate not in self.forward}
        if self.backward is not None:
            found |= {node for predicate, node in against if predicate not in self.backward}
        return frozenset(found)


def _together(parts: tuple[Path, ...]) -> frozenset[str] | None:
    found: set[str] = set()
    for part in parts:
        own = part.predicates()
        if own is None:
            return None
        found |= own
    return frozenset(found)


def _along(parts: tuple[Path, ...], facts: Facts, nodes: Nodes) -> Nodes:
    for part in parts:
        nodes = frozenset().union(*(part.ends(facts, node) for node in nodes))
    return nodes


def _against(parts: tuple[Path, ...], facts: Facts, nodes: Nodes) -> Nodes:
    for part in reversed(parts):
        nodes = frozenset().union(*(part.starts(facts, node) for node in nodes))
    return nodes
