"""From a changed statement back to the focus nodes: all that change, and for chains no more."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pyoxigraph as ox
import pytest

from conformity_support import EX, RECORDS, Kept, chance, quads, reached, results, select

CHAINS = [
    ("$this :p ?x", ":a :p :y .", set()),
    ("$this :p ?x", ":b :p :y .", {"b"}),
    ("$this :p ?x . FILTER(?x != :t)", ":a :p :y .", {"a"}),
    ("$this :p :y", ":a :p :y . :b :p :z .", {"a"}),
    ("?x :p $this", ":x :p :b .", {"b"}),
    ("$this :p ?x . ?x :q ?y", ":x :q :y .", {"a"}),
    ("$this :p ?x . ?y :q ?x", ":y :q :x .", {"a"}),
    ("$this :p/:q ?y", ":x :q :y .", {"a"}),
    ("$this ^:r/:q ?y", ":w :q :y .", {"b"}),
    ("$this (:p|:r) ?y . ?y :q :z", ":x :q :z . :v :q :z .", {"a"}),
    ("$this :p/:s* ?y . ?y :q ?z", ":t :q :z .", {"a"}),
    ("$this :p/:s+ ?y . ?y :q ?z", ":x :q :z .", set()),
    ("$this (:p|:s)+ ?y", ":t :p :v .", {"a", "t", "x"}),
    ("$this ^(:p/:q) ?y", ":x :q :b .", {"b"}),
    ("$this :p/:s? ?y . ?y :q ?z", ":t :q :z .", {"a"}),
    ("$this :p/!:q ?y . ?y :q ?z", ":t :q :z .", {"a"}),
    ("$this ?way ?y . ?y :q ?z", ":x :q :z .", {"a"}),
    ("$this :p ?x FILTER NOT EXISTS { ?x :q ?y }", ":x :q :y .", {"a"}),
    ("$this :p ?x OPTIONAL { ?x :q ?y }", ":x :q :y .", {"a"}),
    ("$this :p ?x OPTIONAL { ?x :s ?t FILTER EXISTS { ?t :q ?y } }", ":t :q :y .", {"a"}),
    ("$this :p ?x BIND(EXISTS { ?x :q ?y } AS ?has)", ":x :q :y .", {"a"}),
    ("{ $this :p ?x } UNION { ?w :r $this . ?w :q ?x }", ":w :q :y .", {"b"}),
    ("$this :p ?x . ?x a :Kind ; :q ?y", ":x :q :y .", set()),
    ("$this :p ?x . ?x :s ?t ; :q ?y", ":x :q :y .", {"a"}),
    ("$this :p [ :s [ :q ?y ] ]", ":t :q :y .", {"a"}),
    ("{ SELECT $this (COUNT(?y) AS ?n) { $this :p/:q ?y } GROUP BY $this }", ":x :q 1 .", {"a"}),
]
"""Queries about `:a :p :x . :x :s :t . :w :r :b`, what is added, and who is looked at again."""


@pytest.mark.parametrize(
    ("where", "added", "expected"), CHAINS, ids=[f"{one[0]}; {one[1]}" for one in CHAINS]
)
def test_a_chain_leads_back_to_its_own_focus_nodes(
    where: str, added: str, expected: set[str]
) -> None:
    checker = select(f"SELECT $this WHERE {{ {where} }}")
    start = ":a :p :x . :x :s :t . :w :r :b . :a a :C . :b a :C . :c a :C ."
    kept = Kept(checker, quads(start))

    affected, _ = kept.change(quads(added))

    assert reached(affected) == {EX + name for name in expected}
    assert kept.held == kept.anew()
    back, _ = kept.change((), quads(added))
    assert reached(back) == {EX + name for name in expected}
    assert kept.held == kept.anew()


QUERIES = [
    "$this :p ?x . OPTIONAL { ?x :q ?y } ?y :r ?z",
    "$this :p ?x . OPTIONAL { $this :q ?y } ?x :r ?y",
    "OPTIONAL { $this :p ?x } ?x :q ?y",
    "OPTIONAL { $this :p ?x . OPTIONAL { ?x :q ?y } ?y :r ?x } ?y :p ?z",
    "$this :p ?x . OPTIONAL { ?x :q ?y FILTER NOT EXISTS { ?y :r ?z } } FILTER(!BOUND(?y))",
    "$this :p ?x . OPTIONAL { ?x :q ?y FILTER EXISTS { ?y :r ?x . ?w :p ?y } }",
    "FILTER NOT EXISTS { $this :p ?x FILTER EXISTS { ?x :q ?y FILTER EXISTS { ?y :r $this } } }",
    "$this ?way ?x . ?x ?way ?y",
    "$this ?way :b . ?way :p ?x",
    "?x ?way $this . FILTER(?way != :p) FILTER EXISTS { ?x :q ?y }",
    "?x :p ?y . ?y :q ?z",
    "?x :p ?y FILTER NOT EXISTS { $this :q ?y }",
    "{ $this :p ?x } UNION { ?x :q $this } ?x :r ?y",
    "{ $this :p ?x } UNION { ?x :q ?z } ?z :r ?y",
    "$this :p ?x BIND(EXISTS { ?x :q ?y . ?y :r ?w } AS ?has) FILTER(!?has)",
    "$this :p ?x BIND(IF(EXISTS { ?x :q :b }, :b, :c) AS ?y) ?y :r ?z",
    "BIND(:b AS ?x) ?x :p ?y . ?y :q $this",
    "$this (:p|^:q)/:r* ?x . ?x !(:p|:q) ?y",
    "$this !(^:p|:q) ?x FILTER(?x != $this)",
    "$this (:p/:q)+ ?x . ?x (:r|:p)? ?y",
    "$this ^(:p/:q) ?x",
    "$this :p+/:q ?x FILTER NOT EXISTS { ?x ^:r+ $this }",
    ":b :p ?x . $this :q ?x",
    ":b :p :c FILTER EXISTS { $this :q 5 }",
    "$this :p ?x . ?x :q 5 ; a :D",
    "{ SELECT $this ?x WHERE { $this :p ?x . ?x :q ?y } } ?x :r ?y",
    "{ SELECT DISTINCT $this WHERE { $this :p ?x . ?x :q ?y } } $this :r ?x",
    "$this :p ?n , ?m FILTER(?n < ?m) FILTER NOT EXISTS { ?n :q ?m }",
    "$this :p ( ?x :b )",
    "{ $this :p ?x { ?x :q ?y } UNION { ?x :r ?y } } ?y a :D",
    "{ $this :p ?x OPTIONAL { ?x :q ?y } } UNION { $this :r ?x }",
]
LOST = [
    ("$this :p ?x . { ?y :q ?z OPTIONAL { ?x :r ?z } }", ":w :r :z ."),
    ("$this :p ?x . { ?y :q ?z FILTER EXISTS { ?x :r ?z } }", ":w :r :z ."),
    ("FILTER EXISTS { ?x :r* ?y FILTER(?x = :w) }", ":w :s :z ."),
]
"""Queries about `:a a :C ; :p :x . :y :q :z`, and what is added and not followed."""


@pytest.mark.parametrize(("where", "added"), LOST, ids=[one[0] for one in LOST])
def test_a_name_means_another_variable_where_it_is_out_of_scope(where: str, added: str) -> None:
    kept = Kept(select(f"SELECT $this WHERE {{ {where} }}"), quads(":a a :C ; :p :x . :y :q :z ."))

    kept.change(quads(added))

    assert kept.held == kept.anew()


def told(held: set[ox.Quad]) -> set[str]:
    """Return the results in a conformity graph, each with its focus node in front."""
    return {f"{one.focus} {name}" for name, one in results(held).items()}


def follow(where: str, dice: Random, changes: int) -> None:
    """Make changes; each has to be followed to all focus nodes whose results it alters."""
    checker = select(f"SELECT $this (?x AS ?value) WHERE {{ {where} }}")
    kept = Kept(checker, quads(" ".join(statement(dice) for _ in range(10))))
    for _ in range(changes):
        before, held = kept.held, sorted(kept.store.quads(RECORDS), key=str)
        removed = dice.sample(held, min(len(held), dice.randint(0, 2)))
        added = quads(" ".join(statement(dice) for _ in range(dice.randint(0, 2))))
        affected, _ = kept.change(added, removed)
        to, anew = reached(affected), kept.anew()
        altered = {text.partition(" ")[0] for text in told(before) ^ told(anew)}
        assert to is None or altered <= to, where
        assert kept.held == anew, where


def statement(dice: Random) -> str:
    """Return a statement about few things."""
    things = (":a", ":b", ":c", ":d", "_:e")
    if dice.random() < 0.25:
        return f"{dice.choice(things)} a {dice.choice((':C', ':C', ':D'))} ."
    way = dice.choice((":p", ":p", ":q", ":q", ":r", ":r", ":w"))
    value = dice.choice((*things, *things, "5", "7"))
    if dice.random() < 0.05:
        value = f"( {dice.choice(things)} :b )"
    return f"{dice.choice(things)} {way} {value} ."


@pytest.mark.parametrize("where", QUERIES)
def test_whatever_changes_is_looked_at_again(where: str) -> None:
    for seed in range(5):
        follow(where, chance(seed), changes=8)


@dataclass
class Asking:
    """Makes up groups of patterns with few variables, so that they share them."""

    dice: Random
    depth: int = 2

    def where(self) -> str:
        """Return what stands between the outermost braces."""
        return f"{self.triple()} {self.group(self.depth)}"

    def group(self, depth: int) -> str:
        kinds = [self.triple, self.triple, self.filter]
        parts = [self.dice.choice(kinds)() for _ in range(self.dice.randint(1, 2))]
        if depth:
            inner = self.group(depth - 1)
            parts.append(
                self.dice.choice(
                    (
                        f"OPTIONAL {{ {inner} }}",
                        f"OPTIONAL {{ {inner} }} {self.triple()}",
                        f"FILTER EXISTS {{ {inner} }}",
                        f"FILTER NOT EXISTS {{ {inner} }}",
                        f"{{ {self.triple()} }} UNION {{ {self.triple()} {self.triple()} }}",
                        f"BIND(EXISTS {{ {inner} }} AS ?b{depth}) FILTER(!?b{depth})",
                        f"{{ SELECT $this ?y WHERE {{ {self.triple()} {self.triple()} }} }}",
                    )
                )
            )
        return " ".join(parts)

    def triple(self) -> str:
        ends = ("$this", "$this", "?x", "?y", "?z")
        subject, value = self.dice.choice((*ends, ":b")), self.dice.choice((*ends, ":b", "5"))
        return f"{subject} {self.path()} {value} ."

    def path(self) -> str:
        paths = (":p/:q", "^:r", "(:p|:q)", "!:p", ":p+", "?way", "a", "(:q/^:r)", "!(:q|^:p)")
        links = (":p", ":q", ":r")
        return self.dice.choice(links if self.dice.random() < 0.6 else paths)

    def filter(self) -> str:
        return self.dice.choice(
            ("FILTER(?x != ?y)", "FILTER(BOUND(?z))", "FILTER(!BOUND(?y) || ?y = $this)")
        )


@pytest.mark.parametrize("start", range(0, 200, 20))
def test_whatever_query_is_asked_all_that_changes_is_looked_at_again(start: int) -> None:
    for seed in range(start, start + 20):
        dice = chance(seed)
        follow(Asking(dice).where(), dice, changes=6)
