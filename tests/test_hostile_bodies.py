"""Bodies that would crash, stall or send out the server are refused; the next is answered."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from site_support import Site, edited

RDF = (
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
    '<r:Description r:about="urn:a"><u:b>{}</u:b></r:Description></r:RDF>'
)
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))
XML = {
    "doctype": "<!DOCTYPE x>" + RDF.format("a"),
    "entity": '<!DOCTYPE x [<!ENTITY e "v">]>' + RDF.format("&e;"),
    "billion laughs": f"<!DOCTYPE x [{LAUGHS}]>" + RDF.format("&a9;"),
    "quadratic": f'<!DOCTYPE x [<!ENTITY e "{"A" * 100_000}">]>' + RDF.format("&e;" * 1000),
    "external": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + RDF.format("&e;"),
    "external subset": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + RDF.format("a"),
    "parameter": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>' + RDF.format("a"),
    "lower case": '<!doctype x [<!ENTITY e "v">]>' + RDF.format("&e;"),
    "utf-7": '<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE x+AD4-' + RDF.format("a"),
    "deep": RDF.format("<r:Description><u:p>" * 10_000 + "</u:p></r:Description>" * 10_000),
    "attributes": RDF.format("a").replace(
        "><u:b", "".join(f' u:x{n}="1"' for n in range(50_000)) + "><u:b", 1
    ),
    "unfinished": RDF.format("a")[:-3],
}
JSON = {
    "string": '{"@context": "http://127.0.0.1:%d/c", "@id": "urn:a"}',
    "array": '[{"@context": [{}, "http://127.0.0.1:%d/c"], "@id": "urn:a"}]',
    "nested": '{"@id": "urn:a", "urn:b": {"@context": "http://127.0.0.1:%d/c", "urn:c": 1}}',
    "import": '{"@context": {"@import": "http://127.0.0.1:%d/c"}, "@id": "urn:a"}',
    "scoped": '{"@context": {"t": {"@id": "urn:t", "@context": "http://127.0.0.1:%d/c"}}, "t": 1}',
    "escaped": '{"\\u0040context": "http://127.0.0.1:%d/c", "@id": "urn:a"}',
    "file": '{"@context": "file:///etc/passwd?%d", "@id": "urn:a"}',
}
CHAIN = ",".join(f'"t{n}": "t{n + 1}"' for n in range(5_000))
DEEP = {
    "objects": ('{"@id":"a:b","a:p":' * 5_000 + "1" + "}" * 5_000, "application/ld+json"),
    "arrays": ("[" * 100_000 + "]" * 100_000, "application/ld+json"),
    "graphs": ('{"@graph":' * 5_000 + "{}" + "}" * 5_000, "application/ld+json"),
    "terms on terms": (
        f'{{"@context": {{{CHAIN}, "t5000": "a:b"}}, "t0": 1}}',
        "application/ld+json",
    ),
    "triple terms": (
        "<a:> <a:p> " + "<<(<a:> <a:p> " * 20_000 + "1" + ")>>" * 20_000 + ".",
        "text/turtle",
    ),
    "triple terms and comments": ("<a:> <a:p> " + "<<(<a:> <a:p> #)>>\n" * 20_000, "text/turtle"),
    "triples of N-Triples": (
        "<a:> <a:p> " + "<<(<a:> <a:p> " * 20_000 + "<a:>" + ")>>" * 20_000 + ".",
        "application/n-triples",
    ),
}
ODD = {
    "not utf-8": (b"<urn:a> <urn:b> '\xff' .", "is not UTF-8"),
    "utf-16": ("<urn:a> <urn:b> 1 .".encode("utf-16"), "is not UTF-8"),
    "nul": (b"<urn:a> <urn:b> 'a\0b' .", "NUL"),
    "open brackets": (b"<urn:a> <urn:b> " + b"(" * 100_000, "not valid RDF"),
    "open string": (b"<urn:a> <urn:b> '''" + b"x" * 1_000_000, "not valid RDF"),
}


@pytest.fixture
def site() -> Iterator[Site]:
    site = edited()
    yield site
    assert site.get("/sparql?query=ASK{}").status_code == 200
    assert site.open("POST", "/validate", "<urn:a> <urn:b> 1 .", "text/turtle").status_code == 200


def refused(site: Site, content: str | bytes, media_type: str) -> str:
    """Send a body that is refused; return why."""
    before = site.state()
    response = site.client.post(
        "/load", data=content, content_type=media_type, headers=site.headers
    )
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert site.state() == before
    return str(response.json["detail"]) if response.json else ""


@pytest.mark.parametrize("name", XML)
def test_hostile_xml_is_refused(site: Site, name: str) -> None:
    refused(site, XML[name], "application/rdf+xml")


@pytest.mark.parametrize("name", ["doctype", "entity", "billion laughs", "external"])
def test_the_remedy_for_a_doctype_is_told(site: Site, name: str) -> None:
    assert "write its entities out" in refused(site, XML[name], "application/rdf+xml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp037"])
def test_a_doctype_does_not_hide_in_an_encoding(site: Site, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + XML["entity"]

    refused(site, text.encode(encoding), "application/rdf+xml")


@pytest.mark.parametrize(
    "content",
    [
        "<!-- <!DOCTYPE x> -->" + RDF.format("a"),
        RDF.format("<![CDATA[<!DOCTYPE x>]]>"),
        "\ufeff" + RDF.format("a"),
    ],
)
def test_a_doctype_that_is_none_is_taken(site: Site, content: str) -> None:
    response = site.open("POST", "/load", content, "application/rdf+xml")

    assert response.status_code == 200


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.mark.parametrize("name", JSON)
def test_a_remote_context_is_refused_and_nobody_connects(
    site: Site, listening: socket.socket, name: str
) -> None:
    content = JSON[name] % listening.getsockname()[1]

    assert "would have to be fetched" in refused(site, content, "application/ld+json")
    with pytest.raises(BlockingIOError):
        listening.accept()


@pytest.mark.parametrize(
    "predicate",
    ["http://www.w3.org/2002/07/owl#imports", "http://www.w3.org/ns/shacl#shapesGraph"],
)
@pytest.mark.parametrize("path", ["/validate", "/load"])
def test_what_a_body_points_at_is_not_fetched(
    site: Site, listening: socket.socket, path: str, predicate: str
) -> None:
    content = f"<urn:a> <{predicate}> <http://127.0.0.1:{listening.getsockname()[1]}/> ."

    assert site.open("POST", path, content, "text/turtle").status_code == 200
    with pytest.raises(BlockingIOError):
        listening.accept()


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused_before_the_parser(site: Site, name: str) -> None:
    content, media_type = DEEP[name]

    told = refused(site, content, media_type)

    assert "deeper than 128" in told or "rest on each other" in told


@pytest.mark.parametrize("name", ODD)
def test_an_odd_body_is_refused_with_a_reason(site: Site, name: str) -> None:
    content, sentence = ODD[name]

    assert sentence in refused(site, content, "text/turtle")


@pytest.mark.parametrize(
    "content",
    [
        "<urn:a> <urn:b> '" + "x" * 4_000_000 + "' .",
        "<urn:a> <urn:b> " + "[<urn:b> " * 20_000 + "1" + "]" * 20_000 + ".",
        "<urn:a> <urn:b> " + "(" * 20_000 + ")" * 20_000 + ".",
    ],
    ids=["a long literal", "blank nodes", "lists"],
)
def test_a_large_body_that_does_no_harm_is_taken(site: Site, content: str) -> None:
    assert site.open("POST", "/validate", content, "text/turtle").status_code == 200
