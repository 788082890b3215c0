"""Role by graph by door, held against what an answer holds: a statement of each graph."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from access_support import EVERYBODY, GRAPHS, SETTING_UP, Who
from aimsgraph.access import VISITOR
from aimsgraph.graph import AimsGraph
from aimsgraph.rdf.terms import value_of
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from site_support import Site, signed_in
from tiny_support import memory, update

TRIPLES = "application/n-triples"
NOW, AS_OF, EFFECTIVE, ACCEPTED = "now", "as-of", "effective", "Accept-Datetime"
MOMENTS: dict[str, tuple[str, dict[str, str]]] = {
    NOW: ("", {}),
    AS_OF: ("&as-of=3", {}),
    EFFECTIVE: ("&effective=2030-01-01", {}),
    ACCEPTED: ("", {"Accept-Datetime": "Mon, 01 Jan 2001 00:00:00 GMT"}),
}
ALL = "CONSTRUCT { ?s ?p ?o } WHERE "
DOORS = {
    "union": f"/sparql?query={ALL} {{ ?s ?p ?o }}",
    "GRAPH": f"/sparql?query={ALL} {{ GRAPH <@> {{ ?s ?p ?o }} }}",
    "GRAPH ?g": f"/sparql?query={ALL} {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "FROM": "/sparql?query=CONSTRUCT { ?s ?p ?o } FROM <@> WHERE { ?s ?p ?o }",
    "FROM NAMED": (
        "/sparql?query=CONSTRUCT { ?s ?p ?o } FROM NAMED <@> WHERE { GRAPH ?g { ?s ?p ?o } }"
    ),
    "default-graph-uri": f"/sparql?default-graph-uri=@&query={ALL} {{ ?s ?p ?o }}",
    "DESCRIBE": "/sparql?query=DESCRIBE <SUBJECT>",
    "resource": "/id/?iri=SUBJECT",
    "one graph": "/graphs?graph=@",
    "the default graph": "/graphs?default",
}
"""Ways to a statement; @ is the graph that alone holds it, SUBJECT what it is about."""


def visit(who: Who, *, settings: Settings | None = None) -> Site:
    """Return a visit to a graph with two record graphs and one statement that has no graph."""
    graph = memory(settings)
    for text in SETTING_UP:
        graph.commit(update(text))
    if settings is not None:
        graph.commit(update("INSERT DATA { ex:loose a aims:AISystem ; rdfs:label 'MARK-loose' }"))
    door = Door(open_reading="loopback" if who.caller == VISITOR else "never")
    headers = {}
    if who.caller.is_known and who.caller.role is not None:
        headers = signed_in(graph, who.name, who.caller.role, who.caller.graphs)
    return Site(graph, create_app(graph, door).test_client(), headers)


@pytest.fixture(scope="module", params=EVERYBODY, ids=lambda who: who.name)
def visited(request: pytest.FixtureRequest) -> tuple[Who, Site]:
    """Return each of the callers at a graph that is only read."""
    return request.param, visit(request.param)


@pytest.fixture(scope="module", params=EVERYBODY, ids=lambda who: who.name)
def unnamed(request: pytest.FixtureRequest) -> tuple[Who, Site]:
    """Return each of the callers at a graph whose default graph is the one without a name."""
    return request.param, visit(request.param, settings=Settings(default_graph="unnamed"))


def only_in(graph: AimsGraph, name: str, *, at_first: bool) -> ox.Triple:
    """Return a statement that one graph alone holds, perhaps ever since the first generation."""
    views = [graph.view(), graph.view(as_of=1)] if at_first else [graph.view()]
    found: list[set[ox.Triple]] = []
    for view in views:
        elsewhere = {q.triple for q in view.quads() if value_of(q.graph_name) != name}
        found.append({q.triple for q in view.quads(name) if q.triple not in elsewhere})
    kept = [
        one
        for one in set.intersection(*found)
        if isinstance(one.subject, ox.NamedNode) and not isinstance(one.object, ox.BlankNode)
    ]
    return min(kept, key=str)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("way", DOORS)
@pytest.mark.parametrize("name", GRAPHS)
def test_reading(visited: tuple[Who, Site], name: str, way: str, moment: str) -> None:
    who, at = visited
    more, headers = MOMENTS[moment]
    is_there = moment != ACCEPTED or at.graph.view(as_of=1).holds(name)
    triple = only_in(at.graph, name, at_first=moment == ACCEPTED and is_there)
    path = DOORS[way].replace("@", name).replace("SUBJECT", value_of(triple.subject))

    answer = at.get(
        path + more,
        Accept=TRIPLES,
        **{key.replace("-", "_"): value for key, value in headers.items()},
    )

    if not who.may_read or (moment != NOW and not who.may_look_back):
        assert answer.status_code == who.refusal
        return
    sees = is_there and name in who.sees
    assert answer.status_code in ({200} if sees else {200, 404})
    assert (f"{triple} ." in answer.text) is sees


@pytest.mark.parametrize("name", GRAPHS)
def test_counts_and_names_of_graphs(visited: tuple[Who, Site], name: str) -> None:
    who, at = visited
    size = len(list(at.graph.view().quads(name)))

    listed = at.get("/graphs", Accept="application/json")
    described = at.get("/sparql", Accept=TRIPLES)
    counted = at.get(
        "/sparql?query=SELECT (COUNT(*) AS ?n) { GRAPH <@> { ?s ?p ?o } }".replace("@", name),
        Accept="text/csv",
    )
    head = at.get(f"/graphs?graph={name}", method="HEAD", Accept=TRIPLES)

    if not who.may_read:
        statuses = {one.status_code for one in (listed, described, counted, head)}
        assert statuses == {who.refusal}
        return
    sees = name in who.sees
    sizes = {one["graph"]: one["statements"] for one in listed.get_json()}
    assert sizes.get(name) == (size if sees else None)
    assert (f"<{name}>" in described.text) is sees
    assert counted.text.split() == ["n", str(size if sees else 0)]
    assert (head.status_code, head.data) == (200 if sees else 404, b"")


def test_the_graph_without_a_name_is_read(unnamed: tuple[Who, Site]) -> None:
    who, at = unnamed
    sees = who.may_read and not who.is_limited
    for path in (
        f"/sparql?query={ALL} {{ ?s ?p ?o }}",
        "/graphs?default",
        "/id/?iri=https://example.org/loose",
    ):
        answer = at.get(path, Accept=TRIPLES)
        assert ("MARK-loose" in answer.text) is sees, path
        if not who.may_read:
            assert answer.status_code == who.refusal
    rows = at.get("/queries/systems.csv").text
    assert ("loose" in rows) is sees
    if who.may_read:
        page = at.get("/", Accept="text/html").text
        assert ("loose" in page) is sees


@pytest.mark.parametrize("who", EVERYBODY, ids=lambda who: who.name)
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { ex:new a ex:Thing }",
        "DELETE WHERE { ex:loose ?p ?o }",
        "CLEAR DEFAULT",
        "COPY r:main TO DEFAULT",
        "INSERT { GRAPH r:main { ?s ex:saw ?o } } WHERE { ?s ?p ?o }",
        "ADD SILENT DEFAULT TO r:main",
        "PUT",
        "POST",
        "DELETE",
    ],
)
def test_the_graph_without_a_name_is_written(who: Who, text: str) -> None:
    at = visit(who, settings=Settings(default_graph="unnamed"))
    before = at.state()
    may = who.may_write and not who.is_limited

    answer = at.update(text) if " " in text else at.send(text, "/graphs?default")

    after = at.state()
    assert (after != before) is may, answer.text
    if may:
        assert answer.status_code in {200, 201}
    elif not who.may_write and not (text == "DELETE" and who.is_limited and who.may_read):
        assert answer.status_code == who.refusal
