"""SPARQL Update against the engine's own: the same requests, the same datasets."""

from __future__ import annotations

import random

import pyoxigraph as ox

from aimsgraph import Update
from aimsgraph.namespaces import UNNAMED, is_records
from aimsgraph.settings import Settings
from tiny_support import memory

GRAPHS = ("<urn:g1>", "<urn:g2>")


def random_request(chance: random.Random) -> str:
    """Return a request of one to three operations over a few graphs and terms."""
    graphs = GRAPHS

    def triple(*, variables: bool = False) -> str:
        terms = ["<urn:a>", "<urn:b>", *(["?x", "?y"] if variables else [])]
        values = [*terms, "1", "'z'@en"]
        predicate = chance.choice(["<urn:p>", "<urn:q>"])
        return f"{chance.choice(terms)} {predicate} {chance.choice(values)} ."

    def group(*, variables: bool = False) -> str:
        inner = " ".join(triple(variables=variables) for _ in range(chance.randint(1, 3)))
        is_named = chance.random() < 0.6
        return (
            f"{{ GRAPH {chance.choice(graphs)} {{ {inner} }} }}" if is_named else f"{{ {inner} }}"
        )

    def operation() -> str:
        target = chance.choice(["DEFAULT", "NAMED", "ALL", f"GRAPH {chance.choice(graphs)}"])
        with_ = chance.choice(["", "", f"WITH {chance.choice(graphs)} "])
        using = chance.choice(["", "", f"USING {chance.choice(graphs)} "])
        where = group(variables=True)
        return chance.choice(
            [
                *[f"INSERT DATA {group()}"] * 4,
                f"DELETE DATA {group()}",
                f"DELETE WHERE {where}",
                f"{with_}DELETE {where} INSERT {group()} {using}WHERE {where}",
                f"{with_}INSERT {group()} {using}WHERE {group(variables=True)}",
                f"{chance.choice(['CLEAR', 'DROP'])} SILENT {target}",
            ]
        )

    return " ;\n".join(operation() for _ in range(chance.randint(1, 3)))


def random_transfer(chance: random.Random, reference: ox.Store) -> str:
    """Return an operation from a graph that holds something: the engine knows empty graphs too."""
    named = {f"{quad.graph_name}" for quad in reference} - {str(ox.DefaultGraph())}
    source = chance.choice(["DEFAULT", *sorted(named)])
    target = chance.choice(["DEFAULT", *GRAPHS])
    return f"{chance.choice(['ADD', 'COPY', 'MOVE'])} {source} TO {target}"


def test_the_delta_is_what_the_engine_itself_does() -> None:
    chance = random.Random(3)  # noqa: S311 - to be repeated
    graph = memory(Settings(default_graph="unnamed"))
    reference = ox.Store()
    changed = 0
    for _ in range(400):
        is_transfer = chance.random() < 0.2
        text = random_transfer(chance, reference) if is_transfer else random_request(chance)
        reference.update(text)
        receipt = graph.commit(Update(text))
        changed += receipt.header is not None
        view = graph.view()
        names = [n for n in view.readable if is_records(n) and n != UNNAMED]
        found = {str(quad) for name in (*names, UNNAMED) for quad in view.quads(name)}
        assert found == {str(quad) for quad in reference}, text
    assert changed > 100
