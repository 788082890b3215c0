"""Redaction erases values from everything that is kept, on the record, and every digest holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.errors import ParameterError
from aimsgraph.ledger.journal import Journal
from aimsgraph.ledger.lines import REDACTED
from aimsgraph.opening import hold
from aimsgraph.redaction import Erasure, erase
from aimsgraph.workspace import Workspace
from ledger_support import verified
from tiny_support import PREFIXES, opened, update, workspace

NAME = "Greta Olofsdotter-Quist"
PERSON = "https://example.org/greta"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
ASKED = f"SELECT ?name {{ <{PERSON}> rdfs:label ?name }}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace in which a name was stated, taken back, and stated again."""
    folder = workspace(tmp_path / "w")
    state = f"{{ GRAPH r:main {{ ex:greta rdfs:label '{NAME}' }} }}"
    with opened(folder) as graph:
        graph.commit(
            update(
                f"INSERT DATA {{ GRAPH r:main {{ ex:greta a aims:Person ; ex:age 41 }} }} ; "
                f"INSERT DATA {state}"
            )
        )
        graph.commit(update(f"DELETE DATA {state}"))
        graph.commit(update(f"INSERT DATA {state}"))
        graph.commit(update(f"INSERT DATA {{ GRAPH r:other {{ ex:bot ex:by 'by {NAME}!' }} }}"))
        graph.as_of(2)
        graph.as_of(3)
    return folder


def redacted(folder: Path, erasure: Erasure) -> int:
    """Redact as the command does."""
    with opened(folder) as graph:
        graph.note("redact", "she asked", "Ada")
    workspace = Workspace.read(folder)
    with hold(workspace):
        count = erase(workspace, erasure, lambda _: None)
    with opened(folder) as graph:
        graph.validate()
    return count


def traces(folder: Path, text: str) -> list[str]:
    """Return the files that hold a text, read as bytes and as stores."""
    found = [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]
    for path in (folder / "store", *(folder / "snapshots").iterdir(), *folder.glob("cache/*")):
        store = ox.Store.read_only(str(path))
        found += [str(path) for quad in store if text in str(quad)]
    return found


def heads(folder: Path) -> list[str]:
    """Return the digests of all changesets."""
    return [header.digest for header in Journal(folder / "journal").headers()]


def test_a_value_is_nowhere_afterwards_and_the_chain_holds(folder: Path) -> None:
    before = heads(folder)
    assert traces(folder, NAME)

    assert redacted(folder, Erasure(text=NAME)) == 4

    assert traces(folder, NAME) == []
    found = verified(folder)
    assert found.problems == []
    assert found.erased == 4
    assert heads(folder)[: len(before)] == before


def test_the_past_shows_that_something_was_erased(folder: Path) -> None:
    redacted(folder, Erasure(subject=PERSON, predicate=LABEL))

    with opened(folder) as graph:
        for generation, count in ((2, 1), (3, 0), (4, 1)):
            rows = graph.as_of(generation).ask(PREFIXES + ASKED).rows
            assert len(rows) == count
            assert all(row[0].datatype.value == REDACTED for row in rows)  # type: ignore[union-attr]
        assert graph.as_of(2).ask(PREFIXES + "ASK { ex:greta ex:age 41 }")
        assert "she asked" in {entry.message for entry in graph.history()}


@pytest.mark.parametrize(
    ("erasure", "count"),
    [
        (Erasure(subject=PERSON), 4),
        (Erasure(subject=PERSON, predicate=LABEL), 3),
        (Erasure(subject=PERSON, predicate="https://example.org/age"), 1),
        (Erasure(text="Quist!"), 1),
        (Erasure(text="nothing like it"), 0),
    ],
)
def test_what_is_erased_is_what_was_named(folder: Path, erasure: Erasure, count: int) -> None:
    assert redacted(folder, erasure) == count
    assert verified(folder).holds


def test_a_redacted_record_can_be_changed_and_replayed(folder: Path) -> None:
    redacted(folder, Erasure(text=NAME))
    with opened(folder) as graph:
        graph.commit(update("DELETE WHERE { GRAPH r:main { ex:greta rdfs:label ?name } }"))
        graph.commit(update("INSERT DATA { GRAPH r:main { ex:greta rdfs:label 'G.' } }"))
        wanted = {str(quad) for quad in graph.view().quads()}
    (folder / "store.clean").unlink()
    shutil.rmtree(folder / "snapshots")

    with opened(folder) as graph:
        assert {str(quad) for quad in graph.view().quads()} == wanted
        assert [str(row[0]) for row in graph.ask(PREFIXES + ASKED).rows] == ['"G."']
    assert verified(folder).holds


@pytest.mark.parametrize("step", ["swap_journal", "sync_path", "shutil.rmtree"])
def test_an_interruption_leaves_the_old_or_the_new(
    folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    place = "aimsgraph.redaction" if step == "swap_journal" else "aimsgraph.opening"
    workspace_ = Workspace.read(folder)
    with monkeypatch.context() as patch, hold(workspace_):
        patch.setattr(f"{place}.{step}", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            erase(workspace_, Erasure(text=NAME), lambda _: None)

    with opened(folder) as graph:
        rows = graph.ask(PREFIXES + ASKED).rows

    found = verified(folder)
    assert found.holds, found.problems
    assert found.erased in {0, 4}
    assert (str(rows[0][0]) == f'"{NAME}"') is (found.erased == 0)
    assert bool(traces(folder, NAME)) is (found.erased == 0)


def test_too_little_is_not_erased() -> None:
    with pytest.raises(ParameterError, match="too short"):
        Erasure(text="an")
    with pytest.raises(ParameterError, match="name the record"):
        Erasure()


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
