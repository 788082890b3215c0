"""The OpenAPI document knows every route and every question, and what it says is true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from aimsgraph.catalogue.question import Question
from aimsgraph.formats import TABLE_FORMATS
from aimsgraph.settings import Settings
from aimsgraph.version import __version__
from aimsgraph.web import create_app
from aimsgraph.web.openapi.components import REFUSALS
from aimsgraph.web.openapi.document import QUESTION, TOLD
from aimsgraph.web.openapi.operations import OPERATIONS
from aimsgraph.web.problems import STATUS_FOR_ERROR, STATUS_FOR_LIMIT
from cases_support import catalogue
from openapi_support import is_as_told, json, of, parameters, resolved, shipped, site, told
from site_support import UPDATE, Site, signed_in
from tiny_support import PREFIXES, memory

TABLES = {one.media_type for one in TABLE_FORMATS}

GIVEN = {"iri": "https://example.org/bot", "from": "1", "to": "2", "q": "bot"}
"""Values for parameters that a route needs, or is of no use without."""


@pytest.mark.parametrize("questions", [(), tuple(catalogue())], ids=["none", "shipped"])
def test_it_is_openapi_3_1(questions: tuple[Question, ...]) -> None:
    found = of(*questions)

    OpenAPIV31SpecValidator(found).validate()
    assert found["info"]["version"] == __version__


def test_every_route_is_described_and_every_description_is_of_a_route() -> None:
    rules = site().client.application.url_map.iter_rules()
    routes = {(r.endpoint, m) for r in rules for m in r.methods or () if m in TOLD}

    assert {one for one in routes if one[0] != QUESTION} == set(OPERATIONS)


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [one["operationId"] for path in shipped()["paths"].values() for one in path.values()]

    assert len(names) == len(set(names))


def test_every_parameter_of_a_path_is_described() -> None:
    for path, methods in told()["paths"].items():
        wanted = {part.split("}")[0] for part in path.split("{")[1:]}
        for operation in methods.values():
            found = {n for n, one in parameters(operation).items() if one["in"] == "path"}
            assert found == wanted


def test_every_status_of_an_error_is_described() -> None:
    known = {s for s, _ in (*STATUS_FOR_ERROR.values(), *STATUS_FOR_LIMIT.values())}

    assert known <= set(REFUSALS)


def reads() -> Iterator[Any]:
    """Yield every GET of a path without parameters, with every media type it gives."""
    for path, methods in told()["paths"].items():
        if "get" in methods and "{" not in path:
            content = resolved(methods["get"]["responses"]["200"])["content"]
            for media_type in content:
                yield pytest.param(path, media_type, id=f"{path} {media_type}")


@pytest.mark.parametrize(("path", "media_type"), list(reads()))
def test_a_read_answers_as_it_is_described(path: str, media_type: str) -> None:
    operation = told()["paths"][path]["get"]
    wanted = {n: v for n, v in GIVEN.items() if n in parameters(operation)}
    if path.startswith("/sparql") and media_type in TABLES:
        wanted["query"] = "SELECT ?s { ?s ?p ?o }"
    headers = {**site().headers, "Accept": media_type}

    answer = site().client.get(path, query_string=wanted, headers=headers)
    again = site().client.get(
        path,
        query_string=wanted,
        headers={**headers, "If-None-Match": answer.headers.get("ETag", '"none"')},
    )

    assert answer.status_code == 200
    assert is_as_told(answer, operation)
    assert is_as_told(again, operation)
    assert (again.status_code == 304) == ("ETag" in answer.headers)


@pytest.mark.parametrize(
    ("query", "media_type"),
    [
        (query, media_type)
        for query, types in {
            "ASK {}": ("application/sparql-results+json", "application/sparql-results+xml"),
            "SELECT ?s { ?s ?p ?o }": ("application/sparql-results+json", "text/csv"),
            "CONSTRUCT WHERE { ?s ?p ?o }": ("text/turtle", "application/ld+json"),
        }.items()
        for media_type in types
    ],
)
def test_a_query_answers_as_it_is_described(query: str, media_type: str) -> None:
    answer = site().get("/sparql?query=" + query, Accept=media_type)

    assert answer.mimetype == media_type
    assert is_as_told(answer, told()["paths"]["/sparql"]["get"])


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/sparql?query=SELECT", 400, {}),
        ("GET", "/queries?as-of=never", 400, {}),
        ("GET", "/queries", 401, {"Authorization": "Bearer none"}),
        ("GET", "/queries?as-of=99", 404, {}),
        ("GET", "/queries", 406, {"Accept": "image/png"}),
        ("GET", "/queries/systems?unknown=1", 400, {}),
        ("GET", "/history?since=never", 400, {}),
        ("GET", "/graphs?graph=urn:none", 404, {}),
        ("POST", "/update", 400, {"Content-Type": UPDATE}),
        ("POST", "/update", 415, {"Content-Type": "image/png"}),
        ("POST", "/sparql", 415, {"Content-Type": "image/png"}),
        ("POST", "/validate", 415, {"Content-Type": "image/png"}),
        ("DELETE", "/graphs?graph=urn:none", 404, {}),
        (
            "PUT",
            "/graphs?graph=urn:none",
            412,
            {"If-Match": '"1-0"', "Content-Type": "text/turtle"},
        ),
    ],
)
def test_a_refusal_is_as_it_is_described(
    method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    operation = told()["paths"][path.partition("?")[0]][method.lower()]
    sent = {**site().headers, "Accept": "application/json;q=0.1, */*;q=0.1", **headers}

    answer = site().client.open(
        path, method=method, headers=sent, data=b"INSERT" if "update" in path else b""
    )

    assert answer.status_code == status
    assert is_as_told(answer, operation)


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type"),
    [
        ("POST", "/update", PREFIXES + "INSERT DATA { GRAPH r:a { ex:a ex:b 1 } }", UPDATE),
        ("POST", "/load", "<urn:a> <urn:b> 2 .", "text/turtle"),
        ("PUT", "/graphs?graph=urn:g", "<urn:a> <urn:b> 1 .", "text/turtle"),
        ("POST", "/graphs", "<urn:a> <urn:b> 3 .", "text/turtle"),
        ("DELETE", "/graphs?graph=urn:g", "", None),
        ("POST", "/validate", "<urn:a> <urn:b> 1 .", "text/turtle"),
    ],
)
def test_a_change_answers_as_it_is_described(
    method: str, path: str, body: str, content_type: str | None
) -> None:
    graph = memory()
    at = Site(graph, create_app(graph).test_client(), signed_in(graph, "Ada"))
    if method == "DELETE":
        at.send("PUT", path)

    answer = at.open(method, path, body, content_type)

    assert answer.status_code in {200, 201}
    assert is_as_told(answer, told()["paths"][path.partition("?")[0]][method.lower()])


@pytest.mark.parametrize(("reading", "is_open"), [("always", True), ("never", False)])
def test_it_says_what_needs_a_token(reading: str, is_open: bool) -> None:
    graph = memory(Settings(open_reading=reading))
    headers = signed_in(graph, "Ada")
    found = json(create_app(graph).test_client().get("/openapi.json", headers=headers))
    token: list[dict[str, list[str]]] = [{"bearer": []}, {"basic": []}]

    assert set(found["components"]["securitySchemes"]) == {"bearer", "basic"}
    assert found["paths"]["/queries"]["get"]["security"] == ([{}, *token] if is_open else token)
    assert found["paths"]["/update"]["post"]["security"] == token
    assert found["paths"]["/healthz"]["get"]["security"] == []


def test_it_is_of_one_state_of_the_graph() -> None:
    answer = site().get("/openapi.json")

    again = site().get("/openapi.json", If_None_Match=answer.headers["ETag"])

    assert again.status_code == 304
