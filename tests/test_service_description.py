"""The endpoint says what it is, as SPARQL 1.1 Service Description has it, and it is true."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from aimsgraph.access import Role
from aimsgraph.namespaces import RDF, XSD
from aimsgraph.rdf.terms import value_of
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from aimsgraph.web.description import FUNCTIONS, SD
from site_support import Site, signed_in
from tiny_support import SYSTEM, memory, update

S = rdflib.Namespace(SD)
VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
A = rdflib.URIRef(f"{RDF}type")


def site(role: Role | None = None, **settings: Any) -> Site:
    """Return a served graph with a system in it."""
    graph = memory(Settings(**settings))
    graph.commit(update(SYSTEM))
    headers = {} if role is None else signed_in(graph, "Ada", role)
    return Site(graph, create_app(graph).test_client(), headers)


def described(at: Site, path: str = "/sparql") -> rdflib.Graph:
    """Return the service description."""
    answer = at.get(path, Accept="application/n-triples")
    assert answer.status_code == 200
    return rdflib.Graph().parse(data=answer.text, format="nt")


def service(graph: rdflib.Graph, path: str = "sparql") -> rdflib.term.Node | None:
    """Return the one service at an address."""
    return graph.value(None, S.endpoint, rdflib.URIRef(f"http://localhost/{path}"), any=False)


@pytest.mark.parametrize(
    "media_type",
    ["text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"],
)
def test_it_comes_in_every_format(media_type: str) -> None:
    answer = site().get("/sparql", Accept=media_type)

    assert answer.mimetype == media_type
    assert "http://localhost/sparql" in answer.text


def test_every_service_is_one_of_its_schema() -> None:
    graph = described(site(Role.EDITOR))

    for one in graph.subjects(A, S.Service):
        assert len(list(graph.objects(one, S.endpoint))) == 1
        for dataset in graph.objects(one, S.defaultDataset):
            assert (dataset, A, S.Dataset) in graph
            assert len(list(graph.objects(dataset, S.defaultGraph))) == 1
    for named in graph.objects(None, S.namedGraph):
        assert (named, A, S.NamedGraph) in graph
        assert graph.value(named, S.name, any=False) is not None
        assert (graph.value(named, S.graph), A, S.Graph) in graph
    named_graphs = set(graph.subjects(A, S.NamedGraph))
    assert named_graphs == set(graph.objects(None, S.namedGraph))


@pytest.mark.parametrize(
    ("settings", "features"),
    [
        ({}, {S.UnionDefaultGraph}),
        ({"default_graph": "unnamed"}, set()),
        (
            {"service_hosts": ("example.org",)},
            {S.UnionDefaultGraph, S.BasicFederatedQuery},
        ),
    ],
)
def test_it_says_what_the_settings_make_of_it(
    settings: dict[str, Any], features: set[rdflib.URIRef]
) -> None:
    graph = described(site(**settings))

    assert set(graph.objects(service(graph), S.feature)) == features


@pytest.mark.parametrize(
    ("role", "writes"), [(None, False), (Role.READER, False), (Role.EDITOR, True)]
)
def test_updates_are_offered_to_who_may_write(role: Role | None, writes: bool) -> None:
    graph = described(site(role))
    languages = set(graph.objects(service(graph), S.supportedLanguage))
    update_service = graph.value(None, S.supportedLanguage, S.SPARQL11Update)

    assert S.SPARQL11Query in languages
    assert (update_service is not None) == writes
    if writes:
        assert update_service == service(graph, "update")
        assert len(list(graph.objects(update_service, S.inputFormat))) == 6


def test_the_past_takes_no_updates() -> None:
    graph = described(site(Role.EDITOR), "/sparql?as-of=1")

    assert not list(graph.subjects(S.supportedLanguage, S.SPARQL11Update))


def size_of(graph: rdflib.Graph, node: rdflib.term.Node | None) -> int:
    """Return how many statements a graph is said to hold."""
    return int(str(graph.value(node, VOID.triples)))


@pytest.mark.parametrize("mode", ["union", "unnamed"])
def test_every_graph_is_named_with_its_size(mode: str) -> None:
    at = site(Role.EDITOR, default_graph=mode)
    if mode == "unnamed":
        at.update("INSERT DATA { ex:a ex:b 1, 2 }")
    graph = described(at)
    found = {
        str(graph.value(one, S.name)): size_of(graph, graph.value(one, S.graph))
        for one in graph.objects(None, S.namedGraph)
    }
    default = graph.value(graph.value(service(graph), S.defaultDataset), S.defaultGraph)

    view = at.graph.view()
    assert found == {name: size for name, size in view.graphs().items() if name}
    [[count]] = view.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows
    assert size_of(graph, default) == int(value_of(count))


def test_a_limited_reader_hears_of_their_own_graphs_only() -> None:
    at = site()
    at.headers.update(signed_in(at.graph, "Eve", Role.READER, ["https://example.org/g"]))

    assert "records/main" not in at.get("/sparql", Accept="text/turtle").text


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_engine_has_the_functions_that_are_named(name: str) -> None:
    text = {"date": "2026-11-20", "time": "12:00:00Z", "yearMonthDuration": "P1Y"}.get(name, "P1D")
    found = memory().ask(f'SELECT (<{XSD}{name}>("{text}") AS ?x) {{}}')

    assert found.rows == [(ox.Literal(text, datatype=ox.NamedNode(XSD + name)),)]


def test_every_result_format_is_given() -> None:
    at = site()
    graph = described(at)
    formats = {str(one).rsplit("/", 1)[-1] for one in graph.objects(service(graph), S.resultFormat)}

    assert formats == {
        *(f"SPARQL_Results_{one}" for one in ("JSON", "XML", "CSV", "TSV")),
        *("Turtle", "N-Triples", "JSON-LD", "RDF_XML", "TriG", "N-Quads"),
    }
