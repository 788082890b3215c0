"""Every term keeps the annotation contract, and is declared in one module."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, SKOS, XSD, Literal, URIRef
from rdflib.namespace import DCTERMS, DefinedNamespace
from rdflib.term import Node

from aimsgraph.namespaces import AIMS, BASE
from cases_support import ROOT, rules

MODULES = sorted((ROOT / "ontology" / "modules").glob("*.ttl"))
TURTLE = [
    path
    for folder in ("ontology", "shapes", "data", "tests/cases")
    for path in sorted((ROOT / folder).rglob("*.ttl"))
]
GENERATED = {"frameworks", "mappings"}
STANDARD: tuple[type[DefinedNamespace], ...] = (RDF, RDFS, OWL, SH, SKOS, DCTERMS)
DOMAIN = URIRef("https://schema.org/domainIncludes")
RANGE = URIRef("https://schema.org/rangeIncludes")
TERM_TYPES = {
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
    RDFS.Datatype,
}


def read(path: Path) -> rdflib.Graph:
    """Read one Turtle file."""
    return rdflib.Graph(bind_namespaces="none").parse(path, format="turtle")


def terms_of(graph: rdflib.Graph) -> set[URIRef]:
    """Return the terms of ours that a module declares."""
    return {
        s
        for s, t in graph.subject_objects(RDF.type)
        if isinstance(s, URIRef) and s.startswith(AIMS) and t in TERM_TYPES
    }


@pytest.fixture(scope="module")
def ontology() -> rdflib.Graph:
    """Return all modules as one graph."""
    whole = rdflib.Graph(bind_namespaces="none")
    for path in MODULES:
        whole += read(path)
    return whole


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_keeps_the_annotation_contract(path: Path) -> None:
    graph = read(path)
    module = URIRef(f"{BASE}/module/{path.stem}")
    problems = []
    for term in sorted(terms_of(graph)):
        labels, definitions = list(graph[term : RDFS.label]), list(graph[term : SKOS.definition])
        if len(labels) != 1 or not isinstance(labels[0], Literal) or labels[0].language != "en":
            problems.append(f"{term}: one English label")
        if len(definitions) != 1 or not str(definitions[0]).endswith("."):
            problems.append(f"{term}: one definition, a sentence")
        if list(graph[term : RDFS.isDefinedBy]) != [module]:
            problems.append(f"{term}: defined by {module}")
        sources = list(graph[term : DCTERMS.source])
        if not sources or not all(str(one).startswith(f"{BASE}/") for one in sources):
            problems.append(f"{term}: at least one clause it serves")
    assert (module, RDF.type, OWL.Ontology) in graph
    assert not problems


def test_class_definitions_begin_with_an_article(ontology: rdflib.Graph) -> None:
    classes = [c for c in ontology.subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)]
    wrong = [
        c for c in classes if not str(ontology.value(c, SKOS.definition)).startswith(("A ", "An "))
    ]
    assert not wrong


def test_relation_definitions_say_that_they_relate(ontology: rdflib.Graph) -> None:
    wrong = [
        p
        for p in ontology.subjects(RDF.type, OWL.ObjectProperty)
        if str(p).startswith(AIMS)
        and not str(ontology.value(p, SKOS.definition)).startswith("Relates ")
    ]
    assert not wrong


def test_every_class_has_a_superclass(ontology: rdflib.Graph) -> None:
    top = {URIRef(f"{AIMS}Record")}
    wrong = [
        c
        for c in ontology.subjects(RDF.type, OWL.Class)
        if isinstance(c, URIRef)
        and c not in top
        and not any(isinstance(d, URIRef) for d in ontology.objects(c, RDFS.subClassOf))
    ]
    assert not wrong


def test_every_property_says_what_it_is_for(ontology: rdflib.Graph) -> None:
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    problems: list[Node] = []
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for prop in ontology.subjects(RDF.type, kind):
            if not str(prop).startswith(AIMS):
                continue
            domains, ranges = list(ontology[prop:DOMAIN]), list(ontology[prop:RANGE])
            ours = [c for c in (*domains, *ranges) if str(c).startswith(AIMS)]
            if not domains or not ranges or not set(ours) <= classes:
                problems.append(prop)
            if kind == OWL.DatatypeProperty and not all(
                str(r).startswith(str(XSD)) for r in ranges
            ):
                problems.append(prop)
    assert not problems


def test_no_term_is_declared_twice() -> None:
    count = Counter(term for path in MODULES for term in terms_of(read(path)))
    assert not [term for term, times in count.items() if times > 1]


def test_every_term_that_is_used_is_declared(ontology: rdflib.Graph) -> None:
    declared = terms_of(ontology)
    used: dict[str, set[str]] = {}
    for path in TURTLE:
        for triple in read(path):
            for node in triple:
                if isinstance(node, URIRef) and node.startswith(AIMS) and node not in declared:
                    used.setdefault(str(node), set()).add(path.name)
    expected_in_cases = {"unknown-class.fail.ttl", "unknown-property.fail.ttl"}
    assert not {term: files for term, files in used.items() if not files <= expected_in_cases}


def test_every_module_is_imported_by_the_root() -> None:
    root = read(ROOT / "ontology" / "aims.ttl")
    imported = {str(one).rsplit("/", 1)[-1] for one in root.objects(None, OWL.imports)}
    assert imported == {path.stem for path in MODULES}
    assert not terms_of(root)


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_turtle_spells_standard_terms_right_and_stays_short(path: Path) -> None:
    names = {node for triple in read(path) for node in triple if isinstance(node, URIRef)}
    wrong = {n for n in names for ns in STANDARD if n.startswith(str(ns)) and n not in ns}
    assert not {
        n for n in wrong if str(n) not in {str(RDF), str(RDFS), str(OWL), str(SH), str(SKOS)}
    }
    if not GENERATED & set(path.parts):
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= (80 if "cases" in path.parts else 400)


def test_shape_files_are_named_after_modules() -> None:
    stems = {path.stem for path in (ROOT / "shapes").glob("*.ttl")} - {"prefixes"}
    assert stems <= {path.stem for path in MODULES}


def test_every_rule_enforces_requirements_that_exist() -> None:
    known: set[str] = set()
    for path in sorted((ROOT / "ontology" / "frameworks").glob("*.ttl")):
        known |= {str(s) for s in read(path).subjects(DCTERMS.identifier)}
    for rule in rules().rules.values():
        assert rule.requirements, rule.iri
        assert set(rule.requirements) <= known, rule.iri


def test_every_requirement_has_a_rule_or_awaits_judgement() -> None:
    framework = read(ROOT / "ontology" / "frameworks" / "iso42001.ttl")
    wanted = {
        str(s)
        for kind in ("RequirementClause", "AssessableRequirement")
        for s in framework.subjects(RDF.type, URIRef(f"{AIMS}{kind}"))
    }
    assert len(wanted) == 70
    enforced = {one for rule in rules().rules.values() for one in rule.requirements}
    judged = {
        str(s)
        for s in framework.subjects(
            URIRef(f"{AIMS}machineCheckable"), URIRef(f"{AIMS}HumanJudgement")
        )
    }
    assert not wanted - enforced - judged
