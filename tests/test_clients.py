"""The clients that people have: SPARQLWrapper, rdflib's remote stores, and curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import rdflib
from rdflib import RDF, Dataset, Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import (
    CSV,
    GET,
    JSON,
    JSONLD,
    POST,
    POSTDIRECTLY,
    RDFXML,
    TSV,
    TURTLE,
    URLENCODED,
    XML,
    SPARQLWrapper,
)
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, Unauthorized

from served_support import Served, served

EX = rdflib.Namespace("https://example.org/")
PEOPLE, NOTES, NOWHERE = URIRef("urn:people"), URIRef("urn:notes"), URIRef("urn:nowhere")
PEOPLE_TTL = """\
@prefix ex: <https://example.org/> .
ex:ada a ex:Person ; ex:name "Ada"@en ; ex:knows ex:bo .
ex:bo a ex:Person ; ex:name "Bo, \\"the\\" <b>" .
"""
PREFIX = "PREFIX ex: <https://example.org/> "
NAMES = PREFIX + "SELECT ?person ?name { ?person a ex:Person ; ex:name ?name } ORDER BY ?name"
EVERYTHING = "SELECT * { ?s ?p ?o }"
BO = 'Bo, "the" <b>'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service as it is by default, with a graph of people."""
    with served(tmp_path_factory.mktemp("clients")) as running:
        headers = {**running.bearer(), "Content-Type": "text/turtle"}
        assert running.send("PUT", f"/graphs?graph={PEOPLE}", PEOPLE_TTL, headers).status == 201
        yield running


# -- SPARQLWrapper -----------------------------------------------------------------


def wrapped(
    service: Served, query: str, returned: str = JSON, *, update: bool = False
) -> SPARQLWrapper:
    """Return SPARQLWrapper about to ask something, as the editor."""
    wrapper = SPARQLWrapper(f"{service.base}/sparql", f"{service.base}/update")
    wrapper.addCustomHttpHeader("Authorization", f"Bearer {service.token()}")
    wrapper.setReturnFormat(returned)
    wrapper.setQuery(query)
    if update:
        wrapper.setMethod(POST)
    return wrapper


def converted(wrapper: SPARQLWrapper) -> Any:
    """Ask, and return what SPARQLWrapper makes of the answer."""
    return wrapper.queryAndConvert()


@pytest.mark.parametrize(
    ("method", "way"), [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)]
)
def test_sparqlwrapper_asks_in_every_way(service: Served, method: str, way: str) -> None:
    wrapper = wrapped(service, NAMES)
    wrapper.setMethod(method)
    wrapper.setRequestMethod(way)

    rows = converted(wrapper)["results"]["bindings"]

    assert [row["name"]["value"] for row in rows] == ["Ada", BO]
    assert rows[0]["name"]["xml:lang"] == "en"


def test_sparqlwrapper_reads_tables_in_every_format(service: Served) -> None:
    as_xml = converted(wrapped(service, NAMES, XML)).toxml()
    as_csv = converted(wrapped(service, NAMES, CSV)).decode()
    as_tsv = converted(wrapped(service, NAMES, TSV)).decode()

    assert "<uri>https://example.org/ada</uri>" in as_xml
    assert as_csv.splitlines()[1:] == [f"{EX.ada},Ada", f'{EX.bo},"Bo, ""the"" <b>"']
    assert as_tsv.splitlines()[:2] == ["?person\t?name", f'<{EX.ada}>\t"Ada"@en']


@pytest.mark.parametrize("returned", [JSON, XML])
def test_sparqlwrapper_reads_yes_and_no(service: Served, returned: str) -> None:
    def said(query: str) -> bool:
        found = converted(wrapped(service, query, returned))
        text = found["boolean"] if returned == JSON else found.documentElement.toxml()
        return text is True or "<boolean>true</boolean>" in str(text)

    assert said(PREFIX + "ASK { ex:ada ex:knows ex:bo }")
    assert not said(PREFIX + "ASK { ex:bo ex:knows ex:ada }")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("returned", [TURTLE, RDFXML, JSONLD])
@pytest.mark.parametrize(
    "query",
    [PREFIX + "CONSTRUCT WHERE { ex:ada ex:knows ?who }", PREFIX + "DESCRIBE ex:ada"],
    ids=["construct", "describe"],
)
def test_sparqlwrapper_reads_graphs(service: Served, query: str, returned: str) -> None:
    found = converted(wrapped(service, query, returned))

    graph = found if isinstance(found, Graph) else Graph().parse(data=found, format=returned)
    assert (EX.ada, EX.knows, EX.bo) in graph


def test_sparqlwrapper_names_the_graphs_to_ask(service: Served) -> None:
    def count(query: str, default: str, named: str) -> int:
        wrapper = wrapped(service, query)
        wrapper.addDefaultGraph(default)
        wrapper.addNamedGraph(named)
        return len(converted(wrapper)["results"]["bindings"])

    assert count(NAMES, str(PEOPLE), str(NOWHERE)) == 2
    assert count(NAMES, str(NOWHERE), str(PEOPLE)) == 0
    assert count("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", str(NOWHERE), str(PEOPLE)) == 1


