"""Rules asked of the whole store at once, instead of once per focus node.

A rule that only wants a property to be there becomes the question who lacks it.
A rule written as `sh:sparql` is a query in which `$this` is bound beforehand.
Where every `$this` stands in a place that the outermost group reaches, putting
the target in front of that group gives the same solutions for all focus nodes
in one go. What fits neither is left to the reference.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDF as RDF_TERMS
from rdflib import SH, URIRef

from aimsgraph.conformity.report import CheckResult
from aimsgraph.conformity.rules import Rule, RuleSet, query_of
from aimsgraph.namespaces import RDF, records_filter
from aimsgraph.rdf.terms import Term, value_of
from aimsgraph.rdf.tokens import Token, tokens
from aimsgraph.store.embedded import EmbeddedStore

SPARQL_COMPONENT: Final = str(SH.SPARQLConstraintComponent)
MIN_COUNT_COMPONENT: Final = str(SH.MinCountConstraintComponent)

MOST_VALUES: Final = 1000
"""More focus nodes than this are looked up as all records, and sorted out afterwards."""

_TARGET: Final = {
    "targetClass": f"?this <{RDF}type> <{{0}}> .",
    "targetNode": "VALUES ?this {{ <{0}> }}",
    "targetSubjectsOf": "{{ SELECT DISTINCT ?this {{ ?this <{0}> ?anyObject_ }} }}",
    "targetObjectsOf": "{{ SELECT DISTINCT ?this {{ ?anySubject_ <{0}> ?this }} }}",
}

_ALL_RECORDS: Final = (
    "{ SELECT DISTINCT ?this { GRAPH ?graph_ { ?this ?property_ ?value_ } "
    f"FILTER{records_filter('?graph_')} }} }}"
)

_SHAPE_ITSELF: Final = {
    SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf, SH.severity,
    SH.name, SH.message, SH.description, SH.sparql, SH.order, SH.group, SH.path, SH.minCount,
}  # fmt: skip

_PLAIN_OWNER: Final = {RDF_TERMS.type, SH.property, SH.targetClass, SH.targetNode}
"""What a node shape may say that only hands its focus nodes to property shapes."""


@dataclass(frozen=True)
class CompiledRule:
    """One rule as a query over all its focus nodes."""

    rule: Rule
    message: str
    before: str
    """The query up to and with the brace that opens its outermost group."""
    after: str
    component: str = SPARQL_COMPONENT
    path: str | None = None
    """The property that a rule about one property looks at."""

    def check(
        self, store: EmbeddedStore, graphs: list[str], focus: Collection[str] | None
    ) -> Iterator[CheckResult]:
        """Yield a result for each solution; `focus` None looks at all targets."""
        restriction = "" if focus is None else _restriction(focus)
        text = f"{self.before} {restriction} {target_pattern(self.rule)} {self.after}"
        answer = store.query(text, graphs)
        for row in answer:
            found = dict(zip(answer.variables, row, strict=True))
            this = found["this"]
            name = str(this) if isinstance(this, ox.BlankNode) else value_of(this)
            if focus is None or name in focus:
                yield self._result(name, this, found)

    def _result(self, focus: str, this: Term | None, found: dict[str, Term | None]) -> CheckResult:
        path = found.get("path")
        is_sparql = self.component == SPARQL_COMPONENT
        return CheckResult(
            focus=focus,
            rule=self.rule.iri,
            severity=self.rule.severity,
            message=_filled(self.message, found),
            component=self.component,
            path=value_of(path) if isinstance(path, ox.NamedNode) else self.path,
            value=found.get("value") or (this if is_sparql else None),
            requirements=self.rule.requirements,
        )


def compile_rules(rules: RuleSet) -> dict[str, CompiledRule]:
    """Return the rules that can be asked of the whole store, by IRI."""
    found = ((rule.iri, _compiled(rules.shapes, rule)) for rule in rules.rules.values())
    return {iri: compiled for iri, compiled in found if compiled is not None}


def population(
    store: EmbeddedStore, graphs: list[str], rule: Rule, focus: Collection[str] | None
) -> int:
    """Return how many focus nodes a rule has."""
    answer = store.query(f"SELECT DISTINCT ?this {{ {target_pattern(rule)} }}", graphs)
    if focus is None:
        return sum(1 for _ in answer)
    return sum(value_of(row[0]) in focus or str(row[0]) in focus for row in answer)


def target_pattern(rule: Rule) -> str:
    """Return a pattern whose solutions for `?this` are the focus nodes of a rule."""
    parts = [_TARGET[kind].format(target) for kind, target in rule.targets]
    return parts[0] if len(parts) == 1 else " UNION ".join(f"{{ {part} }}" for part in parts)


def _restriction(focus: Collection[str]) -> str:
    named = [one for one in focus if not one.startswith("_:")]
    if len(focus) > MOST_VALUES or len(named) < len(focus):
        return _ALL_RECORDS
    return f"VALUES ?this {{ {' '.join(f'<{one}>' for one in sorted(named))} }}"


def _compiled(shapes: rdflib.Graph, rule: Rule) -> CompiledRule | None:
    """Return a rule as a query, or None where only the reference does it justice."""
    shape = URIRef(rule.iri)
    said = {str(p) for p in shapes.predicates(shape) if str(p).startswith(str(SH))}
    if said - {str(one) for one in _SHAPE_ITSELF}:
        return None
    if (shape, SH.path, None) in shapes:
        return None if (shape, SH.sparql, None) in shapes else _presence(shapes, rule)
    return None if (shape, SH.minCount, None) in shapes else _sparql(shapes, rule)


def _presence(shapes: rdflib.Graph, rule: Rule) -> CompiledRule | None:
    """Return the rule that a property be there at all (SHACL, 4.2.1)."""
    shape = URIRef(rule.iri)
    path, least = shapes.value(shape, SH.path), shapes.value(shape, SH.minCount)
    owners = {p for owner in shapes.subjects(SH.property, shape) for p in shapes.predicates(owner)}
    if not isinstance(path, URIRef) or str(least) != "1" or owners - _PLAIN_OWNER:
        return None
    return CompiledRule(
        rule,
        message=str(shapes.value(shape, SH.message)),
        before="SELECT DISTINCT ?this WHERE {",
        after=f"FILTER NOT EXISTS {{ ?this <{path}> ?value_ }} }}",
        component=MIN_COUNT_COMPONENT,
        path=str(path),
    )


def _sparql(shapes: rdflib.Graph, rule: Rule) -> CompiledRule | None:
    """Return a SPARQL rule with its target in front (SHACL, 5)."""
    shape = URIRef(rule.iri)
    constraints = list(shapes.objects(shape, SH.sparql))
    if len(constraints) != 1:
        return None
    prefixes, text = query_of(shapes, constraints[0])
    message = shapes.value(constraints[0], SH.message) or shapes.value(shape, SH.message)
    found = list(tokens(text))
    opening = _outermost(found)
    if opening is None or not _reaches_every_this(found, opening):
        return None
    end = opening.start + 1
    return CompiledRule(rule, str(message), f"{prefixes} {text[:end]}", text[end:])


def _outermost(found: list[Token]) -> Token | None:
    return next((token for token in found if token.text == "{"), None)


def _reaches_every_this(found: list[Token], opening: Token) -> bool:
    """Return whether no `$this` stands where the outermost group does not bind it.

    That group binds it in itself, in an OPTIONAL right within it, and in the
    EXISTS of filters there; not in other groups, which SPARQL evaluates on
    their own. An aggregate must group by it.
    """
    words = [token.text.upper() for token in found]
    if {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"} & set(words):
        group = words.index("GROUP") if "GROUP" in words else len(words)
        if not {"$THIS", "?THIS"} & set(words[group:]):
            return False
    reached: list[bool] = []
    for index, token in enumerate(found):
        if token.text == "{":
            before = words[index - 1] if index else ""
            outer = not reached or (
                reached[-1] and (before == "EXISTS" or (before == "OPTIONAL" and len(reached) == 1))
            )
            reached.append(token is opening or outer)
        elif token.text == "}":
            reached.pop()
        elif token.text in {"$this", "?this"} and reached and not reached[-1]:
            return False
    return True


def _filled(message: str, found: dict[str, Term | None]) -> str:
    """Return a message with the values of its `{?variable}` places (SHACL, 5.3.2)."""

    def value(match: re.Match[str]) -> str:
        term = found.get(match[1])
        return match[0] if term is None else value_of(term)

    return re.sub(r"\{[?$](\w+)\}", value, message)
