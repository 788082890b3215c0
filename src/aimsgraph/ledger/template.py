"""Templates of SPARQL Update: the quads of a group, filled by the solutions of a WHERE clause.

The engine reads a template as data into an empty store, with its variables as
marked names (SPARQL 1.1 Update, 3.1 and 4.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import QueryError
from aimsgraph.rdf.terms import Term
from aimsgraph.rdf.tokens import tokens

_VARIABLE: Final = "urn:aimsgraph:variable:"

Row = dict[str, Term]
"""One solution: what its variables are bound to."""

_Fresh = dict[ox.BlankNode, ox.BlankNode]


@dataclass(frozen=True)
class Template:
    """The quads of a group in braces; data where it has no variables."""

    quads: tuple[ox.Quad, ...] = ()

    @classmethod
    def read(cls, group: str, prologue: str) -> Template:
        """Read a group behind what is declared for it; an empty text is an empty template.

        Raises:
            QueryError: it can never be RDF.
        """
        if not group:
            return cls()
        scratch = ox.Store()
        try:
            scratch.update(f"{prologue} INSERT DATA {_marked(group)}")
        except SyntaxError as error:
            raise QueryError(
                f"the template {group} cannot be filled; a literal is never a subject"
            ) from error
        return cls(tuple(scratch))

    @property
    def variables(self) -> set[str]:
        """Return the names of its variables."""
        return {name for quad in self.quads for term in _terms(quad) for name in _names(term)}

    @property
    def has_blank_nodes(self) -> bool:
        """Return whether it makes new blank nodes, other ones for every solution."""
        return any(_is_fresh(term) for quad in self.quads for term in _terms(quad))

    def filled(self, row: Row) -> Iterator[ox.Quad]:
        """Yield its quads for one solution; what is no RDF is left out."""
        fresh: _Fresh = {}
        for pattern in self.quads:
            subject, predicate, value, graph = (_fill(one, row, fresh) for one in _terms(pattern))
            if (
                isinstance(subject, ox.NamedNode | ox.BlankNode)
                and isinstance(predicate, ox.NamedNode)
                and value is not None
                and not isinstance(value, ox.DefaultGraph)
                and isinstance(graph, ox.NamedNode | ox.DefaultGraph)
            ):
                yield ox.Quad(subject, predicate, value, graph)


def _marked(group: str) -> str:
    """Return a group with its variables as names, so that the engine reads it as data."""
    parts, end = [], 0
    for token in tokens(group):
        is_variable = token.kind == "variable"
        parts += [
            group[end : token.start],
            f"<{_VARIABLE}{token.text[1:]}>" if is_variable else token.text,
        ]
        end = token.start + len(token.text)
    return "".join([*parts, group[end:]])


def _terms(quad: ox.Quad) -> tuple[Term | ox.DefaultGraph, ...]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def _names(term: Term | ox.DefaultGraph) -> Iterator[str]:
    if isinstance(term, ox.NamedNode) and term.value.startswith(_VARIABLE):
        yield term.value.removeprefix(_VARIABLE)
    elif isinstance(term, ox.Triple):
        for part in (term.subject, term.predicate, term.object):
            yield from _names(part)


def _is_fresh(term: Term | ox.DefaultGraph) -> bool:
    """Return whether a term of a template is, or holds, a blank node."""
    if isinstance(term, ox.Triple):
        return any(_is_fresh(part) for part in (term.subject, term.predicate, term.object))
    return isinstance(term, ox.BlankNode)


def _fill(term: Term | ox.DefaultGraph, row: Row, fresh: _Fresh) -> Term | ox.DefaultGraph | None:
    match term:
        case ox.NamedNode() if term.value.startswith(_VARIABLE):
            return row.get(term.value.removeprefix(_VARIABLE))
        case ox.BlankNode():
            return fresh.setdefault(term, ox.BlankNode())
        case ox.Triple():
            parts = [_fill(p, row, fresh) for p in (term.subject, term.predicate, term.object)]
            try:
                return ox.Triple(*parts)  # type: ignore[arg-type]
            except TypeError:
                return None
    return term
