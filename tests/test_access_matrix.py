"""Role by graph by door: every cell is asserted, over HTTP and in Python."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access_support import (
    EVERYBODY,
    GENERATIONS,
    GRAPHS,
    HIDDEN,
    MAIN,
    MARK,
    OTHER,
    SETTING_UP,
    Who,
)
from aimsgraph.access import Role
from aimsgraph.errors import AccessError, ParameterError
from aimsgraph.graph import AimsGraph
from aimsgraph.terms import Terms
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from tiny_support import PREFIXES, memory, update

ANY = "{ ?s ?p ?o }"
READING = {
    "GRAPH": (f"ASK {{ GRAPH <@> {ANY} }}", {}),
    "FROM": (f"ASK FROM <@> {ANY}", {}),
    "FROM NAMED": (f"ASK FROM NAMED <@> {{ GRAPH ?g {ANY} }}", {}),
    "default-graph-uri": (f"ASK {ANY}", {"default-graph-uri": "@"}),
    "named-graph-uri": (f"ASK {{ GRAPH ?g {ANY} }}", {"named-graph-uri": "@"}),
    "default graph": (f"ASK {{ ?s ?p ?o FILTER EXISTS {{ GRAPH <@> {ANY} }} }}", {}),
}
"""Ways to read a graph by SPARQL; @ is its name."""

WRITING = {
    "INSERT DATA": "INSERT DATA { GRAPH <@> { ex:new a ex:Thing } }",
    "INSERT WHERE": "INSERT { GRAPH <@> { ex:new a ex:Thing } } WHERE { ex:bot ?p ?o }",
    "DELETE WHERE": "DELETE WHERE { GRAPH <@> { ?s ?p ?o } }",
    "CLEAR": "CLEAR GRAPH <@>",
    "COPY TO": "COPY r:main TO <@>",
}
"""Ways to write a graph by SPARQL Update."""


@dataclass
class Service:
    """A graph behind a door, and somebody who sends requests."""

    graph: AimsGraph
    client: FlaskClient
    headers: dict[str, str]

    def get(self, path: str, **params: str) -> TestResponse:
        """Send a request that reads."""
        accept = {"Accept": "text/turtle" if {"graph", "iri"} & set(params) else "application/json"}
        return self.client.get(f"{path}?{urlencode(params)}", headers={**self.headers, **accept})

    def send(self, method: str, path: str, body: str, content_type: str) -> TestResponse:
        """Send a request that writes."""
        return self.client.open(
            path, method=method, data=body, content_type=content_type, headers=self.headers
        )

    def sparql(self, text: str, **params: str) -> TestResponse:
        """Ask the endpoint."""
        return self.get("/sparql", query=PREFIXES + text, **params)


def service(who: Who) -> Service:
    """Return a service in which every graph holds something."""
    graph = memory()
    for text in SETTING_UP:
        graph.commit(update(text))
    client = create_app(graph, Door(open_reading="never" if who.name == "nobody" else "loopback"))
    headers = {}
    if who.caller.is_known and who.caller.role is not None:
        secret = graph.tokens.create(Role(who.caller.role), who.name, graphs=who.caller.graphs)
        headers["Authorization"] = f"Bearer {secret}"
    return Service(graph, client.test_client(), headers)


@pytest.fixture(scope="module", params=EVERYBODY, ids=lambda who: who.name)
def somebody(request: pytest.FixtureRequest) -> tuple[Who, Service]:
    """Return each of the callers with a service that is only read."""
    return request.param, service(request.param)


@pytest.fixture(params=EVERYBODY, ids=lambda who: who.name)
def writer(request: pytest.FixtureRequest) -> tuple[Who, Service]:
    """Return each of the callers with a service of their own."""
    return request.param, service(request.param)


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("way", sorted(READING))
@pytest.mark.parametrize("past", ["present", "past"])
def test_sparql(somebody: tuple[Who, Service], name: str, way: str, past: str) -> None:
    who, service = somebody
    text, params = READING[way]
    params = {key: value.replace("@", name) for key, value in params.items()}
    if past == "past":
        params["as-of"] = str(GENERATIONS)

    response = service.sparql(text.replace("@", name), **params)

    if not who.may_read or (past == "past" and not who.may_look_back):
        assert response.status_code == who.refusal
    else:
        assert response.get_json(force=True)["boolean"] is (name in who.sees)


@pytest.mark.parametrize("name", GRAPHS)
def test_graph_store_and_python(somebody: tuple[Who, Service], name: str) -> None:
    who, service = somebody

    status = service.get("/graphs", graph=name).status_code
    listed = service.get("/graphs")

    if not who.may_read:
        assert (status, listed.status_code) == (who.refusal, who.refusal)
        with pytest.raises(AccessError):
            service.graph.view(who.caller)
        return
    assert status == (200 if name in who.sees else 404)
    assert (name in {one["graph"] for one in listed.get_json()}) is (name in who.sees)
    view = service.graph.view(who.caller)
    assert view.holds(name) is (name in who.sees)
    assert (name in view.graphs()) is (name in who.sees)


def test_what_is_hidden_shows_nowhere(somebody: tuple[Who, Service]) -> None:
    who, service = somebody
    for path, params in (
        ("/", {}),
        ("/queries/systems", {}),
        ("/id/", {"iri": "https://example.org/bot"}),
        ("/sparql", {"query": f"SELECT * {ANY}"}),
        ("/sparql", {"query": f"DESCRIBE <{HIDDEN}>"}),
        ("/sparql", {"query": f"CONSTRUCT WHERE {ANY}"}),
    ):
        for accept in ("text/html", "application/json, text/turtle;q=0.5"):
            answer = service.client.get(
                f"{path}?{urlencode(params)}", headers={**service.headers, "Accept": accept}
            )
            body = answer.get_data(as_text=True)
            assert answer.status_code == (200 if who.may_read else who.refusal), path
            if OTHER not in who.sees:
                assert MARK not in body, path
                assert HIDDEN not in body.replace(f"DESCRIBE &lt;{HIDDEN}&gt;", ""), path
    found = service.get("/id/", iri=HIDDEN).status_code
    assert found == (200 if OTHER in who.sees else 404 if who.may_read else who.refusal)


@pytest.mark.parametrize("past", ["present", "past", "effective"])
def test_questions_and_conformity(somebody: tuple[Who, Service], past: str) -> None:
    who, service = somebody
    when = {"present": {}, "past": {"as-of": "3"}, "effective": {"effective": "2030-01-01"}}[past]
    may_look = who.may_read and (past == "present" or who.may_look_back)

    question = service.get("/queries/systems", **when)
    conformity = service.get("/conformity", **when)
    catalogue = service.get("/queries", **when)

    assert question.status_code == (200 if may_look else who.refusal)
    assert catalogue.status_code == (200 if may_look else who.refusal)
    may_judge = may_look and not who.is_limited
    assert conformity.status_code == (200 if may_judge else who.refusal)
    if may_look:
        rows = question.get_json(force=True)["results"]["bindings"]
        assert len(rows) == (2 if OTHER in who.sees else 1)
    checked = service.send("POST", "/validate", "", "text/turtle")
    assert checked.status_code == (200 if who.may_read else who.refusal)
    assert service.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/history", "/history/1", "/history/3", "/diff?from=1&to=3"])
def test_the_ledger(somebody: tuple[Who, Service], path: str) -> None:
    who, service = somebody
    may = who.may_look_back and not who.is_limited

    for accept in ("text/html", "application/json"):
        answer = service.client.get(path, headers={**service.headers, "Accept": accept})
        assert answer.status_code == (200 if may else who.refusal)


@pytest.mark.parametrize("name", GRAPHS)
def test_writing(writer: tuple[Who, Service], name: str) -> None:
    who, service = writer
    expected = (200, 201) if name in who.writes else (who.refusal,)
    turtle = "<urn:a> <urn:b> 'c' ."
    place = f"/graphs?{urlencode({'graph': name})}"
    before = {str(quad) for quad in service.graph.view().quads()}
    statuses = {}
    for way, text in WRITING.items():
        body = PREFIXES + text.replace("@", name)
        answer = service.send("POST", "/update", body, "application/sparql-update")
        statuses[way] = answer.status_code
    for method in ("POST", "PUT", "DELETE"):
        statuses[method] = service.send(method, place, turtle, "text/turtle").status_code
    if name in (MAIN, OTHER):
        answer = service.send("POST", f"/load?graph={name}", turtle, "text/turtle")
        statuses["load"] = answer.status_code
    if name == MAIN:
        statuses.pop("COPY TO")
    if name not in who.sees and who.may_read:
        expected_delete = 404 if who.may_write else who.refusal
        assert statuses.pop("DELETE") == expected_delete, "it is not there, as far as they know"
        expected_where = 200 if who.may_write else who.refusal
        assert statuses.pop("DELETE WHERE") == expected_where, "nothing is found to delete"
    assert {way: status for way, status in statuses.items() if status not in expected} == {}
    if name not in who.writes:
        assert {str(quad) for quad in service.graph.view().quads()} == before


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize(
    "text",
    [
        "INSERT { GRAPH r:main { ?s ex:saw ?o } } WHERE { GRAPH <@> { ?s ?p ?o } }",
        "INSERT { GRAPH r:main { ?s ex:saw ?o } } USING <@> WHERE { ?s ?p ?o }",
        "INSERT { GRAPH r:main { ?s ex:saw ?o } } USING NAMED <@> WHERE { GRAPH ?g { ?s ?p ?o } }",
        "ADD SILENT <@> TO r:main",
    ],
)
def test_writing_reads_no_more_than_reading(
    writer: tuple[Who, Service], name: str, text: str
) -> None:
    who, service = writer
    if name == MAIN:
        return
    terms = Terms(caller=who.caller)
    if not who.may_write:
        with pytest.raises(AccessError):
            service.graph.commit(update(text.replace("@", name)), terms)
        return

    if name in who.sees and name.endswith("/workspace") and text.startswith("ADD"):
        with pytest.raises(ParameterError, match="aims:today"):
            service.graph.commit(update(text.replace("@", name)), terms)
        return

    receipt = service.graph.commit(update(text.replace("@", name)), terms)

    assert bool(receipt.added) is (name in who.sees)
