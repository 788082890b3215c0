"""What a limited token learns of other graphs: nothing, by any answer to anything it sends.

Two graphs that differ only in what is hidden have to give the same answers.
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from access_support import HIDDEN, MAIN, OTHER, SETTING_UP
from aimsgraph.access import Caller, Role
from aimsgraph.errors import IntegrityRefusedError
from aimsgraph.graph import AimsGraph
from aimsgraph.terms import Terms
from aimsgraph.web import create_app
from tiny_support import PREFIXES, memory, update

UPDATE = "application/sparql-update"
SECRETS = (
    "INSERT DATA { GRAPH r:other { ex:hidden a aims:AISystem ; rdfs:label 'MARK-other' ; "
    "aims:ownedBy ex:secret . ex:secret a aims:Person ; rdfs:label 'MARK-secret' . "
    "ex:dangling aims:ownedBy ex:gone . ex:bot rdfs:label 'MARK-bot' } }",
    "INSERT DATA { GRAPH r:other { ex:something ex:else 1 } }",
)
"""What the hidden graph holds, in two worlds."""

READS = (
    "/",
    "/healthz",
    "/graphs",
    "/graphs?default",
    f"/graphs?graph={OTHER}",
    "/queries",
    "/queries/systems",
    "/queries/systems.csv",
    "/queries/systems.xml",
    "/id/?iri=https://example.org/bot",
    "/id/?iri=https://example.org/ada",
    f"/id/?iri={HIDDEN}",
    "/id/aims:AISystem",
    "/sparql",
    "/sparql?query=SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o",
    "/sparql?query=SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "/sparql?query=SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    f"/sparql?query=ASK {{ GRAPH <{OTHER}> {{}} }}",
    f"/sparql?query=ASK {{ GRAPH <{OTHER}> {{ FILTER(true) }} }}",
    f"/sparql?query=DESCRIBE <{HIDDEN}>",
    f"/sparql?query=SELECT * {{ <{HIDDEN}> (!<urn:x>|!^<urn:x>)* ?x }}",
    "/conformity",
    "/conformity?clause=7.5.2",
    "/history",
    "/history/3",
    f"/history?subject={HIDDEN}",
    "/diff?from=1&to=3",
)
WRITES = (
    "COPY r:other TO r:main",
    "MOVE r:other TO r:main",
    "ADD r:other TO r:main",
    "COPY SILENT r:other TO r:main",
    "CREATE GRAPH r:other",
    "CREATE SILENT GRAPH r:other",
    "CLEAR GRAPH r:other",
    "DROP GRAPH r:other",
    "COPY r:main TO r:other",
    "INSERT { GRAPH r:main { ?s ex:saw ?o } } WHERE { GRAPH r:other { ?s ?p ?o } }",
    "INSERT { GRAPH r:main { ex:n ex:count ?n } } "
    "WHERE { SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } }",
    "WITH r:other DELETE { ?s ?p ?o } INSERT { GRAPH r:main { ?s ex:saw ?o } } WHERE { ?s ?p ?o }",
    "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
    "DELETE DATA { GRAPH r:other { ex:something ex:else 1 } }",
    "INSERT DATA { GRAPH r:main { ex:x ex:y 1 } } ; CLEAR GRAPH r:other",
    "CLEAR ALL",
    "DROP NAMED",
)


def served(secret: str, role: Role) -> tuple[AimsGraph, FlaskClient, dict[str, str]]:
    """Return a graph with something hidden, its service, and the headers of a limited token."""
    graph = memory()
    graph.commit(update(SETTING_UP[0]))
    graph.commit(update(secret), Terms(advisory=True))
    headers = {"Authorization": f"Bearer {graph.tokens.create(role, 'limited', graphs=[MAIN])}"}
    return graph, create_app(graph).test_client(), headers


def told(answer: TestResponse) -> tuple[int, str]:
    """Return what an answer tells, but for digests of the whole state and labels of no meaning."""
    text = re.sub(r'"digest": "[0-9a-f]{64}"|(?<=_:)[0-9a-f]+|"[0-9a-f]{28,32}"', "", answer.text)
    return answer.status_code, "\n".join(sorted(text.splitlines()))


def posted(client: FlaskClient, text: str, headers: dict[str, str]) -> TestResponse:
    """Send an update."""
    return client.post("/update", data=PREFIXES + text, content_type=UPDATE, headers=headers)


@pytest.mark.parametrize("moment", ["", "as-of=3", "effective=2030-01-01"])
@pytest.mark.parametrize("role", Role)
def test_reading(role: Role, moment: str) -> None:
    worlds = [served(secret, role) for secret in SECRETS]
    for path in READS:
        target = quote(path + (("&" if "?" in path else "?") + moment if moment else ""), "/?=&")
        for accept in ("text/html", "application/json, text/turtle;q=0.9, */*;q=0.1"):
            found = {
                told(client.get(target, headers={**headers, "Accept": accept}))
                for _, client, headers in worlds
            }
            assert len(found) == 1, path
            assert not any("MARK-" in text and "MARK-main" not in text for _, text in found), path
            assert not any("MARK-other" in text or "secret" in text for _, text in found), path


@pytest.mark.parametrize("text", WRITES)
@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_writing(role: Role, text: str) -> None:
    found, held = set(), set()
    for secret in SECRETS:
        graph, client, headers = served(secret, role)
        hidden = {str(quad) for quad in graph.view().quads(OTHER)}

        status, body = told(posted(client, text, headers))

        if status == 200:
            receipt = json.loads(body.replace(", ,", ","))
            receipt = {name: receipt[name] for name in ("generation", "added", "removed")}
            body = json.dumps(receipt)
        found.add((status, body))
        held.add(frozenset(str(quad) for quad in graph.view().quads(MAIN)))
        assert {str(quad) for quad in graph.view().quads(OTHER)} == hidden
    assert len(found) == 1
    assert len(held) == 1


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_writing_whole_graphs(method: str) -> None:
    found = set()
    for secret in SECRETS:
        graph, client, headers = served(secret, Role.EDITOR)
        for name in (OTHER, f"{OTHER}s"):
            answer = client.open(
                f"/graphs?graph={name}",
                method=method,
                data="<urn:a> <urn:b> 1 .",
                content_type="text/turtle",
                headers=headers,
            )
            found.add((answer.status_code, answer.text.replace(name, "")))
        assert graph.generation == 3
    assert len(found) == 1


@pytest.mark.parametrize("role", Role)
def test_a_body_brings_its_graphs_along_and_is_refused(role: Role) -> None:
    graph, client, headers = served(SECRETS[0], role)
    for target in (OTHER, "https://w3id.org/aimsgraph/graph/history", "urn:new"):
        body = f"<urn:a> <urn:b> <urn:c> <{target}> ."
        answer = client.post(
            "/load", data=body, content_type="application/n-quads", headers=headers
        )
        assert answer.status_code == 403
    assert graph.generation == 3


def test_checking_a_body_sees_no_records() -> None:
    _, client, headers = served(SECRETS[0], Role.READER)
    body = f"{PREFIXES} <urn:a> a aims:AISystem ; aims:ownedBy ex:secret ."

    checked = client.post("/validate", data=body, content_type="text/turtle", headers=headers)

    assert "of which nothing is recorded" in checked.text
    assert "MARK" not in checked.text


def test_other_limits_have_other_tags() -> None:
    graph = memory()
    client = create_app(graph).test_client()
    tags = set()
    for role in (Role.READER, Role.EDITOR):
        for number, graphs in enumerate((None, [], [MAIN], [OTHER], [MAIN, OTHER])):
            secret = graph.tokens.create(role, f"{role} {number}", graphs=graphs)
            headers = {"Authorization": f"Bearer {secret}"}
            answer = client.get("/graphs", headers=headers)
            assert answer.status_code == 200
            tags.add(answer.headers["ETag"])
    assert len(tags) == 6


EDITOR = Caller("limited", Role.EDITOR, frozenset({MAIN}))


def test_a_receipt_counts_no_hidden_findings() -> None:
    found = set()
    for secret in (*SECRETS, "INSERT DATA { GRAPH r:other { ex:ownerless a aims:AISystem } }"):
        graph, client, headers = served(secret, Role.EDITOR)
        body = posted(client, "INSERT DATA { GRAPH r:main { ex:x ex:y 1 } }", headers).get_json()
        receipt = graph.commit(
            update("INSERT DATA { GRAPH r:main { ex:x ex:y 2 } }"), Terms(caller=EDITOR)
        )
        found.add((str(body["results"]), body["summary"], str(receipt.standing.count())))
    assert len(found) == 1


def test_a_refusal_tells_no_hidden_statement() -> None:
    graph, client, headers = served(SECRETS[0], Role.EDITOR)
    text = "INSERT DATA { GRAPH r:main { ex:dangling a ex:Thing } }"

    assert "gone" not in posted(client, text, headers).text
    with pytest.raises(IntegrityRefusedError) as caught:
        graph.commit(update(text), Terms(caller=EDITOR))
    assert "gone" not in f"{caught.value} {caught.value.report}"
