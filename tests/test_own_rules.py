"""Rules of a workspace's own: compiled, or checked by pySHACL; and malformed ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from aimsgraph.conformity.engine import Checker
from aimsgraph.errors import SourcesError
from tiny_support import opened, update, workspace

_HEAD = """\
@prefix aims: <https://w3id.org/aimsgraph#> .
@prefix ex: <https://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

_ABOUT = """
    sh:severity sh:Warning ;
    sh:name "own"@en ;
    sh:message "Own rule of {$this}."@en ;
    rdfs:isDefinedBy ex:module ;
"""

LABEL_IN_CAPITALS = f"""
ex:capitals a sh:PropertyShape , aims:ConformityRule ;{_ABOUT}
    sh:targetClass aims:AISystem ;
    sh:path rdfs:label ;
    sh:pattern "^(?!Bot)" .
"""
"""The engine's regular expressions cannot look ahead."""

OWN_COMPONENT = f"""
ex:words a sh:ConstraintComponent ;
    sh:parameter [ sh:path ex:mostLetters ; sh:datatype xsd:integer ] ;
    sh:nodeValidator [ a sh:SPARQLSelectValidator ; sh:select '''SELECT $this WHERE {{
        $this <http://www.w3.org/2000/01/rdf-schema#label> ?label .
        FILTER(STRLEN(STR(?label)) > $mostLetters) }}''' ] .
ex:short a sh:NodeShape , aims:ConformityRule ;{_ABOUT}
    sh:targetClass aims:AISystem ;
    ex:mostLetters 2 .
"""
"""A component that the workspace declares itself."""


def folder_with(tmp_path: Path, rules: str) -> Path:
    folder = workspace(tmp_path / "w")
    (folder / "shapes").mkdir(exist_ok=True)
    (folder / "shapes" / "own.ttl").write_text(_HEAD + rules, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("rules", "name"), [(LABEL_IN_CAPITALS, "capitals"), (OWN_COMPONENT, "short")]
)
def test_what_is_not_compiled_is_checked_by_pyshacl_at_each_change(
    tmp_path: Path, rules: str, name: str
) -> None:
    rule = f"https://example.org/{name}"
    with opened(folder_with(tmp_path, rules)) as graph:
        assert rule in Checker(graph.rules).compiled.referred

        brought = graph.commit(
            update(
                "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; rdfs:label 'Bot' ; "
                "aims:ownedBy ex:ada . ex:ada a aims:Person ; rdfs:label 'Ada' } }"
            )
        )
        unrelated = graph.commit(update("INSERT DATA { GRAPH r:main { ex:ada ex:likes 5 } }"))
        mended = graph.commit(
            update(
                "DELETE { GRAPH r:main { ex:bot rdfs:label ?l } } "
                "INSERT { GRAPH r:main { ex:bot rdfs:label 'AB' } } "
                "WHERE { GRAPH r:main { ex:bot rdfs:label ?l } }"
            )
        )

    assert [one.rule for one in brought.appeared] == [rule]
    assert not unrelated.appeared
    assert not unrelated.resolved
    assert [one.rule for one in mended.resolved] == [rule]


def test_a_rule_of_ones_own_is_compiled(tmp_path: Path) -> None:
    rules = f"""
ex:two a sh:PropertyShape , aims:ConformityRule ;{_ABOUT}
    sh:targetClass aims:AISystem ;
    sh:path rdfs:label ;
    sh:minCount 2 .
"""
    with opened(folder_with(tmp_path, rules)) as graph:
        done = graph.commit(
            update("INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; rdfs:label 'Bot' } }")
        )

        assert not Checker(graph.rules).compiled.referred
        assert "https://example.org/two" in {one.rule for one in done.appeared}
        assert {one.since for one in graph.report().results} == {
            f"https://w3id.org/aimsgraph/changeset/{done.generation}"
        }


