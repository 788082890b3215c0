"""Who writes reads it at once, and an update through the readers is the same update."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aimsgraph.access import Role
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import GRAPH
from aimsgraph.readers.places import COPY
from aimsgraph.readers.pool import Pool
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from aimsgraph.web.watch import Watch
from site_support import TURTLE, UPDATE, signed_in
from tiny_support import PREFIXES, opened, workspace

SETTINGS = Settings(readers=2, caller_queries=2, query_timeout=20.0)
ENDLESS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . ?s ?t ?u"


@dataclass
class Site:
    """A workspace on disk that is served, and its two doors."""

    graph: AimsGraph
    folder: Path
    client: FlaskClient
    socket: FlaskClient

    def door(self, name: str) -> Person:
        """Return somebody: the owner at the socket, or whoever has a token at the other door."""
        if name == "owner":
            return Person(self.socket, {})
        return Person(self.client, signed_in(self.graph, name))


@dataclass
class Person:
    """Somebody at a door."""

    client: FlaskClient
    headers: dict[str, str]

    def get(self, path: str, accept: str = "*/*", **asked: str) -> TestResponse:
        """Read a path."""
        headers = {"Accept": accept, **self.headers}
        return self.client.get(path, query_string=asked, headers=headers)

    def update(self, text: str) -> int:
        """Send an update; return the generation it made."""
        found = self.client.post(
            "/update", data=PREFIXES + text, content_type=UPDATE, headers=self.headers
        )
        assert found.status_code == 200, found.text
        return int(found.get_json()["generation"])

    def put(self, graph: str, turtle: str) -> int:
        """Replace a graph; return the generation that made."""
        found = self.client.put(
            "/graphs",
            query_string={"graph": graph},
            data=turtle,
            content_type=TURTLE,
            headers=self.headers,
        )
        assert found.status_code in {200, 201}, found.text
        return int(found.get_json()["generation"])


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    found = Pool(SETTINGS)
    yield found
    found.close()


@pytest.fixture
def site(tmp_path: Path, pool: Pool) -> Iterator[Site]:
    folder = workspace(tmp_path / "w")
    with opened(folder, settings=SETTINGS) as graph:
        watch = Watch(graph, pool)
        clients = [
            create_app(graph, door, watch=watch).test_client()
            for door in (Door(), Door(is_owners=True))
        ]
        yield Site(graph, folder, *clients)


# -- one's own writes --------------------------------------------------------------------

MAIN = f"{GRAPH}records/main"


def asked(person: Person, label: str) -> bool:
    text = f"{PREFIXES} ASK {{ ?s rdfs:label '{label}' }}"
    found = person.get("/sparql", "application/sparql-results+json", query=text).get_json()
    return bool(found["boolean"])


def listed(person: Person, label: str) -> bool:
    return label in person.get("/graphs", TURTLE, graph=MAIN).text


def answered(person: Person, label: str) -> bool:
    return f"https://example.org/{label}," in person.get("/queries/systems.csv").text


def shown(person: Person, label: str) -> bool:
    return f"https://example.org/{label}<" in person.get("/queries/systems", "text/html").text


def described(person: Person, label: str) -> bool:
    page = person.get("/id/", "text/html", iri=f"https://example.org/{label}")
    return f"<h1>{label}" in page.text


READINGS = [asked, listed, answered, shown, described]


def thing(label: str) -> str:
    return f"ex:{label} a aims:AISystem ; rdfs:label '{label}' ; aims:ownedBy ex:ada"


def written(person: Person, label: str, way: str) -> int:
    """Write a thing, by a way; return the generation that made."""
    ada = "ex:ada a aims:Person ; rdfs:label 'Ada' . "
    if way == "update":
        return person.update(f"INSERT DATA {{ GRAPH r:main {{ {ada} {thing(label)} }} }}")
    if way == "where":
        return person.update(
            f"INSERT {{ GRAPH r:main {{ {ada} {thing(label)} }} }} "
            "WHERE { GRAPH ?g { ?s ?p ?o } FILTER(?g = <https://w3id.org/aimsgraph/graph/ontology>)"
            " FILTER(?s = aims:Person && ?p = rdfs:label) }"
        )
    turtle = PREFIXES.replace("PREFIX", "@prefix").replace(">\n", "> .\n")
    return person.put(MAIN, f"{turtle} {ada} {thing(label)} .")


@pytest.mark.parametrize("who", ["Ada", "owner"])
@pytest.mark.parametrize("way", ["update", "where", "put"])
@pytest.mark.parametrize("read", READINGS)
def test_who_writes_reads_it_at_once(site: Site, who: str, way: str, read: object) -> None:
    assert callable(read)
    person = site.door(who)
    assert not read(person, "first")

    for label in ("first", "second", "third"):
        written(person, label, way)

        assert read(person, label)


@pytest.mark.parametrize("read", READINGS)
def test_who_takes_away_does_not_read_it_again(site: Site, read: object) -> None:
    assert callable(read)
    person = site.door("Ada")
    written(person, "first", "update")
    assert read(person, "first")

    person.update("DELETE WHERE { GRAPH r:main { ex:first ?p ?o } }")

    assert not read(person, "first")


def test_a_tag_of_before_is_not_good_after_ones_own_write(site: Site) -> None:
    person = site.door("Ada")
    before = person.get("/queries/systems.csv").headers["ETag"]
    written(person, "first", "update")
    person.headers["If-None-Match"] = before

    found = person.get("/queries/systems.csv")

    assert found.status_code == 200
    assert "first" in found.text
    person.headers["If-None-Match"] = found.headers["ETag"]
    assert person.get("/queries/systems.csv").status_code == 304


def test_somebody_else_reads_it_who_asks_for_that_generation(site: Site) -> None:
    person, other = site.door("Ada"), site.door("Eve")
    for label in ("first", "second", "third"):
        made = written(person, label, "update")
        found = other.get("/queries/systems.csv", **{"at-least": str(made)})

        assert found.headers["ETag"].removeprefix('W/"').startswith(f"{made}-")
        assert label in found.text

    missing = other.get("/queries/systems.csv", **{"at-least": str(made + 1)})
    assert missing.status_code == 404


@pytest.mark.parametrize("who", ["Eve", "owner"])
def test_somebody_else_reads_it_within_a_moment(site: Site, who: str) -> None:
    other = site.door(who)
    assert not answered(other, "first")
    written(site.door("Ada"), "first", "update")

    until = monotonic() + 30
    while not answered(other, "first"):
        assert monotonic() < until


def test_no_copy_is_left_of_updates_that_were_made_or_refused(site: Site) -> None:
    person = site.door("Ada")
    written(person, "first", "where")
    for text in (
        "INSERT { GRAPH r:main { ?s ?p ?o } } WHERE { ?s",
        f"CLEAR GRAPH <{GRAPH}workspace>",
    ):
        found = person.client.post(
            "/update", data=PREFIXES + text, content_type=UPDATE, headers=person.headers
        )
        assert found.status_code in {400, 403}

    assert asked(person, "first")
    assert not list(site.folder.rglob(f"{COPY}*"))


def test_who_may_not_write_asks_no_reader(site: Site, pool: Pool) -> None:
    before = pool.stats()
    reader = Person(site.client, signed_in(site.graph, "Eve", Role.READER))

    found = reader.client.post(
        "/update",
        data=f"{PREFIXES} INSERT {{ GRAPH r:main {{ ?a ex:x 1 }} }} WHERE {{ {ENDLESS} }}",
        content_type=UPDATE,
        headers=reader.headers,
    )

    assert found.status_code == 403
    assert pool.stats() == before
