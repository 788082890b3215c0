"""SHACL Core by chance: what is compiled gives what pySHACL gives, and maintenance keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from aimsgraph.store.embedded import EmbeddedStore
from conformity_support import RECORDS, Kept, chance, judged_by_pyshacl, quads, row, shapes

LINKS = (":p", ":q", ":r")
CLASSES = (":C", ":D", ":E")
THINGS = (":a", ":b", ":c", "_:x", "_:y")
TEXTS = ('"a"', '"abc"', '"a"@en', '"b"@en', '"a"@de', '"x"@en-gb')
NUMBERS = ("1", "2", "5", "1.5", '"many"^^xsd:integer')
DATES = ('"2026-11-20"^^xsd:date', '"2026-11-21"^^xsd:date', '"2026-12-01"^^xsd:date')
OTHERS = ("true", "7", '"2026"^^xsd:gYear', '"2026-11-20"^^xsd:date')
ALWAYS = ":E rdfs:subClassOf :C ."


@dataclass
class Dice:
    """Makes up shapes and data about few things, so that they meet.

    Left out is what pySHACL gets wrong: it orders numbers, dates and truth
    values among each other (so each world has one sort), takes the inverse of
    a sequence for a sequence of inverses, lets blank nodes pass sh:minLength 0,
    and in sh:lessThan compares what has no order or fails over it (so that
    there all values are literals of one sort).
    """

    chance: Random
    are_named: bool = False
    """Whether each shape has a name."""
    count: int = 0
    more: list[str] = field(default_factory=list)
    """Shapes with names of their own, to be written beside."""

    def __post_init__(self) -> None:
        self.sort = self.chance.choice((NUMBERS, DATES, OTHERS))
        self.values: tuple[str, ...] = (*TEXTS, *self.sort)
        self.compares = False
        """Whether sh:lessThan occurs, so that all values have to be comparable."""

    def any(self, *options: str) -> str:
        return self.chance.choice(options)

    def some(self, *options: str) -> str:
        return " ".join(self.chance.sample(options, self.chance.randint(1, 3)))

    # -- data --------------------------------------------------------------------

    def triple(self) -> str:
        if self.chance.random() < 0.3:
            return f"{self.any(*THINGS)} a {self.any(*CLASSES)} ."
        is_thing = self.chance.random() < 0.6 and not self.compares
        value = self.any(*THINGS) if is_thing else self.any(*self.values)
        return f"{self.any(*THINGS)} {self.any(*LINKS)} {value} ."

    def triples(self, most: int) -> str:
        return " ".join(self.triple() for _ in range(self.chance.randint(0, most)))

    def data(self, size: int) -> str:
        # A focus node that no statement mentions has a test of its own below.
        every = " , ".join((":nowhere", ":a", ":b", ":c", *TEXTS, *self.sort))
        return " ".join((ALWAYS, f":hold :holds {every} .", *(self.triple() for _ in range(size))))

    # -- shapes ------------------------------------------------------------------

    def path(self, depth: int = 2) -> str:
        if not depth or self.chance.random() < 0.5:
            return self.any(*LINKS)
        one, other = self.path(depth - 1), self.path(depth - 1)
        return self.any(
            f"[ sh:inversePath {self.any(*LINKS, f'[ sh:alternativePath ( {one} {other} ) ]')} ]",
            f"( {one} {other} )",
            f"[ sh:alternativePath ( {one} {other} ) ]",
            f"[ sh:zeroOrMorePath {one} ]",
            f"[ sh:oneOrMorePath {one} ]",
            f"[ sh:zeroOrOnePath {one} ]",
        )

    def target(self) -> str:
        return self.any(
            f"sh:targetClass {self.any(*CLASSES)}",
            f"sh:targetSubjectsOf {self.any(*LINKS)}",
            f"sh:targetObjectsOf {self.any(*LINKS)}",
            f"sh:targetNode {self.any(':a', ':b', ':nowhere', *self.values)}",
            f"sh:targetClass {self.any(*CLASSES)} ; sh:targetNode :c",
        )

    def document(self) -> str:
        """Return shapes with targets, and those they refer to."""
        made = [
            f":S{number} {self.target()} ; {self.body(2)} ."
            for number in range(self.chance.randint(1, 2))
        ]
        if self.chance.random() < 0.3:
            made.append(f":D a rdfs:Class , sh:NodeShape ; {self.node_body(1)} .")
        return " ".join([*made, *self.more])

    def body(self, depth: int) -> str:
        """Return the parameters of a shape, of a node or of a property."""
        return self.chance.choice((self.node_body, self.property_body))(depth)

    def property_body(self, depth: int) -> str:
        parts = self._parts(depth, ON_PROPERTIES)
        path = self.any(*LINKS) if self.compares else self.path()
        return f"sh:path {path} ; {parts}"

    def node_body(self, depth: int) -> str:
        return self._parts(depth, ON_NODES)

    def _parts(self, depth: int, own: tuple[Kind, ...]) -> str:
        kinds = [*ON_VALUES, *own]
        parts = [kind(self, depth) for kind in self.chance.sample(kinds, self.chance.randint(1, 3))]
        if depth and self.chance.random() < 0.6:
            parts.append(self.chance.choice(NESTED)(self, depth - 1))
        if self.chance.random() < 0.2:
            parts.append(f"sh:severity {self.any('sh:Info', 'sh:Warning', ':Own')}")
        if self.chance.random() < 0.07:
            parts.append(f"sh:deactivated {self.any('true', 'false')}")
        return " ; ".join(parts)

    def shape(self, body: str) -> str:
        """Return another shape, written in its place or beside."""
        if not self.are_named and self.chance.random() < 0.5:
            return f"[ {body} ]"
        self.count += 1
        self.more.append(f":T{self.count} {body} .")
        return f":T{self.count}"

    def several(self, depth: int) -> str:
        return " ".join(self.shape(self.body(depth)) for _ in range(self.chance.randint(1, 3)))


Kind = Callable[[Dice, int], str]

_FREE = 'sh:name "free"'


def _range(dice: Dice, *names: str) -> str:
    return f"sh:{dice.any(*names)} {dice.sort[1]}" if dice.sort is not OTHERS else _FREE


def _less(dice: Dice) -> str:
    if dice.sort is OTHERS:
        return _FREE
    dice.compares, dice.values = True, dice.sort[:3]
    return f"sh:{dice.any('lessThan', 'lessThanOrEquals')} {dice.any(*LINKS)}"


KINDS = ("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
ON_VALUES: tuple[Kind, ...] = (
    lambda d, _: f"sh:class {d.any(*CLASSES)}",
    lambda d, _: "sh:datatype xsd:" + d.any("string", "integer", "date", "decimal", "boolean"),
    lambda d, _: f"sh:nodeKind sh:{d.any(*KINDS)}",
    lambda d, _: _range(d, "minInclusive", "minExclusive"),
    lambda d, _: _range(d, "maxInclusive", "maxExclusive"),
    lambda d, _: f"sh:minLength {d.any('1', '2')}",
    lambda d, _: f"sh:maxLength {d.any('1', '3')}",
    lambda d, _: "sh:pattern " + d.any('"^a"', '"B" ; sh:flags "i"', '"example"'),
    lambda d, _: "sh:languageIn " + d.any('( "en" )', '( "de" "fr" )', '( "EN" )', '( "en-gb" )'),
    lambda d, _: f"sh:in ( {d.some(':a', ':b', *d.values)} )",
    lambda d, _: f"sh:hasValue {d.any(':a', ':b', *d.values)}",
    lambda d, _: f"sh:equals {d.any(*LINKS)}",
    lambda d, _: f"sh:disjoint {d.any(*LINKS)}",
)
ON_NODES: tuple[Kind, ...] = (
    lambda d, _: (
        f"sh:closed {d.any('true', 'true', 'false')} ; "
        f"sh:property {d.shape(d.property_body(0))} ; "
        f"sh:ignoredProperties ( {d.some('rdfs:x', *LINKS)} )"
    ),
)
ON_PROPERTIES: tuple[Kind, ...] = (
    lambda d, _: f"sh:minCount {d.any('0', '1', '2')}",
    lambda d, _: f"sh:maxCount {d.any('0', '1', '2')}",
    lambda d, _: f"sh:uniqueLang {d.any('true', 'true', 'false')}",
    lambda d, _: _less(d),
)


def _qualified(dice: Dice, depth: int) -> str:
    one, other = (
        f"sh:path {dice.any(*LINKS)} ; "
        f"sh:qualifiedValueShape {dice.shape(dice.body(depth))} ; "
        f"sh:{dice.any('qualifiedMinCount', 'qualifiedMaxCount')} {dice.any('0', '1', '2')} ; "
        f"sh:qualifiedValueShapesDisjoint {dice.any('true', 'false')}"
        for _ in range(2)
    )
    return f"sh:property {dice.shape(one)} ; sh:property {dice.shape(other)}"


NESTED: tuple[Kind, ...] = (
    lambda d, depth: f"sh:not {d.shape(d.body(depth))}",
    lambda d, depth: f"sh:and ( {d.several(depth)} )",
    lambda d, depth: f"sh:or ( {d.several(depth)} )",
    lambda d, depth: f"sh:xone ( {d.several(depth)} )",
    lambda d, depth: f"sh:node {d.shape(d.node_body(depth))}",
    lambda d, depth: f"sh:property {d.shape(d.property_body(depth))}",
    _qualified,
)


@pytest.mark.parametrize("start", range(0, 240, 24))
def test_compiled_shapes_give_what_pyshacl_gives(start: int) -> None:
    for seed in range(start, start + 24):
        dice = Dice(chance(seed))
        checker = shapes(dice.document())
        store = EmbeddedStore.memory()
        store.engine.extend(quads(dice.data(14)))

        found = {row(result) for result in checker.check(store).results}

        assert found == judged_by_pyshacl(checker, store), f"seed {seed}"
        left = set(checker.compiled.referred.values())
        assert left <= {"a path of no length from a node that may not be in the data"}


@pytest.mark.parametrize("start", range(0, 60, 6))
def test_maintenance_gives_what_checking_anew_gives(start: int) -> None:
    for seed in range(start, start + 6):
        dice = Dice(chance(seed), are_named=True)
        checker = shapes(dice.document())
        kept = Kept(checker, quads(dice.data(10)))
        stays = quads(dice.data(0))
        for step in range(6):
            held = sorted(set(kept.store.quads(RECORDS)) - stays, key=str)
            kept.change(quads(dice.triples(3)), dice.chance.sample(held, min(3, len(held))))

            assert kept.held == kept.anew(), f"seed {seed}, step {step}"
