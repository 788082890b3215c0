"""A check: one constraint of one shape as a query, for all focus nodes or for some."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.paths import Path
from aimsgraph.conformity.report import CheckResult, name_of
from aimsgraph.conformity.shapes import Focus, Target
from aimsgraph.namespaces import RDF, RDFS, SH
from aimsgraph.rdf.terms import Term, value_of
from aimsgraph.rdf.tokens import tokens

MARK: Final = "⟨focus⟩"
"""Stands in the text of a check where the pattern goes that binds `?this`."""

_UPWARD: Final = f"/<{RDFS}subClassOf>*"

Row = tuple[Term, ...]

_VALUES: Final = 500
"""So many focus nodes are asked of at a time."""

HANDED: Final = ox.NamedNode("urn:aimsgraph:handed")
"""The function by which a query gets at the terms that are handed to it, by their number."""


@dataclass(frozen=True)
class Asked:
    """A query, and the terms handed to it that its text cannot name, such as blank nodes."""

    text: str
    handed: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Check:
    """One constraint of one shape.

    The query has a solution for each result; it tells `?this`, and `?value`
    and `?path` where the result has them.
    """

    shape: str
    component: str
    severity: str
    message: str
    focuses: frozenset[Focus]
    text: str
    path: str | None = None
    """The property a result is about, where the shape's path is one."""
    is_value_this: bool = False
    """Whether a result without a value is about the focus node itself."""
    requirements: tuple[str, ...] = ()

    def for_all(self, *, is_closed: bool = False) -> str:
        """Return the query over all focus nodes.

        Args:
            is_closed: every node has the classes above its own, which then need
                not be looked up.
        """
        pattern = self.focus_pattern
        if is_closed:
            pattern = pattern.replace(_UPWARD, "")
        return self.text.replace(MARK, pattern)

    def for_some(self, nodes: Iterable[Term]) -> Iterator[Asked]:
        """Return queries over some of the focus nodes."""
        return self._over(("this",), [(node,) for node in nodes])

    @cached_property
    def tells_rows(self) -> bool:
        """Return whether the query projects `$this ?path ?value` as they are, and nothing else."""
        found = [token.text.upper() for token in tokens(self.text)]
        start = found.index("SELECT") + 1
        projected = found[start : found.index("{", start)]
        told = [word for word in projected if word not in {"DISTINCT", "WHERE"}]
        return told in (["$THIS", "?PATH", "?VALUE"], ["?THIS", "?PATH", "?VALUE"])

    def for_rows(self, triples: Iterable[ox.Triple]) -> Iterator[Asked]:
        """Return queries over given statements, each as focus node, path and value."""
        rows: list[Row] = [(t.subject, t.predicate, t.object) for t in triples]
        return self._over(("this", "path", "value"), rows)

    def _over(self, names: tuple[str, ...], rows: list[Row]) -> Iterator[Asked]:
        """Yield queries in which variables are bound to rows of values, so many at a time."""
        named = [row for row in rows if _can_be_named(row)]
        for some in _batches(named):
            yield Asked(self.text.replace(MARK, _values(names, some)))
        rest = [row for row in rows if not _can_be_named(row)]
        for some in _batches(rest):
            handed = tuple(term for row in some for term in row)
            yield Asked(self.text.replace(MARK, _handed(names, len(some))), handed)

    @cached_property
    def focus_pattern(self) -> str:
        """Return a pattern whose solutions for `?this` are the focus nodes."""
        return focus_pattern(self.focuses)

    @property
    def targets(self) -> frozenset[Target] | None:
        """Return the targets where these are the focus nodes; None where a path leads to them."""
        if any(focus.via for focus in self.focuses):
            return None
        return frozenset(target for focus in self.focuses for target in focus.targets)

    def result(self, this: Term, found: dict[str, Term | None]) -> CheckResult:
        """Return a solution as a result."""
        path = found.get("path")
        value = found.get("value")
        if value is None and self.is_value_this:
            value = this
        return CheckResult(
            focus=name_of(this),
            rule=self.shape,
            severity=self.severity.removeprefix(SH),
            message=filled(self.message, found),
            component=self.component,
            path=value_of(path) if isinstance(path, ox.NamedNode) else self.path,
            value=value,
            requirements=self.requirements,
        )


def _batches(rows: list[Row]) -> Iterator[list[Row]]:
    return (rows[start : start + _VALUES] for start in range(0, len(rows), _VALUES))


def _can_be_named(row: Row) -> bool:
    """Return whether a query can name the terms; a blank node in it would be a variable."""
    return not any(isinstance(term, ox.BlankNode | ox.Triple) for term in row)


def _values(names: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a pattern that binds variables to rows of values."""
    table = " ".join(f"({' '.join(map(str, row))})" for row in rows)
    return f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {table} }}"


def _handed(names: tuple[str, ...], count: int) -> str:
    """Return a pattern that binds variables to so many rows of the terms that are handed over.

    BIND would write over what is bound around it; the sub-select compares. With
    COALESCE the engine knows that the variables are always bound: where it does
    not, it looks through the whole store.
    """
    width = len(names)
    rows = (range(start, start + width) for start in range(0, count * width, width))
    numbers = _values(tuple(f"{name}Number_" for name in names), map(tuple, rows))
    terms = " ".join(
        f"BIND(COALESCE({HANDED}(?{name}Number_), ?{name}Number_) AS ?{name})" for name in names
    )
    return f"{{ SELECT {' '.join(f'?{name}' for name in names)} {{ {numbers} {terms} }} }}"


def focus_pattern(focuses: Collection[Focus]) -> str:
    """Return a pattern whose solutions for `?this` are the focus nodes of a shape."""
    parts = [part for focus in sorted(focuses, key=str) for part in _focus_parts(focus)]
    return parts[0] if len(parts) == 1 else " UNION ".join(f"{{ {part} }}" for part in parts)


def _focus_parts(focus: Focus) -> Iterator[str]:
    for target in sorted(focus.targets, key=str):
        if focus.via:
            via = "/".join(path.text() for path in focus.via)
            root = target_pattern(target, "?root_")
            yield f"{{ SELECT DISTINCT ?this {{ {root} ?root_ {via} ?this . }} }}"
        else:
            yield target_pattern(target, "?this")


def target_pattern(target: Target, variable: str) -> str:
    """Return a pattern that binds a variable to the nodes of a target (SHACL, 2.1.3)."""
    value = str(target.value)
    match target.kind:
        case "targetClass":
            return f"{variable} <{RDF}type>{_UPWARD} {value} ."
        case "targetNode":
            return f"VALUES {variable} {{ {value} }}"
        case "targetSubjectsOf":
            return f"{{ SELECT DISTINCT {variable} {{ {variable} {value} ?anyObject_ }} }}"
        case "targetObjectsOf":
            return f"{{ SELECT DISTINCT {variable} {{ ?anySubject_ {value} {variable} }} }}"
    raise ValueError(target.kind)


def single(path: Path | None) -> str | None:
    """Return the property of a path that is one."""
    iri: str | None = getattr(path, "iri", None)
    return iri


def filled(message: str, found: dict[str, Term | None]) -> str:
    """Return a message with the values of its `{?variable}` places (SHACL, 5.3.2)."""

    def value(match: re.Match[str]) -> str:
        term = found.get(match[1])
        return match[0] if term is None else value_of(term)

    return re.sub(r"\{[?$](\w+)\}", value, message)
