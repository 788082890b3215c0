"""Verification finds what was changed behind the ledger's back, and says what it cannot find."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph.errors import AimsGraphError, JournalDamagedError
from aimsgraph.evidence import attachment, evidence_file, keep
from aimsgraph.ledger.changeset import GENESIS, Changeset, Tally
from aimsgraph.ledger.frame import frame
from aimsgraph.ledger.journal import Journal
from aimsgraph.ledger.lines import Line, in_order
from aimsgraph.ledger.signing import PublicKeys, Signer
from aimsgraph.namespaces import RECORDS_GRAPHS
from aimsgraph.settings import Settings
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.verification import Trust, read_heads
from aimsgraph.workspace import Workspace
from ledger_support import engine, history, verified
from tiny_support import opened

STEP = 101
"""Every so many bytes of the journal one is flipped."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that nobody touched."""
    return history(tmp_path_factory.mktemp("ledger") / "w")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """Return a copy of the workspace to tamper with."""
    return Path(shutil.copytree(original, tmp_path / "w"))


def journal_of(folder: Path) -> Path:
    """Return the one segment of a small journal."""
    (segment,) = (folder / "journal").glob("*.journal")
    return segment


def test_an_untouched_workspace_verifies(folder: Path) -> None:
    found = verified(folder)

    assert found.problems == []
    assert found.head == 9
    assert found.stores == ["snapshot 000000000009", "live store"]


def test_every_flipped_byte_of_the_journal_is_found(folder: Path) -> None:
    segment = journal_of(folder)
    whole = segment.read_bytes()
    silent = []
    for at in range(0, len(whole), STEP):
        segment.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        if verified(folder).holds:
            silent.append(at)

    assert not silent


def test_a_damaged_journal_is_not_opened_and_the_byte_is_named(folder: Path) -> None:
    segment = journal_of(folder)
    whole = segment.read_bytes()
    last = list(Journal(folder / "journal").places())[-1].offset
    segment.write_bytes(whole[: last + 3] + b"X" + whole[last + 4 :])

    with pytest.raises(JournalDamagedError, match=f"{segment.name}: damaged at byte {last}"):
        opened(folder)


@pytest.mark.parametrize("what", ["cut", "lost", "swapped"])
def test_missing_and_moved_changesets_are_found(folder: Path, what: str) -> None:
    segment = journal_of(folder)
    whole = segment.read_bytes()
    places = list(Journal(folder / "journal").places())
    parts = [whole[p.offset : p.offset + p.frame.size] for p in places]
    parts = {
        "cut": parts[:-1],
        "lost": [*parts[:3], *parts[4:]],
        "swapped": [*parts[:3], parts[4], parts[3], *parts[5:]],
    }[what]
    segment.write_bytes(b"".join(parts))

    assert not verified(folder).holds
    with pytest.raises(AimsGraphError):
        opened(folder)


GRAPHS = [f"{RECORDS_GRAPHS}main"] + [
    f"https://w3id.org/aimsgraph/graph/{name}"
    for name in ("inferred", "conformity", "history", "workspace", "ontology")
]


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("what", ["added", "removed"])
@pytest.mark.parametrize("which", ["live store", "snapshot"])
def test_quads_changed_in_a_store_are_found(
    folder: Path, graph: str, what: str, which: str
) -> None:
    path = folder / "store"
    if which == "snapshot":
        latest = Snapshots(folder / "snapshots").latest
        assert latest is not None
        path = latest.path
    store, node = engine(path), ox.NamedNode(graph)
    if what == "added":
        store.add(ox.Quad(ox.NamedNode("urn:forged"), ox.NamedNode("urn:p"), node, node))
    else:
        store.remove(next(iter(store.quads_for_pattern(None, None, None, node))))
    store.flush()
    del store

    found = verified(folder)

    assert any(problem.startswith(which) for problem in found.problems)
    if what == "added":
        assert any("urn:forged" in problem for problem in found.problems)


def rewritten(folder: Path, signer: Signer | None = None) -> None:
    """Forge the ledger: another name in changeset 2, and every digest after it made to fit."""
    journal = Journal(folder / "journal")
    parts, parent = [], GENESIS
    for changeset in list(journal.changesets()):
        lines = [_forged(line) for line in changeset.lines]
        whole = Changeset(changeset.header, lines)
        asserted, derived = in_order(whole.asserted), in_order(whole.derived)
        header = replace(
            changeset.header,
            parent=parent,
            asserted=Tally.of(asserted),
            derived=None if changeset.header.derived is None else Tally.of(derived),
            key=signer.fingerprint if signer else changeset.header.key,
        )
        signature = signer.sign(header.digest) if signer else changeset.signature
        parts.append(frame(header, [line.text for line in (*asserted, *derived)], signature))
        parent = header.digest
    journal_of(folder).write_bytes(b"".join(parts))
    for made in ("store", "snapshots"):
        shutil.rmtree(folder / made)
    (folder / "store.clean").unlink()
    opened(folder).close()


def _forged(line: Line) -> Line:
    return replace(line, statement=line.statement.replace('"Bot"', '"Forged"'))


def test_a_rewrite_of_the_whole_chain_shows_only_against_something_from_outside(
    folder: Path, tmp_path: Path
) -> None:
    last = list(Journal(folder / "journal").headers())[-1]
    anchor = tmp_path / "heads"
    anchor.write_text(json.dumps({"generation": last.generation, "digest": last.digest}) + "\n")
    trust = Trust(heads=read_heads(anchor))
    assert verified(folder, trust).holds

    rewritten(folder)

    assert verified(folder).holds
    assert any("exported head" in problem for problem in verified(folder, trust).problems)


def test_a_key_held_elsewhere_shows_a_rewrite(tmp_path: Path) -> None:
    mine = Signer.create(tmp_path / "mine.pem", tmp_path / "mine.pub")
    settings = Settings(signing_key=str(tmp_path / "mine.pem"))
    folder = history(tmp_path / "w", settings)
    trust = Trust(keys=PublicKeys.read([tmp_path / "mine.pub"]))
    whole = verified(folder, trust)
    theirs = Signer.create(tmp_path / "theirs.pem", tmp_path / "theirs.pub")

    rewritten(folder, theirs)
    (folder / "keys").mkdir()
    shutil.copy(tmp_path / "theirs.pub", folder / "keys" / "theirs.pem")

    assert mine.fingerprint != theirs.fingerprint
    assert any("it is not signed" in problem for problem in whole.problems)
    assert whole.signed == 8
    assert verified(folder).holds
    assert any("is not among those known" in one for one in verified(folder, trust).problems)


def test_evidence_that_was_changed_or_lost_is_found(folder: Path, tmp_path: Path) -> None:
    paper = tmp_path / "minutes.txt"
    paper.write_text("We met.")
    workspace = Workspace.read(folder)
    digest = keep(workspace.evidence_path, paper)
    assert keep(workspace.evidence_path, paper) == digest
    with opened(folder) as graph:
        change = attachment(paper, digest, None, f"{RECORDS_GRAPHS}main", "")
        graph.commit(change)
    assert verified(folder).evidence == 1
    assert verified(folder).holds

    kept = evidence_file(workspace.evidence_path, digest)
    kept.write_text("We did not meet.")
    assert any("the evidence was changed" in one for one in verified(folder).problems)
    kept.unlink()
    assert any("its file is not there" in one for one in verified(folder).problems)
