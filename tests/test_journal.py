"""The journal: what was cut off is set aside and said, what is damaged is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from aimsgraph.errors import JournalDamagedError, JournalError
from aimsgraph.ledger import journal as journal_module
from aimsgraph.ledger.journal import Journal
from aimsgraph.ledger.load import Load
from aimsgraph.store.snapshots import Snapshots
from ledger_support import verified
from tiny_support import OWNED, SYSTEM, opened, update, workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace with three changesets that was not left in order."""
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        graph.commit(update(SYSTEM, "A bot"))
        graph.commit(update(OWNED, "An owner"))
    (folder / "store.clean").unlink()
    for one in Snapshots(folder / "snapshots"):
        one.path.rename(folder / "snapshots" / f"gone-{one.generation}")
    return folder


def segment(folder: Path) -> Path:
    """Return the only segment."""
    (path,) = (folder / "journal").glob("*.journal")
    return path


@pytest.mark.parametrize("keep", [1, 30, 200, -1])
def test_a_changeset_that_was_cut_off_is_set_aside(folder: Path, keep: int) -> None:
    path = segment(folder)
    whole, last = path.read_bytes(), list(Journal(folder / "journal").places())[-1].offset
    cut = len(whole) + keep if keep < 0 else last + keep
    path.write_bytes(whole[:cut])

    with opened(folder) as graph:
        assert [entry.message for entry in graph.history()][:1] == ["A bot"]
        assert len(graph.notices) == 1
        assert f"at byte {last} " in graph.notices[0]
        assert [one.focus for one in graph.report().results] == ["https://example.org/bot"]

    (torn,) = (folder / "journal").glob("*.torn")
    assert torn.read_bytes() == whole[last:cut]
    assert verified(folder).holds


def test_what_was_acknowledged_is_missed(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        graph.commit(update(SYSTEM))
    path = segment(folder)
    last = list(Journal(folder / "journal").places())[-1].offset
    path.write_bytes(path.read_bytes()[:last])

    with pytest.raises(JournalDamagedError, match="ends at changeset 1, but 2 were acknowledged"):
        opened(folder)


def test_damage_in_the_middle_is_not_passed_over(folder: Path) -> None:
    path = segment(folder)
    places = list(Journal(folder / "journal").places())
    whole = bytearray(path.read_bytes())
    whole[places[1].offset + 2] ^= 1
    path.write_bytes(bytes(whole))

    with pytest.raises(JournalDamagedError) as found:
        opened(folder)

    assert found.value.offset == places[1].offset
    assert str(path) in str(found.value)


def test_segments_follow_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "SEGMENT_SIZE", 4000)
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        for number in range(12):
            graph.commit(update(f"INSERT DATA {{ GRAPH r:main {{ ex:p{number} a ex:Thing }} }}"))
    segments = sorted((folder / "journal").glob("*.journal"))

    assert len(segments) > 2
    assert verified(folder).holds
    assert [one.generation for one in Journal(folder / "journal").headers(7)] == list(range(7, 14))
    segments[1].unlink()
    with pytest.raises(JournalDamagedError, match="should stand here"):
        list(Journal(folder / "journal").headers())


def test_a_full_disk_refuses_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path / "w")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with opened(folder) as graph:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "_segment", full)
            with pytest.raises(JournalError, match="No space left on device; nothing was changed"):
                graph.commit(update(SYSTEM))
        assert graph.generation == 1
        assert graph.commit(update(SYSTEM)).generation == 2
    assert verified(folder).holds


MUCH = 300_000
"""From so many bytes on files are streamed here."""


@pytest.fixture(autouse=True)
def _stream_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimsgraph.ledger.load.MUCH", MUCH)


def big(path: Path, *, blank: bool) -> int:
    """Write a large file, and return how many distinct statements it holds."""
    subject = "_:s" if blank else "<urn:s:"
    end = "" if blank else ">"
    with path.open("w") as file:
        number = 0
        while file.tell() <= MUCH:
            number += 1
            file.write(f'{subject}{number}{end} <urn:p> "{number:09}{"x" * 600}" .\n')
            file.write(f'{subject}{number}{end} <urn:q> "0{number}"^^<urn:d> .\n')
            file.write(
                f'{subject}{number}{end} <urn:r> "0{number % 90}"'
                "^^<http://www.w3.org/2001/XMLSchema#integer> .\n"
            )
        file.write(f'{subject}1{end} <urn:q> "01"^^<urn:d> .\n')
    return number * 3


@pytest.mark.parametrize("blank", [False, True], ids=["names", "blank nodes"])
def test_a_large_load_is_streamed_and_is_what_a_small_one_would_be(
    tmp_path: Path, blank: bool
) -> None:
    path = tmp_path / "big.nt"
    count = big(path, blank=blank)
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        assert Load((path,)).is_streamed(graph.view().store)
        receipt = graph.load(path, message="much")
        assert receipt.added == count
        assert receipt.header is not None
        assert receipt.header.order == "load"
        assert graph.load(path).header is None
        if not blank:
            assert len(graph.history(subject="urn:s:7")) == 1
            assert not graph.history(subject="urn:s:none")
        assert graph.as_of(1).record_count == 0
        graph.commit(update("INSERT DATA { GRAPH r:main { ex:a a ex:Thing } }"))
    found = verified(folder)
    assert found.problems == []
    (folder / "store.clean").unlink()
    for one in Snapshots(folder / "snapshots"):
        one.path.rename(folder / "snapshots" / f"gone-{one.generation}")
    with opened(folder) as graph:
        assert graph.view().record_count == count + 1


def test_a_large_load_that_is_malformed_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "big.nt"
    big(path, blank=False)
    with path.open("a") as file:
        file.write("<urn:a> <urn:b> nonsense .\n")
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        with pytest.raises(Exception, match=r"big\.nt:\d+: not valid RDF"):
            graph.load(path)
        assert graph.view().record_count == 0
        assert graph.generation == 1
    assert not list((folder / "journal").glob("*.body"))
    assert verified(folder).holds
