"""The alignments say something about our terms, and only in SKOS."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, Graph
from rdflib.term import Node

from cases_support import ROOT

ALIGNMENTS = sorted((ROOT / "ontology" / "alignments").glob("*.ttl"))
VOCABULARIES = {
    "airo": ("https://w3id.org/airo#",),
    "dpv": ("https://w3id.org/dpv#", "https://w3id.org/dpv/risk#", "https://w3id.org/dpv/ai#"),
    "dpv-eu-aiact": ("https://w3id.org/dpv/legal/eu/aiact#",),
    "vair": ("https://w3id.org/vair#",),
}
MATCHES = {
    SKOS.exactMatch,
    SKOS.closeMatch,
    SKOS.broadMatch,
    SKOS.narrowMatch,
    SKOS.relatedMatch,
}


@cache
def our_terms() -> set[Node]:
    """Return every term of the modules and every element of the frameworks."""
    ontology = Graph()
    for folder in ("modules", "frameworks"):
        for path in (ROOT / "ontology" / folder).glob("*.ttl"):
            ontology.parse(path)
    return set(ontology.subjects(RDF.type))


def test_every_vocabulary_has_its_alignment() -> None:
    assert {path.stem for path in ALIGNMENTS} == set(VOCABULARIES)


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_an_alignment_relates_our_terms_to_its_vocabulary(path: Path) -> None:
    rows = list(Graph().parse(path))

    assert len(rows) >= 10
    assert {subject for subject, _, _ in rows} <= our_terms()
    assert {predicate for _, predicate, _ in rows} <= MATCHES
    assert all(str(target).startswith(VOCABULARIES[path.stem]) for _, _, target in rows)


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_two_terms_are_related_in_one_way(path: Path) -> None:
    pairs = [(subject, target) for subject, _, target in Graph().parse(path)]

    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_no_two_of_our_terms_exactly_match_the_same_term(path: Path) -> None:
    targets = [target for _, target in Graph().parse(path).subject_objects(SKOS.exactMatch)]

    assert len(targets) == len(set(targets))


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_an_alignment_says_which_version_was_checked(path: Path) -> None:
    comment = " ".join(
        line[1:].strip() for line in path.read_text("utf-8").splitlines() if line.startswith("#")
    )

    assert "version " in comment
    assert "Checked against" in comment
