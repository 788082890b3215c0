"""A malformed file is named with its line, and with what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.errors import ParameterError, SourceError
from aimsgraph.ledger.change import Change
from aimsgraph.rdf.parsing import read_quads

TURTLE = '<urn:a> <urn:b> "c" .\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", TURTLE),
        ("a.nt", TURTLE),
        ("a.nq", '<urn:a> <urn:b> "c" <urn:g> .\n'),
        ("a.trig", '<urn:g> { <urn:a> <urn:b> "c" }\n'),
        ("a.jsonld", '{"@id": "urn:a", "urn:b": "c"}'),
        (
            "a.rdf",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
            '<r:Description r:about="urn:a"><u:b>c</u:b></r:Description></r:RDF>',
        ),
    ],
)
@pytest.mark.parametrize("is_zipped", [False, True])
def test_reads_every_format_also_zipped(
    tmp_path: Path, name: str, text: str, *, is_zipped: bool
) -> None:
    path = tmp_path / (f"{name}.gz" if is_zipped else name)
    path.write_bytes(gzip.compress(text.encode()) if is_zipped else text.encode())

    found = [quad.triple for quad in read_quads(path)]

    assert found == [ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"))]


def test_names_the_line_of_malformed_turtle(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text(f"{TURTLE}{TURTLE}<urn:a> <urn:b> .\n")

    with pytest.raises(SourceError, match=r"broken\.ttl:3: not valid RDF: .*column") as caught:
        list(read_quads(path))

    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.ttl", None, "no such file"),
        ("a.docx", b"", "cannot tell the RDF format"),
        ("a.ttl.gz", b"not gzip", "damaged gzip"),
        ("a.ttl.gz", gzip.compress(TURTLE.encode())[:-9], "damaged gzip"),
    ],
)
def test_says_what_is_wrong_with_a_file(
    tmp_path: Path, name: str, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SourceError, match=sentence):
        list(read_quads(path))


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    for name in ("a.ttl", "b.ttl"):
        (tmp_path / name).write_text(f"_:x <urn:b> '{name}' .")

    change = Change.of_files([tmp_path / "a.ttl", tmp_path / "b.ttl"])

    assert len({quad.subject for quad in change.added}) == 2


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", "x>"])
def test_a_graph_name_is_one_plain_word(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)

    with pytest.raises(ParameterError, match="cannot name a record graph"):
        Change.of_files([tmp_path / "a.ttl"], graph=name)


OWL = """<?xml version="1.0"?><!DOCTYPE r:RDF [<!ENTITY u "urn:">{}]>
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="&u;">
<r:Description r:about="&u;a"><u:b>{}</u:b></r:Description></r:RDF>"""


def test_small_entities_of_a_file_are_written_out(tmp_path: Path) -> None:
    (tmp_path / "a.owl").write_text(OWL.format("", "c"))

    [quad] = read_quads(tmp_path / "a.owl")

    assert quad.triple == ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"))


@pytest.mark.parametrize(
    "entity", ['<!ENTITY e "&u;&u;">', f'<!ENTITY e "{"x" * 2000}">', '<!ENTITY e SYSTEM "x">']
)
def test_entities_of_a_file_that_grow_or_reach_out_are_refused(tmp_path: Path, entity: str) -> None:
    (tmp_path / "a.rdf").write_text(OWL.format(entity, "&e;"))

    with pytest.raises(SourceError, match="the entity e"):
        list(read_quads(tmp_path / "a.rdf"))
