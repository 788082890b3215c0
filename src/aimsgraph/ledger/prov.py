"""The ledger as data: each changeset as PROV-O in the history graph.

These statements follow from the headers alone. They are not digested, since
they hold the digests; `verify` compares them with the headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from aimsgraph.ledger.changeset import Changeset, Header
from aimsgraph.ledger.delta import Delta
from aimsgraph.namespaces import (
    AIMS,
    BASE,
    DCTERMS,
    HISTORY_GRAPH,
    PROV,
    RDF,
    RDFS,
    WORKSPACE_GRAPH,
    is_records,
)
from aimsgraph.rdf.terms import Term, typed

STATE: Final = f"{BASE}/workspace"
CHANGESET: Final = f"{BASE}/changeset/"
AGENT: Final = f"{BASE}/agent/"


def changeset_iri(generation: int) -> str:
    """Return the IRI of a changeset."""
    return f"{CHANGESET}{generation}"


def agent_iri(name: str) -> str:
    """Return the IRI of whoever made a change, from the name they go by."""
    return AGENT + quote(name, safe="")


def bookkeeping(changeset: Changeset) -> Delta:
    """Return what a changeset adds to history and to the state of the workspace."""
    header = changeset.header
    added = dict.fromkeys([*_described(header), *_changed(changeset), _state(header.generation)])
    before = header.generation - 1
    return Delta(added, dict.fromkeys([_state(before)] if before else []))


def _described(header: Header) -> Iterator[ox.Quad]:
    subject = changeset_iri(header.generation)
    agent = agent_iri(header.author)
    yield from _say(subject, f"{RDF}type", _aims("Changeset"))
    yield from _say(subject, f"{RDFS}label", _text(f"changeset {header.generation}"))
    yield from _say(subject, f"{AIMS}generation", _number(header.generation))
    yield from _say(subject, f"{PROV}endedAtTime", typed(header.time, "dateTime"))
    yield from _say(subject, f"{PROV}wasAssociatedWith", ox.NamedNode(agent))
    yield from _say(subject, f"{AIMS}changeKind", ox.Literal(header.kind))
    yield from _say(subject, f"{AIMS}changesetDigest", ox.Literal(header.digest))
    yield from _say(subject, f"{AIMS}addedCount", _number(header.asserted.added))
    yield from _say(subject, f"{AIMS}removedCount", _number(header.asserted.removed))
    if header.message:
        yield from _say(subject, f"{DCTERMS}description", ox.Literal(header.message))
    if header.effective:
        yield from _say(subject, f"{AIMS}effectiveAt", typed(header.effective, "dateTime"))
    if header.idempotency:
        key = ox.Literal(header.idempotency)
        yield from _say(subject, f"{AIMS}idempotencyKey", key)
    if header.generation > 1:
        before = ox.NamedNode(changeset_iri(header.generation - 1))
        yield from _say(subject, f"{PROV}wasInformedBy", before)
    yield from _say(agent, f"{RDF}type", ox.NamedNode(f"{PROV}Agent"))
    yield from _say(agent, f"{RDFS}label", ox.Literal(header.author))


def _changed(changeset: Changeset) -> Iterator[ox.Quad]:
    """Yield which records a changeset is about, blank nodes left out."""
    subject = ox.NamedNode(changeset_iri(changeset.header.generation))
    predicate, graph = _aims("changed"), ox.NamedNode(HISTORY_GRAPH)
    for name in changed_records(changeset):
        yield ox.Quad(subject, predicate, ox.NamedNode(name), graph)


def changed_records(changeset: Changeset) -> set[str]:
    """Return the IRIs of the records that a changeset states something of, or no longer."""
    names: set[str] = set()
    for line in changeset.lines:
        statement = line.statement
        if statement[0] != "<":
            continue
        end = statement.rfind(" ")
        graph = statement[end + 2 : -1] if statement[end + 1 : end + 2] == "<" else ""
        if is_records(graph):
            names.add(statement[1 : statement.index(">")])
    return names


def forget(engine: ox.Store, first: int, last: int) -> None:
    """Take the bookkeeping of the changesets from `first` to `last` out of a store."""
    history = ox.NamedNode(HISTORY_GRAPH)
    gone = dict.fromkeys(
        quad
        for generation in range(first, last + 1)
        for quad in engine.quads_for_pattern(
            ox.NamedNode(changeset_iri(generation)), None, None, history
        )
    )
    Delta(dict.fromkeys([_state(first - 1)]), {**gone, _state(last): None}).apply(engine)
    engine.update(_FORGET_AGENTS)


_FORGET_AGENTS: Final = f"""
WITH <{HISTORY_GRAPH}>
DELETE {{ ?agent ?p ?o }}
WHERE {{
  ?agent a <{PROV}Agent> ; ?p ?o .
  FILTER NOT EXISTS {{ ?changeset <{PROV}wasAssociatedWith> ?agent }}
}}
"""


def _state(generation: int) -> ox.Quad:
    return ox.Quad(
        ox.NamedNode(STATE),
        _aims("generation"),
        _number(generation),
        ox.NamedNode(WORKSPACE_GRAPH),
    )


def _say(subject: str, predicate: str, value: Term) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(HISTORY_GRAPH)
    yield ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value, graph)


def _aims(name: str) -> ox.NamedNode:
    return ox.NamedNode(AIMS + name)


def _number(value: int) -> ox.Literal:
    return typed(str(value), "integer")


def _text(value: str) -> ox.Literal:
    return ox.Literal(value, language="en")
