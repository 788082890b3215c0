"""The rules of inference, read off the ontology and written as SPARQL updates.

Each axiom that speaks about instances becomes one update that adds what is
missing to the inferred graph (OWL 2 Profiles, section 4.3; the names of the
rules are those of the tables there).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.errors import InferenceError
from aimsgraph.namespaces import INFERRED_GRAPH, ONTOLOGY_GRAPH, OWL, RDF, RDFS

_PREFIXES: Final = f"PREFIX rdf: <{RDF}> PREFIX rdfs: <{RDFS}> PREFIX owl: <{OWL}>\n"


@dataclass(frozen=True)
class InferenceRule:
    """One way to conclude: what is added (a triple pattern) where a pattern holds."""

    name: str
    head: str
    body: str

    def update(self, graphs: list[str]) -> str:
        """Return the update that adds what the rule concludes from the union of graphs."""
        using = " ".join(f"USING <{graph}>" for graph in graphs)
        return (
            f"{_PREFIXES}INSERT {{ GRAPH <{INFERRED_GRAPH}> {{ {self.head} }} }} {using}\n"
            f"WHERE {{ {self.body} FILTER NOT EXISTS {{ {self.head} }} }}"
        )


_TYPES: Final = (
    InferenceRule(
        "cax-sco",
        "?x a ?d",
        "{ SELECT DISTINCT ?c ?d { ?c rdfs:subClassOf+ ?d FILTER(isIRI(?d)) } } ?x a ?c .",
    ),
    InferenceRule(
        "cax-eqc",
        "?x a ?d",
        "?c owl:equivalentClass|^owl:equivalentClass ?d . FILTER(isIRI(?c) && isIRI(?d)) ?x a ?c .",
    ),
)
"""Types of instances by axioms between named classes."""

_PROPERTY_AXIOMS: Final = {
    "prp-spo1": ("rdfs:subPropertyOf", "?x <{q}> ?y", "?x <{p}> ?y ."),
    "prp-inv1": ("owl:inverseOf", "?y <{q}> ?x", "?x <{p}> ?y . FILTER(!isLiteral(?y))"),
    "prp-inv2": ("owl:inverseOf", "?y <{p}> ?x", "?x <{q}> ?y . FILTER(!isLiteral(?y))"),
    "prp-dom": ("rdfs:domain", "?x a <{q}>", "?x <{p}> ?y ."),
    "prp-rng": ("rdfs:range", "?y a <{q}>", "?x <{p}> ?y . FILTER(!isLiteral(?y))"),
}

_PROPERTY_KINDS: Final = {
    "prp-symp": ("owl:SymmetricProperty", "?y <{p}> ?x", "?x <{p}> ?y ."),
    "prp-trp": ("owl:TransitiveProperty", "?x <{p}> ?z", "?x <{p}> ?y . ?y <{p}> ?z ."),
}


def read_rules(store: ox.Store) -> list[InferenceRule]:
    """Read the rules off the ontology graph of a store.

    Raises:
        InferenceError: a property chain is malformed or longer than three.
    """
    return [
        *_TYPES,
        *_property_axioms(store),
        *_property_kinds(store),
        *_chains(store),
        *_class_expressions(store),
    ]


def _ask(store: ox.Store, pattern: str) -> ox.QuerySolutions:
    graph = ox.NamedNode(ONTOLOGY_GRAPH)
    found = store.query(f"{_PREFIXES}SELECT * {{ {pattern} }}", default_graph=[graph])
    if not isinstance(found, ox.QuerySolutions):
        raise TypeError("a SELECT gives solutions")
    return found


def _property_axioms(store: ox.Store) -> Iterator[InferenceRule]:
    for name, (axiom, head, body) in _PROPERTY_AXIOMS.items():
        for row in _ask(store, f"?p {axiom} ?q FILTER(isIRI(?p) && isIRI(?q) && ?p != ?q)"):
            p, q = row["p"].value, row["q"].value
            if not q.startswith("http://www.w3.org/2001/XMLSchema#"):
                yield InferenceRule(name, _fill(head, p=p, q=q), _fill(body, p=p, q=q))


def _property_kinds(store: ox.Store) -> Iterator[InferenceRule]:
    for name, (kind, head, body) in _PROPERTY_KINDS.items():
        for row in _ask(store, f"?p a {kind}"):
            p = row["p"].value
            yield InferenceRule(name, _fill(head, p=p), _fill(body, p=p))


def _chains(store: ox.Store) -> Iterator[InferenceRule]:
    for row in _ask(store, "?q owl:propertyChainAxiom ?list FILTER(isIRI(?q))"):
        links = [link.value for link in read_list(store, row["list"])]
        if len(links) < 2:
            raise InferenceError(f"{row['q'].value}: a property chain needs two links or more")
        body = " ".join(f"?x{i} <{link}> ?x{i + 1} ." for i, link in enumerate(links))
        yield InferenceRule("prp-spo2", f"?x0 <{row['q'].value}> ?x{len(links)}", body)


def _class_expressions(store: ox.Store) -> Iterator[InferenceRule]:
    """Yield rules for the class expressions of OWL 2 RL that the ontology uses."""
    for row in _ask(store, "?c owl:onProperty ?p ; owl:hasValue ?v"):
        p, label, value = row["p"].value, _class_label(row["c"]), str(row["v"])
        yield InferenceRule("cls-hv2", f"?x a <{label}>", f"?x <{p}> {value} .")
        yield InferenceRule("cls-hv1", f"?x <{p}> {value}", f"?x a <{label}> .")
    for row in _ask(store, "?c owl:onProperty ?p ; owl:someValuesFrom ?d"):
        p, label = row["p"].value, _class_label(row["c"])
        kind = "" if row["d"].value == f"{OWL}Thing" else f" ?y a <{_class_label(row['d'])}> ."
        yield InferenceRule("cls-svf", f"?x a <{label}>", f"?x <{p}> ?y .{kind}")
    for row in _ask(store, "?c owl:intersectionOf ?list"):
        parts = [_class_label(part) for part in read_list(store, row["list"])]
        label = _class_label(row["c"])
        every = " ".join(f"?x a <{part}> ." for part in parts)
        yield InferenceRule("cls-int1", f"?x a <{label}>", every)
        for part in parts:
            yield InferenceRule("cls-int2", f"?x a <{part}>", f"?x a <{label}> .")
    yield from _expression_axioms(store)


def _expression_axioms(store: ox.Store) -> Iterator[InferenceRule]:
    """Yield subclass axioms with an expression on either side."""
    both = "rdfs:subClassOf|owl:equivalentClass|^owl:equivalentClass"
    for row in _ask(store, f"?c {both} ?d FILTER(isBlank(?c) || isBlank(?d))"):
        sub, sup = _class_label(row["c"]), _class_label(row["d"])
        yield InferenceRule("cax-sco", f"?x a <{sup}>", f"?x a <{sub}> .")


def read_list(store: ox.Store, head: Any) -> list[Any]:
    """Return the members of an RDF list in the ontology graph."""
    members: list[Any] = []
    graph = ox.NamedNode(ONTOLOGY_GRAPH)
    first, rest = ox.NamedNode(f"{RDF}first"), ox.NamedNode(f"{RDF}rest")
    while head != ox.NamedNode(f"{RDF}nil"):
        members.extend(q.object for q in store.quads_for_pattern(head, first, None, graph))
        tails = [q.object for q in store.quads_for_pattern(head, rest, None, graph)]
        if len(tails) != 1 or len(members) > 100:
            raise InferenceError("a list in the ontology is broken or does not end")
        head = tails[0]
    return members


EXPRESSIONS: Final = "urn:aimsgraph:expression:"
"""Where class expressions, which have no name, get one while rules run."""


def _class_label(term: ox.NamedNode | ox.BlankNode) -> str:
    return term.value if isinstance(term, ox.NamedNode) else EXPRESSIONS + term.value


def _fill(pattern: str, **values: str) -> str:
    for name, value in values.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern
