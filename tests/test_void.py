"""The dataset describes itself as VoID, and every number in it is what the endpoint counts."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
import rdflib

from aimsgraph.access import Role
from aimsgraph.namespaces import AIMS, RDF, XSD
from aimsgraph.rdf.terms import value_of
from aimsgraph.settings import Settings
from aimsgraph.web import create_app, statistics
from aimsgraph.web.kept import Kept
from site_support import Site, signed_in
from tiny_support import OWNED, PREFIXES, SYSTEM, memory, update

VOID = rdflib.Namespace("http://rdfs.org/ns/void#")
EXT = rdflib.Namespace("http://ldf.fi/void-ext#")
DATASET = rdflib.URIRef("http://localhost/.well-known/void#dataset")

MORE = """INSERT DATA { GRAPH r:main {
  ex:x ex:p ex:bot , 7 , 'text' , 'texte'@fr ; ex:q ex:bot . ex:y a [] , ex:C ; ex:p _:b
} }"""


def site(**settings: Any) -> Site:
    """Return a served graph with a few things in it."""
    graph = memory(Settings(**settings))
    for text in (SYSTEM, OWNED, MORE):
        graph.commit(update(text))
    return Site(graph, create_app(graph).test_client(), {})


def described(at: Site, query: str = "", **headers: str) -> rdflib.Graph:
    """Return what the service says of its dataset."""
    answer = at.get(f"/.well-known/void{query}", Accept="application/n-triples", **headers)
    assert answer.status_code == 200
    return rdflib.Graph().parse(data=answer.text, format="nt")


def number(graph: rdflib.Graph, node: Any, name: str) -> int:
    """Return one number."""
    return int(graph.value(node, VOID[name], any=False))


def counted(at: Site, query: str) -> Counter[tuple[str, ...]]:
    """Return what the endpoint counts: the last column, by the others."""
    rows = at.graph.view().ask(PREFIXES + query).rows
    return Counter(
        {tuple(value_of(one) for one in row[:-1]): int(value_of(row[-1])) for row in rows}
    )


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("triples", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
        ("distinctSubjects", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"),
        ("distinctObjects", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"),
        ("entities", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c }"),
        ("properties", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }"),
        ("classes", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c FILTER(isIRI(?c)) }"),
    ],
)
def test_each_sum_is_what_the_endpoint_counts(name: str, query: str) -> None:
    at = site()

    assert number(described(at), DATASET, name) == counted(at, query)[()]


def test_each_class_has_as_many_things_as_there_are() -> None:
    at = site()
    graph = described(at)
    found = {
        (str(graph.value(part, VOID["class"])),): number(graph, part, "entities")
        for part in graph.objects(DATASET, VOID.classPartition)
    }

    wanted = "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER(isIRI(?c)) } GROUP BY ?c"
    assert found == counted(at, wanted)


def test_each_property_has_as_many_statements_as_there_are() -> None:
    at = site()
    graph = described(at)
    found = {
        (str(graph.value(part, VOID.property)),): number(graph, part, "triples")
        for part in graph.objects(DATASET, VOID.propertyPartition)
    }

    assert found == counted(at, "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p")


def test_each_class_has_its_properties() -> None:
    at = site()
    graph = described(at)
    found = {
        (str(graph.value(part, VOID["class"])), str(graph.value(inner, VOID.property))): number(
            graph, inner, "triples"
        )
        for part in graph.objects(DATASET, VOID.classPartition)
        for inner in graph.objects(part, VOID.propertyPartition)
    }

    wanted = """SELECT ?c ?p (COUNT(*) AS ?n)
        { ?s a ?c ; ?p ?o FILTER(isIRI(?c)) } GROUP BY ?c ?p"""
    assert found == counted(at, wanted)


def values(graph: rdflib.Graph, inner: Any) -> dict[str, int]:
    """Return what a property points to, as VoID says it, with how often."""
    parts = [(VOID.classPartition, VOID["class"]), (EXT.datatypePartition, EXT.datatype)]
    return {
        str(graph.value(part, word)): number(graph, part, "triples")
        for to, word in parts
        for part in graph.objects(inner, to)
    }


def inner_of(graph: rdflib.Graph, whole: Any, name: str) -> Any:
    """Return the part of a whole that has one property."""
    [found] = [
        part
        for part in graph.objects(whole, VOID.propertyPartition)
        if str(graph.value(part, VOID.property)) == name
    ]
    return found


def test_a_property_says_what_it_points_to() -> None:
    graph = described(site())

    assert values(graph, inner_of(graph, DATASET, "https://example.org/p")) == {
        f"{AIMS}AISystem": 1,
        f"{AIMS}Record": 1,
        f"{XSD}integer": 1,
        f"{XSD}string": 1,
        f"{RDF}langString": 1,
    }


def test_a_class_says_what_its_property_points_to_where_all_agree() -> None:
    graph = described(site())
    [system] = [
        part
        for part in graph.objects(DATASET, VOID.classPartition)
        if str(graph.value(part, VOID["class"])) == f"{AIMS}AISystem"
    ]

    owned = values(graph, inner_of(graph, system, f"{AIMS}ownedBy"))
    assert owned == {f"{AIMS}Person": 1, f"{AIMS}Record": 1}


def test_values_are_not_looked_at_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "MOST_FOR_DATATYPES", 10)

    graph = described(site())

    assert not list(graph.subject_objects(EXT.datatypePartition))
    assert list(graph.subject_objects(VOID.classPartition))


def test_it_says_where_the_dataset_is_reached() -> None:
    at = site()
    graph = described(at)
    reached = {str(graph.value(DATASET, VOID[name])) for name in ("sparqlEndpoint", "dataDump")}
    example = graph.value(DATASET, VOID.exampleResource)

    assert reached == {"http://localhost/sparql", "http://localhost/graphs?default"}
    for address in reached:
        assert at.get(address.removeprefix("http://localhost")).status_code == 200
    lookup = str(graph.value(DATASET, VOID.uriLookupEndpoint))
    assert at.get(lookup.removeprefix("http://localhost") + str(example)).status_code == 200


def test_the_graph_without_a_name_counts_in_every_mode() -> None:
    at = site(default_graph="unnamed")
    at.headers.update(signed_in(at.graph, "Ada"))
    at.update("INSERT DATA { ex:z ex:only 1 }")
    graph = described(at)

    assert number(graph, inner_of(graph, DATASET, "https://example.org/only"), "triples") == 1
    assert number(graph, inner_of(graph, DATASET, "https://example.org/q"), "triples") == 1


def test_a_limited_reader_is_told_of_their_own_graphs_only() -> None:
    at = site()
    at.headers.update(signed_in(at.graph, "Eve", Role.READER, ["https://example.org/g"]))
    graph = described(at)

    assert "https://example.org/p" not in {str(one) for one in graph.objects(None, VOID.property)}


def test_it_is_of_one_state_of_the_graph() -> None:
    at = site()
    answer = at.get("/.well-known/void")

    assert at.get("/.well-known/void", If_None_Match=answer.headers["ETag"]).status_code == 304
    at.headers.update(signed_in(at.graph, "Ada"))
    at.update("INSERT DATA { GRAPH r:main { ex:new a ex:New } }")
    after = at.get("/.well-known/void", If_None_Match=answer.headers["ETag"])
    assert after.status_code == 200
    assert "https://example.org/New" in after.text
    assert "https://example.org/New" not in at.get("/.well-known/void?as-of=2").text


def test_it_is_negotiated() -> None:
    at = site()

    assert at.get("/.well-known/void").mimetype == "text/turtle"
    assert at.get("/.well-known/void", Accept="application/ld+json").mimetype == (
        "application/ld+json"
    )
    assert at.get("/.well-known/void", Accept="image/png").status_code == 406


@pytest.mark.parametrize(
    ("path", "links"),
    [
        ("/", {"describedby", "service-desc"}),
        ("/sparql", {"describedby"}),
        ("/sparql?query=ASK {}", {"describedby"}),
        ("/sparql?as-of=1", {"describedby", "original timegate"}),
        ("/queries", set()),
    ],
)
def test_who_comes_by_is_told_of_it(path: str, links: set[str]) -> None:
    at = site()
    found = {
        link.partition("; rel=")[2].strip('"'): link.partition(">")[0][len("<http://localhost") :]
        for link in at.get(path).headers.get_all("Link")
    }

    assert set(found) == links
    for name in links - {"original timegate"}:
        assert at.get(found[name]).status_code == 200


def test_the_last_few_are_kept() -> None:
    kept: Kept[str] = Kept(2)
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    for name in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(name, partial(make, name)) == name.upper()

    assert made == ["a", "b", "c", "b"]
