"""Constraints of SHACL Core as graph patterns (SHACL, section 4).

A probe is a pattern that has a solution wherever its constraint is broken. On
top it stands behind the focus nodes; within another shape, in an EXISTS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from rdflib import SH
from rdflib.term import Node

from aimsgraph.conformity.check import MARK
from aimsgraph.conformity.paths import Link
from aimsgraph.conformity.shapes import Shape
from aimsgraph.conformity.values import (
    VALUE_TESTS,
    NotCompiledError,
    failures,
    is_true,
    number,
    require_single,
    term,
)

CARRIED_OUT: Final = {
    *VALUE_TESTS,
    SH.flags, SH.minCount, SH.maxCount, SH.uniqueLang, SH.equals, SH.disjoint, SH.lessThan,
    SH.lessThanOrEquals, SH["not"], SH["and"], SH["or"], SH.xone, SH.node, SH.property,
    SH.qualifiedValueShape, SH.qualifiedMinCount, SH.qualifiedMaxCount,
    SH.qualifiedValueShapesDisjoint, SH.closed, SH.ignoredProperties, SH.hasValue,
    SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.severity,
    SH.name, SH.message, SH.description, SH.order, SH.group, SH.defaultValue, SH.path,
    SH.deactivated, SH.sparql,
}  # fmt: skip
"""What of SHACL's vocabulary a shape may use and still be compiled."""


@dataclass(frozen=True)
class Probe:
    """A way to break a constraint, as a pattern that starts from the focus node."""

    component: str
    pattern: str
    stands_alone: bool = False
    """Whether the pattern holds the place of the focus nodes itself."""


