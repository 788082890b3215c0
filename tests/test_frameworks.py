"""The frameworks and mappings are complete, point at something, and follow from their facts."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import yaml

from aimsgraph.namespaces import BASE, PREFIXES
from cases_support import ROOT

ONTOLOGY: Final = ROOT / "ontology"
GENERATE: Final = ONTOLOGY / "sources" / "generate.py"
SSSOM_FILES: Final = sorted((ONTOLOGY / "mappings").glob("*.sssom.tsv"))


@cache
def frameworks() -> ox.Store:
    """Return a store with the frameworks and mappings."""
    store = ox.Store()
    for folder in ("frameworks", "mappings"):
        for path in sorted((ONTOLOGY / folder).glob("*.ttl")):
            store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def ask(pattern: str) -> list[ox.QuerySolution]:
    """Return the solutions of a pattern."""
    prefixes = "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in PREFIXES.items())
    found = frameworks().query(f"{prefixes} SELECT DISTINCT * {{ {pattern} }}")
    assert isinstance(found, ox.QuerySolutions)
    return list(found)


def of(standard: str) -> str:
    """Return a pattern for the elements of a standard."""
    return f"?x aims:partOfStandard <{BASE}/{standard}> ."


@pytest.mark.parametrize(
    ("standard", "kind", "number"),
    [
        ("iso42001", "RequirementClause", 32),
        ("iso42001", "Clause", 11),
        ("iso42001", "ReferenceControl", 38),
        ("iso42001", "AIObjectiveTheme", 11),
        ("iso42001", "RiskSource", 7),
        ("iso27001", "ReferenceControl", 93),
        ("iso27001", "Clause", 41),
        ("eu-ai-act", "Article", 119),
        ("eu-ai-act", "Annex", 14),
        ("eu-ai-act", "AnnexIIIPoint", 25),
        ("eu-ai-act", "ProhibitedPractice", 10),
        ("eu-ai-act", "Obligation", 165),
        ("nist-ai-rmf", "FrameworkFunction", 4),
        ("nist-ai-rmf", "FrameworkCategory", 19),
        ("nist-ai-rmf", "Subcategory", 72),
    ],
)
def test_a_standard_has_all_its_elements(standard: str, kind: str, number: int) -> None:
    assert len(ask(f"{of(standard)} ?x a aims:{kind}")) == number


@pytest.mark.parametrize(
    ("standard", "number"), [("iso27001", 194), ("eu-ai-act", 290), ("nist-ai-rmf", 250)]
)
def test_all_mappings_are_there(standard: str, number: int) -> None:
    assert len(ask(f"?m aims:mapsTo ?x . {of(standard)}")) == number


def test_the_twenty_indicators_serve_requirements() -> None:
    assert len(ask("?x a aims:KPIDefinition FILTER EXISTS { ?x aims:addresses ?y }")) == 20


def test_every_requirement_says_what_evidence_is_expected() -> None:
    told = "?x aims:evidenceExpected ?e ; aims:selfAssessmentQuestion ?q ; aims:machineCheckable ?c"

    assert len(ask(f"{told} . {of('iso42001')}")) == 70


def test_nothing_points_at_nothing() -> None:
    ours = f'FILTER(STRSTARTS(STR(?o), "{BASE}/"))'

    assert not ask(f"?s ?p ?o {ours} FILTER NOT EXISTS {{ ?o a ?type }}")


def test_every_element_has_one_title_in_english_one_identifier_and_one_place() -> None:
    for predicate in ("rdfs:label", "dcterms:identifier", "aims:position"):
        elements = len(ask("?x aims:partOfStandard ?s"))
        assert len(ask(f"?x aims:partOfStandard ?s ; {predicate} ?value")) == elements, predicate
    assert not ask('?x aims:partOfStandard ?s ; rdfs:label ?title FILTER(LANG(?title) != "en")')


def test_places_within_a_standard_are_unique() -> None:
    assert not ask(
        "?x aims:partOfStandard ?s ; aims:position ?place . "
        "?y aims:partOfStandard ?s ; aims:position ?place . FILTER(?x != ?y)"
    )


def test_no_pair_of_requirements_is_an_exact_match() -> None:
    assert not ask("?m aims:mappingRelation skos:exactMatch")


@pytest.mark.parametrize("other", ["iso27001", "eu-ai-act", "nist-ai-rmf"])
def test_every_requirement_and_control_is_mapped_or_a_gap(other: str) -> None:
    versus = f"<{BASE}/{other}>"

    assert not ask(
        "VALUES ?kind { aims:RequirementClause aims:AssessableRequirement } ?x a ?kind . "
        f"FILTER NOT EXISTS {{ ?m aims:mapsFrom ?x ; aims:mapsTo/aims:partOfStandard {versus} }} "
        f"FILTER NOT EXISTS {{ ?gap aims:gapOf ?x ; aims:gapVersus {versus} }}"
    )


@pytest.mark.parametrize("kind", ["ReferenceControl", "Article", "Annex", "Subcategory"])
def test_every_element_of_another_standard_is_mapped_or_a_gap(kind: str) -> None:
    assert not ask(
        f"?x a aims:{kind} FILTER NOT EXISTS {{ ?m aims:mapsFrom|aims:mapsTo ?x }} "
        "FILTER NOT EXISTS { ?m aims:mapsTo/aims:inArticle ?x } "
        "FILTER NOT EXISTS { ?gap aims:gapOf ?x }"
    )


def test_both_dates_are_kept_with_the_act_that_changed_them() -> None:
    moved = ask(
        "?x a aims:Obligation ; aims:appliesFromOriginal ?a ; aims:appliesFrom ?b . "
        "FILTER(?a != ?b)"
    )

    assert len(moved) == 102
    assert not ask(
        "?x aims:appliesFromOriginal ?a ; aims:appliesFrom ?b FILTER(?a != ?b) "
        "FILTER NOT EXISTS { ?x aims:datesChangedBy ?act }"
    )


def test_the_files_are_what_the_facts_give() -> None:
    done = subprocess.run(
        [sys.executable, str(GENERATE), "--check"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("crosswalk_nist_ai_rmf.csv", "GOVERN 1.1,", "GOVERN 9.9,", "no element 'GOVERN 9.9'"),
        ("crosswalk_iso27001_eu_ai_act.csv", ",Art.27,", ",Art.270(1),", "no article 'Art.270'"),
        ("obligations.csv", '"7.2;7.3;A.4.6"', '"7.2;7.9"', "no element '7.9'"),
        ("kpis.csv", "6.1.2;8.2", "6.1.2;8.9", "no element '8.9'"),
    ],
)
def test_a_fact_about_nothing_stops_with_file_and_line(
    tmp_path: Path, file: str, old: str, new: str, complaint: str
) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for path in (ONTOLOGY / "sources").glob("*.*"):
        (sources / path.name).write_bytes(path.read_bytes())
    text = (sources / file).read_text("utf-8")
    assert old in text
    (sources / file).write_text(text.replace(old, new, 1), "utf-8")

    done = subprocess.run(
        [sys.executable, str(sources / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(f"generate: {file}, line ")
    assert complaint in done.stderr


def sssom_metadata(path: Path) -> dict[str, object]:
    """Return the metadata in the comments at the head of an SSSOM file."""
    lines = [line[1:] for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
    metadata = yaml.safe_load("\n".join(lines))
    assert isinstance(metadata, dict)
    return metadata


def sssom_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of an SSSOM file."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t")


@pytest.mark.parametrize("path", SSSOM_FILES, ids=lambda path: path.name)
def test_sssom_and_rdf_hold_the_same_mappings(path: Path) -> None:
    curies = sssom_metadata(path)["curie_map"]
    assert isinstance(curies, dict)

    def expand(curie: str) -> str:
        prefix, _, rest = curie.partition(":")
        return str(curies[prefix]) + rest

    columns = ("record_id", "subject_id", "predicate_id", "object_id")
    listed = {tuple(expand(row[column]) for column in columns) for row in sssom_rows(path)}
    standard = path.name.removesuffix(".sssom.tsv").partition("--")[2]
    stated = ask(
        f"?m aims:mapsFrom ?from ; aims:mappingRelation ?relation ; aims:mapsTo ?x . {of(standard)}"
    )

    assert listed == {
        tuple(solution[name].value for name in ("m", "from", "relation", "x"))
        for solution in stated
    }


@pytest.mark.parametrize("path", SSSOM_FILES, ids=lambda path: path.name)
def test_sssom_says_what_the_format_asks_for(path: Path) -> None:
    metadata = sssom_metadata(path)
    columns = set(next(sssom_rows(path)))

    assert {"mapping_set_id", "license", "curie_map"} <= metadata.keys()
    assert {"subject_id", "predicate_id", "object_id", "mapping_justification"} <= columns
    extensions = metadata["extension_definitions"]
    assert isinstance(extensions, list)
    assert {one["slot_name"] for one in extensions} == {
        column for column in columns if column.startswith("ext_")
    }
    assert all(str(one["property"]).startswith("aims:") for one in extensions)
