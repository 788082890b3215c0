"""What somebody who means harm sends to the service, and what they may get for it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlencode

QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
FORM: Final = "application/x-www-form-urlencoded"

REFUSED: Final = frozenset({400})
LIMITED: Final = frozenset({422, 504})
"""A limit ends it."""
ENDED: Final = frozenset({200, 400, 422, 504})
"""Answered, refused or ended by a limit: the engine may do either, and nothing breaks."""


@dataclass(frozen=True)
class Attack:
    """One request, and the statuses that are right for it."""

    name: str
    target: str
    statuses: frozenset[int]
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    is_signed: bool = False
    """Whether it comes with the token of an editor."""


def query(name: str, text: str, statuses: frozenset[int]) -> Attack:
    """Return a query sent directly."""
    return Attack(name, "/sparql", statuses, text.encode(), {"Content-Type": QUERY})


def update(name: str, text: str, statuses: frozenset[int]) -> Attack:
    """Return an update of an editor."""
    headers = {"Content-Type": UPDATE}
    return Attack(name, "/update", statuses, text.encode(), headers, is_signed=True)


def get(name: str, target: str, *statuses: int, **headers: str) -> Attack:
    """Return a request for a path."""
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    return Attack(name, target, frozenset(statuses), None, sent, "GET")


def body(name: str, media_type: str, content: str | bytes, *statuses: int) -> Attack:
    """Return a body to be checked."""
    sent = content if isinstance(content, bytes) else content.encode()
    return Attack(name, "/validate", frozenset(statuses), sent, {"Content-Type": media_type})


def nesting() -> Iterator[Attack]:
    """Yield what makes a parser or the engine recurse."""
    deep = 2500
    yield query("nested-groups", "SELECT * " + "{" * deep + "}" * deep, REFUSED)
    yield query("nested-parentheses", f"ASK {{ FILTER({'(' * deep}1{')' * deep}) }}", REFUSED)
    yield query("nested-blank-nodes", f"ASK {{ {'[ <urn:p> ' * deep}1{']' * deep} }}", REFUSED)
    yield query("unclosed-brackets", "SELECT * {" * 20_000, REFUSED)
    yield query("nested-optionals", "SELECT * {" + "OPTIONAL {" * 120 + "}" * 121, ENDED)
    yield query("a-chain-of-not", f"ASK {{ FILTER({'!' * 50_000}true) }}", ENDED)
    yield query("a-chain-of-minus", f"ASK {{ FILTER({'- ' * 50_000}1 = 1) }}", ENDED)
    yield query("a-chain-of-or", f"ASK {{ FILTER({'true || ' * 15_000}true) }}", ENDED)
    yield query("a-chain-of-plus", f"SELECT (1{'+1' * 50_000} AS ?x) {{}}", ENDED)
    yield query("a-chain-of-unions", "SELECT * {" + "{} UNION " * 15_000 + "{} }", ENDED)
    yield query("a-long-path", "ASK { ?s <urn:p>" + "/<urn:p>" * 15_000 + " ?o }", ENDED)
    yield query("inverse-upon-inverse", "ASK { ?s " + "^" * 50_000 + "<urn:p> ?o }", ENDED)
    yield query("a-long-list", "ASK { ?s ?p (" + "1 " * 90_000 + ") }", ENDED)
    yield query("nested-functions", f"SELECT ({'STR(' * 120}1{')' * 120} AS ?x) {{}}", ENDED)
    yield query("nested-sub-selects", "SELECT * {" * 120 + "}" * 120, ENDED)
    yield update("an-update-of-groups", "DELETE WHERE " + "{" * deep + "}" * deep, REFUSED)
    yield update("an-update-of-not", f"INSERT {{}} WHERE {{ FILTER({'!' * 50_000}true) }}", ENDED)
    yield update(
        "an-update-of-optionals", "INSERT {} WHERE {" + "OPTIONAL {" * 120 + "}" * 121, ENDED
    )


RECORDS: Final = "https://w3id.org/aimsgraph/graph/records/"
PRODUCT: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"


def size() -> Iterator[Attack]:
    """Yield what takes time, memory or room."""
    yield query("cross-product", f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}", LIMITED)
    yield query("sorted-product", f"SELECT * {{ {PRODUCT} }} ORDER BY ?a ?l", LIMITED)
    yield query(
        "distinct-product", f"SELECT DISTINCT ?a ?f ?i {{ {PRODUCT} }} OFFSET 99999999", LIMITED
    )
    yield query("grouped-product", f"SELECT (GROUP_CONCAT(?l) AS ?x) {{ {PRODUCT} }}", LIMITED)
    yield query(
        "product-as-graph",
        f"CONSTRUCT {{ ?a ?e ?l }} WHERE {{ {PRODUCT} }} OFFSET 99999999",
        LIMITED,
    )
    yield query("doubled-text", f"SELECT (STRLEN(?a40) AS ?n) {{ {_doubling(40)} }}", LIMITED)
    yield query("paths-of-any-length", "SELECT * { ?s (!<urn:x>|^!<urn:x>)* ?o }", LIMITED | {200})
    yield query("paths-within-paths", "ASK { ?s ((!<urn:x>)*/(!<urn:x>)*)* <urn:nowhere> }", ENDED)
    yield query("product-by-values", f"SELECT (COUNT(*) AS ?n) {{ {_values(200)} }}", LIMITED)
    yield query("minus-of-products", f"SELECT * {{ {PRODUCT} MINUS {{ {PRODUCT} }} }}", LIMITED)
    yield query(
        "not-exists-of-products", f"ASK {{ {PRODUCT} FILTER NOT EXISTS {{ {PRODUCT} }} }}", ENDED
    )
    yield query("catastrophic-pattern", _regex("a" * 50_000, "(a+)+$"), ENDED)
    yield query("exploding-pattern", _regex("a", "((a{1,1000}){1,1000}){1,1000}"), ENDED)
    yield query(
        "pattern-from-data",
        "SELECT * { ?s ?p ?o . FILTER(REGEX(STR(?o), CONCAT('(', STR(?o), '+)+$'))) }",
        ENDED,
    )
    yield query(
        "replaced-over-and-over",
        f'SELECT (REPLACE("{"a" * 1000}", "a*?", "{"b" * 9000}") AS ?x) {{}}',
        ENDED,
    )
    yield query("many-values", "ASK { VALUES ?x { " + "1 " * 90_000 + "} }", frozenset({200}))
    yield query("too-many-values", "ASK { VALUES ?x { " + "1 " * 110_000 + "} }", REFUSED)
    yield query("a-text-too-long", "ASK {} #" + "x" * 300_000, REFUSED)
    yield query(
        "many-prefixes", "".join(f"PREFIX p{i}: <urn:{i}> " for i in range(9000)) + "ASK {}", ENDED
    )
    yield query(
        "many-variables",
        "SELECT * { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(6000)) + "}",
        ENDED,
    )
    yield query("a-huge-offset", "SELECT * { ?s ?p ?o } OFFSET 99999999999999999999", ENDED)
    yield query("many-strings", "ASK { VALUES ?x {" + '""' * 90_000 + "} }", ENDED)
    yield query("quotes-without-end", "ASK { ?s ?p " + '"""' * 60_000, REFUSED)
    yield query("backslashes", 'ASK { ?s ?p "' + "\\\\" * 90_000 + '" }', ENDED)
    yield query("iris-without-end", "ASK { " + "<" * 190_000, REFUSED)
    yield update(
        "an-update-of-products",
        f"INSERT {{ GRAPH <{RECORDS}x> {{ ?a ?e ?l }} }} WHERE {{ {PRODUCT} }}",
        LIMITED,
    )
    yield update(
        "a-deletion-of-products",
        f"DELETE {{ GRAPH <{RECORDS}x> {{ ?a ?e ?l }} }} WHERE {{ {PRODUCT} }}",
        LIMITED,
    )


