"""What the day changes: the focus nodes whose dates it passes (`aims:today`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

import pyoxigraph as ox

from aimsgraph.conformity.affected import Trigger, places_in, trigger_of
from aimsgraph.conformity.paths import Link
from aimsgraph.conformity.patterns import Group, Pattern, Variable
from aimsgraph.namespaces import TODAY
from aimsgraph.rdf.terms import typed
from aimsgraph.rdf.tokens import Token, tokens

_SIGNS: Final = {"<", ">", "=", "!"}
_ARITHMETIC: Final = {"+", "-", "*", "/"}
_CHOOSING: Final = {"IF", "COALESCE", "BOUND"}


@dataclass(frozen=True)
class Dated:
    """How the outcome of a check depends on the day."""

    triggers: tuple[Trigger, ...]
    """Patterns whose objects are compared with the day."""
    is_total: bool
    """Whether the day is used otherwise too, so that any focus node may be affected."""


def dated(text: str, group: Group) -> Dated | None:
    """Return how a query depends on the day; None where it does not."""
    places = list(places_in(group))
    told = [place.pattern for place in places if _leads_to_day(place.pattern)]
    if not told:
        return None
    days = {pattern.object.name for pattern in told if isinstance(pattern.object, Variable)}
    others = [place.pattern for place in places if place.pattern not in told]
    found = list(tokens(text))
    if (
        not all(map(_is_plain, told))
        or any(_mentions(pattern, days) for pattern in others)
        or _projects_all(found)
    ):
        return Dated((), is_total=True)
    compared = _compared(found, {name.partition(".")[0] for name in days})
    if compared is None:
        return Dated((), is_total=True)
    triggers = tuple(
        trigger_of(place.pattern, place.usable)
        for place in places
        if isinstance(place.pattern.object, Variable)
        and place.pattern.object.name.partition(".")[0] in compared
    )
    is_total = any(
        one.way is None or one.path is None or one.path.may_be_empty() for one in triggers
    )
    return Dated(triggers, is_total=is_total)


def _projects_all(found: list[Token]) -> bool:
    """Return whether a query is a SELECT *, which tells the day among the rest."""
    words = [token.text.upper() for token in found]
    start = words.index("SELECT")
    return words[start + 1] == "*" or words[start + 2] == "*"


def _leads_to_day(pattern: Pattern) -> bool:
    if isinstance(pattern.path, Variable):
        return False
    named = pattern.path.predicates()
    return named is None or TODAY in named


def _is_plain(pattern: Pattern) -> bool:
    """Return whether a pattern gives the day to a variable, and does nothing else."""
    return pattern.path == Link(TODAY) and isinstance(pattern.object, Variable)


def _mentions(pattern: Pattern, names: set[str]) -> bool:
    ends = (pattern.subject, pattern.object)
    return any(isinstance(end, Variable) and end.name in names for end in ends)


def passed(engine: ox.Store, trigger: Trigger, first: date, last: date) -> Iterator[ox.Triple]:
    """Yield the statements that a trigger looks at and whose dates lie between two days.

    Both days count. Dates with a time zone may be a day off, so one more is
    taken on either side.
    """
    predicates = trigger.predicates()
    names = "" if predicates is None else " ".join(f"<{name}>" for name in sorted(predicates))
    values = f"VALUES ?p {{ {names} }}" if names else ""
    least, most = (typed(_shift(day, by), "date") for day, by in ((first, -2), (last, 2)))
    bounds = f"FILTER(?d >= {least} && ?d <= {most})"
    found = engine.query(
        f"SELECT DISTINCT ?s ?p ?d {{ {values} ?s ?p ?d {bounds} }}",
        use_default_graph_as_union=True,
    )
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError("a SELECT gives solutions")
    for row in found:
        yield ox.Triple(row["s"], row["p"], row["d"])


def _shift(day: date, by: int) -> str:
    wanted = day.toordinal() + by
    return date.fromordinal(min(max(wanted, 1), date.max.toordinal())).isoformat()


def _compared(found: list[Token], days: set[str]) -> set[str] | None:
    """Return the variables compared with the day; None where it is used in another way."""
    names: set[str] = set()
    for index, token in enumerate(found):
        if token.kind != "variable" or token.text[1:] not in days:
            continue
        if _is_object(found, index):
            continue
        other = _other_side(found, index)
        if other is None:
            return None
        names.add(other)
    return _resolved(found, names)


def _is_object(found: list[Token], index: int) -> bool:
    """Return whether a variable stands in the pattern that gives it the day."""
    before = found[index - 1]
    return before.kind in {"name", "iri"} and before.text.rstrip(">").endswith("today")


def _other_side(found: list[Token], index: int) -> str | None:
    """Return the variable that a variable is compared with, where it is a plain comparison."""
    before, after = index - 1, index + 1
    if found[before].text in _SIGNS:
        while found[before].text in _SIGNS:
            before -= 1
        left, outer = found[before], found[before - 1]
        plain = left.kind == "variable" and outer.text not in _ARITHMETIC
        return left.text[1:] if plain and found[after].text not in _ARITHMETIC else None
    if found[after].text in _SIGNS:
        while found[after].text in _SIGNS:
            after += 1
        right, outer = found[after], found[after + 1]
        plain = right.kind == "variable" and outer.text not in _ARITHMETIC
        return right.text[1:] if plain and found[before].text not in _ARITHMETIC else None
    return None


def _resolved(found: list[Token], names: set[str]) -> set[str] | None:
    """Return variables with those from which BIND chooses their values, however often."""
    known = set(names)
    for index, token in enumerate(found):
        if token.kind != "word" or token.text.upper() != "AS":
            continue
        if found[index + 1].text[1:] not in known:
            continue
        inside = _bracket_before(found, index)
        if not all(map(_is_choosing, inside)):
            return None
        known |= {one.text[1:] for one in inside if one.kind == "variable"}
    return known if known == names else _resolved(found, known)


def _is_choosing(token: Token) -> bool:
    """Return whether a token may stand in an expression that chooses one of some variables."""
    if token.kind == "word":
        return token.text.upper() in _CHOOSING
    return token.kind in {"variable", "open", "close"} or token.text in {",", "!", "&", "|"}


def _bracket_before(found: list[Token], index: int) -> list[Token]:
    """Return the tokens between AS and the bracket that opened before it."""
    depth, at = 0, index - 1
    while at >= 0:
        depth += (found[at].text == ")") - (found[at].text == "(")
        if depth < 0:
            return found[at + 1 : index]
        at -= 1
    return []
