"""Turtle that diffs well: one predicate per line, in the order given, and no surprises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

BASE: Final = "https://w3id.org/aimsgraph"

PREFIXES: Final = {
    "aims": f"{BASE}#",
    "dcterms": "http://purl.org/dc/terms/",
    "euaiact": f"{BASE}/eu-ai-act/",
    "iso27001": f"{BASE}/iso27001/",
    "iso42001": f"{BASE}/iso42001/",
    "nist": f"{BASE}/nist-ai-rmf/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_PREFIXED: Final = re.compile(r"([a-z0-9]+):")

NOTICE: Final = "Written by ontology/sources/generate.py; change the facts there, not this file."


def name(iri: str) -> str:
    """Return an IRI as Turtle writes it, prefixed where that needs no escapes."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and _LOCAL.fullmatch(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def aims(term: str) -> str:
    """Return a term of the ontology."""
    return f"aims:{term}"


def string(value: str) -> str:
    """Return a plain string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def prose(value: str) -> str:
    """Return a text in English."""
    return f"{string(value)}@en"


def day(value: str) -> str:
    """Return a date."""
    return f'"{value}"^^xsd:date'


@dataclass
class Block:
    """One subject with its types and what is said of it, in order."""

    iri: str
    types: list[str]
    lines: list[tuple[str, list[str]]] = field(default_factory=list)

    def say(self, predicate: str, *objects: str) -> Block:
        """Add a predicate with its objects; with none, add nothing."""
        if objects:
            self.lines.append((predicate, list(objects)))
        return self

    def say_prose(self, predicate: str, value: str) -> Block:
        """Add a text in English unless it is empty."""
        return self.say(predicate, prose(value)) if value else self

    def say_day(self, predicate: str, value: str) -> Block:
        """Add a date unless it is empty."""
        return self.say(predicate, day(value)) if value else self

    def turtle(self) -> Iterator[str]:
        """Yield the lines of the block."""
        yield name(self.iri)
        yield f"    a {' , '.join(self.types)} ;"
        for predicate, objects in self.lines:
            yield f"    {predicate} {' , '.join(objects)} ;"
        yield "    ."


def document(about: str, blocks: Iterable[Block]) -> str:
    """Return a Turtle file: what it is, the prefixes it uses, its blocks."""
    body = "\n".join("\n".join([*block.turtle(), ""]) for block in blocks)
    without_text = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', " ", body)
    used = sorted(set(_PREFIXED.findall(without_text)) & PREFIXES.keys())
    width = max(len(prefix) for prefix in used) + 1
    head = [f"# {line}" for line in (*about.splitlines(), NOTICE)]
    prefixes = [f"@prefix {f'{prefix}:':<{width}} <{PREFIXES[prefix]}> ." for prefix in used]
    return "\n".join([*head, "", *prefixes, "", body])