@pytest.mark.parametrize("way", ["bearer", "basic"])
def test_sparqlwrapper_writes_and_sees_what_it_wrote(service: Served, way: str) -> None:
    note = f"{EX}{way}"
    text = f"INSERT DATA {{ GRAPH <{NOTES}> {{ <{note}> <urn:says> 'hello' }} }}"
    wrapper = wrapped(service, text, update=True)
    if way == "basic":
        wrapper.clearCustomHttpHeader("Authorization")
        wrapper.setCredentials("anybody", service.token())

    assert wrapper.query().response.status == 200

    assert converted(wrapped(service, f"ASK {{ <{note}> ?p ?o }}"))["boolean"]


def test_sparqlwrapper_is_told_what_was_wrong(service: Served) -> None:
    visitor = wrapped(service, f"INSERT DATA {{ GRAPH <{NOTES}> {{ <urn:a> a 1 }} }}", update=True)
    visitor.clearCustomHttpHeader("Authorization")

    with pytest.raises(QueryBadFormed, match="not valid SPARQL"):
        wrapped(service, "SELECT * WHERE { ?s ?p }").query()
    with pytest.raises(Unauthorized, match="a token is needed"):
        visitor.query()


# -- rdflib ------------------------------------------------------------------------


def credentials(service: Served) -> tuple[str, str]:
    """Return a name and a password by which an editor comes in."""
    return "anybody", service.token()


def writable(service: Served) -> SPARQLUpdateStore:
    """Return rdflib's store that reads and writes over the protocol."""
    return SPARQLUpdateStore(
        f"{service.base}/sparql", f"{service.base}/update", auth=credentials(service)
    )


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("returned", ["json", "xml", "csv", "tsv"])
def test_rdflib_reads_in_every_way(service: Served, method: str, returned: str) -> None:
    store = SPARQLStore(f"{service.base}/sparql", method=method, returnFormat=returned)
    people = Graph(store, PEOPLE)

    found = [str(row.name) for row in people.query(NAMES)]  # type: ignore[union-attr]

    assert found == ["Ada", BO]


@pytest.mark.parametrize("returned", ["json", "xml"])
def test_rdflib_reads_yes_and_no(service: Served, returned: str) -> None:
    people = Graph(SPARQLStore(f"{service.base}/sparql", returnFormat=returned), PEOPLE)

    assert people.query(PREFIX + "ASK { ex:ada ex:knows ex:bo }").askAnswer is True
    assert people.query(PREFIX + "ASK { ex:bo ex:knows ex:ada }").askAnswer is False


def test_rdflib_walks_a_graph(service: Served) -> None:
    people = Graph(SPARQLStore(f"{service.base}/sparql"), PEOPLE)

    assert len(people) == 5
    assert (EX.ada, EX.knows, EX.bo) in people
    assert set(people.triples((None, RDF.type, None))) == {
        (one, RDF.type, EX.Person) for one in (EX.ada, EX.bo)
    }
    assert people.value(EX.ada, EX.name) == Literal("Ada", lang="en")
    built = people.query(PREFIX + "CONSTRUCT WHERE { ?a ex:knows ?b }").graph
    assert built is not None
    assert set(built) == {(EX.ada, EX.knows, EX.bo)}


def test_rdflib_lists_graphs(service: Served) -> None:
    store = SPARQLStore(f"{service.base}/sparql")

    assert PEOPLE in set(store.contexts())
    assert set(store.contexts((EX.ada, EX.knows, EX.bo))) == {PEOPLE}
    assert NOWHERE not in set(store.contexts())


def test_rdflib_adds_and_removes(service: Served) -> None:
    graph = Graph(writable(service), URIRef("urn:rdflib"))
    text = Literal('a "quoted"\n\\ line', lang="en")

    graph.add((EX.cy, EX.name, text))
    graph.addN((EX.cy, EX.knows, who, graph) for who in (EX.ada, EX.bo))
    assert set(graph) == {
        (EX.cy, EX.name, text),
        (EX.cy, EX.knows, EX.ada),
        (EX.cy, EX.knows, EX.bo),
    }
    graph.remove((EX.cy, EX.knows, None))
    assert set(graph) == {(EX.cy, EX.name, text)}
    graph.update(
        PREFIX + "DELETE { ?s ex:name ?n } INSERT { ?s ex:name 'Cy' } WHERE { ?s ex:name ?n }"
    )
    assert set(graph) == {(EX.cy, EX.name, Literal("Cy"))}
    graph.remove((None, None, None))
    assert len(graph) == 0


def test_rdflib_cannot_write_the_union_and_is_told_what_to_do(service: Served) -> None:
    dataset = Dataset(writable(service))

    with pytest.raises(HTTPError) as refused:
        dataset.default_graph.add((EX.cy, EX.name, Literal("Cy")))

    assert refused.value.code == 400
    assert "name a graph: WITH <graph>" in json.loads(refused.value.read())["detail"]


