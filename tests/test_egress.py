"""Nothing is reached but listed hosts at public addresses, and only through the checked client."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest

from aimsgraph.egress.addresses import is_public
from aimsgraph.egress.client import fetch
from aimsgraph.egress.federation import relayed
from aimsgraph.egress.loading import loaded
from aimsgraph.egress.reach import Reach
from aimsgraph.egress.relay import Relay
from aimsgraph.errors import QueryError, RefusedQueryError
from aimsgraph.rdf.tokens import guard, with_full_iris

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254
168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1
192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1
255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b:1::7f00:1 2002:7f00:1:: 2002:a00:1:: 2002:c0a8:1::
2001:0:7f00:1::1 2001:db8::1 100::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
4000::1 2130706433 0x7f000001 0177.0.0.1 127.1 localhost 8.8.8.8:80
""".split()  # noqa: SIM905 - a table

LISTED = (
    "data.example.org",
    "odd.example.org:8080",
    "bücher.example.org",
    "2130706433",
    "127.0.0.1",
)

REFUSED_IRIS = [
    "http://other.example.org/",
    "http://data.example.org:8080/",
    "http://odd.example.org/",
    "http://data.example.org./",
    "http://data.example.org.evil.example/",
    "http://evil.example/data.example.org",
    "http://data.example.org@evil.example/",
    "http://user@data.example.org/",
    "http://user:secret@data.example.org/",
    "http://data.example.org:0/",
    "http://data.example.org:99999/",
    "http://data.example.org:80x/",
    "http://data.example.org\\@evil.example/",
    "http://data.example.org\t/",
    "http://data.example.org/a b",
    "http://data.example.org/\r\nHost: evil.example",
    "http:///sparql",
    "http:data.example.org",
    "//data.example.org/",
    "data.example.org",
    "",
    "http://[::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[data.example.org]/",
    "http://0x7f000001/",
    "http://017700000001/",
    "http://127.1/",
    "http://localhost/",
    "http://data%2eexample.org/",
    "file:///etc/passwd",
    "file://data.example.org/etc/passwd",
    "ftp://data.example.org/",
    "gopher://data.example.org/",
    "jar:http://data.example.org/!/x",
    "data:text/turtle,",
    "ws://data.example.org/",
    "urn:x",
]

ANSWER = {
    "head": {"vars": ["s", "label"]},
    "results": {
        "bindings": [
            {
                "s": {"type": "uri", "value": "urn:bot"},
                "label": {"type": "literal", "value": "Bot"},
            }
        ]
    },
}


