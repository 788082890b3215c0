"""A rule of inference: what is concluded where some patterns hold.

A rule is data: its head and its body are triple patterns. `materialise` runs
it as SPARQL, `maintain` and `explain` run it one fact at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.namespaces import OWL, RDF
from aimsgraph.rdf.terms import Term

SAME_AS: Final = ox.NamedNode(f"{OWL}sameAs")
TYPE: Final = ox.NamedNode(f"{RDF}type")


@dataclass(frozen=True)
class Var:
    """A variable of a rule."""

    name: str

    def __str__(self) -> str:
        return f"?{self.name}"


Slot = Term | Var
"""What stands in one of the three places of a pattern."""

Fact = tuple[Term, ox.NamedNode, Term]
"""A statement as the rules handle it."""


@dataclass(frozen=True)
class Atom:
    """A triple pattern."""

    subject: Slot
    predicate: Slot
    object: Slot

    def __iter__(self) -> Iterator[Slot]:
        return iter((self.subject, self.predicate, self.object))

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object}"

    @cached_property
    def variables(self) -> frozenset[Var]:
        """The variables of the pattern."""
        return frozenset(slot for slot in self if isinstance(slot, Var))


def is_a(thing: Slot, kind: Slot) -> Atom:
    """Return the pattern that something is of a class."""
    return Atom(thing, TYPE, kind)


@dataclass(frozen=True)
class InferenceRule:
    """One way to conclude: the head follows where the body holds.

    Args:
        name: what OWL 2 RL calls it; several names, joined by " + ", where
            rules about a class without a name were put together.
        head: what is concluded; its variables are variables of the body.
        body: what has to hold.
        because: the axiom in words.
        things: variables that stand for things, never for literals.
        named: variables that stand for things with an IRI.
    """

    name: str
    head: Atom
    body: tuple[Atom, ...]
    because: str = field(default="", compare=False)
    things: frozenset[Var] = frozenset()
    named: frozenset[Var] = frozenset()

    def __post_init__(self) -> None:
        known = frozenset[Var]().union(*(atom.variables for atom in self.body))
        if loose := self.head.variables - known:
            names = ", ".join(sorted(map(str, loose)))
            raise InferenceError(f"{self.name} concludes about {names}, not in its body: {self}")

    def __str__(self) -> str:
        return f"{{ {self.head} }} <= {{ {' . '.join(map(str, self.body))} }}"

    @cached_property
    def not_literals(self) -> frozenset[Var]:
        """The variables that a literal could take by the patterns alone, and must not."""
        subjects = {atom.subject for atom in self.body}
        head = (self.head.subject,) if isinstance(self.head.subject, Var) else ()
        wanted = (*self.things, *self.named, *head)
        return frozenset(var for var in wanted if var not in subjects)

    @cached_property
    def is_trivial(self) -> bool:
        """Whether the rule concludes nothing but what it starts from."""
        return self.head in self.body

    def construct(self) -> str:
        """Return the query that gives what the rule concludes and is not known yet."""
        filters = [f"FILTER(!isLiteral({var}))" for var in self.not_literals]
        filters += [f"FILTER(isIRI({var}))" for var in self.named]
        if (predicate := self.head.predicate) == SAME_AS or isinstance(predicate, Var):
            same = f"sameTerm({self.head.subject}, {self.head.object})"
            filters.append(f"FILTER(!(sameTerm({predicate}, {SAME_AS}) && {same}))")
        body = " . ".join(map(str, self.body))
        return (
            f"CONSTRUCT {{ {self.head} }} "
            f"WHERE {{ {body} {' '.join(filters)} FILTER NOT EXISTS {{ {self.head} }} }}"
        )
