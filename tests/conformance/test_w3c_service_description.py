"""The W3C's tests of SPARQL 1.1 Service Description, over a socket to a running service.

The suite names three tests and has no machine-readable part; what each means
is in the recommendation, by whose sections they are carried out here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF
from rdflib.term import BNode, Node, URIRef

from conformance.suite import entries, manifest, required
from served_support import Served, served

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = "http://www.w3.org/ns/formats/"
UNION = SD.UnionDefaultGraph

ROOT = required() / "service-description"
NAMES = {str(one).rpartition("#")[2] for one in entries(manifest(ROOT / "manifest.ttl"))}

TABLE_FORMATS = {
    f"{FORMATS}SPARQL_Results_JSON": "application/sparql-results+json",
    f"{FORMATS}SPARQL_Results_XML": "application/sparql-results+xml",
    f"{FORMATS}SPARQL_Results_CSV": "text/csv",
    f"{FORMATS}SPARQL_Results_TSV": "text/tab-separated-values",
}
GRAPH_FORMATS = {
    f"{FORMATS}Turtle": "text/turtle",
    f"{FORMATS}N-Triples": "application/n-triples",
    f"{FORMATS}JSON-LD": "application/ld+json",
    f"{FORMATS}RDF_XML": "application/rdf+xml",
    f"{FORMATS}TriG": "application/trig",
    f"{FORMATS}N-Quads": "application/n-quads",
}
"""The names that the W3C gives formats (www.w3.org/ns/formats)."""

LANGUAGES = {SD.SPARQL10Query, SD.SPARQL11Query, SD.SPARQL11Update}
FEATURES = {
    *(SD.DereferencesURIs, SD.UnionDefaultGraph, SD.RequiresDataset),
    *(SD.EmptyGraphs, SD.BasicFederatedQuery),
}

SCHEMA = {
    "endpoint": ("Service", None),
    "feature": ("Service", "Feature"),
    "languageExtension": ("Service", "Feature"),
    "propertyFeature": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "defaultSupportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "supportedEntailmentProfile": ("NamedGraph", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "inputFormat": ("Service", None),
    "resultFormat": ("Service", None),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", None),
    "graph": ("NamedGraph", "Graph"),
}
"""The properties of section 3, with the classes they lead from and to."""

CLASSES = {
    *("Service", "Feature", "Language", "Function", "Aggregate", "EntailmentRegime"),
    *("EntailmentProfile", "GraphCollection", "Dataset", "Graph", "NamedGraph"),
}
ALSO = {"GraphCollection": {SD.GraphCollection, SD.Dataset}}
"""A dataset is a collection of graphs too."""

ENTAILMENT = rdflib.Namespace("http://www.w3.org/ns/entailment/")
REGIMES = {
    ENTAILMENT[one] for one in ("Simple", "RDF", "RDFS", "D", "OWL-Direct", "OWL-RDF-Based", "RIF")
}
KNOWN = {"Language": LANGUAGES, "Feature": FEATURES, "EntailmentRegime": REGIMES}
"""What the vocabulary has by name need not be given its class again."""


@pytest.fixture(scope="module", params=["union", "unnamed"])
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Return a service, with either kind of default graph."""
    folder = tmp_path_factory.mktemp(str(request.param))
    with served(folder, default_graph=request.param) as running:
        yield running


def described(
    service: Served, media_type: str | None = None, target: str = "/sparql"
) -> ox.Dataset:
    """Return what a service says about itself, read by its own media type."""
    reply = service.send("GET", target, headers={"Accept": media_type} if media_type else {})
    kind = ox.RdfFormat.from_media_type(reply.media_type)
    assert reply.status == 200
    assert kind is not None, reply.media_type
    assert media_type in {None, reply.media_type}
    found = ox.Dataset(ox.parse(reply.body, kind, base_iri=service.base + target))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def graph(service: Served) -> rdflib.Graph:
    """Return what a service says about itself."""
    lines = "".join(f"{quad.triple} .\n" for quad in described(service))
    return rdflib.Graph().parse(data=lines, format="nt")


