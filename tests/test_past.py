"""The past: what was true at each generation is what a look back shows, findings included."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from aimsgraph import Terms
from aimsgraph.assets import Assets
from aimsgraph.errors import IntegrityRefusedError, NoSuchStateError, ParameterError
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.store.snapshots import Snapshots
from tiny_support import OWNED, SYSTEM, TINY, TODAY, memory, opened, update, workspace


@pytest.fixture(params=["memory", "disk"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AimsGraph]:
    """Return a graph, in memory and on disk."""
    with memory() if request.param == "memory" else opened(workspace(tmp_path / "w")) as one:
        yield one


def state(graph: AimsGraph, as_of: int | None = None) -> set[str]:
    """Return all statements of a generation."""
    return {str(quad) for quad in graph.view(as_of=as_of).quads()}


def scribble(graph: AimsGraph, chance: random.Random, count: int) -> dict[int, set[str]]:
    """Make random changes and return the state after each."""
    known = {graph.generation: state(graph)}
    for _ in range(count):
        name = f"ex:s{chance.randrange(6)}"
        owner = f"ex:p{chance.randrange(3)}"
        text = chance.choice(
            [
                f"INSERT DATA {{ GRAPH r:main {{ {name} a aims:AISystem ; rdfs:label 'a' }} }}",
                f"INSERT DATA {{ GRAPH r:main {{ {name} aims:ownedBy {owner} }} }}",
                f"INSERT DATA {{ GRAPH r:other {{ {owner} a aims:Person ; rdfs:label '01' }} }}",
                f"DELETE WHERE {{ GRAPH r:main {{ {name} ?p ?o }} }}",
                f"INSERT {{ GRAPH r:main {{ {name} aims:reviewedOn [ a ex:B ] }} }} WHERE {{}}",
                "MOVE SILENT r:other TO r:third",
            ]
        )
        with suppress(IntegrityRefusedError):
            terms = Terms(advisory=chance.random() < 0.5, is_deferred=chance.random() < 0.2)
            receipt = graph.commit(update(text), terms)
            if receipt.header is not None and not terms.is_deferred:
                known[graph.generation] = state(graph)
    return known


def test_every_generation_is_what_it_was(graph: AimsGraph) -> None:
    known = scribble(graph, random.Random(7), 40)  # noqa: S311 - to be repeated

    assert len(known) > 10
    for generation in random.Random(8).sample(sorted(known), len(known)):  # noqa: S311
        assert state(graph, generation) == known[generation], generation


def test_replay_gives_the_same_store(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        scribble(graph, random.Random(9), 30)  # noqa: S311 - to be repeated
        wanted = state(graph)
    (folder / "store.clean").unlink()
    shutil.rmtree(folder / "snapshots")

    with opened(folder) as again:
        assert state(again) == wanted


def test_what_was_deferred_is_worked_out_for_the_moment(graph: AimsGraph) -> None:
    graph.commit(update(SYSTEM), Terms(is_deferred=True))
    graph.commit(update(OWNED))

    assert len(graph.as_of(2).report().results) == 1
    assert not graph.as_of(3).report().results


def test_a_moment_is_found_by_its_time(graph: AimsGraph) -> None:
    graph.commit(update(SYSTEM))
    times = [datetime.fromisoformat(entry.time) for entry in reversed(graph.history())]
    graph.commit(update(OWNED))

    assert graph.view(as_of=times[1]).generation == 2
    assert graph.view(as_of=times[1] - timedelta(microseconds=1)).generation == 1
    assert graph.view(as_of=datetime.now(UTC).date()).generation == 3
    with pytest.raises(NoSuchStateError, match="begins at"):
        graph.view(as_of="2020-01-01")
    with pytest.raises(NoSuchStateError, match="lies ahead"):
        graph.view(as_of="2999-01-01")
    with pytest.raises(NoSuchStateError, match="from 1 to 3"):
        graph.view(as_of=4)
    with pytest.raises(ParameterError, match="is no moment"):
        graph.view(as_of="yesterday")


def test_a_day_ends_in_the_time_zone_of_the_workspace() -> None:
    graph = memory(Settings.read({"AIMSGRAPH_TIMEZONE": "Pacific/Auckland"}))

    assert graph.moment("2026-06-30") == datetime(2026, 6, 30, 11, 59, 59, 999999, tzinfo=UTC)
    assert graph.moment("2026-06-30T12:00") == datetime(2026, 6, 30, tzinfo=UTC)
    assert graph.moment("2026-06-30T12:00Z") == datetime(2026, 6, 30, 12, tzinfo=UTC)


def test_effective_time_is_the_declared_one(graph: AimsGraph) -> None:
    def on(day: int) -> Terms:
        return Terms(effective=datetime(2026, 3, day, 12, tzinfo=UTC))

    graph.commit(update(OWNED), on(20))
    graph.commit(update(SYSTEM), on(10))

    early = graph.view(effective="2026-03-15")
    assert early.today == date(2026, 3, 15)
    days = ("2026-03-05", "2026-03-15", "2026-03-25")
    assert [len(graph.view(effective=day).report().results) for day in days] == [0, 1, 0]
    assert early.question("systems").answer.rows[0][1] is None
    assert [one.subject[-3:] for one in graph.diff("2026-03-05", "2026-03-15", effective=True)] == [
        "bot"
    ]


def test_the_past_keeps_the_rules_of_its_day(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder) as graph:
        graph.commit(update(SYSTEM), Terms(is_deferred=True))
    newer = tmp_path / "newer"
    shutil.copytree(TINY.root, newer)
    rules = newer / "shapes" / "core.ttl"
    rules.write_text(rules.read_text().replace("sh:minCount 1", "sh:minCount 0"))
    question = newer / "queries" / "things" / "systems.rq"
    question.write_text(question.read_text().replace("Which AI systems", "What systems"))

    with AimsGraph.open(folder, today=TODAY, assets=Assets(newer)) as graph:
        assert [entry.kind for entry in graph.history()] == ["release", "update", "release"]
        assert not graph.report().results
        then = graph.as_of(2)
        assert [one.rule.rpartition("#")[2] for one in then.report().results] == ["AISystem-owner"]
        assert then.catalogue["systems"].question.startswith("Which AI systems")
        assert graph.catalogue["systems"].question.startswith("What systems")


def test_past_states_stay_within_their_budget(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    with opened(folder, settings=Settings(as_of_cache=0)) as graph:
        for number in range(8):
            graph.commit(update(f"INSERT DATA {{ GRAPH r:main {{ ex:p{number} a aims:Person }} }}"))
        counts = [graph.as_of(generation).record_count for generation in range(1, 9)]

        assert counts == list(range(8))
        assert len(list(Snapshots(folder / "cache"))) <= 5


def test_a_diff_is_net_and_by_record(graph: AimsGraph) -> None:
    graph.commit(update(SYSTEM))
    graph.commit(update("DELETE DATA { GRAPH r:main { ex:bot rdfs:label 'Bot' } }"))
    graph.commit(
        update(
            "DELETE DATA { GRAPH r:main { ex:bot a aims:AISystem } } ; "
            "INSERT DATA { GRAPH r:main { ex:bot a aims:AISystem ; rdfs:label 'Robot' } }"
        )
    )

    (found,) = graph.diff(2, 4)

    assert found.subject == "https://example.org/bot"
    assert [str(value) for _, value in found.removed] == ['"Bot"']
    assert [str(value) for _, value in found.added] == ['"Robot"']
    assert graph.diff(2, 2) == []
    assert graph.diff("2020-01-01", 4) == graph.diff(1, 4)
    with pytest.raises(ParameterError, match="earlier"):
        graph.diff(4, 2)