@dataclass
class Host:
    """A host of somebody else's, as the tests play it."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    lookups: list[str] = field(default_factory=list)

    def reach(self, **more: Any) -> Reach:
        """Return what may be reached: this host alone, which counts as public."""
        given: dict[str, Any] = {
            "hosts": (f"data.example.org:{self.port}",),
            "seconds": 10.0,
            "resolve": self.resolve,
            "is_public": lambda address: address == "127.0.0.1",
        }
        return Reach(**(given | more))

    def resolve(self, host: str, _: int) -> Sequence[str]:
        """Look up a name."""
        self.lookups.append(host)
        return ["127.0.0.1"]

    def iri(self, path: str = "/sparql") -> str:
        """Return an address at this host."""
        return f"http://data.example.org:{self.port}{path}"


def say(handler: BaseHTTPRequestHandler, content: bytes, **headers: str) -> None:
    """Answer with some content."""
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def say_results(handler: BaseHTTPRequestHandler) -> None:
    """Answer with one solution."""
    content = json.dumps(ANSWER).encode()
    say(handler, content, Content_Type="application/sparql-results+json")


Playing = Callable[[Callable[[BaseHTTPRequestHandler], None]], Host]


@pytest.fixture
def playing() -> Iterator[Playing]:
    """Return what starts hosts, which end with the test."""
    servers = []

    def play(answer: Callable[[BaseHTTPRequestHandler], None]) -> Host:
        host = Host(answer)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                host.seen.append((self.command, self.path, dict(self.headers), body))
                host.answer(self)

            do_POST = do_GET  # noqa: N815 - named by the base class

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        host.port = server.server_port
        return host

    yield play
    for server in servers:
        server.shutdown()
        server.server_close()


def read(reach: Reach, iri: str) -> bytes:
    """Return all that an address answers."""
    with fetch(reach, iri, {}) as reply:
        return b"".join(reply.content)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_private_form_of_an_address_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
    ],
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("iri", REFUSED_IRIS)
def test_what_is_not_listed_is_refused_before_its_name_is_looked_up(iri: str) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host, port)

    with pytest.raises(RefusedQueryError, match=r"not reached|not on the list"):
        read(Reach(LISTED, resolve=never), iri)


@pytest.mark.parametrize(
    ("iri", "host", "port", "path"),
    [
        ("http://data.example.org", "data.example.org", 80, "/"),
        ("HTTPS://DATA.example.ORG/a?b=c d".replace(" ", "+"), "data.example.org", 443, "/a?b=c+d"),
        ("http://data.example.org:80/é", "data.example.org", 80, "/%C3%A9"),
        ("http://odd.example.org:8080/#part", "odd.example.org", 8080, "/"),
        ("http://BÜCHER.example.org/", "xn--bcher-kva.example.org", 80, "/"),
        ("http://xn--bcher-kva.example.org/", "xn--bcher-kva.example.org", 80, "/"),
    ],
)
def test_a_listed_host_is_known_however_it_is_written(
    iri: str, host: str, port: int, path: str
) -> None:
    found = Reach(LISTED).target(iri)

    assert (found.host, found.port, found.path) == (host, port, path)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433"])
def test_a_private_address_is_refused_even_where_it_is_listed(host: str) -> None:
    with pytest.raises(RefusedQueryError, match="not all of its addresses are public"):
        read(Reach(LISTED), f"http://{host}/")


def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    reach = Reach(LISTED, resolve=lambda *_: ["8.8.8.8", "127.0.0.1"])

    with pytest.raises(RefusedQueryError, match="not all of its addresses are public"):
        read(reach, "http://data.example.org/")


def test_a_name_is_looked_up_once_and_that_address_is_connected_to(playing: Playing) -> None:
    host = playing(lambda handler: say(handler, b"here"))
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    reach = host.reach(resolve=lambda *_: next(answers))

    assert read(reach, host.iri("/a?b")) == b"here"
    assert next(answers) == ["127.0.0.2"]
    method, path, headers, _ = host.seen[0]
    assert (method, path, headers["Host"]) == ("GET", "/a?b", f"data.example.org:{host.port}")
    assert headers["Accept-Encoding"] == "identity"


def test_a_redirect_is_an_error_that_names_it(playing: Playing) -> None:
    inner = playing(lambda handler: say(handler, b"secret"))

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"http://127.0.0.1:{inner.port}/")
        handler.end_headers()

    host = playing(redirect)

    with pytest.raises(QueryError, match=f"sends on to 'http://127.0.0.1:{inner.port}/'"):
        read(host.reach(), host.iri())
    assert not inner.seen


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def _drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(100_000):
        handler.wfile.write(b"x" * 1000)


def _short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x")


@pytest.mark.parametrize(
    ("answer", "limits", "sentence"),
    [
        (_drip, {"seconds": 0.3}, "did not answer in full within 0.3 seconds"),
        (_drip_headers, {"seconds": 0.3}, "did not answer in full within 0.3 seconds"),
        (_endless, {"most": 100_000}, "answers more than 100,000 bytes"),
        (lambda one: say(one, b"x" * 2000), {"most": 1000}, "answers more than 1,000 bytes"),
        (lambda one: say(one, gzip.compress(b"x"), Content_Encoding="gzip"), {}, "compressed"),
        (_short, {}, "breaks off its answer"),
        (lambda one: one.wfile.write(b"nonsense\r\n\r\n"), {}, "cannot be reached"),
    ],
    ids=["slow", "slow headers", "endless", "large", "gzip", "broken off", "no HTTP"],
)
def test_an_answer_out_of_bounds_is_an_error(
    playing: Playing,
    answer: Callable[[BaseHTTPRequestHandler], None],
    limits: dict[str, Any],
    sentence: str,
) -> None:
    host = playing(answer)

    with pytest.raises(QueryError, match=sentence):
        read(host.reach(**limits), host.iri())


# -- SERVICE ---------------------------------------------------------------------------


@pytest.fixture
def relay_for() -> Iterator[Callable[[Reach], Relay]]:
    """Return what starts relays, which end with the test."""
    relays: list[Relay] = []

    def start(reach: Reach) -> Relay:
        relays.append(Relay(reach))
        return relays[-1]

    yield start
    for relay in relays:
        relay.close()


RelayFor = Callable[[Reach], Relay]


def ask(text: str, relay: Relay) -> list[list[str]]:
    """Ask the engine a query through a relay."""
    text = relayed(text, guard(text, {"SERVICE"}), relay)
    store = ox.Store()
    store.update("INSERT DATA { <urn:bot> <urn:age> 3 . <urn:cat> <urn:age> 4 }")
    found: Any = store.query(with_full_iris(text, guard(text, {"SERVICE"})))
    rows: list[list[str]] = []
    try:
        for row in found:
            rows += [[str(getattr(row[name], "value", "")) for name in found.variables]]
    finally:
        del found  # a failure would keep it, and it may be dropped in this thread only
    return rows


JOIN = "SELECT ?s ?age ?label {{ ?s <urn:age> ?age SERVICE {} {{ ?s <urn:label> ?label }} }}"


@pytest.mark.parametrize("form", ["<{}>", "SILENT <{}>", "#x\n<{}>", "p:sparql", "q:"])
def test_a_query_joins_what_a_listed_endpoint_answers(
    playing: Playing, relay_for: RelayFor, form: str
) -> None:
    host = playing(say_results)
    prefixes = f"PREFIX p: <{host.iri('/')}> PREFIX q: <{host.iri()}> "

    found = ask(prefixes + JOIN.format(form.format(host.iri())), relay_for(host.reach()))

    assert found == [["urn:bot", "3", "Bot"]]
    [(method, path, headers, body)] = host.seen
    assert (method, path) == ("POST", "/sparql")
    assert headers["Content-Type"] == "application/sparql-query"
    assert b"127.0.0.1" not in body
    assert b"<urn:label>" in body


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        ("<http://127.0.0.1:{port}/>", "not on the list"),
        ("<http://169.254.169.254/latest/meta-data>", "not on the list"),
        ("<file:///etc/passwd>", "not reached"),
        ("?endpoint", "a variable could lead anywhere"),
        ("SILENT ?endpoint", "a variable could lead anywhere"),
        ("<relative>", "full IRI"),
        ("undeclared:x", "full IRI"),
        (
            "<http://data.example.org:{port}/> {{ SERVICE <http://data.example.org:{port}/b>",
            "within",
        ),
    ],
)
def test_a_service_elsewhere_is_refused_and_nothing_is_reached(
    playing: Playing, relay_for: RelayFor, service: str, sentence: str
) -> None:
    host = playing(say_results)

    with pytest.raises(RefusedQueryError, match=sentence):
        ask(JOIN.format(service.format(port=host.port)), relay_for(host.reach()))
    assert not host.seen
    assert not host.lookups


def test_a_silent_service_on_a_refused_host_binds_nothing(
    playing: Playing, relay_for: RelayFor
) -> None:
    host = playing(say_results)
    text = JOIN.format(f"SILENT <http://127.0.0.1:{host.port}/>")

    found = ask(text, relay_for(host.reach()))

    assert sorted(found) == [["urn:bot", "3", ""], ["urn:cat", "4", ""]]
    assert not host.seen


def test_an_endpoint_that_resolves_to_a_private_address_is_not_reached(
    playing: Playing, relay_for: RelayFor
) -> None:
    host = playing(say_results)
    relay = relay_for(host.reach(is_public=is_public))

    with pytest.raises(OSError, match="502") as caught:
        ask(JOIN.format(f"<{host.iri()}>"), relay)

    assert not host.seen
    assert "127.0.0.1" not in relay.without_addresses(str(caught.value))


def test_a_page_in_place_of_results_is_no_answer(playing: Playing, relay_for: RelayFor) -> None:
    host = playing(lambda one: say(one, b"<html></html>", Content_Type="text/html"))

    with pytest.raises(OSError, match="502"):
        ask(JOIN.format(f"<{host.iri()}>"), relay_for(host.reach()))


def test_an_endpoint_that_breaks_off_is_an_error_and_no_short_answer(
    playing: Playing, relay_for: RelayFor
) -> None:
    def break_off(handler: BaseHTTPRequestHandler) -> None:
        content = json.dumps(ANSWER).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/sparql-results+json")
        handler.send_header("Content-Length", str(len(content) + 1000))
        handler.end_headers()
        handler.wfile.write(content)

    host = playing(break_off)

    with pytest.raises((OSError, RuntimeError, SyntaxError)):
        ask(JOIN.format(f"<{host.iri()}>"), relay_for(host.reach()))


@pytest.mark.parametrize("path", ["/", "/x/aHR0cDovL2EvIg==", "/nowhere", "/é/é", "/x/%%%"])
def test_the_relay_serves_nobody_who_makes_up_an_address(
    playing: Playing, relay_for: RelayFor, path: str
) -> None:
    host = playing(say_results)
    relay = relay_for(host.reach())
    origin = relay.nowhere.removesuffix("/nowhere")
    request = Request(
        origin + path.encode().decode("latin-1").replace("Ã©", "%C3%A9"), data=b"ASK {}"
    )

    with pytest.raises(HTTPError, match="403") as caught:
        urlopen(request, timeout=10)
    caught.value.close()
    assert not host.seen


# -- LOAD ------------------------------------------------------------------------------


def test_a_document_is_loaded_into_its_graph(playing: Playing) -> None:
    host = playing(
        lambda one: say(one, b"<#a> <b> 'c' .", Content_Type="text/turtle;charset=utf-8")
    )

    [quad] = loaded(host.reach(), host.iri("/doc"), ox.NamedNode("urn:g"))

    assert quad.subject == ox.NamedNode(host.iri("/doc#a"))
    assert quad.graph_name == ox.NamedNode("urn:g")


@pytest.mark.parametrize(
    ("content", "media_type", "sentence"),
    [
        (b"<a> <b> .", "text/turtle", "not valid RDF"),
        (b"<html></html>", "text/html", "is no RDF"),
        (b"<!DOCTYPE x><x/>", "application/rdf+xml", "DOCTYPE"),
        (b'{"@context": "http://127.0.0.1/"}', "application/ld+json", "JSON-LD context"),
    ],
)
def test_a_document_that_cannot_be_loaded_is_said(
    playing: Playing, content: bytes, media_type: str, sentence: str
) -> None:
    host = playing(lambda one: say(one, content, Content_Type=media_type))

    with pytest.raises(QueryError, match=sentence):
        loaded(host.reach(), host.iri("/doc"), None)
