"""Rules without class expressions, out of rules with them.

A class that has no name takes part in conclusions but must show in none. So each
is done away with: every rule that needs membership in it is put together with
every rule that concludes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from aimsgraph.errors import InferenceError
from aimsgraph.inference.expressions import is_expression
from aimsgraph.inference.rule import Atom, InferenceRule, Slot, Var
from aimsgraph.rdf.terms import Term

MOST: Final = 20_000
"""How many rules there may be on the way."""


def unfolded(rules: Iterable[InferenceRule]) -> list[InferenceRule]:
    """Return rules that conclude the same about everything that has a name.

    Raises:
        InferenceError: an expression is defined by itself, or there are too many ways.
    """
    plain: list[InferenceRule] = []
    left = list(rules)
    while left:
        plain += [rule for rule in left if not _mentions(rule)]
        left = [rule for rule in left if _mentions(rule)]
        if len(left) + len(plain) > MOST:
            raise InferenceError(
                f"the class expressions of the ontology make more than {MOST:,} rules; "
                "give the expressions that others are made of a name"
            )
        if left:
            left = _distinct(_without(left, _next_expression(left)))
    return _distinct(plain)


def _mentions(rule: InferenceRule) -> bool:
    """Return whether a rule is about an expression."""
    return any(is_expression(atom.object) for atom in (rule.head, *rule.body))


def _next_expression(rules: Iterable[InferenceRule]) -> Term:
    """Return the expression that is done away with at the least cost."""
    uses: dict[Term, list[int]] = {}
    for rule in rules:
        for place, atom in ((1, rule.head), *((0, atom) for atom in rule.body)):
            if is_expression(atom.object):
                uses.setdefault(atom.object, [0, 0])[place] += 1  # type: ignore[arg-type]
    return min(uses, key=lambda term: (uses[term][0] * uses[term][1], str(term)))


def _without(rules: list[InferenceRule], term: Term) -> Iterator[InferenceRule]:
    makers = [rule for rule in rules if rule.head.object == term]
    for rule in makers:
        if any(atom.object == term for atom in rule.body):
            raise InferenceError(
                f"rule {rule.name} defines a class expression by itself ({rule}); "
                "give the expression a name in the ontology"
            )
    for rule in rules:
        if rule.head.object != term:
            yield from _resolved(rule, term, makers)


def _resolved(
    rule: InferenceRule, term: Term, makers: list[InferenceRule]
) -> Iterator[InferenceRule]:
    """Yield a rule with the first need of a membership met in every way, then the next."""
    place = next((i for i, atom in enumerate(rule.body) if atom.object == term), None)
    if place is None:
        yield rule
        return
    for maker in makers:
        yield from _resolved(_put_together(rule, place, maker), term, makers)


def _put_together(rule: InferenceRule, place: int, maker: InferenceRule) -> InferenceRule:
    member = rule.body[place].subject
    apart: dict[Slot, Slot] = {
        var: Var(f"{var.name}_") for atom in maker.body for var in atom.variables
    }
    while set(apart.values()) & {var for atom in rule.body for var in atom.variables}:
        apart = {var: Var(f"{str(new)[1:]}_") for var, new in apart.items()}
    swap: dict[Slot, Slot] = {**apart, maker.head.subject: member}
    added = tuple(_swapped(atom, swap) for atom in maker.body)
    body = (*rule.body[:place], *added, *rule.body[place + 1 :])
    things = rule.things | {swap[var] for var in maker.not_literals}
    reasons = dict.fromkeys(text for text in (maker.because, rule.because) if text)
    return replace(
        rule,
        name=f"{maker.name} + {rule.name}",
        body=tuple(dict.fromkeys(body)),
        because="; ".join(reasons),
        things=frozenset(slot for slot in things if isinstance(slot, Var)),
    )


def _swapped(atom: Atom, swap: dict[Slot, Slot]) -> Atom:
    return Atom(*(swap.get(slot, slot) for slot in atom))


def _distinct(rules: Iterable[InferenceRule]) -> list[InferenceRule]:
    """Return rules without those that conclude nothing new, and each way but once."""
    found: dict[tuple[Atom, frozenset[Atom], frozenset[Var]], InferenceRule] = {}
    for rule in sorted(map(_tidy, rules), key=lambda one: (len(one.name), str(one))):
        if not rule.is_trivial:
            found.setdefault((rule.head, frozenset(rule.body), rule.not_literals), rule)
    return list(found.values())


def _tidy(rule: InferenceRule) -> InferenceRule:
    """Return a rule with its variables numbered as they occur."""
    slots = [slot for atom in (rule.head, *rule.body) for slot in atom]
    seen = dict.fromkeys(slot for slot in slots if isinstance(slot, Var))
    swap: dict[Slot, Slot] = {var: Var(f"x{number}") for number, var in enumerate(seen)}
    return replace(
        rule,
        head=_swapped(rule.head, swap),
        body=tuple(_swapped(atom, swap) for atom in rule.body),
        things=frozenset(Var(f"x{i}") for i, var in enumerate(seen) if var in rule.things),
        named=frozenset(Var(f"x{i}") for i, var in enumerate(seen) if var in rule.named),
    )