def _doubling(times: int) -> str:
    binds = (f"BIND(CONCAT(?a{i}, ?a{i}) AS ?a{i + 1})" for i in range(times))
    return f'BIND("{"x" * 100}" AS ?a0) {" ".join(binds)}'


def _values(count: int) -> str:
    many = " ".join(map(str, range(count)))
    return " ".join(f"VALUES ?v{i} {{ {many} }}" for i in range(6))


def _regex(text: str, pattern: str) -> str:
    return f'ASK {{ FILTER(REGEX("{text}b", "{pattern}")) }}'


def reaching_out(address: str) -> Iterator[Attack]:
    """Yield what would make the service open a connection or a file.

    Args:
        address: of somebody on this machine who listens for connections.
    """
    yield query("service", f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}", REFUSED)
    yield query("silent-service", f"ASK {{ SERVICE SILENT <{address}> {{ }} }}", REFUSED)
    yield query("service-in-capitals-and-not", f"ASK {{ sErViCe <{address}> {{ }} }}", REFUSED)
    yield query(
        "service-by-variable", f"ASK {{ BIND(<{address}> AS ?s) SERVICE ?s {{ }} }}", REFUSED
    )
    yield query("service-behind-a-comment", f"ASK {{ SERVICE#\n<{address}> {{ }} }}", REFUSED)
    yield query("service-by-prefix", f"PREFIX x: <{address}> ASK {{ SERVICE x: {{ }} }}", REFUSED)
    yield query("service-escaped", f"ASK {{ \\u0053ERVICE <{address}> {{ }} }}", REFUSED)
    yield query("from-address", f"ASK FROM <{address}> {{ ?s ?p ?o }}", frozenset({200}))
    yield query("from-file", "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }", frozenset({200}))
    yield query(
        "from-named-file",
        "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        frozenset({200}),
    )
    for name in ("default-graph-uri", "named-graph-uri"):
        for kind, iri in (("address", address), ("file", "file:///etc/passwd")):
            asked = urlencode({"query": "SELECT * { ?s ?p ?o }", name: iri})
            yield get(f"{name}-{kind}", f"/sparql?{asked}", 200)
    yield update("load-address", f"LOAD <{address}>", REFUSED)
    yield update(
        "load-file",
        "LOAD <file:///etc/passwd> INTO GRAPH <https://w3id.org/aimsgraph/graph/records/x>",
        REFUSED,
    )
    yield update("silent-load", f"LOAD SILENT <{address}>", REFUSED)
    yield update(
        "service-in-an-update", f"INSERT {{}} WHERE {{ SERVICE <{address}> {{ }} }}", REFUSED
    )
    yield update(
        "using-address",
        f"DELETE {{ <urn:s> <urn:p> 1 }} USING <{address}> WHERE {{ ?s ?p ?o }}",
        frozenset({200, 400}),
    )
    yield get("graph-at-address", f"/graphs?graph={quote(address, safe='')}", 404)
    yield get("graph-in-a-file", "/graphs?graph=file%3A%2F%2F%2Fetc%2Fpasswd", 404)
    yield get("resource-at-address", f"/id/?iri={quote(address, safe='')}", 404)
    yield body(
        "imports",
        "text/turtle",
        f"<urn:o> <http://www.w3.org/2002/07/owl#imports> <{address}> .",
        200,
    )
    yield body(
        "shapes-graph",
        "text/turtle",
        f"<urn:o> <http://www.w3.org/ns/shacl#shapesGraph> <{address}> .",
        200,
    )
    yield body(
        "remote-context",
        "application/ld+json",
        f'{{"@context": "{address}", "@id": "urn:a", "urn:p": 1}}',
        400,
    )
    yield body(
        "remote-context-within",
        "application/ld+json",
        f'{{"@context": [{{"@import": "{address}"}}], "@id": "urn:a"}}',
        400,
    )


