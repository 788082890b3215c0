"""Changes: made whole or refused whole, by one door, with a changeset that says exactly what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest

from aimsgraph import Change, Terms
from aimsgraph.access import OWNER, Caller, Role
from aimsgraph.conformity.report import Report
from aimsgraph.errors import (
    AccessError,
    ConflictError,
    IntegrityRefusedError,
    ParameterError,
    SourceError,
)
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import GRAPH, RECORDS_GRAPHS, SHAPES
from aimsgraph.settings import Settings
from tiny_support import DANGLING, OWNED, PREFIXES, SYSTEM, memory, update

OTHER = f"{RECORDS_GRAPHS}other"


def everything(graph: AimsGraph) -> set[str]:
    """Return all statements but those about changesets."""
    return {str(q) for q in graph.view().quads() if not str(q).endswith("/history>")}


def test_a_change_says_what_it_did() -> None:
    graph = memory()

    receipt = graph.commit(update(SYSTEM, "A bot"), Terms(author="Ada"))

    assert (receipt.generation, receipt.added, receipt.removed) == (2, 2, 0)
    assert receipt.standing.count()["Violation"] == 1
    assert [one.rule for one in receipt.appeared] == [f"{SHAPES}AISystem-owner"]
    entry = graph.history()[0]
    assert (entry.author, entry.message, entry.kind) == ("Ada", "A bot", "update")
    assert entry.digest == receipt.digest


def test_inference_and_findings_are_part_of_the_changeset() -> None:
    graph = memory()
    graph.commit(update(SYSTEM))

    receipt = graph.commit(update(OWNED))

    derived = graph.changeset(receipt.generation).derived
    assert any("#owns>" in line.statement and line.sign == "+" for line in derived)
    assert any("AISystem-owner" in line.statement and line.sign == "-" for line in derived)
    assert graph.view().ask(PREFIXES + "ASK { ex:ada aims:owns ex:bot }")


def test_a_change_that_breaks_integrity_changes_nothing() -> None:
    graph = memory()
    graph.commit(update(SYSTEM))
    before, head = everything(graph), graph.generation

    with pytest.raises(IntegrityRefusedError, match="nobody") as refused:
        graph.commit(update(f"{OWNED} ; {DANGLING}"))

    assert isinstance(refused.value.report, Report)
    assert [one.focus for one in refused.value.report.results] == ["https://example.org/bot"]
    assert everything(graph) == before
    assert graph.generation == head


def test_advice_records_what_integrity_finds() -> None:
    graph = memory()

    receipt = graph.commit(update(DANGLING), Terms(advisory=True))

    found = {one.rule for one in receipt.appeared}
    assert found == {f"{SHAPES}Record-link-arrives"}
    assert {one.rule for one in graph.report().results} == found


def test_what_is_broken_already_does_not_refuse_other_changes() -> None:
    graph = memory()
    graph.commit(update(DANGLING), Terms(advisory=True))

    graph.commit(update("INSERT DATA { GRAPH r:main { ex:eve a aims:Person } }"))
    mended = graph.commit(update("INSERT DATA { GRAPH r:main { ex:nobody a aims:Person } }"))

    assert [one.rule for one in mended.resolved] == [f"{SHAPES}Record-link-arrives"]
    assert not graph.report().results


def test_a_workspace_may_let_chosen_rules_refuse() -> None:
    graph = memory(Settings(refuse=(f"{SHAPES}AISystem-owner",)))

    with pytest.raises(IntegrityRefusedError, match="owner"):
        graph.commit(update(SYSTEM))

    graph.commit(update(f"{OWNED} ; {SYSTEM}"))


@pytest.mark.parametrize(
    "name", ["ontology", "shapes", "queries", "inferred", "conformity", "history", "workspace"]
)
def test_what_is_not_records_cannot_be_written(name: str) -> None:
    graph = memory()
    quad = ox.Quad(
        ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"), ox.NamedNode(GRAPH + name)
    )

    with pytest.raises(AccessError, match="cannot be written"):
        graph.commit(Change((quad,)))


def test_the_day_is_not_for_records_to_set() -> None:
    with pytest.raises(ParameterError, match="AIMSGRAPH_TODAY"):
        memory().commit(
            update(
                "INSERT DATA { GRAPH r:main { <https://w3id.org/aimsgraph/calendar> "
                "aims:today '2020-01-01' } }"
            )
        )


def test_a_change_of_nothing_makes_no_changeset() -> None:
    graph = memory()
    first = graph.commit(update(SYSTEM))

    again = graph.commit(update(SYSTEM))

    assert again.header is None
    assert again.generation == first.generation
    assert again.standing == first.standing


def test_the_state_that_was_looked_at_must_still_be_there() -> None:
    graph = memory()
    seen = graph.view().version
    graph.commit(update(SYSTEM), Terms(expected=seen))

    with pytest.raises(ConflictError, match="generation 2, not 1"):
        graph.commit(update(OWNED), Terms(expected=seen))


def test_a_request_sent_twice_is_carried_out_once() -> None:
    graph = memory()
    once = graph.commit(update(SYSTEM), Terms(idempotency="k"))
    graph.commit(update("CLEAR GRAPH r:main"))

    again = graph.commit(update(SYSTEM), Terms(idempotency="k"))
    other = Terms(idempotency="k", caller=Caller("eve", Role.EDITOR))

    assert again.is_repeated
    assert again.generation == once.generation
    assert graph.commit(update(SYSTEM), other).generation == 4


def test_the_clock_never_goes_back() -> None:
    graph = memory()
    graph.writer._clock = lambda: datetime(2020, 1, 1, tzinfo=UTC)
    graph.commit(update(SYSTEM))
    graph.commit(update(OWNED))

    times = [datetime.fromisoformat(entry.time) for entry in graph.history()]

    assert times == sorted(times, reverse=True)
    assert len(set(times)) == len(times)


def test_the_day_turns_by_a_changeset() -> None:
    graph = memory()

    assert graph.tick() is None
    receipt = graph.tick(date(2026, 12, 24))

    assert receipt is not None
    assert graph.today == date(2026, 12, 24)
    assert graph.history()[0].kind == "day"


def test_files_become_one_changeset_and_a_bad_one_spoils_all(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<urn:a> a <urn:C> .")
    (tmp_path / "b.trig").write_text(f"<{OTHER}> {{ <urn:b> a <urn:C> }} <urn:c> a <urn:C> .")
    (tmp_path / "bad.ttl").write_text("<urn:a> a .")
    graph = memory()

    with pytest.raises(SourceError, match=r"bad\.ttl:1"):
        graph.load(tmp_path / "a.ttl", tmp_path / "bad.ttl")
    receipt = graph.load(tmp_path / "a.ttl", tmp_path / "b.trig", message="both")

    assert (receipt.generation, receipt.added) == (2, 3)
    assert graph.view().graphs()[OTHER] == 1


def test_the_same_file_twice_adds_nothing_even_with_blank_nodes(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:p> [ <urn:q> [ <urn:r> '01' ] ] .")
    graph = memory()
    graph.load(tmp_path / "a.ttl")

    assert graph.load(tmp_path / "a.ttl").header is None


def test_changesets_are_plain_sparql() -> None:
    graph = memory()
    graph.commit(
        update(SYSTEM, "A bot"), Terms(author="Ada", effective=datetime(2026, 1, 2, tzinfo=UTC))
    )

    rows = graph.ask(
        PREFIXES
        + "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX dcterms: <http://purl.org/dc/terms/> "
        "SELECT ?who ?why ?when WHERE { ?c aims:changed ex:bot ; aims:effectiveAt ?when ; "
        "dcterms:description ?why ; prov:wasAssociatedWith/rdfs:label ?who }"
    ).rows

    assert [[str(value) for value in row] for row in rows] == [
        ['"Ada"', '"A bot"', '"2026-01-02T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>']
    ]


def test_a_failure_while_recording_leaves_the_graph_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = memory()
    before = {str(quad) for quad in graph.view().quads()}

    def fails(_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(graph.ledger, "append", fails)
        with pytest.raises(OSError, match="No space"):
            graph.commit(update(SYSTEM))
    graph.commit(update(SYSTEM))
    graph.commit(update("CLEAR GRAPH r:main"))

    after = {str(quad) for quad in graph.view().quads() if "/history>" not in str(quad)}
    assert after == {q for q in before if "/history>" not in q} - {
        q for q in before if "#generation>" in q
    } | {q for q in after if "#generation>" in q}


def test_only_who_may_write_writes() -> None:
    graph = memory()

    with pytest.raises(AccessError, match="may not write"):
        graph.commit(update(SYSTEM), Terms(caller=Caller("eve", Role.AUDITOR)))
    limited = Caller("eve", Role.EDITOR, frozenset({OTHER}))
    with pytest.raises(AccessError, match="may not write the graph"):
        graph.commit(update(SYSTEM), Terms(caller=limited))

    assert graph.commit(update(SYSTEM), Terms(caller=OWNER)).generation == 2
