"""The ontology is in the OWL 2 RL profile, and the checker that says so can tell."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rdflib import OWL, RDF, Graph, URIRef

from aimsgraph.namespaces import BASE
from cases_support import ROOT
from owl_rl_profile import violations

MODULES = sorted((ROOT / "ontology" / "modules").glob("*.ttl"))
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "profile.yaml").read_text("utf-8"))

_PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def check(turtle: str) -> list[str]:
    """Return the violations of a snippet."""
    return violations(Graph().parse(data=_PREFIXES + turtle, format="turtle"))


def test_the_modules_together_are_in_the_profile() -> None:
    ontology = Graph()
    for path in MODULES:
        ontology.parse(path)

    assert violations(ontology) == []


def test_the_root_imports_every_module_and_declares_nothing() -> None:
    root = Graph().parse(ROOT / "ontology" / "aims.ttl")
    modules = {URIRef(f"{BASE}/module/{path.stem}") for path in MODULES}

    assert set(root.objects(URIRef(BASE), OWL.imports)) == modules
    assert set(root.subjects(RDF.type)) == {URIRef(BASE)}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_modules_that_exist(path: Path) -> None:
    modules = {URIRef(f"{BASE}/module/{one.stem}") for one in MODULES}

    assert set(Graph().parse(path).objects(None, OWL.imports)) <= modules


@pytest.mark.parametrize("case", CASES["forbidden"], ids=lambda case: case["axiom"])
def test_what_the_profile_forbids_is_found(case: dict[str, str]) -> None:
    found = check(case["axiom"])

    assert any(case["complaint"] in one for one in found), found


@pytest.mark.parametrize("axiom", CASES["allowed"])
def test_what_the_profile_allows_passes(axiom: str) -> None:
    assert check(axiom) == []