XML: Final = "application/rdf+xml"
ENTITIES: Final = "".join(
    f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' if i else '<!ENTITY e0 "ha">' for i in range(12)
)


def bodies(address: str) -> Iterator[Attack]:
    """Yield what is more than it seems, or not what it says."""
    names = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:"'
    rdf = f"<rdf:RDF {names}>{{}}</rdf:RDF>"
    said = '<rdf:Description rdf:about="urn:a"><e:p>{}</e:p></rdf:Description>'
    laughs = f"<?xml version='1.0'?><!DOCTYPE x [{ENTITIES}]>" + rdf.format(said.format("&e11;"))
    outside = (
        f"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>{rdf.format(said.format('&f;'))}"
    )
    remote = f"<!DOCTYPE x SYSTEM '{address}'>{rdf.format('')}"
    yield body("entity-bomb", XML, laughs, 400)
    yield body("entity-of-a-file", XML, outside, 400)
    yield body("remote-doctype", XML, remote, 400)
    yield body("entity-bomb-in-utf-16", XML, laughs.encode("utf-16"), 400)
    yield body("nested-turtle", "text/turtle", "<urn:a> <urn:p> " + "[ <urn:p> " * 50_000, 400)
    yield body("nested-collections", "text/turtle", "<urn:a> <urn:p> " + "(" * 100_000, 400)
    yield body("nested-json", "application/ld+json", '{"urn:p":' * 50_000 + "1" + "}" * 50_000, 400)
    yield body("nested-xml", XML, rdf.format("<e:a><e:b>" * 20_000), 400)
    yield body("not-utf-8", "text/turtle", b"<urn:a> <urn:p> '\xff\xfe' .", 400)
    yield body("no-rdf-at-all", "image/png", b"\x89PNG", 415)
    bomb = gzip.compress(b"<urn:a> <urn:p> 1 .\n" * 1_000_000)
    packed = {"Content-Type": "text/turtle", "Content-Encoding": "gzip"}
    yield Attack("gzip-bomb", "/validate", frozenset({415}), bomb, packed)
    yield Attack(
        "many-fields", "/sparql", frozenset({413}), b"a=1&" * 200_000, {"Content-Type": FORM}
    )
    parts = b"".join(
        b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" for _ in range(20_000)
    )
    many = {"Content-Type": "multipart/form-data; boundary=x"}
    yield Attack(
        "many-parts",
        "/graphs?default",
        frozenset({400, 413}),
        parts + b"--x--",
        many,
        is_signed=True,
    )
    yield Attack(
        "a-query-that-is-no-text", "/sparql", REFUSED, b"\xff\xfe", {"Content-Type": QUERY}
    )
    yield Attack(
        "form-that-is-no-text", "/sparql", frozenset({400}), b"query=%ff%fe", {"Content-Type": FORM}
    )