def test_rdflib_writes_the_default_graph_where_it_has_no_name(tmp_path: Path) -> None:
    with served(tmp_path, default_graph="unnamed") as service:
        dataset = Dataset(writable(service))
        notes = dataset.graph(NOTES)  # which rdflib creates; a second time would be refused
        dataset.default_graph.add((EX.cy, EX.name, Literal("Cy")))
        notes.add((EX.cy, EX.name, Literal("C.")))

        assert set(dataset.default_graph) == {(EX.cy, EX.name, Literal("Cy"))}
        assert set(notes) == {(EX.cy, EX.name, Literal("C."))}


# -- curl --------------------------------------------------------------------------

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")


def curl(service: Served, target: str, *options: str, code: int = 0) -> str:
    """Run curl on an address, and return what it prints."""
    command = ["curl", "--silent", "--show-error", "--max-time", "60", *options]
    done = subprocess.run([*command, service.base + target], capture_output=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout.decode("utf-8")


def bearer(service: Served) -> tuple[str, str]:
    """Return the options of an editor."""
    return "--header", f"Authorization: Bearer {service.token()}"


@needs_curl
@pytest.mark.parametrize(
    "options",
    [
        ("--get", "--data-urlencode", f"query={NAMES}"),
        ("--data-urlencode", f"query={NAMES}"),
        ("--header", "Content-Type: application/sparql-query", "--data-binary", NAMES),
    ],
    ids=["get", "form", "direct"],
)
def test_curl_asks_in_every_way(service: Served, options: tuple[str, ...]) -> None:
    rows = json.loads(curl(service, "/sparql", *options))["results"]["bindings"]

    assert [row["name"]["value"] for row in rows] == ["Ada", BO]


@needs_curl
def test_curl_looks_at_the_head_only(service: Served) -> None:
    head = curl(service, "/sparql", "--head", "--get", "--data-urlencode", f"query={NAMES}")

    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "\ncontent-type: application/sparql-results+json\r\n" in head.lower()
    assert head.endswith("\r\n\r\n")


@needs_curl
def test_curl_gets_less_over_the_wire_where_it_asks_for_that(service: Served) -> None:
    asked = ("--get", "--data-urlencode", f"query={EVERYTHING}", "--header", "Accept: text/csv")
    size = ("--write-out", "\n%{size_download}")

    plain, _, all_of_it = curl(service, "/sparql", *asked, *size).rpartition("\n")
    packed, _, less = curl(service, "/sparql", *asked, *size, "--compressed").rpartition("\n")

    assert sorted(packed.splitlines()) == sorted(plain.splitlines())
    assert int(less) * 3 < int(all_of_it) == len(plain.encode())


@needs_curl
@pytest.mark.parametrize("compressed", [(), ("--compressed",)], ids=["plain", "compressed"])
def test_an_old_curl_gets_all_of_an_answer(service: Served, compressed: tuple[str, ...]) -> None:
    query = ("--get", "--data-urlencode", f"query={EVERYTHING}", "--header", "Accept: text/csv")
    old = curl(service, "/sparql", *query, *compressed, "--http1.0", "--include")
    head, _, body = old.partition("\r\n\r\n")

    assert sorted(body.splitlines()) == sorted(curl(service, "/sparql", *query).splitlines())
    lines = head.lower().split("\r\n")
    assert "transfer-encoding: chunked" not in lines
    assert any(one.startswith("content-length:") or one == "connection: close" for one in lines)


@needs_curl
def test_curl_uploads_a_graph_and_takes_it_away(service: Served, tmp_path: Path) -> None:
    file, target = tmp_path / "a.ttl", "/graphs?graph=urn:uploaded"
    file.write_text("<urn:a> <urn:b> 'c' .")
    kind = ("--header", "Content-Type: text/turtle", "--header", "Expect: 100-continue")
    status = ("--output", "/dev/null", "--write-out", "%{http_code}")

    made = curl(service, target, "--upload-file", str(file), *kind, *bearer(service), *status)

    assert made == "201"
    assert '<urn:a> <urn:b> "c"' in curl(service, target, *bearer(service))
    gone = curl(service, target, "--request", "DELETE", *bearer(service), *status)
    assert gone in {"200", "204"}
    assert curl(service, target, "--fail", *bearer(service), code=22) == ""


@needs_curl
def test_curl_fails_with_the_reason(service: Served) -> None:
    options = ("--fail-with-body", "--data-urlencode", "query=SELECT nothing")

    problem = json.loads(curl(service, "/sparql", *options, code=22))

    assert problem["status"] == 400
    assert "not valid SPARQL" in problem["detail"]


@needs_curl
def test_curl_does_not_get_again_what_it_has(service: Served, tmp_path: Path) -> None:
    query = ("--get", "--data-urlencode", f"query={NAMES}")
    kept = ("--etag-save", str(tmp_path / "tag"), "--etag-compare", str(tmp_path / "tag"))
    status = ("--write-out", "\n%{http_code}")

    first = curl(service, "/sparql", *query, *kept, *status)
    again = curl(service, "/sparql", *query, *kept, *status)

    assert first.endswith("}\n200")
    assert again == "\n304"
