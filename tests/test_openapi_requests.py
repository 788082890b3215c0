"""Requests made up from the OpenAPI document are answered as it says, and nothing breaks down."""

from __future__ import annotations

from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aimsgraph.web import create_app
from site_support import signed_in
from tiny_support import OWNED, SYSTEM, memory, update

CHECKS: Final[list[Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

WORDS: Final = st.sampled_from(
    (
        *("SELECT", "ASK", "CONSTRUCT", "WHERE", "FROM", "NAMED", "GRAPH", "OPTIONAL", "FILTER"),
        *("INSERT", "DELETE", "DATA", "WITH", "USING", "CLEAR", "DROP", "MOVE", "TO", "ALL"),
        *("{", "}", "(", ")", "[", "]", ".", ";", ",", "*", "=", "<<", ">>", "|", "^", "!"),
        *("?s", "?p", "?o", "a", "<urn:a>", "<b>", "_:b", "ex:a", "1", "-0.5e3", "'x'@en", "true"),
        *("GROUP", "BY", "COUNT", "ORDER", "LIMIT", "VALUES", "SERVICE", "LOAD", "\x00", "\ud7ff"),
    )
)
"""What texts are made of that no parser has seen."""

TEXTS: Final = st.lists(WORDS, max_size=25).map(lambda words: " ".join(words).encode())

WHOLE: Final[dict[str, list[bytes]]] = {
    "application/sparql-query": [b"ASK {}", b"SELECT * { ?s ?p ?o }", b"DESCRIBE <urn:a>"],
    "application/sparql-update": [
        b"INSERT DATA { GRAPH <urn:g> { <urn:a> a <urn:b> } }",
        b"DELETE WHERE { GRAPH ?g { ?s <urn:b> ?o } }",
        b"CREATE GRAPH <urn:g>",
    ],
    "text/turtle": [b"<urn:a> <b> 1 .", b"@base <urn:x> . <> a [ ] ."],
    "application/n-triples": [b"<urn:a> <urn:b> _:c .\n"],
    "application/n-quads": [b"<urn:a> <urn:b> _:c <urn:g> .\n"],
    "application/trig": [b"<urn:g> { <urn:a> <urn:b> 'x' }"],
    "application/rdf+xml": [b"<rdf/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
    "application/ld+json": [b'{"@id": "urn:a", "urn:b": 1}', b'{"@context": "http://127.0.0.1/"}'],
}
"""Bodies that are understood, or nearly."""

for media_type, bodies in WHOLE.items():
    schemathesis.openapi.media_type(media_type, st.one_of(st.sampled_from(bodies), TEXTS))


def document() -> tuple[Any, dict[str, str]]:
    """Return the document of a served graph, and the headers of its editor."""
    graph = memory()
    for text in (SYSTEM, OWNED):
        graph.commit(update(text))
    headers = {**signed_in(graph, "Ada"), "Accept-Encoding": "identity"}
    return schemathesis.openapi.from_wsgi("/openapi.json", create_app(graph)), headers


SCHEMA, HEADERS = document()


@pytest.mark.filterwarnings("ignore::UserWarning")
@SCHEMA.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_request_is_answered_as_described(case: Any) -> None:
    case.call_and_validate(headers=HEADERS, checks=CHECKS)
