"""SPARQL constraints with their focus nodes bound beforehand (SHACL, 5 and appendix A).

Binding `$this` beforehand to each focus node in turn gives the same solutions
as putting the pattern of all focus nodes in front, wherever `$this` is used:
in the outermost group, in every sub-select, and in each group that SPARQL
evaluates on its own.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import rdflib
from rdflib import OWL, SH
from rdflib.term import Node

from aimsgraph.conformity.check import MARK
from aimsgraph.conformity.shapes import Shape
from aimsgraph.conformity.values import NotCompiledError
from aimsgraph.errors import RuleError
from aimsgraph.rdf.tokens import Token, tokens

_THIS: Final = {"$this", "?this"}
_AGGREGATES: Final = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
_FORBIDDEN: Final = {"MINUS", "VALUES", "SERVICE"}
"""What a query with variables bound beforehand must not have (SHACL, appendix A)."""

_ELSEWHERE: Final = {"$currentShape", "?currentShape", "$shapesGraph", "?shapesGraph"}
_SLICES: Final = {"LIMIT", "OFFSET", "HAVING"}


def prefixes_of(shapes: rdflib.Graph, constraint: Node) -> dict[str, str]:
    """Return the prefixes that a SPARQL constraint uses (SHACL, 5.2.1)."""
    return {
        str(shapes.value(one, SH.prefix)): str(shapes.value(one, SH.namespace))
        for named in shapes.objects(constraint, SH.prefixes)
        for owner in shapes.transitive_objects(named, OWL.imports)
        for one in shapes.objects(owner, SH.declare)
    }


def compiled_select(shape: Shape, constraint: Node) -> str:
    """Return the query of a SPARQL constraint, with `MARK` where the focus nodes are bound.

    Raises:
        RuleError: the query breaks the rules for variables bound beforehand.
        NotCompiledError: it has to be asked for each focus node on its own.
    """
    select = shape.graph.value(constraint, SH.select)
    if select is None:
        raise RuleError("a SPARQL constraint has no sh:select; write one")
    prefixes = prefixes_of(shape.graph, constraint)
    text = _with_path(str(select), shape)
    found = list(tokens(text))
    check_prebinding(found, shape.name)
    _require_select(found)
    _require_grouping(found)
    declared = " ".join(f"PREFIX {name}: <{space}>" for name, space in sorted(prefixes.items()))
    return f"{declared} {_marked(text, found)}"


def _with_path(text: str, shape: Shape) -> str:
    """Return a query with the path of its shape in the place of `$PATH` (SHACL, 5.2.2)."""
    parts, end = [], 0
    for token in tokens(text):
        if token.text in {"$PATH", "?PATH"} and shape.path is not None:
            parts += [text[end : token.start], shape.path.text()]
            end = token.start + len(token.text)
    return "".join([*parts, text[end:]])


def check_prebinding(found: list[Token], name: str) -> None:
    """See that a query keeps the rules for variables bound beforehand.

    Raises:
        RuleError: it does not.
    """
    words = [token.text.upper() if token.kind == "word" else token.text for token in found]
    for word in _FORBIDDEN.intersection(words):
        raise RuleError(f"{name}: {word} cannot be used where $this is bound beforehand")
    for before, after in pairwise(words):
        if before == "AS" and after in {*_THIS, *_ELSEWHERE}:
            raise RuleError(f"{name}: {after} is bound beforehand and cannot be given a value")
    for index, word in enumerate(words):
        if word == "SELECT" and index and words[index - 1] == "{":
            _check_sub_select(words[index:], name)


def _check_sub_select(words: list[str], name: str) -> None:
    projection = words[1 : words.index("{")]
    if not (_THIS & set(projection)):
        raise RuleError(f"{name}: a sub-select has to name $this after SELECT")


def _require_select(found: list[Token]) -> None:
    """See that a query is a SELECT of `$this` that gives the same whenever it is asked."""
    words = [token.text.upper() if token.kind == "word" else token.text for token in found]
    forms = [word for word in words if word in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}]
    if forms[:1] != ["SELECT"]:
        raise RuleError("sh:select has to be a SELECT query")
    start = words.index("SELECT")
    projection = words[start : words.index("{", start)] if "{" in words[start:] else []
    if not {*_THIS, "*"} & set(projection):
        raise RuleError("the query has to name $this after SELECT")
    for index, word in enumerate(words):
        if word in _UNSTEADY and words[index + 1 : index + 2] == ["("]:
            raise RuleError(f"{word} gives another value each time; the day is aims:today")


_UNSTEADY: Final = {"NOW", "RAND", "UUID", "STRUUID", "BNODE"}


def _require_grouping(found: list[Token]) -> None:
    """See that no part of the query answers for all focus nodes together."""
    words = [token.text.upper() for token in found]
    if _SLICES.intersection(words) - {"HAVING"}:
        raise NotCompiledError("LIMIT counts the solutions of one focus node")
    if set(_ELSEWHERE) & {token.text for token in found}:
        raise NotCompiledError("the shapes graph is not asked")
    if not _AGGREGATES.intersection(words):
        return
    group = words.index("GROUP") if "GROUP" in words else len(words)
    if not {"$THIS", "?THIS"} & set(words[group:]):
        raise NotCompiledError("an aggregate over one focus node")


def _marked(text: str, found: list[Token]) -> str:
    """Return a query with `MARK` in each group that has to bind `$this` itself."""
    places = [_behind(found, index) for index in _openings(found)]
    parts, end = [], 0
    for place in sorted(places):
        parts += [text[end:place], f" {MARK} "]
        end = place
    return "".join([*parts, text[end:]])


def _behind(found: list[Token], index: int) -> int:
    return found[index].start + 1


def _openings(found: list[Token]) -> set[int]:
    """Return the positions of the braces whose groups have to bind `$this` themselves."""
    chosen: set[int] = set()
    stack: list[tuple[int, bool]] = []
    """The open braces, each with whether what is around it hands `$this` on."""
    selects: set[int] = set()
    for index, token in enumerate(found):
        if token.text == "{":
            before = found[index - 1].text.upper() if index else ""
            is_reached = bool(stack) and _hands_on(stack, chosen, before)
            stack.append((index, is_reached))
            if len(stack) == 1 or (selects and _opens_select(found, index)):
                chosen.add(index)
        elif token.text == "}":
            stack.pop()
        elif token.text.upper() == "SELECT" and token.kind == "word" and stack:
            selects.add(index)
        elif (
            token.text in _THIS
            and stack
            and not stack[-1][1]
            and found[stack[-1][0] + 1].text.upper() != "SELECT"
        ):
            chosen.add(stack[-1][0])
    return chosen


def _hands_on(stack: list[tuple[int, bool]], chosen: set[int], before: str) -> bool:
    """Return whether a group gets `$this` from the one around it."""
    around, is_reached = stack[-1]
    holds = is_reached or around in chosen
    return holds and (before == "EXISTS" or (before == "OPTIONAL" and around in chosen))


def _opens_select(found: list[Token], index: int) -> bool:
    """Return whether a brace opens the group of a sub-select."""
    for token in reversed(found[:index]):
        if token.text in {"{", "}"}:
            return False
        if token.kind == "word" and token.text.upper() == "SELECT":
            return True
    return False
