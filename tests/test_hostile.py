"""A hostile corpus against the running service: each is turned away, and the next is served."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import IncompleteRead
from typing import Final
from urllib.parse import quote, urlencode

import pytest

from hostile_corpus import LIMITED, Attack, attacks
from served_support import Served, served

ADDRESS: Final = "http://127.0.0.1:9/"
SCRIPT: Final = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ORDINARY: Final = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/aimsgraph#AISystem> }"
LEAKS: Final = (b"Traceback", b"/work/", b"/tmp/", b"site-packages", b'File "', b"root:x:")
"""What no answer may hold: traces, paths of this machine, and files of it."""


class Ear:
    """Somebody at a port of this machine, who hears whether anybody connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)  # noqa: FBT003 - its own way
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}/data"

    def has_heard(self) -> bool:
        """Return whether somebody has connected."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    found = Ear()
    yield found
    found.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {"query_timeout": "2", "query_memory": "400", "max_megabytes": "64", "readers": "2"}
    with served(tmp_path_factory.mktemp("hostile"), sample=True, **settings) as found:
        yield found


def answer(service: Served) -> int:
    """Ask an ordinary question, and return how many AI systems there are."""
    found = service.send("GET", f"/sparql?{urlencode({'query': ORDINARY})}")
    assert found.status == 200, found.body
    return int(json.loads(found.body)["results"]["bindings"][0]["n"]["value"])


@pytest.fixture(scope="module")
def ordinary(service: Served) -> int:
    return answer(service)


@pytest.mark.parametrize("attack", attacks(ADDRESS), ids=lambda attack: attack.name)
def test_an_attack_is_turned_away_and_the_next_is_served(
    attack: Attack, service: Served, ear: Ear, ordinary: int
) -> None:
    heard = attack.body.replace(ADDRESS.encode(), ear.address.encode()) if attack.body else None
    target = attack.target.replace(quote(ADDRESS, safe=""), quote(ear.address, safe=""))
    signed = service.bearer() if attack.is_signed else {}

    try:
        found = service.send(attack.method, target, heard, {**attack.headers, **signed})
    except IncompleteRead:
        # A limit was met after the first rows: the answer breaks off, and says so by that.
        assert attack.statuses & LIMITED
        assert answer(service) == ordinary
        return

    assert found.status in attack.statuses, found.body[:500]
    assert not [leak for leak in LEAKS if leak in found.body]
    assert "X-Evil" not in found.headers
    if found.status >= 400:
        assert json.loads(found.body)["detail"]
    assert not ear.has_heard()
    assert answer(service) == ordinary


def test_nothing_hostile_was_written(service: Served) -> None:
    listed = json.loads(service.send("GET", "/graphs").body)

    assert not [one["graph"] for one in listed if one["graph"].endswith(("/evil", "/x"))]


PLACES: Final = (
    "/id/?iri=https%3A%2F%2Fexample.org%2Fhostile",
    "/search?q=alert",
    "/history",
    "/queries/ai-system-inventory.html",
    "/sparql?query=" + quote("SELECT ?l { <https://example.org/hostile> ?p ?l }"),
    "/sparql?query=" + quote(f"SELECT * {{ {SCRIPT}"),
    "/sparql?query=" + quote(f'SELECT ("{SCRIPT}" AS ?x) {{}}'),
    "/sparql?query=" + quote(f'CONSTRUCT {{ <urn:a> <urn:p> "{SCRIPT}" }} WHERE {{}}'),
    "/sparql?query=" + quote("SELECT (<javascript:alert(1)> AS ?x) {}"),
    f"/queries/{quote(SCRIPT, safe='')}",
    f"/queries/ai-system-inventory.html?{quote(SCRIPT)}=1",
    f"/id/{quote(SCRIPT, safe='')}",
    f"/history?subject={quote(SCRIPT)}",
    f"/diff?from={quote(SCRIPT)}&to=2026-01-01",
    f"/conformity?clause={quote(SCRIPT)}",
    f"/conformity?severity={quote(SCRIPT)}",
    f"/?as-of={quote(SCRIPT)}",
)


@pytest.fixture(scope="module")
def scripted(service: Served) -> Served:
    text = SCRIPT.replace('"', '\\"')
    turtle = f"""
        @prefix aims: <https://w3id.org/aimsgraph#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        <https://example.org/hostile> a aims:AISystem ;
            rdfs:label "{text}" ; dcterms:description "{text}" ; dcterms:identifier "{text}" ;
            rdfs:seeAlso <javascript:alert(1)> .
    """
    headers = {**service.bearer(), "Content-Type": "text/turtle"}
    message = quote(SCRIPT)
    done = service.send(
        "POST", f"/load?graph=hostile&advisory=true&message={message}", turtle, headers
    )
    assert done.status == 200, done.body
    return service


@pytest.mark.parametrize("target", PLACES)
def test_script_is_shown_as_text(scripted: Served, target: str) -> None:
    found = scripted.send("GET", target, None, {"Accept": "text/html"})

    assert found.media_type == "text/html"
    assert "<script>" not in found.text
    assert "<img" not in found.text
    assert 'href="javascript:' not in found.text.lower()
    assert "default-src 'none'" in found.headers["Content-Security-Policy"]