def returns_rdf(service: Served) -> None:
    """See that a lookup of the endpoint returns RDF, in whatever format (section 2)."""
    plain = set(described(service))

    assert plain
    for media_type in GRAPH_FORMATS.values():
        assert set(described(service, media_type)) == plain


def has_endpoint_triple(service: Served) -> None:
    """See that one service has the address that was looked up as its endpoint (section 2)."""
    for target in ("/sparql", "/sparql?"):
        quads = described(service, target=target)
        endpoint = ox.NamedNode(f"{service.base}/sparql")
        found = list(quads.quads_for_object(endpoint))
        assert [one.predicate.value for one in found] == [str(SD.endpoint)]
        a_service = (ox.NamedNode(str(RDF.type)), ox.NamedNode(str(SD.Service)))
        assert a_service in {
            (q.predicate, q.object) for q in quads.quads_for_subject(found[0].subject)
        }


def conforms_to_schema(service: Served) -> None:
    """See that terms of the vocabulary stand where they are meant to stand (section 3)."""
    found = graph(service)
    for subject, predicate, value in found:
        if _is_ours(predicate):
            source, target = SCHEMA[str(predicate).removeprefix(str(SD))]
            assert is_a(found, subject, source), (subject, predicate)
            assert target is None or is_a(found, value, target), (predicate, value)
        elif predicate == RDF.type and _is_ours(value):
            assert str(value).removeprefix(str(SD)) in CLASSES
    for node in found.subjects(RDF.type, SD.NamedGraph):
        assert len(list(found.objects(node, SD.name))) == 1
    for one in ("endpoint", "name", "inputFormat", "resultFormat"):
        assert all(isinstance(value, URIRef) for value in found.objects(None, SD[one]))
    for one in ("inputFormat", "resultFormat"):
        assert set(map(str, found.objects(None, SD[one]))) <= {*TABLE_FORMATS, *GRAPH_FORMATS}


def _is_ours(node: Node) -> bool:
    return str(node).startswith(str(SD))


def is_a(found: rdflib.Graph, node: Node, kind: str) -> bool:
    """Return whether a node has a class, or is known to have it."""
    types = ALSO.get(kind, {SD[kind]})
    return node in KNOWN.get(kind, ()) or bool(types & set(found.objects(node, RDF.type)))


TESTS: dict[str, Callable[[Served], None]] = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


def test_the_suite_has_these_tests() -> None:
    assert set(TESTS) == NAMES


@pytest.mark.parametrize("name", TESTS)
def test_service_description(service: Served, name: str) -> None:
    TESTS[name](service)


def test_every_format_that_is_named_is_given(service: Served) -> None:
    named = set(map(str, graph(service).objects(None, SD.resultFormat)))

    assert named == {*TABLE_FORMATS, *GRAPH_FORMATS}
    for formats, query in ((TABLE_FORMATS, "SELECT * {}"), (GRAPH_FORMATS, "DESCRIBE <urn:s>")):
        for media_type in formats.values():
            target = f"/sparql?query={quote(query)}"
            reply = service.send("GET", target, headers={"Accept": media_type})
            assert (reply.status, reply.media_type) == (200, media_type)


def test_the_default_graph_is_what_is_said(service: Served) -> None:
    headers = {**service.bearer(), "Content-Type": "text/turtle"}
    assert service.send("PUT", "/graphs?graph=urn:g", "<urn:s> a <urn:t> .", headers).status == 201
    ask = f"/sparql?query={quote('ASK { <urn:s> a <urn:t> }')}"
    found = graph(service)

    reply = service.send("GET", ask, headers=service.bearer())

    is_union = UNION in set(found.objects(None, SD.feature))
    assert reply.text == f'{{"head":{{}},"boolean":{str(is_union).lower()}}}'
    (node,) = found.subjects(SD.name, URIRef("urn:g"))
    (dataset,) = found.objects(None, SD.defaultDataset)
    assert (dataset, SD.namedGraph, node) in found
    assert isinstance(dataset, BNode | URIRef)
