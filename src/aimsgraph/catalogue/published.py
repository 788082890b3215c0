"""A question as SPARQL editors read it: an executable of SHACL, with its text and its prefixes.

Parameters stand in the text as the variables they are; comments on top say
what may be put in their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from aimsgraph.catalogue.parameters import TERM_FOR_TYPE, Parameter
from aimsgraph.namespaces import PREFIXES, QUERIES_GRAPH, RDF, RDFS, SH
from aimsgraph.rdf.terms import typed
from aimsgraph.rdf.tokens import Token

FORMS: Final = {
    "SELECT": ("SPARQLSelectExecutable", "select"),
    "ASK": ("SPARQLAskExecutable", "ask"),
    "CONSTRUCT": ("SPARQLConstructExecutable", "construct"),
}
"""The class and the property of each form of query; SHACL has no words for DESCRIBE."""

_A: Final = ox.NamedNode(f"{RDF}type")


def executable(
    subject: ox.NamedNode, comment: str, text: str, found: list[Token]
) -> Iterator[ox.Triple]:
    """Yield what makes a query findable for other editors.

    Args:
        subject: what the query is called.
        comment: what it asks, as people read it.
        text: the query.
        found: its tokens.
    """
    form = next((t.text.upper() for t in found if t.kind == "word" and t.text.upper() in FORMS), "")
    if form not in FORMS:
        return
    kind, property_name = FORMS[form]
    for name in ("SPARQLExecutable", kind):
        yield ox.Triple(subject, _A, _sh(name))
    yield ox.Triple(subject, ox.NamedNode(f"{RDFS}comment"), ox.Literal(comment, language="en"))
    yield ox.Triple(subject, _sh(property_name), ox.Literal(text))
    yield from _prefixes(subject, dict(_declared(found)))


def with_hints(text: str, parameters: Iterable[Parameter]) -> str:
    """Return a query with a comment on top for every parameter."""
    return "".join(f"# {_hint(parameter)}\n" for parameter in parameters) + text


def _hint(parameter: Parameter) -> str:
    label, wanted = " ".join(parameter.label.split()), TERM_FOR_TYPE[parameter.type][1]
    told = f"?{parameter.variable} ({label}): put {wanted} in its place"
    if parameter.default is not None:
        return f"{told}; {parameter.default} where nothing is asked for"
    return f"{told}, or leave it" if parameter.is_optional else told


def _declared(found: list[Token]) -> Iterator[tuple[str, str]]:
    for index, token in enumerate(found[:-2]):
        if token.kind == "word" and token.text.upper() == "PREFIX":
            name, iri = found[index + 1], found[index + 2]
            yield name.text.removesuffix(":"), iri.text[1:-1]


def _prefixes(subject: ox.NamedNode, declared: dict[str, str]) -> Iterator[ox.Triple]:
    """Yield the prefixes of a query: those of the house in one place, or else its own."""
    is_house = all(PREFIXES.get(prefix) == namespace for prefix, namespace in declared.items())
    owner = ox.NamedNode(QUERIES_GRAPH) if is_house else subject
    if declared:
        yield ox.Triple(subject, _sh("prefixes"), owner)
    if not is_house:
        yield from declarations(owner, subject.value, declared)


def declarations(
    owner: ox.NamedNode, base: str, prefixes: Mapping[str, str]
) -> Iterator[ox.Triple]:
    """Yield the declarations of prefixes at one place; their names begin with `base`."""
    for prefix, namespace in prefixes.items():
        node = ox.NamedNode(f"{base}/prefix/{prefix}")
        yield ox.Triple(owner, _sh("declare"), node)
        yield ox.Triple(node, _sh("prefix"), ox.Literal(prefix))
        yield ox.Triple(node, _sh("namespace"), typed(namespace, "anyURI"))


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)
