"""What the ledger costs, as ratios: loading, one small change, and looking back.

Usage: python tests/benchmarks/ledger.py [--systems 8300] [--rounds 3] [--with-derivation]

With 8,300 AI systems there are 1.83 million statements. Each figure is set
against a peer in the same run: the engine's own `bulk_load`, the same change
in a graph of 18,000 statements, the same question of the present.
Inference and checking are left out, and timed apart if asked for.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pyoxigraph as ox

from aimsgraph import AimsGraph, Terms, Update
from aimsgraph.derivation import Derivation, Derived, Progress
from aimsgraph.generate.plan import TODAY, Plan
from aimsgraph.generate.writing import write
from aimsgraph.ledger.change import records_graph
from aimsgraph.ledger.delta import Delta, Work
from aimsgraph.workspace import Workspace

AUTHOR = Terms(author="benchmark")
SMALL_SYSTEMS = 60
CHANGES = 1000
QUESTION = "risk-acceptances"


class Nothing(Derivation):
    """Stands in for inference and checking, of which nothing follows here."""

    def follow(self, work: Work, since: str, *, is_in_step: bool, progress: Progress) -> Derived:
        """Return nothing."""
        del work, since, is_in_step, progress
        return Derived(Delta())


def main() -> None:
    """Run all three and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, default=8300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--with-derivation", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aimsgraph-benchmark-") as name:
        folder = Path(name)
        big, small = made(folder, asked.systems), made(folder, SMALL_SYSTEMS)
        loading(folder, big, asked.rounds)
        with loaded(folder / "small", small) as one, loaded(folder / "big", big) as other:
            changing(one, other)
            looking_back(other)
            if asked.with_derivation:
                other.writer.derivation = Derivation(other.rules)
                seconds = timed(lambda: other.validate())
                say("inferring and checking everything", f"{seconds:.0f} s, apart from the above")


def made(folder: Path, systems: int) -> Path:
    """Return a synthetic organisation as N-Triples."""
    path = folder / f"{systems}.nt"
    found = write(Plan(systems, 0, 0.0, TODAY), path, lambda: None)
    say("organisation", f"{systems:,} AI systems, {found.statements:,} statements")
    return path


def loaded(folder: Path, path: Path) -> AimsGraph:
    """Return a workspace with a file in it."""
    graph = _fresh(folder)
    graph.load(path, terms=AUTHOR)
    return graph


def loading(folder: Path, path: Path, rounds: int) -> None:
    """Compare a load through the ledger with the engine's own, in pairs."""
    ratios, bare, ours = [], [], []
    for _ in range(rounds):
        bare.append(timed(lambda: _bulk_load(folder / "bare", path)))
        with _fresh(folder / "load") as graph:
            ours.append(timed(lambda: graph.load(path, terms=AUTHOR)))
        ratios.append(ours[-1] / bare[-1])
    say(
        "bulk load through the ledger",
        f"{statistics.median(ours):.1f} s, bulk_load alone {statistics.median(bare):.1f} s: "
        f"{statistics.median(ratios):.2f} times (median of {rounds} pairs)",
    )


def _bulk_load(folder: Path, path: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    graph = ox.NamedNode(records_graph("main"))
    ox.Store(folder).bulk_load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)


def _fresh(folder: Path) -> AimsGraph:
    shutil.rmtree(folder, ignore_errors=True)
    Workspace.create(folder)
    graph = AimsGraph.open(folder, today=TODAY)
    graph.writer.derivation = Nothing(graph.rules)
    return graph


def changing(small: AimsGraph, big: AimsGraph) -> None:
    """Compare a one-record change in a small graph with one in a big graph, turn by turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(CHANGES):
        for graph, found in zip((small, big), times, strict=True):
            found.append(timed(lambda: graph.commit(_change(number), AUTHOR)))  # noqa: B023
    middle = [statistics.median(found) for found in times]
    worst = [statistics.quantiles(found, n=100)[98] for found in times]
    for name, (one, other) in (("median", middle), ("99th percentile", worst)):
        say(
            f"one-record change, {name}",
            f"{other * 1000:.2f} ms in the big graph, {one * 1000:.2f} ms in the small one: "
            f"{other / one:.2f} times",
        )


def _change(number: int) -> Update:
    return Update(
        f"""
        PREFIX aims: <https://w3id.org/aimsgraph#>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        WITH <{records_graph("main")}>
        DELETE {{ ?record rdfs:label ?old }}
        INSERT {{ ?record a aims:Person ; rdfs:label "Person {number}" }}
        WHERE {{
          BIND(<https://example.org/person/{number % 50}> AS ?record)
          OPTIONAL {{ ?record rdfs:label ?old }}
        }}
        """
    )


def looking_back(graph: AimsGraph) -> None:
    """Time the first answer so many changesets back, the next ones, and the same at present."""
    generation = graph.view().generation - CHANGES
    first = timed(lambda: graph.as_of(generation).question(QUESTION).answer.rows)
    later = _median(lambda: graph.as_of(generation).question(QUESTION).answer.rows)
    now = _median(lambda: graph.view().question(QUESTION).answer.rows)
    say(f"first answer {CHANGES:,} changesets back", f"{first:.2f} s")
    say(
        "the next answers there",
        f"{later * 1000:.2f} ms, at present {now * 1000:.2f} ms: {later / now:.2f} times",
    )


def _median(what: Callable[[], object]) -> float:
    return statistics.median(timed(what) for _ in range(20))


def timed(what: Callable[[], object]) -> float:
    """Return how long something takes, in seconds."""
    started = perf_counter()
    what()
    return perf_counter() - started


def say(name: str, text: str) -> None:
    """Print a figure."""
    print(f"{name}: {text}", flush=True)  # noqa: T201 - a script's own output


if __name__ == "__main__":
    main()
