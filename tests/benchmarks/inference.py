"""What inference costs: making it anew against owlrl, and maintaining it after small changes.

Usage: python tests/benchmarks/inference.py [--systems 8300] [--changes 50] [--no-owlrl]

owlrl and we infer the same from 94,000 statements, in the same run. Then one record
at a time is changed in stores on disk of 18,000, 94,000 and, with 8,300 AI systems,
1.83 million statements. In the smaller ones the outcome is compared with a rebuild.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.generate.plan import TODAY, Plan
from aimsgraph.generate.writing import write
from aimsgraph.inference.explain import explain
from aimsgraph.inference.index import RuleIndex
from aimsgraph.inference.maintain import maintain
from aimsgraph.inference.materialise import materialise
from aimsgraph.inference.reference import closure, restricted
from aimsgraph.inference.rules import read_rules
from aimsgraph.ledger.change import records_graph
from aimsgraph.namespaces import AIMS, INFERRED_GRAPH, ONTOLOGY_GRAPH, RDF

RECORDS = records_graph("main")
GRAPHS = (RECORDS, ONTOLOGY_GRAPH)
INFERRED = ox.NamedNode(INFERRED_GRAPH)
SMALL, MIDDLE = 85, 430
COMPARED = 100_000
"""Up to how many statements a store is compared with a rebuild."""

Triples = set[ox.Triple]
T = TypeVar("T")


def main() -> None:
    """Run both and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, default=8300)
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--no-owlrl", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aimsgraph-benchmark-") as name:
        folder = Path(name)
        if not asked.no_owlrl:
            _against_owlrl(folder)
        say(f"{'statements':>12} {'change':<14} {'median ms':>9} {'p95 ms':>8} {'in, out':>8}")
        for systems in sorted({SMALL, MIDDLE, asked.systems}):
            _maintaining(folder, systems, asked.changes)


def filled(folder: Path, systems: int, *, on_disk: bool) -> ox.Store:
    """Return a store with the ontology and a synthetic organisation."""
    path = folder / f"{systems}.nt"
    if not path.exists():
        write(Plan(systems, 0, 0.0, TODAY), path, lambda: None)
    store = ox.Store(folder / f"{systems}.store") if on_disk else ox.Store()
    ontology = ox.NamedNode(ONTOLOGY_GRAPH)
    for one in Assets.shipped().ontology_files():
        store.bulk_load(path=one, format=ox.RdfFormat.TURTLE, to_graph=ontology)
    store.bulk_load(path=path, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(RECORDS))
    return store


def _against_owlrl(folder: Path) -> None:
    store = filled(folder, MIDDLE, on_disk=False)
    records = list(_quads(store, RECORDS))
    ontology = list(_quads(store, ONTOLOGY_GRAPH))
    ours = statistics.median(_timed(lambda: materialise(store, [RECORDS]))[0] for _ in range(3))
    theirs, wanted = _timed(lambda: closure(records, ontology))
    found = restricted(records, _quads(store, INFERRED_GRAPH))
    verdict = "the same" if found == wanted else f"{len(found ^ wanted)} statements differ"
    say(
        f"{len(records):,} statements: owlrl {theirs:.1f} s, materialise {ours:.2f} s: "
        f"{theirs / ours:.0f} times faster, {verdict}"
    )


def _maintaining(folder: Path, systems: int, number: int) -> None:
    store = filled(folder, systems, on_disk=True)
    rules = RuleIndex.of(read_rules(store))
    spent, count = _timed(lambda: materialise(store, [RECORDS]))
    store.optimize()
    size = sum(1 for _ in _quads(store, RECORDS))
    say(f"{size:>12,} all anew on disk: {spent:.1f} s, {count:,} inferred")
    times: dict[str, list[float]] = {}
    moved: dict[str, list[int]] = {}
    for kind, came, went in islice(_changes(store), number):
        seconds, enters, leaves = change(store, rules, came, went)
        times.setdefault(kind, []).append(seconds)
        moved.setdefault(kind, []).append(len(enters) + len(leaves))
        times.setdefault("any", []).append(seconds)
        moved.setdefault("any", []).append(len(enters) + len(leaves))
    for kind, found in times.items():
        middle, high = statistics.median(found), statistics.quantiles(found, n=20)[18]
        say(
            f"{size:>12,} {kind:<14} {middle * 1000:>9.2f} {high * 1000:>8.2f} "
            f"{statistics.median(moved[kind]):>8.0f}"
        )
    _explaining(store, rules, size)
    if size < COMPARED:
        _compare(store)


