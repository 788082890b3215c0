"""The version is said once in the code, and the ontology and the change list agree with it."""

from __future__ import annotations

import re

import rdflib
from rdflib import OWL

from aimsgraph import __version__
from aimsgraph.namespaces import BASE
from cases_support import ROOT


def test_the_ontology_has_the_version_of_the_program() -> None:
    root = rdflib.Graph().parse(ROOT / "ontology" / "aims.ttl")

    assert str(next(root.objects(None, OWL.versionInfo))) == __version__
    assert str(next(root.objects(None, OWL.versionIRI))) == f"{BASE}/{__version__}"


def test_the_change_list_begins_with_the_version_of_the_program() -> None:
    found = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert found is not None
    assert found[1] == __version__
