"""The patterns read from a query are those that rdflib reads from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from pyparsing import ParseResults
from rdflib import SH, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, NegatedPath, SequencePath
from rdflib.plugins.sparql.algebra import translatePath, translatePName, translatePrologue, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Node
from rdflib.term import Variable as Named

from aimsgraph.conformity.constraints import prefixes_of
from aimsgraph.conformity.paths import Alternative, Inverse, Link, Negated, Repeat, Sequence
from aimsgraph.conformity.patterns import Group, Variable, read_query
from aimsgraph.errors import QueryError
from aimsgraph.namespaces import RDF
from aimsgraph.rdf.terms import from_rdflib
from cases_support import rules
from conformity_support import EX, SPARQL, stored


def selects() -> list[str]:
    """Return the queries of all rules, each with its prefixes."""
    shapes = rules().shapes
    found = []
    for constraint in shapes.objects(None, SH.sparql):
        prefixes = prefixes_of(shapes, constraint).items()
        declared = " ".join(f"PREFIX {prefix}: <{space}>" for prefix, space in prefixes)
        found.append(f"{declared} {shapes.value(constraint, SH.select)}")
    return sorted(found)


SELECTS = selects()
Told = tuple[str, str, str]


def ours(group: Group) -> Counter[Told]:
    """Return the patterns that were read, each as a text."""
    return Counter(
        (name(one.subject), path(one.path), name(one.object))
        for inner in group.walk()
        for _, one in inner.patterns
    )


def name(node: object) -> str:
    """Return a node as both sides write it; blank nodes and scopes have no names."""
    if not isinstance(node, Variable):
        return stored(node)
    known = node.name.partition(".")[0]
    return f"?{known}" if known and not known.startswith("_:") else "[]"


def path(one: object) -> str:
    """Return a path as both sides write it."""
    match one:
        case Variable():
            return name(one)
        case Link():
            return one.iri
        case Inverse():
            return f"^{path(one.path)}"
        case Sequence():
            return f"({'/'.join(path(part) for part in flat(one))})"
        case Alternative():
            return f"({'|'.join(path(part) for part in flat(one))})"
        case Repeat():
            return f"({path(one.path)}){one.mark}"
        case Negated():
            back = {f"^{iri}" for iri in one.backward or ()}
            return f"!{sorted((one.forward or frozenset()) | back)}"
    raise TypeError(one)


def flat(one: Sequence | Alternative) -> Iterator[object]:
    """Yield the parts of a path, those of the same sort within it taken out of their brackets."""
    for part in one.parts:
        if isinstance(part, Sequence | Alternative) and type(part) is type(one):
            yield from flat(part)
        else:
            yield part


def theirs(text: str) -> Counter[Told]:
    """Return the patterns of rdflib's syntax tree, each as a text.

    Its algebra leaves out filters of an EXISTS that stands behind `||` or `&&`.
    """
    parsed = parseQuery(text)
    prologue = translatePrologue(parsed[0], None)
    tree = traverse(parsed[1], visitPost=partial(translatePName, prologue=prologue))
    tree = traverse(tree, visitPost=translatePath)
    return Counter((term(s), way(p), term(o)) for s, p, o in triples(tree))


def triples(part: object) -> Iterator[tuple[Node, object, Node]]:
    """Yield the patterns of a part of a syntax tree."""
    inner = list(part) if isinstance(part, list | tuple | ParseResults) else []
    if isinstance(part, CompValue):
        inner = [value for key, value in part.items() if key != "triples"]
        blocks = part["triples"] if "triples" in part else ()  # noqa: SIM401 - its get evaluates
        for block in blocks:
            ends = list(block)
            yield from zip(ends[::3], ends[1::3], ends[2::3], strict=True)
    for one in inner:
        yield from triples(one)


def term(node: Node) -> str:
    """Return a node of rdflib's."""
    if isinstance(node, BNode):
        return "[]"
    return f"?{node}" if isinstance(node, Named) else stored(from_rdflib(node))


