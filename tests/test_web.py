"""The service: routes, formats by suffix and by `Accept`, and errors as problem documents."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aimsgraph.errors import ServiceError
from aimsgraph.graph import AimsGraph
from aimsgraph.web import create_app
from aimsgraph.web.rendering import resource_iri, resource_path
from aimsgraph.web.server import listen

SMALL = Path(__file__).parent / "small.ttl"
ASK = "PREFIX aims: <https://w3id.org/aimsgraph#> ASK { ?s a aims:LiveAISystem }"
SELECT = "PREFIX aims: <https://w3id.org/aimsgraph#> SELECT ?s { ?s a aims:LiveAISystem }"
CONSTRUCT = "CONSTRUCT WHERE { <https://example.org/chatbot> a ?class }"
PAGES = (
    "/",
    "/queries",
    "/queries/risk-register",
    "/queries/requirement-states",
    "/conformity",
    "/sparql",
    "/id/iso42001:6.1.4",
    "/id/aims:AISystem",
    "/id/?iri=https://example.org/chatbot",
)


@pytest.fixture(scope="module")
def graph() -> Iterator[AimsGraph]:
    """Return the small organisation as a graph."""
    with AimsGraph.memory(today=date(2026, 11, 20)) as one:
        one.load(SMALL)
        yield one


@pytest.fixture
def client(graph: AimsGraph) -> FlaskClient:
    """Return a client of the service over the graph."""
    return create_app(graph).test_client()


def problem(response: TestResponse, status: int, *words: str) -> None:
    """Assert that a response is a problem document with these words in it."""
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = response.get_json(force=True)
    assert body["status"] == status
    assert body["title"]
    for word in words:
        assert word in body["detail"]
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", PAGES)
def test_page_is_there_and_safe(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": "text/html"})

    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert "<h1>" in response.text
    assert "<b>bold</b>" not in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "<script" not in response.text


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (SELECT, "", "application/sparql-results+json"),
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/json", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (SELECT, "text/csv;q=0.5, application/xml", "application/sparql-results+xml"),
        (ASK, "", "application/sparql-results+json"),
        (CONSTRUCT, "", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/n-triples", "application/n-triples; charset=utf-8"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "application/trig", "application/trig; charset=utf-8"),
    ],
)  # fmt: skip
def test_sparql_answers_in_the_asked_format(
    client: FlaskClient, query: str, accept: str, media_type: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    by_get = client.get("/sparql", query_string={"query": query}, headers=headers)
    by_form = client.post("/sparql", data={"query": query}, headers=headers)
    direct = client.post(
        "/sparql", data=query, content_type="application/sparql-query", headers=headers
    )

    for response in (by_get, by_form, direct):
        assert response.status_code == 200, response.text
        assert response.content_type == media_type
    assert "chatbot" in by_get.text or query is ASK


def test_sparql_without_a_query_describes_itself(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": "text/turtle"})

    assert "sd:UnionDefaultGraph" in response.text
    assert list(ox.parse(response.text, ox.RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ({"data": {"query": "SELECT"}}, 400, ["not valid SPARQL"]),
        ({"data": {"query": "SELECT * { SERVICE <http://x/> {} }"}}, 400, ["SERVICE"]),
        ({"data": {"other": "x"}}, 400, ["no field 'query'"]),
        ({"data": "x", "content_type": "text/plain"}, 415, ["application/sparql-query"]),
        ({"data": {"query": SELECT}, "headers": {"Accept": "image/png"}}, 406, ["text/csv"]),
        ({"data": b"\xff", "content_type": "application/sparql-query"}, 400, ["UTF-8"]),
    ],
)
def test_a_wrong_request_is_a_problem_document(
    client: FlaskClient, arguments: dict[str, object], status: int, words: list[str]
) -> None:
    problem(client.post("/sparql", **arguments), status, *words)


def test_the_endpoint_answers_head(client: FlaskClient) -> None:
    response = client.head("/sparql", query_string={"query": ASK})

    assert response.status_code == 200
    assert not response.data


def test_a_body_that_is_too_large_is_a_problem_document(client: FlaskClient) -> None:
    body = b" " * (17 * 1024 * 1024)

    problem(client.post("/validate", data=body, content_type="text/turtle"), 413, "bytes")


def test_a_remote_context_is_never_fetched(client: FlaskClient) -> None:
    body = '{"@context": "http://127.0.0.1:1/context", "@id": "urn:a", "urn:b": 1}'

    response = client.post("/validate", data=body, content_type="application/ld+json")

    problem(response, 400, "would have to be fetched")


def test_the_protocol_dataset_takes_the_place_of_from(client: FlaskClient) -> None:
    empty = {"query": SELECT, "default-graph-uri": "https://w3id.org/aimsgraph/graph/records/none"}

    assert (
        client.get("/sparql", query_string=empty).get_json(force=True)["results"]["bindings"] == []
    )


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("tsv", "text/tab-separated-values; charset=utf-8"),
        ("ttl", "text/turtle; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
    ],
)
def test_a_question_answers_by_suffix(client: FlaskClient, suffix: str, media_type: str) -> None:
    response = client.get(f"/queries/risk-register.{suffix}")

    assert response.status_code == 200
    assert response.content_type == media_type
    assert "wrong advice" in response.text


def test_a_question_answers_as_a_workbook(client: FlaskClient) -> None:
    response = client.get("/queries/risk-register.xlsx")

    with ZipFile(io.BytesIO(response.data)) as book:
        assert "=wrong advice" in book.read("xl/sharedStrings.xml").decode()
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_catalogue_is_json_for_programs(client: FlaskClient) -> None:
    names = {one["name"] for one in client.get("/queries").get_json()}

    assert "risk-register" in names


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/queries/risk-registr", 404, ["did you mean risk-register"]),
        ("/queries/risk-register.docx", 404, ["docx"]),
        ("/queries/expiring-soon?until=soon", 400, ["takes a day"]),
        ("/queries/risk-register?colour=red", 400, ["no parameter 'colour'"]),
        ("/id/?iri=urn:nothing", 404, ["Nothing is recorded"]),
        ("/id/%3Cscript%3E", 404, []),
        ("/id/", 400, ["name a resource"]),
        ("/conformity?clause=8.5", 404, ["did you mean"]),
        ("/conformity?clause=%3Cscript%3E", 404, ["no requirement"]),
        ("/conformity?severity=mild", 400, ["violation"]),
        ("/nowhere", 404, ["/nowhere"]),
    ],
)
def test_what_is_not_there_is_a_problem_document(
    client: FlaskClient, path: str, status: int, words: list[str]
) -> None:
    problem(client.get(path), status, *words)


def test_people_get_a_page_for_an_error(client: FlaskClient) -> None:
    response = client.get("/queries/risk-registr", headers={"Accept": "text/html,*/*;q=0.8"})

    assert response.status_code == 404
    assert "did you mean risk-register" in response.text


@pytest.mark.parametrize(
    ("accept", "media_type", "word"),
    [
        ("", "application/json", '"conforms": false'),
        ("text/turtle", "text/turtle", "sh:ValidationReport"),
        ("application/ld+json", "application/ld+json", "ValidationReport"),
        ("application/sarif+json", "application/sarif+json", '"2.1.0"'),
        ("application/xml", "application/xml", "<testsuite"),
    ],
)
def test_conformity_and_validation_are_negotiated(
    client: FlaskClient, accept: str, media_type: str, word: str
) -> None:
    headers = {"Accept": accept} if accept else {}
    state = client.get("/conformity", headers=headers)
    checked = client.post(
        "/validate", data=SMALL.read_bytes(), content_type="text/turtle", headers=headers
    )

    for response in (state, checked):
        assert response.status_code == 200
        assert response.mimetype == media_type
        assert word in response.text
        assert "wrong-advice" in response.text


def test_checking_a_body_leaves_no_trace(client: FlaskClient, graph: AimsGraph) -> None:
    before = graph.generation

    client.post("/validate", data="<urn:new> a <urn:Thing> .", content_type="text/turtle")

    assert graph.generation == before
    assert not graph.ask("ASK { <urn:new> ?p ?o }")


def test_a_body_that_is_no_rdf_is_a_problem_document(client: FlaskClient) -> None:
    problem(client.post("/validate", data="a b", content_type="text/turtle"), 400, "body:1")
    problem(
        client.post("/validate", data="a b", content_type="application/pdf"), 415, "text/turtle"
    )


def test_a_resource_is_negotiated(client: FlaskClient) -> None:
    path = "/id/iso42001:6.1.4"
    turtle = client.get(path, headers={"Accept": "text/turtle"})
    by_suffix = client.get(f"{path}.jsonld")

    assert turtle.mimetype == "text/turtle"
    assert list(ox.parse(turtle.text, ox.RdfFormat.TURTLE))
    assert by_suffix.mimetype == "application/ld+json"
    assert json.loads(by_suffix.text)


@pytest.mark.parametrize(
    "iri",
    [
        "https://w3id.org/aimsgraph#AISystem",
        "https://w3id.org/aimsgraph/iso42001/A.6.2.4",
        "https://w3id.org/aimsgraph/eu-ai-act/Art.5(1)(a)",
        "https://w3id.org/aimsgraph/mapping/iso42001/4.1--nist-ai-rmf/GOVERN-1.1",
        "https://example.org/a b?c=d&e=f#g",
        "urn:x:y",
    ],
)
def test_every_resource_has_a_path_of_its_own(client: FlaskClient, iri: str) -> None:
    path = resource_path(iri)

    with client.application.test_request_context(path) as context:
        query = context.request.args
        found = (
            query["iri"] if "iri" in query else resource_iri(context.request.path[len("/id/") :])
        )
    assert found == iri


def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/queries/risk-register.json")
    again = client.get(
        "/queries/risk-register.json", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert again.status_code == 304
    assert not again.data


def test_health_tells_day_and_generation(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json() == {
        "status": "ok",
        "generation": 2,
        "today": "2026-11-20",
    }


def test_a_taken_port_is_one_sentence(graph: AimsGraph) -> None:
    server = listen(graph, "127.0.0.1", 0, 1)
    try:
        with pytest.raises(ServiceError, match="choose another --port"):
            listen(graph, "127.0.0.1", int(server.effective_port), 1)
    finally:
        server.close()
