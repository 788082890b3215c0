"""The ledger as data: each changeset as PROV-O in the history graph.

These statements follow from the headers alone. They are not digested, since
they hold the digests; `verify` compares them with the headers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from aimsgraph.ledger.changeset import LOAD, Changeset, Header
from aimsgraph.ledger.delta import Delta
from aimsgraph.ledger.lines import split
from aimsgraph.namespaces import (
    AIMS,
    BASE,
    DCTERMS,
    HISTORY_GRAPH,
    PROV,
    RDF,
    RDFS,
    UNNAMED,
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


def bookkeeping_of(changeset: Changeset) -> Delta:
    """Return what a whole changeset adds to history and to the state of the workspace."""
    if changeset.header.order == LOAD:
        graphs = {_graph_of(line.statement) for line in changeset.asserted}
        return bookkeeping(changeset.header, filled=graphs)
    return bookkeeping(changeset.header, changed_records(changeset))


def bookkeeping(header: Header, records: Iterable[str] = (), filled: Iterable[str] = ()) -> Delta:
    """Return what a changeset adds to history and to the state of the workspace.

    Args:
        header: that of the changeset.
        records: the IRIs of the records that it changed.
        filled: the graphs that it filled, in the place of the records in them.
    """
    changed = [
        *_links(header, "changed", records),
        *_links(header, "filledGraph", (name for name in filled if name != UNNAMED)),
    ]
    added = dict.fromkeys([*_described(header), *changed, _state(header.generation)])
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


def _links(header: Header, link: str, names: Iterable[str]) -> Iterator[ox.Quad]:
    """Yield what a changeset is about."""
    subject = ox.NamedNode(changeset_iri(header.generation))
    predicate, graph = _aims(link), ox.NamedNode(HISTORY_GRAPH)
    for name in names:
        yield ox.Quad(subject, predicate, ox.NamedNode(name), graph)


def changed_records(changeset: Changeset) -> set[str]:
    """Return the IRIs of the records that a changeset says something of; blank nodes left out."""
    names: set[str] = set()
    for line in changeset.lines:
        statement = line.statement
        if statement[0] != "<":
            continue
        if is_records(_graph_of(statement)):
            names.add(statement[1 : statement.index(">")])
    return names


def _graph_of(statement: str) -> str:
    """Return the name of the graph a statement in N-Quads lies in."""
    head, _, graph = split(statement) if '"' in statement else statement.rpartition(" ")
    is_unnamed = '"' not in statement and head.count(" ") == 1
    return UNNAMED if is_unnamed or not graph.startswith(("<", " <")) else graph.strip(" <>")


def forget_one(engine: ox.Store, generation: int) -> None:
    """Take what is said of one changeset out of a store; the generation stays as it is."""
    subject = ox.NamedNode(changeset_iri(generation))
    gone = engine.quads_for_pattern(subject, None, None, ox.NamedNode(HISTORY_GRAPH))
    Delta({}, dict.fromkeys(gone)).apply(engine)


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