def way(one: object) -> str:
    """Return a path of rdflib's."""
    match one:
        case URIRef() | Named():
            return term(one)
        case InvPath():
            return f"^{way(one.arg)}"
        case SequencePath():
            return f"({'/'.join(map(way, one.args))})"
        case AlternativePath():
            return f"({'|'.join(map(way, one.args))})"
        case MulPath():
            return f"({way(one.path)}){one.mod}"
        case NegatedPath():
            return f"!{sorted(map(way, one.args))}"
    raise TypeError(one)


@pytest.mark.parametrize("text", SELECTS, ids=range(len(SELECTS)))
def test_the_rules_are_read_as_rdflib_reads_them(text: str) -> None:
    assert ours(read_query(text)) == theirs(text)


HARD = [
    "?s :p ?o ; :q ?o , ?x ;; :r ?y ; .",
    "?s a :C ; :p 1 , -1 , +2 , 1.5 , -1.5e3 , 2E-7 , true , false .",
    """?s :p "a" , 'b' , "c"@en , "d"@en-gb , "e"^^xsd:string , '2026-11-20'^^xsd:date .""",
    r"""?s :p "say \"{ ?no :pattern 1 }\"" , 'it\'s' , "a\n\u00e9" , 'tab\t' .""",
    '''?s :p """one "two" { ?x :p 3 }""" , """''' + "''" + '''""" .''',
    '?s :p "<urn:x>" ; :q "# no comment" . # a comment { ?s :r 1 }\n ?s :t 2 .',
    "?s <urn:p#a> <urn:x?y=1&z> . ?s :p :x . # }\n",
    "?s :p [] . [] :p ?s . [ :p ?x ] :q ?y . [ :p ?z ; :q [ :r 1 , 2 ; ] ] .",
    "?s :p ( 1 ?x ( :a [ :q ?y ] ) () ) . ( ?a ?b ) :q ?c .",
    "_:one :p _:two . _:two :q _:one .",
    "?s iso:6.1.4 iso:A.5.2 ; iso:a-b_c ?x . ?s :p iso:4. ?x :q iso:a%41 .",
    "?s :p/:q ?a ; ^:p ?b ; :p|:q ?c ; :p* ?d ; :q+ ?e ; :r? ?f .",
    "?s (:p/^:q)* ?a ; ^(:p|:q)+ ?b ; (:p/(:q|^:r)?)/a ?c ; a/:p* ?d ; ^a ?e .",
    "?s !:p ?a ; !(:p|:q) ?c ; !a ?e ; (!:p)* ?f ; !(:p)/:q ?g .",
    "?s ?p ?o . ?p :q ?p . ?s $p :x .",
    "{ ?s :p ?x } UNION { ?s :q ?x . { ?x :r ?y } UNION { ?x :t ?y } } ?s :u ?x",
    "OPTIONAL { ?s :p ?x OPTIONAL { ?x :q ?y } } OPTIONAL { ?s :r ?x }",
    "?s :p ?x MINUS { ?s :q ?x . FILTER(?x > 1) } ?s :r ?y",
    "GRAPH :g { ?s :p ?x } GRAPH ?g { ?x :q ?y . { ?y :r ?z } }",
    "VALUES ?s { :a :b UNDEF } ?s :p ?x VALUES (?x ?y) { (1 '}') (UNDEF :c) } ?x :q ?y",
    "?s :p ?x FILTER NOT EXISTS { ?x :q ?y FILTER EXISTS { ?y :r ?z } } ?s :t ?z",
    "?s :p ?x FILTER(?x > 1 && NOT EXISTS { ?x :q ?y } || (EXISTS { ?x :r ?y })) ?s :t 1",
    "?s :p ?x FILTER(!(EXISTS { ?x :q ?y })) FILTER regex(?x, '^{(') FILTER :f(?x, 1) ?s :r 1",
    "?s :p ?x BIND(IF(EXISTS { ?x :q ')' }, (1 + 2) * 3, 0) AS ?n) ?s :r ?n",
    "?s :p ?x FILTER(?x IN (1, 2)) FILTER(?x NOT IN (:a, 'b')) . ?x :q ?y",
    "?s :p ?x FILTER (?x < 3) ?x :q ?y . FILTER(?y<?x) ?y :r ?z",
    "{ SELECT ?s (COUNT(?x) AS ?n) WHERE { ?s :p ?x } GROUP BY ?s HAVING(COUNT(?x) > 1) } ?s :q 1",
    "{ SELECT ?s { ?s :p ?x FILTER EXISTS { ?x :q ?y } } ORDER BY ?s LIMIT 3 } ?s :r ?x",
    "{ SELECT * { ?s :p ?x { SELECT DISTINCT ?x { ?x :q ?y } } } } ?y :r ?s",
    "?s :p ?x . { } ?x :q ?y",
    "?select :where ?filter . ?optional :union ?exists",
    "?s :select ?x ; :filter :exists ; :optional :union .",
]
TAILS = [
    "?s :p ?x } GROUP BY ?s HAVING(COUNT(?x) > 1 && EXISTS { ?s :q ?y }) ORDER BY ?s",
    "?s :p ?x } ORDER BY DESC(EXISTS { ?s :q ?y }) ?s LIMIT 3 OFFSET 1",
    "?s :p ?x } VALUES ?x { 1 2 }",
]
PREFIXES = f"{SPARQL} PREFIX iso: <urn:iso:>"


