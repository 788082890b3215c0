"""The names of things: namespaces, prefixes and the named graphs of a dataset.

The version of aimsgraph is never part of a name.
"""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/aimsgraph"
AIMS: Final = f"{BASE}#"
SHAPES: Final = f"{BASE}/shapes#"
QUERY: Final = f"{BASE}/query/"
GRAPH: Final = f"{BASE}/graph/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SH: Final = "http://www.w3.org/ns/shacl#"
DCTERMS: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"

PREFIXES: Final[dict[str, str]] = {
    "aims": AIMS,
    "aimssh": SHAPES,
    "question": QUERY,
    "iso42001": f"{BASE}/iso42001/",
    "iso27001": f"{BASE}/iso27001/",
    "euaiact": f"{BASE}/eu-ai-act/",
    "nist": f"{BASE}/nist-ai-rmf/",
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "sh": SH,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": DCTERMS,
    "dcat": "http://www.w3.org/ns/dcat#",
    "prov": PROV,
    "org": "http://www.w3.org/ns/org#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
}
"""The prefixes every page, report and shape uses."""

ONTOLOGY_GRAPH: Final = f"{GRAPH}ontology"
SHAPES_GRAPH: Final = f"{GRAPH}shapes"
QUERIES_GRAPH: Final = f"{GRAPH}queries"
INFERRED_GRAPH: Final = f"{GRAPH}inferred"
CONFORMITY_GRAPH: Final = f"{GRAPH}conformity"
HISTORY_GRAPH: Final = f"{GRAPH}history"
WORKSPACE_GRAPH: Final = f"{GRAPH}workspace"
RECORDS_GRAPHS: Final = f"{GRAPH}records/"

UNNAMED: Final = ""
"""Stands for the graph without a name, wherever graphs are named by text."""

DERIVED_GRAPHS: Final = frozenset({INFERRED_GRAPH, CONFORMITY_GRAPH})
"""The graphs that are functions of all the others."""

RELEASE_GRAPHS: Final = (ONTOLOGY_GRAPH, SHAPES_GRAPH, QUERIES_GRAPH)
"""The graphs the release writes."""

CALENDAR: Final = f"{BASE}/calendar"
TODAY: Final = f"{AIMS}today"


def is_records(graph: str) -> bool:
    """Return whether a graph is one that an organisation writes: any but our own."""
    return graph.startswith(RECORDS_GRAPHS) or not graph.startswith(GRAPH)


def records_filter(variable: str) -> str:
    """Return the SPARQL expression that tells record graphs, as `is_records` does."""
    name = f"STR({variable})"
    return f'(STRSTARTS({name}, "{RECORDS_GRAPHS}") || !STRSTARTS({name}, "{GRAPH}"))'


def shorten(iri: str) -> str:
    """Return the IRI as prefix:name where a known prefix fits, else unchanged."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in (rest := iri[len(namespace) :]) and rest:
            return f"{prefix}:{rest}"
    return iri


def expand(name: str) -> str:
    """Return prefix:name as an IRI where the prefix is known, else unchanged."""
    prefix, colon, rest = name.partition(":")
    if colon and not rest.startswith("//") and prefix in PREFIXES:
        return PREFIXES[prefix] + rest
    return name
