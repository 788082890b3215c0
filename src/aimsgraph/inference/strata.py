"""In which order rules run: what feeds a rule comes before it.

Rules that feed each other in a circle make one stratum, which is run until it
comes to rest; any other rule has to run only once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from aimsgraph.inference.index import PatternIndex
from aimsgraph.inference.rule import Atom, InferenceRule, Var


@dataclass(frozen=True)
class Stratum:
    """Rules that have to run together."""

    rules: tuple[InferenceRule, ...]
    is_circular: bool

    def fed_by(self, rules: Sequence[InferenceRule]) -> list[InferenceRule]:
        """Return the rules that what some rules added can make conclude more."""
        return [one for one in self.rules if any(feeds(rule, one) for rule in rules)]


def feeds(maker: InferenceRule, user: InferenceRule) -> bool:
    """Return whether what one rule concludes can meet a pattern of another."""
    return any(_fits(maker.head, atom) for atom in user.body)


def _fits(one: Atom, other: Atom) -> bool:
    return all(
        a == b or isinstance(a, Var) or isinstance(b, Var) for a, b in zip(one, other, strict=True)
    )


@lru_cache(maxsize=16)
def strata(rules: tuple[InferenceRule, ...]) -> list[Stratum]:
    """Return rules in the order they have to run in."""
    places: PatternIndex[tuple[int, Atom]] = PatternIndex()
    for number, rule in enumerate(rules):
        for atom in rule.body:
            places.add(atom, (number, atom))
    users = {
        number: {user for user, atom in places.under(rule.head) if _fits(rule.head, atom)}
        for number, rule in enumerate(rules)
    }
    found = []
    for group in _circles(users):
        circular = len(group) > 1 or group[0] in users[group[0]]
        found.append(Stratum(tuple(rules[i] for i in group), circular))
    return found


def _circles(edges: dict[int, set[int]]) -> list[list[int]]:
    """Return the nodes of a graph in groups that reach each other, sources first."""
    back: dict[int, set[int]] = {node: set() for node in edges}
    for node, others in edges.items():
        for other in others:
            back[other].add(node)
    seen: set[int] = set()
    finished = [node for start in edges for node in _walk(start, edges, seen)]
    seen.clear()
    groups = (sorted(_walk(node, back, seen)) for node in reversed(finished))
    return [group for group in groups if group]


def _walk(start: int, edges: dict[int, set[int]], seen: set[int]) -> list[int]:
    """Return what is reached from a node and not seen before, what is left last at the end."""
    finished: list[int] = []
    path = [] if start in seen else [(start, iter(sorted(edges[start])))]
    seen.add(start)
    while path:
        node, others = path[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            finished.append(node)
            path.pop()
        else:
            seen.add(following)
            path.append((following, iter(sorted(edges[following]))))
    return finished
