"""What conformity costs: checking everything, and keeping findings true after small changes.

Usage: PYTHONPATH=tests python -m benchmarks.conformity [--systems 8400] [--rounds 3]
           [--with-pyshacl] [--full] [--curve-to 9000000]

With 8,400 AI systems there are 1.85 million statements. pySHACL and we check the same
94,000 statements in the same run (--with-pyshacl; --full adds it, and everything else
but the curve beyond --systems). The same changes are made, turn by turn, in stores on
disk of 18,000 statements and of the big size, and each is taken back.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph import AimsGraph, Terms
from aimsgraph.conformity import reference
from aimsgraph.conformity.check import Check
from aimsgraph.conformity.engine import Checker, Dataset
from aimsgraph.conformity.plan import Unit
from aimsgraph.conformity.report import Report
from aimsgraph.derivation import flat, is_closed, record_graphs, staged
from aimsgraph.generate.plan import TODAY, Plan
from aimsgraph.generate.writing import write
from aimsgraph.inference.materialise import materialise
from aimsgraph.rdf.terms import Term, to_rdflib_graph
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.workspace import Workspace
from benchmarks.following import changing, committing, say, timed

AUTHOR: Final = Terms(author="benchmark", is_deferred=True)
DEFECTS: Final = 0.02
SMALL, MIDDLE, HALF, HUGE = 82, 425, 2270, 40_900
"""AI systems that make 18,000, 94,000, half a million and 9 million statements."""

SLOW_FOR_ALL, SLOW_FOR_ONE = 2.0, 0.025
SHOWN: Final = 10


def main() -> None:
    """Run all parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, default=8400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--with-pyshacl", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--curve-to", type=int, default=0)
    parser.add_argument("--only", choices=tuple("abcd"), action="append")
    asked = parser.parse_args()
    if asked.systems <= SMALL:
        parser.error(f"the big organisation needs more than {SMALL} AI systems")
    parts = set(asked.only or "bcd") | ({"a"} if asked.with_pyshacl or asked.full else set())
    with tempfile.TemporaryDirectory(prefix="aimsgraph-benchmark-") as name:
        folder = Path(name)
        if "a" in parts:
            against_pyshacl(folder)
        if "b" in parts:
            curve(folder, asked.systems, asked.rounds, asked.curve_to)
        if parts & {"c", "d"}:
            with opened(folder, SMALL) as small, opened(folder, asked.systems) as big:
                if "c" in parts:
                    changing(small, big)
                if "d" in parts:
                    for_one(big)
                    for_all(big)
                if "c" in parts:
                    committing(small, big)


# -- stores ------------------------------------------------------------------------


def opened(folder: Path, systems: int) -> AimsGraph:
    """Open a workspace with a synthetic organisation; what follows is made at the first time."""
    graph = loaded(folder, systems)
    if graph.ledger.head_header is None or graph.ledger.head_header.derived is None:
        seconds, _ = timed(graph.validate)
        say(
            "inferred and checked", f"{_size(graph.writer.store)}: {seconds:.1f} s with the writing"
        )
        graph.writer.store.engine.optimize()
    return graph


def loaded(folder: Path, systems: int) -> AimsGraph:
    """Open a workspace with a synthetic organisation, of which nothing may follow yet."""
    place, source = folder / f"workspace-{systems}", folder / f"{systems}.nt"
    if place.exists():
        return AimsGraph.open(place, today=TODAY)
    write(Plan(systems, 0, DEFECTS, TODAY), source, lambda: None)
    graph = AimsGraph.open(Workspace.create(place).path, today=TODAY)
    seconds, _ = timed(lambda: graph.load(source, terms=AUTHOR))
    source.unlink()
    say("loaded", f"{systems:,} AI systems in {seconds:.1f} s, nothing inferred")
    return graph


def _size(store: EmbeddedStore) -> str:
    count = sum(sum(1 for _ in store.quads(graph)) for graph in record_graphs(store))
    return f"{count:,} statements"


# -- a. the reference ----------------------------------------------------------------


def against_pyshacl(folder: Path) -> None:
    """Compare a full validation with pySHACL's, of the same statements, turn by turn."""
    with loaded(folder, MIDDLE) as graph:
        checker, store = graph.writer.derivation.checker, graph.writer.store
        stage = _inferred(store)
    ours, found = timed(lambda: checker.check(flat(stage), is_closed=is_closed(stage)))
    again, _ = timed(lambda: checker.check(flat(stage), is_closed=is_closed(stage)))
    data = reference.PreparedGraph()
    to_rdflib_graph(stage.engine, data)
    theirs, wanted = timed(lambda: reference.check(data, checker.rules))
    differing = len(_told(found) ^ _told(wanted))
    if differing:
        raise SystemExit(f"{differing} findings differ from those of pySHACL")
    say(
        f"a. full validation, {_size(stage)} and what follows from them",
        f"{min(ours, again):.2f} s, pySHACL {theirs:.1f} s: {theirs / min(ours, again):.0f} times "
        f"faster (goal 30); the same {len(found.results)} findings of {len(checker.rules.rules)} "
        "rules",
    )


