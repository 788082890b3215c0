"""Random requests, on our graph and on the engine alone: the same dataset after each.

`tests/test_update_reference.py` does so for plain operations. Here the WHERE
clauses are made of everything that may stand in one, datasets are named in all
ways, and the changeset is held against the difference.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pyoxigraph as ox

from aimsgraph import Update
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.rdf.terms import graph_name
from aimsgraph.settings import Settings
from tiny_support import memory

REQUESTS = 400
PROLOGUE = "PREFIX : <urn:> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
NOT_OURS = "FILTER(STRSTARTS(STR(?g), 'urn:'))"
GRAPHS = (":g1", ":g2", "<urn:g3>")
NODES = (":a", ":b", "<urn:c>", ":d.e")
PREDICATES = (":p", ":q", "a")
VALUES = (
    *("1", "'01'^^xsd:integer", "'1.50'^^xsd:decimal", "true", "'1'^^xsd:boolean", "2e0"),
    *("'z'@en", "'Z'@EN", '"""} # ?x { "" """', r"'\'; \\'", "'text'"),
)


class Generator:
    """Makes requests from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.pick = self.chance.choice

    def triple(self, *, variables: bool) -> str:
        """Return one triple, or a pattern of one."""
        free = ("?x", "?y", "$z") if variables else ()
        subject = self.pick((*NODES, *free, *free))
        predicate = self.pick((*PREDICATES, *(("?p",) if variables else ())))
        values = ", ".join(self.pick((*NODES, *VALUES, *free, *free)) for _ in range(self.size(2)))
        return f"{subject} {predicate} {values} ."

    def size(self, most: int) -> int:
        """Return how many there are of something."""
        return self.chance.randint(1, most)

    def quads(self, *, variables: bool, graph: str = "") -> str:
        """Return a template, or data; `graph` is one more that it may name."""
        parts = []
        for _ in range(self.size(3)):
            inner = " ".join(self.triple(variables=variables) for _ in range(self.size(2)))
            name = self.pick((*GRAPHS, graph or ":g1"))
            parts.append(self.pick((inner, f"GRAPH {name} {{ {inner} }} # }} ?x\n")))
        return f"{{ {' '.join(parts)} }}"

    def where(self, depth: int = 2) -> str:
        """Return a group graph pattern; every one begins with a triple.

        So none matches a graph that is empty, which the engine knows and we do not.
        """
        parts = [self.triple(variables=True)]
        forms: tuple[Callable[[], str], ...] = (
            lambda: f"GRAPH {self.pick(GRAPHS)} {self.where(depth - 1)}",
            lambda: f"GRAPH ?g {self.where(depth - 1)} {NOT_OURS}",
            lambda: f"OPTIONAL {self.where(depth - 1)}",
            lambda: f"{self.where(depth - 1)} UNION {self.where(depth - 1)}",
            lambda: f"MINUS {self.where(depth - 1)}",
            lambda: f"FILTER {self.pick(('', 'NOT '))}EXISTS {self.where(depth - 1)}",
            lambda: f"{{ SELECT DISTINCT ?x ?g WHERE {self.where(depth - 1)} }}",
        )
        parts += [self.pick(forms)() for _ in range(self.chance.randint(0, 2) if depth else 0)]
        parts.append(
            self.pick(
                (
                    *("", "", "FILTER(?x != :a && isIRI(?x))", "FILTER(?y < 2 || isLiteral(?y))"),
                    "VALUES ?z { :a UNDEF '01'^^xsd:integer 'text' }",
                    f"BIND({self.pick(NODES)} AS ?n{self.chance.getrandbits(40)})",
                    "{ :a (:p|:q)*/^:p? ?x }",
                )
            )
        )
        return f"{{ {' '.join(parts)} }}"

    def modification(self) -> str:
        """Return a DELETE, an INSERT, or both."""
        with_ = self.pick(("", "", f"WITH {self.pick(GRAPHS)} "))
        several = [
            f"USING {self.pick(('', 'NAMED '))}{self.pick(GRAPHS)} " for _ in range(self.size(2))
        ]
        using = self.pick(("", "", "".join(several)))
        delete = f"DELETE {self.quads(variables=True, graph='?g')} "
        insert = f"INSERT {self.quads(variables=True, graph='?g')} "
        return f"{with_}{self.pick((delete, insert, delete + insert))}{using}WHERE {self.where()}"

    def operation(self) -> str:
        """Return one operation."""
        target = self.pick(("DEFAULT", "NAMED", "ALL", *(f"GRAPH {one}" for one in GRAPHS)))
        forms: tuple[Callable[[], str], ...] = (
            *[lambda: f"insert data {self.quads(variables=False)}"] * 4,
            lambda: f"Delete Data {self.quads(variables=False)}",
            lambda: f"DELETE WHERE {self.quads(variables=True)}",
            *[self.modification] * 8,
            lambda: f"{self.pick(('CLEAR', 'DROP'))} SILENT {target}",
        )
        return self.pick(forms)()

    def transfer(self, store: ox.Store) -> str:
        """Return a move between graphs, from one that holds something."""
        named = {str(quad.graph_name) for quad in store} - {str(ox.DefaultGraph())}
        source = self.pick(("DEFAULT", *sorted(named)))
        target = self.pick(("DEFAULT", *GRAPHS))
        return f"{self.pick(('ADD', 'COPY', 'MOVE'))} {source} TO {target}"

    def request(self, store: ox.Store) -> list[str]:
        """Return the operations of a request."""
        if self.chance.random() < 0.1:
            return [self.transfer(store)]
        return [self.operation() for _ in range(self.size(3))]


def records(graph: AimsGraph) -> set[str]:
    """Return what the record graphs hold."""
    view = graph.view()
    names = [name for name in view.readable if is_records(name) and name != UNNAMED]
    return {str(quad) for name in (*names, UNNAMED) for quad in view.quads(name)}


def stated(quads: Iterable[ox.Quad]) -> set[str]:
    """Return those quads of a changeset that lie in record graphs."""
    return {str(one) for one in quads if is_records(graph_name(one.graph_name))}


def full(text: str) -> str:
    """Return a request as the engine reads it: it stops at the dot within a name."""
    return PROLOGUE + text.replace(":d.e", "<urn:d.e>")


def test_random_requests_do_what_the_engine_does() -> None:
    generator = Generator(42001)
    graph = memory(Settings(default_graph="unnamed"))
    reference = ox.Store()
    changed = 0
    before: set[str] = set()
    for _ in range(REQUESTS):
        several = generator.request(reference)
        reference.update(full(" ;\n".join(several)))

        # Each operation of ours has a prologue of its own, which the grammar allows.
        receipt = graph.commit(Update(" ;\n".join(PROLOGUE + one for one in several)))

        after = records(graph)
        assert after == {str(quad) for quad in reference}, several
        added, removed = set(), set()
        if receipt.header is not None:
            changed += 1
            changeset = graph.changeset(receipt.generation)
            added, removed = stated(changeset.added()), stated(changeset.removed())
        assert (added, removed) == (after - before, before - after), several
        before = after
    assert changed > REQUESTS / 3