MALFORMED = {
    "a path of one step in a list": ("sh:path ( rdfs:label ) ; sh:minCount 1", "two members"),
    "a path that is a text": ('sh:path "label" ; sh:minCount 1', "no property path"),
    "MINUS": (
        'sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { $this a ?x } }" ]',
        "MINUS cannot be used",
    ),
    "$this given a value": (
        'sh:sparql [ sh:select "SELECT $this { ?x ?p ?o BIND(?x AS $this) }" ]',
        "bound beforehand",
    ),
    "a sub-select without $this": (
        'sh:sparql [ sh:select "SELECT $this { { SELECT ?o { $this ?p ?o } } }" ]',
        "has to name $this",
    ),
    "an unknown prefix": ('sh:sparql [ sh:select "SELECT $this { $this no:p ?o }" ]', "no:"),
    "a misspelt word": ("sh:minCuont 1 ; sh:nodeKind sh:IRI", "did you mean sh:minCount"),
    "a pattern that is none": ('sh:pattern "("', "no regular expression"),
    "a list that is none": ("sh:in ex:foo", "no list"),
    "a count that is none": ('sh:path rdfs:label ; sh:minCount "x"', "write a whole number"),
    "a class that is a text": ('sh:class "foo"', "no class"),
    "a kind of node that is none": ("sh:nodeKind sh:Foo", "no node kind"),
    "a shape that is not there": ("sh:node ex:missing", "nothing is said of the shape"),
    "two counts": ("sh:path rdfs:label ; sh:maxCount 1 , 2", "given twice"),
    "no $this": ('sh:sparql [ sh:select "SELECT ?x { ?x a ?y }" ]', "has to name $this"),
    "ASK": ('sh:sparql [ sh:ask "ASK { $this a ?y }" ]', "has no sh:select"),
    "CONSTRUCT": (
        'sh:sparql [ sh:select "CONSTRUCT { $this a ?y } WHERE { $this a ?y }" ]',
        "has to be a SELECT",
    ),
    "a clock": (
        'sh:sparql [ sh:select "SELECT $this { $this <urn:on> ?d FILTER(?d < NOW()) }" ]',
        "the day is aims:today",
    ),
    "BASE": (
        'sh:sparql [ sh:select "BASE <urn:x> SELECT $this { $this <p> ?y }" ]',
        "write the IRIs in full",
    ),
    "no SPARQL": ('sh:sparql [ sh:select "SELECT $this { $this ?p }" ]', "not valid SPARQL"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_rule_is_named_with_what_is_wrong(tmp_path: Path, case: str) -> None:
    constraint, told = MALFORMED[case]
    head = f"ex:odd a sh:NodeShape , aims:ConformityRule ;{_ABOUT}"
    rules = f"{head} sh:targetClass aims:AISystem ; {constraint} ."

    with pytest.raises(SourcesError) as caught:
        opened(folder_with(tmp_path, rules))

    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{tmp_path / 'w' / 'shapes' / 'own.ttl'}: ")
    assert "the rule https://example.org/odd" in line or "sh:minCuont" in line
    assert told in line


def test_all_malformed_rules_are_told_together(tmp_path: Path) -> None:
    rules = f"""
ex:one a sh:NodeShape , aims:ConformityRule ; sh:severity sh:Bad ; sh:minCount 1 .
ex:two a sh:NodeShape ; sh:targetClass aims:AISystem ;
    sh:property [ sh:path rdfs:label ; sh:minCount 1 ] .
ex:three a sh:PropertyShape ; sh:targetClass aims:AISystem ; sh:path rdfs:label ; sh:minCount 1 .
ex:four a sh:PropertyShape , aims:ConformityRule ;{_ABOUT} sh:targetClass aims:AISystem ;
    sh:path [ sh:inversePath "x" ] ; sh:minCount 1 .
"""
    with pytest.raises(SourcesError) as caught:
        opened(folder_with(tmp_path, rules))

    told = str(caught.value)
    for expected in (
        "ex:one has no sh:name",
        "ex:one has no sh:message",
        "ex:one has the unknown severity",
        "ex:one has no target",
        "has no name; give it an IRI",
        "ex:three is no rule",
        "ex:four: ",
    ):
        assert expected.replace("ex:", "https://example.org/") in told
    assert all("own.ttl: " in line for line in told.splitlines())