class CoreCompiler:
    """Compiles shapes of one graph; keeps variables apart and knows which shapes it is within."""

    def __init__(self) -> None:
        self._fresh = count()
        self._within: list[Node] = []

    def probes(self, shape: Shape, this: str, value: str, place: str = "") -> Iterator[Probe]:
        """Yield the ways to break the constraints of a shape.

        Args:
            shape: the shape; those in its `sh:property` are not looked into.
            this: the variable of the focus node.
            value: the variable of the value, left unbound where a result has none.
            place: what binds the focus nodes where a pattern has to repeat it.
        """
        require_single(shape)
        own = set(shape.graph.predicates(shape.node))
        unknown = {p for p in own if str(p).startswith(str(SH))} - CARRIED_OUT
        unknown |= own & _parameters(shape)
        if unknown:
            raise NotCompiledError(f"{', '.join(sorted(map(str, unknown)))} is not compiled")
        of_value = value if shape.path is not None else this
        reach = f"{this} {shape.path.text()} {value} . " if shape.path is not None else ""
        for component, fails in failures(shape, of_value):
            yield Probe(component, f"{reach}FILTER({fails})")
        for component, fails in self._logical(shape, of_value):
            yield Probe(component, f"{reach}FILTER({fails})")
        yield from self._pairs(shape, this, value, reach)
        yield from self._closed(shape, this, value, reach)
        if shape.path is None:
            for wanted in shape.all(SH.hasValue):
                fails = f"!sameTerm({this}, {term(wanted)})"
                yield Probe(str(SH.HasValueConstraintComponent), f"FILTER({fails})")
        else:
            yield from self._counts(shape, this, place)
            yield from self._qualified(shape, this, place)

    def failing(self, shape: Shape, variable: str) -> str:
        """Return an expression that is true where a node does not conform to a shape."""
        if shape.is_deactivated:
            return "false"
        if shape.node in self._within:
            raise NotCompiledError("a shape refers to itself")
        if (shape.node, SH.sparql, None) in shape.graph:
            raise NotCompiledError("a SPARQL constraint within another shape")
        self._within.append(shape.node)
        value = self._variable()
        found = [f"EXISTS {{ {p.pattern} }}" for p in self.probes(shape, variable, value)]
        found += [
            self._property(shape, shape.other(node), variable) for node in shape.all(SH.property)
        ]
        self._within.pop()
        return f"({' || '.join(found)})" if found else "false"

    # -- components --------------------------------------------------------------

    def _property(self, shape: Shape, inner: Shape, variable: str) -> str:
        if shape.path is None:
            return self.failing(inner, variable)
        value = self._variable()
        fails = self.failing(inner, value)
        return f"EXISTS {{ {variable} {shape.path.text()} {value} . FILTER({fails}) }}"

    def _logical(self, shape: Shape, variable: str) -> Iterator[tuple[str, str]]:
        for node in shape.all(SH.node):
            yield str(SH.NodeConstraintComponent), self.failing(shape.other(node), variable)
        for node in shape.all(SH["not"]):
            fails = self.failing(shape.other(node), variable)
            yield str(SH.NotConstraintComponent), f"!{fails}"
        for head in shape.all(SH["and"]):
            every = self._each(shape, head, variable)
            yield str(SH.AndConstraintComponent), " || ".join(every)
        for head in shape.all(SH["or"]):
            every = self._each(shape, head, variable)
            yield str(SH.OrConstraintComponent), " && ".join(every)
        for head in shape.all(SH.xone):
            kept = " + ".join(f"IF({fails}, 0, 1)" for fails in self._each(shape, head, variable))
            yield str(SH.XoneConstraintComponent), f"({kept}) != 1"

    def _each(self, shape: Shape, head: Node, variable: str) -> list[str]:
        found = [self.failing(shape.other(node), variable) for node in shape.members(head)]
        if not found:
            raise NotCompiledError("an empty list of shapes")
        return found

    def _pairs(self, shape: Shape, this: str, value: str, reach: str) -> Iterator[Probe]:
        """Yield the comparisons of two properties (SHACL, 4.5)."""
        of_value = value if shape.path is not None else this
        other = self._variable()
        for node in shape.all(SH.disjoint):
            found = f"{reach}FILTER EXISTS {{ {this} {term(node)} {of_value} }}"
            yield Probe(str(SH.DisjointConstraintComponent), found)
        for node in shape.all(SH.equals):
            missing = f"{reach}FILTER NOT EXISTS {{ {this} {term(node)} {of_value} }}"
            yield Probe(str(SH.EqualsConstraintComponent), missing)
            there = f"{this} {shape.path.text()} {value}" if shape.path is not None else ""
            absent = f"NOT EXISTS {{ {there} }}" if there else f"(!sameTerm({this}, {value}))"
            extra = f"{this} {term(node)} {value} . FILTER {absent}"
            yield Probe(str(SH.EqualsConstraintComponent), extra)
        for parameter, component, sign in (
            (SH.lessThan, SH.LessThanConstraintComponent, "<"),
            (SH.lessThanOrEquals, SH.LessThanOrEqualsConstraintComponent, "<="),
        ):
            for node in shape.all(parameter):
                fails = f"!COALESCE({value} {sign} {other}, false)"
                pair = f"{reach}{this} {term(node)} {other} . FILTER({fails})"
                yield Probe(str(component), pair)

    def _closed(self, shape: Shape, this: str, value: str, reach: str) -> Iterator[Probe]:
        """Yield the properties that a closed shape does not name (SHACL, 4.8.1)."""
        if not is_true(shape.one(SH.closed)):
            return
        if reach:
            raise NotCompiledError("a closed property shape")
        allowed = {
            path.text()
            for node in shape.all(SH.property)
            if isinstance(path := shape.other(node).path, Link)
        }
        for head in shape.all(SH.ignoredProperties):
            allowed |= {term(node) for node in shape.members(head)}
        outside = f"FILTER(?path NOT IN ({', '.join(sorted(allowed))}))"
        yield Probe(str(SH.ClosedConstraintComponent), f"{this} ?path {value} . {outside}")

    def _counts(self, shape: Shape, this: str, place: str) -> Iterator[Probe]:
        """Yield what is wrong with the number and the set of values (SHACL, 4.2, 4.4.5, 4.8.2)."""
        path = shape.path.text() if shape.path is not None else ""
        one, two = self._variable(), self._variable()
        both = f"{this} {path} {one} . {this} {path} {two} . FILTER(!sameTerm({one}, {two})"
        for node in shape.all(SH.minCount):
            if number(node) > 0:
                yield self._fewer(SH.MinCountConstraintComponent, this, place, path, number(node))
        for node in shape.all(SH.maxCount):
            component = str(SH.MaxCountConstraintComponent)
            most = number(node)
            if most == 1:
                yield Probe(component, f"{both})")
            else:
                yield self._more(component, this, place, f"{this} {path} {one} .", one, most)
        if is_true(shape.one(SH.uniqueLang)):
            same = f'LANG({one}) != "" && LCASE(LANG({one})) = LCASE(LANG({two}))'
            yield Probe(str(SH.UniqueLangConstraintComponent), f"{both} && {same})")
        for node in shape.all(SH.hasValue):
            absent = f"FILTER NOT EXISTS {{ {this} {path} {term(node)} }}"
            yield Probe(str(SH.HasValueConstraintComponent), absent)

    def _qualified(self, shape: Shape, this: str, place: str) -> Iterator[Probe]:
        """Yield what is wrong with the number of values that conform to a shape (SHACL, 4.7.3)."""
        path = shape.path.text() if shape.path is not None else ""
        least, most = shape.one(SH.qualifiedMinCount), shape.one(SH.qualifiedMaxCount)
        for node in shape.all(SH.qualifiedValueShape):
            one = self._variable()
            fails = [self.failing(shape.other(node), one)]
            fails += [f"!{self.failing(other, one)}" for other in _siblings(shape, node)]
            fitting = f"{this} {path} {one} . FILTER(!({' || '.join(fails)}))"
            if most is not None:
                component = str(SH.QualifiedMaxCountConstraintComponent)
                yield self._more(component, this, place, fitting, one, number(most))
            if least is not None and number(least) > 0:
                component = str(SH.QualifiedMinCountConstraintComponent)
                yield _fewer(component, this, place, fitting, one, number(least))

    def _fewer(self, component: Node, this: str, place: str, path: str, least: int) -> Probe:
        one = self._variable()
        return _fewer(str(component), this, place, f"{this} {path} {one} .", one, least)

    def _more(
        self, component: str, this: str, place: str, having: str, one: str, most: int
    ) -> Probe:
        if most == 0:
            return Probe(component, having)
        counted = f"HAVING (COUNT(DISTINCT {one}) > {most})"
        select = f"{{ SELECT {this} {{ {place} {having} }} GROUP BY {this} {counted} }}"
        return Probe(component, select, stands_alone=bool(place))

    def _variable(self) -> str:
        return f"?x{next(self._fresh)}_"


