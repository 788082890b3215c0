"""Random requests of SPARQL Update: plain ones, and ones of everything that may stand in one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pyoxigraph as ox

PROLOGUE = "PREFIX : <urn:> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
NOT_OURS = "FILTER(STRSTARTS(STR(?g), 'urn:'))"
GRAPHS = (":g1", ":g2", "<urn:g3>")
NODES = (":a", ":b", "<urn:c>", ":d.e")
PREDICATES = (":p", ":q", "a")
VALUES = (
    *("1", "'01'^^xsd:integer", "'1.50'^^xsd:decimal", "true", "'1'^^xsd:boolean", "2e0"),
    *("'z'@en", "'Z'@EN", '"""} # ?x { "" """', r"'\'; \\'", "'text'"),
)


class Plain:
    """Makes requests over so few terms that most of them change something."""

    prologue = ""
    graphs = ("<urn:g1>", "<urn:g2>")

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - to be repeated
        self.pick = self.chance.choice

    def triple(self, *, variables: bool) -> str:
        """Return one triple, or a pattern of one."""
        terms = ["<urn:a>", "<urn:b>", *(["?x", "?y"] if variables else [])]
        values = [*terms, "1", "'z'@en"]
        predicate = self.pick(["<urn:p>", "<urn:q>"])
        return f"{self.pick(terms)} {predicate} {self.pick(values)} ."

    def group(self, *, variables: bool = False) -> str:
        """Return data, a template or a pattern, all in one graph."""
        inner = " ".join(self.triple(variables=variables) for _ in range(self.chance.randint(1, 3)))
        is_named = self.chance.random() < 0.6
        return (
            f"{{ GRAPH {self.pick(self.graphs)} {{ {inner} }} }}" if is_named else f"{{ {inner} }}"
        )

    def operation(self) -> str:
        """Return one operation."""
        target = self.pick(["DEFAULT", "NAMED", "ALL", f"GRAPH {self.pick(self.graphs)}"])
        with_ = self.pick(["", "", f"WITH {self.pick(self.graphs)} "])
        using = self.pick(["", "", f"USING {self.pick(self.graphs)} "])
        where = self.group(variables=True)
        return self.pick(
            [
                *[f"INSERT DATA {self.group()}"] * 4,
                f"DELETE DATA {self.group()}",
                f"DELETE WHERE {where}",
                f"{with_}DELETE {where} INSERT {self.group()} {using}WHERE {where}",
                f"{with_}INSERT {self.group()} {using}WHERE {self.group(variables=True)}",
                f"{self.pick(['CLEAR', 'DROP'])} SILENT {target}",
            ]
        )

    def request(self, store: ox.Store) -> list[str]:
        """Return the operations of a request."""
        if self.chance.random() < 0.2:
            return [transfer(self.chance, store, self.graphs)]
        return [self.operation() for _ in range(self.chance.randint(1, 3))]


class Rich:
    """Makes requests of everything that may stand in one."""

    prologue = PROLOGUE

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

    def request(self, store: ox.Store) -> list[str]:
        """Return the operations of a request."""
        if self.chance.random() < 0.1:
            return [transfer(self.chance, store, GRAPHS)]
        return [self.operation() for _ in range(self.size(3))]


def transfer(chance: random.Random, store: ox.Store, graphs: Sequence[str]) -> str:
    """Return a move between graphs, from one that holds something: the engine knows empty ones."""
    named = {str(quad.graph_name) for quad in store} - {str(ox.DefaultGraph())}
    source = chance.choice(["DEFAULT", *sorted(named)])
    target = chance.choice(["DEFAULT", *graphs])
    return f"{chance.choice(['ADD', 'COPY', 'MOVE'])} {source} TO {target}"
