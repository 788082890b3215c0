"""Constraints on one value as SPARQL expressions (SHACL, 4.1, 4.3, 4.4, 4.8)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF, RDFS, SH, URIRef
from rdflib.term import BNode, Literal, Node

from aimsgraph.conformity.shapes import Shape
from aimsgraph.errors import RuleError
from aimsgraph.namespaces import XSD
from aimsgraph.rdf.terms import from_rdflib


class NotCompiledError(Exception):
    """A constraint has no counterpart in SPARQL here; the reference checks it."""


Failing = Callable[[Shape, Node, str], str]
"""From a shape, a parameter's value and a variable to what is true where the value fails."""

_KINDS: Final = {
    SH.IRI: "isIRI({0})",
    SH.BlankNode: "isBlank({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})",
    SH.BlankNodeOrLiteral: "!isIRI({0})",
    SH.IRIOrLiteral: "!isBlank({0})",
}

_CASTS: Final = ("boolean", "date", "dateTime", "decimal", "double", "float", "integer", "time")
"""Datatypes whose values the engine reads."""

_TEXTS: Final = {"string", "anyURI", "normalizedString", "token", "language"}
"""Datatypes whose values any text is taken for."""

_RANGES: Final[dict[str, tuple[int | None, int | None]]] = {
    "byte": (-(2**7), 2**7 - 1),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedLong": (0, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
}
"""The least and the greatest value of the integer types (XML Schema 1.1, part 2, section 3.4)."""


def term(node: Node) -> str:
    """Return a parameter's value as SPARQL writes it."""
    if isinstance(node, BNode):
        raise NotCompiledError("a blank node as a parameter names nothing in the data")
    return str(from_rdflib(node))


def _class(shape: Shape, value: Node, variable: str) -> str:
    del shape
    if isinstance(value, Literal):
        raise RuleError(f"sh:class {value} is no class; write its IRI")
    wanted, kind = term(value), f"{variable}_c"
    sub = f"EXISTS {{ {kind} <{RDFS.subClassOf}>+ {wanted} }}"
    return f"!EXISTS {{ {variable} <{RDF.type}> {kind} FILTER({kind} = {wanted} || {sub}) }}"


def _datatype(shape: Shape, value: Node, variable: str) -> str:
    del shape
    fits = f"datatype({variable}) = {term(value)}"
    name = str(value).removeprefix(XSD)
    text = f"STR({variable})"
    if name in _CASTS:
        fits += f" && STRLEN(STR(<{XSD}{name}>({text}))) > 0"
    elif name in _RANGES:
        least, greatest = _RANGES[name]
        number = f"<{XSD}integer>({text})"
        bounds = [f"{number} >= {least}"] if least is not None else []
        bounds += [f"{number} <= {greatest}"] if greatest is not None else []
        fits += f" && {' && '.join(bounds)}"
    elif str(value).startswith(XSD) and name not in _TEXTS:
        raise NotCompiledError(f"the values of {value} are not read by the engine")
    return f"!COALESCE(isLiteral({variable}) && {fits}, false)"


def _node_kind(shape: Shape, value: Node, variable: str) -> str:
    del shape
    if value not in _KINDS:
        raise RuleError(f"sh:nodeKind {value} is no node kind; take one such as sh:IRI")
    return f"!{_KINDS[value].format(variable)}"  # type: ignore[index]


def _compared(sign: str) -> Failing:
    def failing(shape: Shape, value: Node, variable: str) -> str:
        del shape
        return f"!COALESCE({variable} {sign} {term(value)}, false)"

    return failing


def _length(sign: str) -> Failing:
    def failing(shape: Shape, value: Node, variable: str) -> str:
        del shape
        return f"(isBlank({variable}) || !(STRLEN(STR({variable})) {sign} {int(str(value))}))"

    return failing


def _pattern(shape: Shape, value: Node, variable: str) -> str:
    flags = shape.one(SH.flags)
    tail = f", {ox.Literal(str(flags))}" if flags is not None else ""
    probe = f'ASK {{ FILTER(BOUND(?b)) BIND(REGEX("", {ox.Literal(str(value))}{tail}) AS ?b) }}'
    regex = f"REGEX(STR({variable}), {ox.Literal(str(value))}{tail})"
    if not bool(ox.Store().query(probe)):
        try:
            re.compile(str(value))
        except re.error as error:
            raise RuleError(f"sh:pattern {value} is no regular expression: {error}") from error
        raise NotCompiledError(f"the engine does not take the pattern {value}")
    return f"(isBlank({variable}) || !COALESCE({regex}, false))"


def _language_in(shape: Shape, value: Node, variable: str) -> str:
    wanted = [
        f"LANGMATCHES(LANG({variable}), {ox.Literal(str(tag))})" for tag in shape.members(value)
    ]
    return f"!COALESCE({' || '.join(wanted) or 'false'}, false)"


def _in(shape: Shape, value: Node, variable: str) -> str:
    allowed = [f"sameTerm({variable}, {term(one)})" for one in shape.members(value)]
    return f"!({' || '.join(allowed) or 'false'})"


VALUE_TESTS: Final[dict[URIRef, tuple[URIRef, Failing]]] = {
    SH["class"]: (SH.ClassConstraintComponent, _class),
    SH.datatype: (SH.DatatypeConstraintComponent, _datatype),
    SH.nodeKind: (SH.NodeKindConstraintComponent, _node_kind),
    SH.minExclusive: (SH.MinExclusiveConstraintComponent, _compared(">")),
    SH.minInclusive: (SH.MinInclusiveConstraintComponent, _compared(">=")),
    SH.maxExclusive: (SH.MaxExclusiveConstraintComponent, _compared("<")),
    SH.maxInclusive: (SH.MaxInclusiveConstraintComponent, _compared("<=")),
    SH.minLength: (SH.MinLengthConstraintComponent, _length(">=")),
    SH.maxLength: (SH.MaxLengthConstraintComponent, _length("<=")),
    SH.pattern: (SH.PatternConstraintComponent, _pattern),
    SH.languageIn: (SH.LanguageInConstraintComponent, _language_in),
    SH["in"]: (SH.InConstraintComponent, _in),
}
"""By parameter: the component and the expression that is true where a value fails."""


def is_true(node: Node | None) -> bool:
    """Return whether a parameter is the literal true."""
    return isinstance(node, Literal) and node.value is True


_SINGLE: Final = (
    SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.minExclusive, SH.minInclusive,
    SH.maxExclusive, SH.maxInclusive, SH.minLength, SH.maxLength, SH.uniqueLang, SH.closed,
    SH.languageIn, SH["in"], SH.qualifiedMinCount, SH.qualifiedMaxCount,
)  # fmt: skip
"""Parameters of which a shape has one value at most."""


def require_single(shape: Shape) -> None:
    """See that a shape gives no parameter twice where it may only be given once.

    Raises:
        RuleError: it does.
    """
    for parameter in _SINGLE:
        if len(shape.all(parameter)) > 1:
            raise RuleError(f"{parameter.replace(str(SH), 'sh:')} is given twice; give it once")


def failures(shape: Shape, variable: str) -> Iterator[tuple[str, str]]:
    """Yield the component of each constraint on single values, and where a value fails it."""
    for parameter, (component, failing) in VALUE_TESTS.items():
        for value in shape.all(parameter):
            yield str(component), failing(shape, value, variable)


def number(node: rdflib.term.Node) -> int:
    """Return a count that a parameter gives."""
    try:
        return int(str(node))
    except ValueError:
        raise RuleError(f"{node} is no count; write a whole number") from None
