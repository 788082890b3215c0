"""The ontology's own closure, and its cache, which may be missing or damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.inference import schema
from aimsgraph.inference.expressions import Axiom
from aimsgraph.inference.schema import axioms, closed
from aimsgraph.namespaces import OWL, RDFS
from inference_support import EVERYTHING, EX, store_with

ONTOLOGY = ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C , owl:Thing . :p rdfs:subPropertyOf :q ."


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a cache of its own, in the process and on disk."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    closed.cache_clear()
    yield tmp_path / "aimsgraph"
    closed.cache_clear()


@pytest.fixture
def worked_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows each time the closure is worked out."""
    times: list[int] = []
    really = schema._worked_out

    def counted(stated: frozenset[Axiom]) -> Iterator[Axiom]:
        times.append(len(stated))
        return really(stated)

    monkeypatch.setattr(schema, "_worked_out", counted)
    return times


def again(stated: frozenset[Axiom]) -> frozenset[Axiom]:
    """Return the closure as another process would get it."""
    closed.cache_clear()
    return closed(stated)


def names(found: frozenset[Axiom], relation: str) -> set[tuple[str, str]]:
    """Return what a relation of RDFS holds between, names of the example only."""
    return {
        (str(s.value).removeprefix(EX), str(o).strip("<>").removeprefix(EX))
        for s, p, o in found
        if p.value == RDFS + relation
    }


def test_the_closure_has_what_follows_and_nothing_trivial() -> None:
    found = closed(axioms(store_with(ONTOLOGY))) - axioms(store_with(ONTOLOGY))

    assert names(found, "subClassOf") == {("A", "C")}
    assert not [axiom for axiom in found if axiom[0] == axiom[2] or OWL in str(axiom[2])]


def test_equivalents_fall_under_each_other() -> None:
    found = closed(axioms(store_with(":A owl:equivalentClass :B . :p owl:equivalentProperty :q .")))

    assert names(found, "subClassOf") == {("A", "B"), ("B", "A")}
    assert names(found, "subPropertyOf") == {("p", "q"), ("q", "p")}


def test_what_follows_between_classes_through_their_restrictions_is_found() -> None:
    part = ":{0} owl:equivalentClass [ owl:onProperty :p ; owl:allValuesFrom :{1} ] ."
    text = ":X rdfs:subClassOf :Y ." + part.format("A", "X") + part.format("B", "Y")

    assert ("A", "B") in names(closed(axioms(store_with(text))), "subClassOf")


def test_annotations_take_no_part() -> None:
    more = f'{ONTOLOGY} :A rdfs:label "A" ; rdfs:comment "text" ; :about :B . :x a :A .'

    assert axioms(store_with(more)) == axioms(store_with(ONTOLOGY))


def test_another_process_finds_the_closure_in_the_cache(cache: Path, worked_out: list[int]) -> None:
    stated = axioms(store_with(EVERYTHING))
    first = closed(stated)
    assert len(list(cache.glob("schema-*.nt"))) == len(list(cache.iterdir())) == 1

    assert closed(stated) is first
    assert again(axioms(store_with(EVERYTHING))) == first
    assert len(worked_out) == 1

    again(axioms(store_with(f"{EVERYTHING} :Cow rdfs:subClassOf :Mammal .")))
    assert len(worked_out) == 2


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut": lambda data: b"".join(data.splitlines(keepends=True)[:-1]),
    "changed": lambda data: data.replace(b"example.org/C", b"example.org/D"),
    "other bytes": lambda _: b"\xff\xfe\x00 not text",
    "not ours": lambda _: b"<a> <b> <c> .\n",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_worked_out_again_and_mended(
    damage: str, cache: Path, worked_out: list[int]
) -> None:
    stated = axioms(store_with(ONTOLOGY))
    first = closed(stated)
    (path,) = cache.glob("schema-*.nt")
    whole = path.read_bytes()
    path.write_bytes(DAMAGE[damage](whole))
    assert path.read_bytes() != whole

    assert again(stated) == first
    assert len(worked_out) == 2
    assert path.read_bytes() == whole


@pytest.mark.parametrize("what", ["a file in its place", "a folder in the file's place"])
def test_a_cache_that_cannot_be_written_is_no_error(
    what: str, cache: Path, worked_out: list[int]
) -> None:
    stated = axioms(store_with(ONTOLOGY))
    if what == "a file in its place":
        cache.write_text("no folder")
    else:
        path = schema._path(schema._digest(stated))
        assert path is not None
        (path / "inside").mkdir(parents=True)

    assert closed(stated) == again(stated)
    assert len(worked_out) == 2
    assert cache.is_file() or not list(cache.glob(".schema-*")), "no draft is left behind"


def test_a_relative_cache_folder_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    closed(axioms(store_with(ONTOLOGY)))

    assert not (tmp_path / "here").exists()
    assert list((tmp_path / "home" / ".cache" / "aimsgraph").glob("schema-*.nt"))


def test_the_axioms_of_expressions_are_kept_whole() -> None:
    stated = axioms(store_with(":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue 5 ] ."))

    assert len(stated) == 3
    assert not [one for one in stated if any(isinstance(term, ox.BlankNode) for term in one)]
