"""How long every named question takes in an organisation of 1.85 million statements.

Usage: PYTHONPATH=tests python -m benchmarks.questions [--store DIR | --systems 8400]
           [--over 5] [--median 1] [--limit 120] [--rounds 3] [--listed] [--only NAME]...

Each question is asked as a service asks it: its population is counted, then it is asked
of the union of all graphs and written as JSON. With --listed the engine is given the
graphs of the union by name, as for a caller who may not read all: it then looks
everything up in each of them. The engine cannot be stopped, so another process asks,
and is ended after --limit seconds. The time is the middle one of the rounds; a question
that takes longer than --over is asked once. Ends with 1 where --over or --median is passed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from typing import Final

import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.parameters import Parameter
from aimsgraph.catalogue.question import Question
from aimsgraph.namespaces import AIMS
from aimsgraph.rdf.terms import value_of
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.state import State
from aimsgraph.workspace import Workspace
from benchmarks.conformity import opened
from benchmarks.following import say, timed

CHOICES: Final = {"requirement": f"{AIMS}AssessableRequirement"}
"""What a parameter that must be given is chosen from: the instances of a class."""

SHOWN: Final = 5


@dataclass(frozen=True)
class Measured:
    """What asking a question cost; nothing is known of one that did not end."""

    name: str
    seconds: float = float("inf")
    processor: float = float("inf")
    rows: int = 0
    size: int = 0


def main() -> None:
    """Ask every question and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--store", type=Path, help="an Oxigraph store on disk, only read")
    source.add_argument("--systems", type=int, default=8400)
    parser.add_argument("--over", type=float, default=5.0, help="what no question may take")
    parser.add_argument("--median", type=float, default=1.0, help="what the median may be")
    parser.add_argument("--limit", type=float, default=120.0, help="when a question is given up")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--listed", action="store_true", help="name the graphs of the union")
    parser.add_argument("--only", action="append", help="a question by name")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aimsgraph-benchmark-") as name:
        store = asked.store or made(Path(name), asked.systems)
        names = [q.name for q in shipped() if not asked.only or q.name in asked.only]
        found = []
        for one in asking(store, names, asked):
            say(
                f"{one.seconds:8.3f} s",
                f"{one.processor:8.3f} s of a core {one.rows:>9,} rows {one.size:>12,} bytes "
                f"{one.name}",
            )
            found.append(one)
    sys.exit(summed_up(found, asked.median, asked.over))


def summed_up(found: list[Measured], median: float, over: float) -> bool:
    """Print the median and what is slow; return whether a limit was passed."""
    ordered = sorted(found, key=lambda one: one.seconds, reverse=True)
    middle = statistics.median(one.seconds for one in ordered)
    slow = [one for one in ordered if one.seconds > over]
    say(
        f"{len(ordered)} questions",
        f"median {middle:.3f} s (limit {median:g} s), {len(slow)} over {over:g} s",
    )
    for one in ordered[: max(SHOWN, len(slow))]:
        say(f"   {'over ' if one in slow else ''}{one.name}", f"{one.seconds:.2f} s")
    return bool(slow) or middle > median


# -- the graph -----------------------------------------------------------------------


def made(folder: Path, systems: int) -> Path:
    """Return the store of a synthetic organisation, inferred and checked, on disk."""
    with opened(folder, systems) as graph:
        say(
            "graph",
            f"{len(graph.writer.store):,} statements in {len(graph.writer.store.graphs())} graphs",
        )
    return Workspace.read(folder / f"workspace-{systems}").store_path


def shipped() -> Catalogue:
    """Return the questions of this release; those in the store may be older."""
    return Catalogue.read(Assets.shipped().question_files())


# -- asking --------------------------------------------------------------------------


def asking(store: Path, names: list[str], asked: argparse.Namespace) -> Iterator[Measured]:
    """Yield what each question takes, asked in a process that can be ended."""
    context = multiprocessing.get_context("spawn")
    while names:
        ours, theirs = context.Pipe()
        process = context.Process(target=_ask_all, args=(theirs, store, names, asked))
        process.start()
        theirs.close()
        for one in _until_stuck(ours, names, asked.limit):
            yield one
            names = names[1:]
        process.kill()
        process.join()


def _until_stuck(answers: Connection, names: list[str], limit: float) -> Iterator[Measured]:
    for name in names:
        if not answers.poll(limit):
            yield Measured(name)
            return
        yield answers.recv()


def _ask_all(
    answers: Connection, folder: Path, names: list[str], asked: argparse.Namespace
) -> None:
    """Ask questions one after another, and tell what each took."""
    asker = Asker(folder, is_listed=asked.listed)
    for name in names:
        found = [asker.ask(name)]
        while len(found) < asked.rounds and found[0].seconds <= asked.over:
            found.append(asker.ask(name))
        answers.send(sorted(found, key=lambda one: one.seconds)[len(found) // 2])


class Asker:
    """Asks questions of a store on disk, of the union of its graphs."""

    def __init__(self, folder: Path, *, is_listed: bool) -> None:
        self.is_listed = is_listed
        self.engine = ox.Store.read_only(str(folder))
        self.catalogue = shipped()
        self.today = State(EmbeddedStore(self.engine)).today
        self.graphs = [
            name for name in self.engine.named_graphs() if isinstance(name, ox.NamedNode)
        ]

    def ask(self, name: str) -> Measured:
        """Ask a question and count the rows of its population, as a view does."""
        question = self.catalogue[name]
        given = self.given(question)
        before = process_time()
        seconds, text = timed(lambda: self._asked(question, given))
        return Measured(name, seconds, process_time() - before, _count(text), len(text))

    def given(self, question: Question) -> dict[str, str]:
        """Return a value for each parameter that must be given: the first that gives rows."""
        needed = [p for p in question.parameters if not (p.is_optional or p.default is not None)]
        return {one.name: self._chosen(question, one) for one in needed}

    def _chosen(self, question: Question, parameter: Parameter) -> str:
        kind = CHOICES[parameter.name]
        for row in self._solutions(f"SELECT ?one {{ ?one a <{kind}> }} ORDER BY ?one"):
            value = value_of(row["one"])
            bound = question.bound(question.values({parameter.name: value}, self.today))
            if next(self._solutions(bound), None) is not None:
                return value
        raise SystemExit(f"{question.name}: no {kind} gives a row")

    def _asked(self, question: Question, given: Mapping[str, str]) -> bytes:
        if question.population is not None:
            checked = self.catalogue[question.population]
            known = {p.name for p in checked.parameters} & set(given)
            values = checked.values({key: given[key] for key in known}, self.today)
            sum(1 for _ in self._solutions(checked.bound(values)))
        answer = self._solutions(question.bound(question.values(given, self.today)))
        found = answer.serialize(format=ox.QueryResultsFormat.JSON)
        if found is None:
            raise TypeError("without a file the answer comes back")
        return found

    def _solutions(self, text: str) -> ox.QuerySolutions:
        if self.is_listed:
            graphs = self.graphs
            found = self.engine.query(text, default_graph=[*graphs], named_graphs=[*graphs])
        else:
            found = self.engine.query(text, use_default_graph_as_union=True)
        if not isinstance(found, ox.QuerySolutions):
            raise TypeError("a question gives a table")
        return found


def _count(text: bytes) -> int:
    found = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
    return sum(1 for _ in found) if isinstance(found, ox.QuerySolutions) else 0


if __name__ == "__main__":
    main()