def _told(report: Report) -> set[tuple[str, ...]]:
    return {(r.focus, r.rule, r.component, str(r.path), str(r.value)) for r in report.results}


def _inferred(store: EmbeddedStore) -> EmbeddedStore:
    stage = staged(store)
    materialise(stage.engine, record_graphs(stage))
    return stage


# -- b. everything -------------------------------------------------------------------


def curve(folder: Path, systems: int, rounds: int, upto: int) -> None:
    """Time full validations in memory over sizes."""
    sizes = {size for size in (MIDDLE, HALF) if size < systems} | {systems}
    if upto:
        sizes.add(round(upto * HUGE / 9_000_000))
    for size in sorted(sizes):
        with loaded(folder, size) as graph:
            checker, store = graph.writer.derivation.checker, graph.writer.store
            copying, stage = timed(lambda: staged(store))  # noqa: B023
        inferring, _ = timed(lambda: materialise(stage.engine, record_graphs(stage)))  # noqa: B023
        times = [_validating(checker, stage) for _ in range(rounds if size <= systems else 1)]
        flattening, checking, results = min(times, key=lambda one: one[0] + one[1])
        say(
            f"b. full validation, {_size(stage)}",
            f"{flattening + checking:.1f} s = flat copy {flattening:.1f} s + checks "
            f"{checking:.1f} s, {results:,} findings (best of {len(times)}); before that, "
            f"copy into memory {copying:.1f} s, inferring {inferring:.1f} s",
        )


def _validating(checker: Checker, stage: EmbeddedStore) -> tuple[float, float, int]:
    flattening, data = timed(lambda: flat(stage))
    closed = is_closed(stage)
    checking, report = timed(lambda: checker.check(data, is_closed=closed))
    return flattening, checking, len(report.results)


# -- d. queries ----------------------------------------------------------------------


def for_all(graph: AimsGraph) -> None:
    """Time every query over all focus nodes, in memory, one at a time."""
    stage = _inferred(graph.writer.store)
    data, closed = flat(stage), is_closed(stage)
    dataset = Dataset(data.engine)
    found = [
        (timed(lambda: sum(1 for _ in dataset.query(check.for_all(is_closed=closed))))[0], check)  # noqa: B023
        for check in graph.writer.derivation.checker.compiled.checks
    ]
    _slowest("every query over all focus nodes", found, SLOW_FOR_ALL)


def for_one(graph: AimsGraph) -> None:
    """Time the checks of each component of each shape for one focus node, on disk."""
    dataset = Dataset(graph.writer.store.engine)
    known: dict[object, list[Term]] = {}
    found = []
    for unit in graph.writer.derivation.checker.plan.units:
        key = unit.targets
        if key is None or key not in known:
            known[key] = _some_nodes(dataset, unit)
        for node in known[key]:
            dataset.some_of(unit, [node])
        spent = [timed(lambda: dataset.some_of(unit, [node]))[0] for node in known[key]]  # noqa: B023
        found.append((max(spent, default=0.0), unit))
    _slowest("checks of one focus node, the slowest of three", found, SLOW_FOR_ONE)


def _some_nodes(dataset: Dataset, unit: Unit) -> list[Term]:
    text = f"SELECT ?this {{ {unit.checks[0].focus_pattern} }} LIMIT 300"
    rows = [row["this"] for row in dataset.query(text)]
    spread = rows[:: max(1, len(rows) // 3)]
    return [node for node in spread if not isinstance(node, ox.BlankNode)][:3]


def _slowest(name: str, found: Iterable[tuple[float, Check | Unit]], limit: float) -> None:
    ordered = sorted(found, key=lambda one: one[0], reverse=True)
    middle = statistics.median(seconds for seconds, _ in ordered)
    slow = [one for one in ordered if one[0] > limit]
    say(
        f"d. {name}",
        f"{len(ordered)} take {sum(seconds for seconds, _ in ordered):.2f} s, median "
        f"{middle * 1000:.2f} ms, {len(slow)} over {limit:g} s",
    )
    for seconds, one in ordered[: max(SHOWN, len(slow))]:
        part = f"{one.shape.rpartition('#')[2]} {one.component.rpartition('#')[2]}"
        say(f"   {'over' if seconds > limit else ''}", f"{seconds * 1000:8.1f} ms {part}")


if __name__ == "__main__":
    main()
