"""The formats answers leave in: names, media types, and the engine's writers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox


@dataclass(frozen=True)
class Format:
    """One format: how it is called in a suffix and in an `Accept` header."""

    name: str
    media_type: str
    writer: ox.QueryResultsFormat | ox.RdfFormat
    is_text: bool = True

    @property
    def content_type(self) -> str:
        """Return the media type as a response names it."""
        return f"{self.media_type}; charset=utf-8" if self.is_text else self.media_type


TABLE_FORMATS: Final = (
    Format("json", "application/sparql-results+json", ox.QueryResultsFormat.JSON, is_text=False),
    Format("xml", "application/sparql-results+xml", ox.QueryResultsFormat.XML, is_text=False),
    Format("csv", "text/csv", ox.QueryResultsFormat.CSV),
    Format("tsv", "text/tab-separated-values", ox.QueryResultsFormat.TSV),
)
"""Formats of a table or a yes or no; the first is the default (SPARQL 1.1 Protocol, 2.1.6)."""

GRAPH_FORMATS: Final = (
    Format("turtle", "text/turtle", ox.RdfFormat.TURTLE),
    Format("ntriples", "application/n-triples", ox.RdfFormat.N_TRIPLES),
    Format("jsonld", "application/ld+json", ox.RdfFormat.JSON_LD, is_text=False),
    Format("rdfxml", "application/rdf+xml", ox.RdfFormat.RDF_XML, is_text=False),
    Format("trig", "application/trig", ox.RdfFormat.TRIG),
    Format("nquads", "application/n-quads", ox.RdfFormat.N_QUADS),
)
"""Formats of a graph; the first is the default."""

ALIASES: Final = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "text/plain": "text/csv",
}
"""Media types that clients also ask for, and what they get."""

SUFFIXES: Final = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml", "nq": "nquads"}
"""Suffixes that differ from the name of their format."""

NOT_IN_JSON_LD: Final = (
    "the answer holds triple terms (RDF 1.2), which JSON-LD cannot say; "
    "ask for text/turtle, application/trig, application/n-triples or application/n-quads"
)

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_format(name: str) -> Format | None:
    """Return a table's format by name or suffix."""
    return _find(TABLE_FORMATS, name)


def graph_format(name: str) -> Format | None:
    """Return a graph's format by name or suffix."""
    return _find(GRAPH_FORMATS, name)


def _find(formats: tuple[Format, ...], name: str) -> Format | None:
    wanted = SUFFIXES.get(name, name)
    return next((one for one in formats if one.name == wanted), None)
