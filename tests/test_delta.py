"""Removing quads: in the form the engine holds them, and whatever their object is."""

from __future__ import annotations

import pyoxigraph as ox

from aimsgraph import Change
from aimsgraph.namespaces import RECORDS_GRAPHS, XSD
from tiny_support import memory

GRAPH = ox.NamedNode(f"{RECORDS_GRAPHS}main")
P = ox.NamedNode("urn:p")


def quad(value: ox.Literal | ox.Triple) -> ox.Quad:
    """Return a statement of a value."""
    return ox.Quad(ox.NamedNode("urn:s"), P, value, GRAPH)


def test_a_value_is_removed_in_whatever_form_it_is_named() -> None:
    graph = memory()
    one, padded = (
        ox.Literal(text, datatype=ox.NamedNode(f"{XSD}integer")) for text in ("1", "001")
    )
    graph.commit(Change((quad(one),)))

    receipt = graph.commit(Change(removed=(quad(padded),)))

    (line,) = graph.changeset(receipt.generation).asserted
    assert line.statement == str(quad(one))
    assert graph.view().record_count == 0


def test_many_triple_terms_are_removed() -> None:
    graph = memory()
    terms = (ox.Triple(ox.NamedNode(f"urn:{n}"), P, ox.Literal("x")) for n in range(60))
    quads = tuple(quad(term) for term in terms)
    graph.commit(Change(quads))

    assert graph.commit(Change(removed=quads)).removed == 60
    assert graph.view().record_count == 0