def other_sites() -> Iterator[Attack]:
    """Yield what a page of another site makes a browser send."""
    text = f"INSERT DATA {{ GRAPH <{RECORDS}evil> {{ <urn:a> <urn:p> 1 }} }}"
    form = urlencode({"update": text}).encode()
    denied = frozenset({403})
    for name, header in (
        ("origin", {"Origin": "https://evil.example"}),
        ("no-origin-to-speak-of", {"Origin": "null"}),
        ("fetch-metadata", {"Sec-Fetch-Site": "cross-site"}),
        ("neighbour", {"Sec-Fetch-Site": "same-site"}),
    ):
        sent = {"Content-Type": FORM, **header}
        yield Attack(f"form-post-{name}", "/update", denied, form, sent, is_signed=True)
        turtle = {"Content-Type": "text/turtle", **header}
        path = f"/graphs?graph={RECORDS}evil"
        yield Attack(
            f"put-{name}", path, denied, b"<urn:a> <urn:p> 1 .", turtle, "PUT", is_signed=True
        )


def paths_and_headers() -> Iterator[Attack]:
    """Yield paths that lead elsewhere, and headers that say more than they should."""
    for path in (
        "/static/../app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static//etc/passwd",
        "/id/../../../etc/passwd",
        "/queries/..%2f..%2fsettings",
        "/queries/%2e%2e%2fetc%2fpasswd.csv",
        "/history/../1e9",
        "/graphs/..%2f..%2fetc",
        "//evil.example/",
        "/id/%00",
        "/id/?iri=%00",
        "/id/%ff",
        "/%0d%0aSet-Cookie:%20a=b",
        "/queries/ai-system-inventory%0d%0aX-Evil:%201.csv",
    ):
        yield get(f"path {path}", path, 400, 404)
    evil = "x%0d%0aX-Evil:%201"
    yield get("header-by-as-of", f"/queries?as-of={evil}", 400)
    yield get("header-by-parameter", f"/queries/ai-system-inventory.csv?x={evil}", 400)
    yield get("header-by-etag", f"/history?since={evil}", 400)
    yield get("foreign-host", "/sparql?query=ASK%7B%7D", 401, Host="evil.example")
    yield get("spoofed-address", "/sparql?query=ASK%7B%7D", 401, X_Forwarded_For="127.0.0.1")
    yield get("host-that-is-none", "/sparql?query=ASK%7B%3Ca%3E%3Cb%3E1%7D", 400, 401, Host="a>b")
    yield get("wrong-token", "/sparql?query=ASK%7B%7D", 401, Authorization="Bearer aimsgraph_x")
    yield get("token-that-is-none", "/sparql?query=ASK%7B%7D", 401, Authorization="Bearer \xff")
    yield get("basic-that-is-none", "/sparql?query=ASK%7B%7D", 401, Authorization="Basic ====")
    yield get("accept-without-end", "/sparql?query=ASK%7B%7D", 200, 406, Accept="a/b," * 5000)
    yield get("accept-that-is-none", "/sparql?query=ASK%7B%7D", 200, 406, Accept="\xff;q=;;=,/")
    yield get("tags-without-end", "/sparql?query=ASK%7B%7D", 200, If_None_Match='"x",' * 5000)
    yield get("a-day-that-is-none", "/sparql?query=ASK%7B%7D", 400, Accept_Datetime="yesterday")
    yield get("generation-without-end", f"/sparql?query=ASK%7B%7D&at-least={'9' * 500}", 400)
    yield get("generation-to-come", "/sparql?query=ASK%7B%7D&at-least=999999999", 404)
    yield get("moment-to-come", "/sparql?query=ASK%7B%7D&as-of=9999-12-31", 400, 404)
    yield get("moment-before-all", "/sparql?query=ASK%7B%7D&as-of=0001-01-01", 400, 404)
    yield get("page-to-come", "/search?q=a&page=99999999999999999999", 400, 200)


def attacks(address: str) -> list[Attack]:
    """Return all of them."""
    return [
        *nesting(),
        *size(),
        *reaching_out(address),
        *bodies(address),
        *other_sites(),
        *paths_and_headers(),
    ]