def change(
    store: ox.Store, rules: RuleIndex, came: Triples, went: Triples
) -> tuple[float, Triples, Triples]:
    """Make a change, keep the inferred graph true, and return how long the latter took."""
    graph = ox.NamedNode(RECORDS)
    for one in went:
        store.remove(ox.Quad(one.subject, one.predicate, one.object, graph))
    store.extend(ox.Quad(one.subject, one.predicate, one.object, graph) for one in came)
    seconds, (enters, leaves) = _timed(lambda: maintain(store, rules, GRAPHS, came, went))
    for one in leaves:
        store.remove(ox.Quad(one.subject, one.predicate, one.object, INFERRED))
    store.extend(ox.Quad(one.subject, one.predicate, one.object, INFERRED) for one in enters)
    return seconds, enters, leaves


def _compare(store: ox.Store) -> None:
    copy = ox.Store()
    copy.bulk_extend(store)
    materialise(copy, [RECORDS])
    if set(_quads(copy, INFERRED_GRAPH)) != set(_quads(store, INFERRED_GRAPH)):
        raise SystemExit("what was maintained differs from a rebuild")


def _explaining(store: ox.Store, rules: RuleIndex, size: int) -> None:
    some = islice(_quads(store, INFERRED_GRAPH), 0, 20_000, 400)
    times = [_timed(lambda: explain(store, rules, GRAPHS, q.triple))[0] for q in some]  # noqa: B023
    say(f"{size:>12,} {'a proof':<14} {statistics.median(times) * 1000:>9.2f}")


def _changes(store: ox.Store) -> Iterator[tuple[str, Triples, Triples]]:
    """Yield changes of one record each, all over the organisation and of several kinds in turn."""
    records = {kind: sorted(_subjects(store, kind), key=str) for kind, _, _ in KINDS.values()}
    for number, name in enumerate(cycle(KINDS)):
        kind, link, value = KINDS[name]
        record = records[kind][number * 7919 % len(records[kind])]
        if link is None:
            yield name, _new_risk(store, record, number), set()
        else:
            went = {q.triple for q in _about(store, record, link)}
            came = {ox.Triple(record, _aims(link), _aims(value))} if value else set[ox.Triple]()
            yield name, came - went, went - came


KINDS: Final[dict[str, tuple[str, str | None, str | None]]] = {
    "add a risk": ("Risk", None, None),
    "change status": ("Risk", "hasStatus", "Closed"),
    "remove link": ("Risk", "riskOf", None),
    "change stage": ("AISystem", "hasStage", "Retirement"),
    "unlink control": ("ControlImplementation", "implementsControl", None),
}
"""Changes: of which sort of record, which property, and what it becomes."""


def _new_risk(store: ox.Store, other: ox.NamedNode, number: int) -> Triples:
    """Return a risk with its rating, of the AI system another risk is of."""
    risk = ox.NamedNode(f"https://example.org/benchmark/risk/{number}")
    rating = ox.NamedNode(f"https://example.org/benchmark/rating/{number}")
    copied = {
        ox.Triple(risk, q.predicate, q.object)
        for name in ("riskOf", "ownedBy", "hasStatus", "riskCategory", "identifiedOn")
        for q in _about(store, other, name)
    }
    return copied | {
        ox.Triple(risk, _TYPE, _aims("Risk")),
        ox.Triple(risk, _aims("inherentRating"), rating),
        ox.Triple(rating, _TYPE, _aims("RiskRating")),
        ox.Triple(rating, _aims("ratedOn"), ox.Literal("2026-11-16")),
    }


_TYPE = ox.NamedNode(f"{RDF}type")


def _aims(name: str) -> ox.NamedNode:
    return ox.NamedNode(AIMS + name)


def _subjects(store: ox.Store, kind: str) -> Iterator[ox.NamedNode]:
    for quad in store.quads_for_pattern(None, _TYPE, _aims(kind), ox.NamedNode(RECORDS)):
        if isinstance(quad.subject, ox.NamedNode):
            yield quad.subject


def _about(store: ox.Store, subject: ox.NamedNode, name: str) -> Iterator[ox.Quad]:
    return store.quads_for_pattern(subject, _aims(name), None, ox.NamedNode(RECORDS))


def _quads(store: ox.Store, graph: str) -> Iterator[ox.Quad]:
    return store.quads_for_pattern(None, None, None, ox.NamedNode(graph))


def _timed(what: Callable[[], T]) -> tuple[float, T]:
    started = perf_counter()
    found = what()
    return perf_counter() - started, found


def say(text: str) -> None:
    """Print a line."""
    print(text, flush=True)  # noqa: T201 - a script's own output


if __name__ == "__main__":
    main()