def _fewer(component: str, this: str, place: str, having: str, one: str, least: int) -> Probe:
    if least == 1:
        return Probe(component, f"FILTER NOT EXISTS {{ {having} }}")
    if not place:
        counted = f"GROUP BY {this} HAVING (COUNT(DISTINCT {one}) >= {least})"
        enough = f"{{ SELECT {this} {{ {having} }} {counted} }}"
        return Probe(component, f"FILTER NOT EXISTS {{ {enough} }}")
    counted = f"GROUP BY {this} HAVING (COUNT(DISTINCT {one}) < {least})"
    select = f"{{ SELECT {this} {{ {place} OPTIONAL {{ {having} }} }} {counted} }}"
    return Probe(component, select, stands_alone=True)


def _parameters(shape: Shape) -> set[Node]:
    """Return the parameters of components that the shapes declare themselves (SHACL, 6.2)."""
    return {
        path
        for owner, parameter in shape.graph.subject_objects(SH.parameter)
        for path in shape.graph.objects(parameter, SH.path)
        if not str(owner).startswith(str(SH))
    }


def _siblings(shape: Shape, own: Node) -> list[Shape]:
    """Return the shapes that a value of a disjoint qualified shape must not conform to."""
    if not is_true(shape.one(SH.qualifiedValueShapesDisjoint)):
        return []
    found = {
        node
        for parent in shape.parents()
        for other in parent.all(SH.property)
        for node in shape.other(other).all(SH.qualifiedValueShape)
    } - {own}
    return [shape.other(node) for node in sorted(found, key=str)]


def body(probe: Probe) -> str:
    """Return the body of a query over focus nodes, from a probe made with `MARK` as its place."""
    return probe.pattern if probe.stands_alone else f"{MARK} {probe.pattern}"
