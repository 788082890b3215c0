"""The axioms of an ontology, to look things up in and to put into words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.inference.expressions import Axiom, is_expression
from aimsgraph.namespaces import OWL, RDF, RDFS, shorten
from aimsgraph.rdf.terms import Term, value_of

_FIRST, _REST, _NIL = (ox.NamedNode(f"{RDF}{name}") for name in ("first", "rest", "nil"))
_JOINED: Final = {"intersectionOf": " and ", "unionOf": " or "}
_FILLED: Final = {"hasValue": "value", "someValuesFrom": "some", "allValuesFrom": "only"}


class Ontology:
    """Axioms, indexed by subject and by predicate."""

    def __init__(self, axioms: Iterable[Axiom]) -> None:
        self._values: dict[tuple[Term, str], list[Term]] = defaultdict(list)
        self._pairs: dict[str, list[tuple[Term, Term]]] = defaultdict(list)
        for subject, predicate, value in sorted(axioms, key=str):
            name = predicate.value.replace(OWL, "").replace(RDFS, "")
            self._values[subject, name].append(value)
            self._pairs[name].append((subject, value))

    def pairs(self, name: str) -> Iterator[tuple[ox.NamedNode, ox.NamedNode]]:
        """Yield what a property of OWL or RDFS relates, where both have a name."""
        for one, other in self._pairs[name]:
            if isinstance(one, ox.NamedNode) and isinstance(other, ox.NamedNode):
                yield one, other

    def values(self, subject: Term, name: str) -> list[Term]:
        """Return the values of a property of OWL or RDFS."""
        return self._values.get((subject, name), [])

    def kinds(self, kind: str) -> list[ox.NamedNode]:
        """Return the properties of a kind, such as `TransitiveProperty`."""
        wanted = ox.NamedNode(f"{OWL}{kind}")
        return [one for one, found in self.pairs(f"{RDF}type") if found == wanted]

    def restrictions(self, name: str) -> Iterator[tuple[ox.NamedNode, ox.NamedNode, Term]]:
        """Yield class, property and filler of the restrictions of a sort, `hasValue` say."""
        for one, filler in self._pairs[name]:
            for on in self.values(one, "onProperty"):
                if isinstance(one, ox.NamedNode) and isinstance(on, ox.NamedNode):
                    yield one, on, filler

    def lists(self, name: str) -> Iterator[tuple[ox.NamedNode, list[ox.NamedNode]]]:
        """Yield what has a list as value of a property of OWL, and the list's members."""
        for one, head in self._pairs[name]:
            if isinstance(one, ox.NamedNode):
                yield one, self.members(one, head)

    def check_lists(self) -> None:
        """Read every list, for what comes next may not end on a broken one."""
        for name in ("propertyChainAxiom", *_JOINED):
            for _ in self.lists(name):
                pass

    def members(self, of: Term, head: Term) -> list[ox.NamedNode]:
        """Return the members of a list that something has, all of which have a name.

        Raises:
            InferenceError: the list is broken, endless, or holds something else.
        """
        found: list[ox.NamedNode] = []
        seen: set[Term] = set()
        while head != _NIL:
            firsts, rests = self.values(head, _FIRST.value), self.values(head, _REST.value)
            if head in seen or len(firsts) != 1 or len(rests) != 1:
                raise InferenceError(
                    f"{self.words(of)}: a list of the ontology is broken; write it as ( a b c )"
                )
            if not isinstance(firsts[0], ox.NamedNode):
                raise InferenceError(f"{self.words(of)}: {firsts[0]} in a list needs an IRI")
            seen.add(head)
            found.append(firsts[0])
            head = rests[0]
        return found

    def words(self, term: object, levels: int = 8) -> str:
        """Return what a person reads of a term: a short name, an expression written out."""
        if not isinstance(term, ox.NamedNode):
            return value_of(term)
        if not is_expression(term):
            return shorten(term.value)
        return self._expression(term, levels - 1) if levels else "..."

    def _expression(self, term: ox.NamedNode, levels: int) -> str:
        for name, joint in _JOINED.items():
            for head in self.values(term, name):
                parts = self.members(ox.Literal(f"owl:{name}"), head)
                return f"({joint.join(self.words(part, levels) for part in parts)})"
        for name, verb in _FILLED.items():
            for filler in self.values(term, name):
                on = " ".join(map(self.words, self.values(term, "onProperty")))
                return f"({on} {verb} {self.words(filler, levels)})"
        return "a class expression"
