"""What the endpoint is, as SPARQL 1.1 Service Description says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from aimsgraph.access import Right
from aimsgraph.formats import GRAPH_FORMATS, TABLE_FORMATS, Format
from aimsgraph.namespaces import RDF, UNNAMED, XSD
from aimsgraph.rdf.terms import typed
from aimsgraph.settings import Settings
from aimsgraph.view import View

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"
SIMPLE: Final = "http://www.w3.org/ns/entailment/Simple"
"""What is inferred lies in the graph as statements; queries are answered from statements alone."""

FUNCTIONS: Final = ("date", "time", "duration", "dayTimeDuration", "yearMonthDuration")
"""Constructors of XML Schema that the engine has beyond those of SPARQL 1.1."""

_A: Final = ox.NamedNode(f"{RDF}type")

Node = ox.NamedNode | ox.BlankNode


@dataclass(frozen=True)
class Addresses:
    """Where the parts of the service are, as the current request reaches them."""

    query: str
    update: str
    dataset: str
    """What stands for all that the caller may read, as VoID describes it."""


def description(
    view: View, sizes: Mapping[str, int], at: Addresses, settings: Settings
) -> list[ox.Triple]:
    """Return what the service tells a caller of itself.

    Args:
        view: what the caller looks at.
        sizes: the graphs in it, with the number of statements in each.
        at: the addresses of the service.
        settings: those of the service.
    """
    service, dataset = ox.BlankNode("service"), ox.BlankNode("dataset")
    found = [
        *_service(service, at.query, dataset),
        ox.Triple(service, _sd("availableGraphs"), dataset),
        ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL10Query")),
        ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query")),
        *_formats(service, "resultFormat", (*TABLE_FORMATS, *GRAPH_FORMATS)),
        *_functions(service),
        *(ox.Triple(service, _sd("feature"), _sd(one)) for one in _features(view, settings)),
        *_dataset(dataset, view, sizes, at.dataset),
    ]
    if view.past is None and view.caller.may(Right.WRITE):
        update = ox.BlankNode("update")
        found += [
            *_service(update, at.update, dataset),
            ox.Triple(update, _sd("supportedLanguage"), _sd("SPARQL11Update")),
            *_formats(update, "inputFormat", GRAPH_FORMATS),
        ]
    return found


def _service(node: Node, address: str, dataset: Node) -> Iterator[ox.Triple]:
    yield ox.Triple(node, _A, _sd("Service"))
    yield ox.Triple(node, _sd("endpoint"), ox.NamedNode(address))
    yield ox.Triple(node, _sd("defaultEntailmentRegime"), ox.NamedNode(SIMPLE))
    yield ox.Triple(node, _sd("defaultDataset"), dataset)


def _formats(node: Node, name: str, formats: tuple[Format, ...]) -> Iterator[ox.Triple]:
    for one in formats:
        yield ox.Triple(node, _sd(name), format_iri(one))


def format_iri(one: Format) -> ox.NamedNode:
    """Return what the W3C calls a format; the engine has another name for JSON-LD."""
    own = {"jsonld": "http://www.w3.org/ns/formats/JSON-LD"}
    return ox.NamedNode(own.get(one.name, one.writer.iri))


def _functions(service: Node) -> Iterator[ox.Triple]:
    for name in FUNCTIONS:
        function = ox.NamedNode(XSD + name)
        yield ox.Triple(service, _sd("extensionFunction"), function)
        yield ox.Triple(function, _A, _sd("Function"))


def _features(view: View, settings: Settings) -> Iterator[str]:
    if view.is_union:
        yield "UnionDefaultGraph"
    if settings.service_hosts:
        yield "BasicFederatedQuery"


def _dataset(
    dataset: Node, view: View, sizes: Mapping[str, int], everything: str
) -> Iterator[ox.Triple]:
    """Yield the graphs a query is asked of, among which it may also choose by FROM."""
    yield ox.Triple(dataset, _A, _sd("Dataset"))
    yield ox.Triple(dataset, _A, _sd("GraphCollection"))
    default: Node = ox.NamedNode(everything) if view.is_union else ox.BlankNode("unnamed")
    count = sum(sizes.values()) if view.is_union else sizes.get(UNNAMED, 0)
    yield ox.Triple(dataset, _sd("defaultGraph"), default)
    yield from _graph(default, count)
    for number, (name, size) in enumerate(sorted(sizes.items())):
        if name != UNNAMED:
            named, graph = ox.BlankNode(f"named{number}"), ox.BlankNode(f"graph{number}")
            yield ox.Triple(dataset, _sd("namedGraph"), named)
            yield ox.Triple(named, _A, _sd("NamedGraph"))
            yield ox.Triple(named, _sd("name"), ox.NamedNode(name))
            yield ox.Triple(named, _sd("graph"), graph)
            yield from _graph(graph, size)


def _graph(node: Node, size: int) -> Iterator[ox.Triple]:
    yield ox.Triple(node, _A, _sd("Graph"))
    yield ox.Triple(node, ox.NamedNode(f"{VOID}triples"), typed(str(size), "integer"))


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(SD + name)