@pytest.mark.parametrize("where", HARD)
def test_hard_queries_are_read_as_rdflib_reads_them(where: str) -> None:
    text = f"{PREFIXES} SELECT ?s WHERE {{ {where} }}"

    assert ours(read_query(text)) == theirs(text)


@pytest.mark.parametrize("tail", TAILS)
def test_what_stands_behind_the_group_is_read_too(tail: str) -> None:
    text = f"{PREFIXES} SELECT ?s WHERE {{ {tail}"

    assert ours(read_query(text)) == theirs(text)


def test_inverse_properties_may_be_left_out_and_names_escaped() -> None:
    """Test what rdflib does not read."""
    group = read_query(rf"{PREFIXES} SELECT ?s WHERE {{ ?s !^:p iso:x\,y ; !(:p|^:q|^a) ?d }}")

    assert set(ours(group)) == {
        ("?s", f"!['^{EX}p']", "urn:iso:x,y"),
        ("?s", f"!['^{RDF}type', '^{EX}q', '{EX}p']", "?d"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s (EXISTS { ?s :q ?y } AS ?b) WHERE { ?s :p ?x }",
        "SELECT ?s { { SELECT ?s (SUM(IF(EXISTS { ?s :q ?y }, 1, 0)) AS ?n) { ?s :p ?x } } }",
    ],
)
def test_what_a_projection_looks_at_is_read_too(text: str) -> None:
    assert ours(read_query(f"{PREFIXES} {text}")) == theirs(f"{PREFIXES} {text}")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s WHERE { SERVICE <urn:x> { ?s ?p ?o } }",
        "SELECT ?s WHERE { ?s no:prefix ?o }",
        "SELECT ?s WHERE { ?s <urn:p> ?o",
        "SELECT ?s WHERE { ?s <urn:p> [ <urn:q> 1 . }",
        "SELECT ?s WHERE { ?s <urn:p>/'a' 1 }",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(QueryError):
        read_query(text)


def test_prefixes_may_come_from_elsewhere() -> None:
    group = read_query("SELECT ?s WHERE { ?s e:p e:o }", {"e": EX})

    assert ours(group) == {("?s", f"{EX}p", f"{EX}o"): 1}
