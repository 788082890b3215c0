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
from aimsgraph.ledger.lines import REMOVED, quads, split
from aimsgraph.namespaces import (
    AIMS,
    BASE,
    CONFORMITY_GRAPH,
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
        return bookkeeping(changeset.header, filled=graphs, resolved=past_results(changeset))
    return bookkeeping(
        changeset.header, changed_records(changeset), resolved=past_results(changeset)
    )


def bookkeeping(
    header: Header,
    records: Iterable[str] = (),
    filled: Iterable[str] = (),
    resolved: Iterable[ox.Quad] = (),
) -> Delta:
    """Return what a changeset adds to history and to the state of the workspace.

    Args:
        header: that of the changeset.
        records: the IRIs of the records that it changed.
        filled: the graphs that it filled, in the place of the records in them.
        resolved: what is kept of the findings that it resolved, as `past_results` tells it.
    """
    changed = [
        *_links(header, "changed", records),
        *_links(header, "filledGraph", (name for name in filled if name != UNNAMED)),
    ]
    added = dict.fromkeys([*_described(header), *changed, *resolved, _state(header.generation)])
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


def past_results(changeset: Changeset) -> Iterator[ox.Quad]:
    """Yield what history keeps of the findings that a changeset resolved: what, since and until."""
    told: dict[str, list[ox.Quad]] = {}
    gone = [line for line in changeset.lines if line.statement.endswith(_IN_CONFORMITY)]
    for quad in quads(gone, REMOVED):
        if quad.predicate.value in _KEPT and isinstance(quad.subject, ox.NamedNode):
            told.setdefault(quad.subject.value, []).append(quad)
    until = ox.NamedNode(changeset_iri(changeset.header.generation))
    graph = ox.NamedNode(HISTORY_GRAPH)
    for name, found in told.items():
        is_whole = {quad.predicate.value for quad in found} >= {f"{RDF}type", f"{AIMS}focus"}
        if not is_whole:
            continue
        past = ox.NamedNode(f"{name}/{changeset.header.generation}")
        for quad in found:
            value = quad.object
            if value == _aims("CheckResult"):
                value = _aims("PastCheckResult")
            yield ox.Quad(past, quad.predicate, value, graph)
        yield ox.Quad(past, _UNTIL, until, graph)


_IN_CONFORMITY: Final = f"<{CONFORMITY_GRAPH}>"
_KEPT: Final = {f"{RDF}type", *(f"{AIMS}{name}" for name in ("focus", "ofRule", "since"))}
_UNTIL: Final = ox.NamedNode(f"{AIMS}until")


def _graph_of(statement: str) -> str:
    """Return the name of the graph a statement in N-Quads lies in."""
    head, _, graph = split(statement) if '"' in statement else statement.rpartition(" ")
    is_unnamed = '"' not in statement and head.count(" ") == 1
    return UNNAMED if is_unnamed or not graph.startswith(("<", " <")) else graph.strip(" <>")


def forget_one(engine: ox.Store, generation: int) -> None:
    """Take what is said of one changeset out of a store; the generation stays as it is."""
    Delta({}, dict.fromkeys(_told_by(engine, generation))).apply(engine)


def forget(engine: ox.Store, first: int, last: int) -> None:
    """Take the bookkeeping of the changesets from `first` to `last` out of a store."""
    gone = dict.fromkeys(
        quad for generation in range(first, last + 1) for quad in _told_by(engine, generation)
    )
    Delta(dict.fromkeys([_state(first - 1)]), {**gone, _state(last): None}).apply(engine)
    engine.update(_FORGET_AGENTS)


def _told_by(engine: ox.Store, generation: int) -> Iterator[ox.Quad]:
    """Yield what history says of a changeset, and of the findings that it resolved."""
    subject, history = ox.NamedNode(changeset_iri(generation)), ox.NamedNode(HISTORY_GRAPH)
    yield from engine.quads_for_pattern(subject, None, None, history)
    for link in engine.quads_for_pattern(None, _UNTIL, subject, history):
        yield from engine.quads_for_pattern(link.subject, None, None, history)


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
