"""Whatever is committed, what follows is what would follow anew, and the receipt says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pyoxigraph as ox
import pytest

from aimsgraph import Change, Terms
from aimsgraph.assets import Assets
from aimsgraph.conformity import reference
from aimsgraph.conformity.stored import read_results
from aimsgraph.derivation import Derivation, flat, is_closed, record_graphs, staged
from aimsgraph.generate.frameworks import Frameworks
from aimsgraph.generate.plan import Plan
from aimsgraph.generate.writing import statements
from aimsgraph.graph import AimsGraph
from aimsgraph.inference.materialise import materialise
from aimsgraph.ledger.prov import changeset_iri
from aimsgraph.namespaces import (
    CONFORMITY_GRAPH,
    INFERRED_GRAPH,
    RDF,
    RECORDS_GRAPHS,
    UNNAMED,
    is_records,
)
from aimsgraph.rdf.terms import graph_name, graph_node, to_rdflib_graph, typed
from aimsgraph.settings import Settings
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.terms import Receipt
from conformity_support import SINCE, chance, row

MAIN, OTHER = ox.NamedNode(f"{RECORDS_GRAPHS}main"), ox.NamedNode(f"{RECORDS_GRAPHS}other")
NAMELESS = graph_node(UNNAMED)
TYPE = ox.NamedNode(f"{RDF}type")
Difference = tuple[set[ox.Quad], set[ox.Quad]]


@dataclass
class Organisation:
    """A small organisation with defects, to which things happen by chance."""

    seed: int
    systems: int = 6
    graph: AimsGraph = field(init=False)

    def __post_init__(self) -> None:
        self.dice = chance(self.seed)
        plan = Plan(self.systems, seed=self.seed, defects=0.6)
        self.graph = AimsGraph.memory(today=plan.today, settings=Settings(default_graph="unnamed"))
        frameworks = Frameworks.read(Assets.shipped())
        made = statements(plan, frameworks, lambda _: None, lambda: None)
        quads = tuple(ox.Quad(q.subject, q.predicate, q.object, MAIN) for q in made)
        self.graph.commit(Change(quads), Terms(advisory=True))
        self.derivation = Derivation(self.graph.rules)

    @property
    def store(self) -> EmbeddedStore:
        """Return the present state."""
        return self.graph.view().store

    # -- what happens ------------------------------------------------------------

    def change(self) -> Receipt:
        """Commit some of what can happen, at once."""
        self.records = [q for q in self.store.quads() if _is_record(q)]
        added: set[ox.Quad] = set()
        removed: set[ox.Quad] = set()
        for happens in self.dice.choices(HAPPENINGS, k=self.dice.randint(1, 4)):
            came, went = happens(self)
            added |= came
            removed |= went
        change = Change(tuple(added), tuple(removed - added))
        return self.graph.commit(change, Terms(advisory=True))

    def any(self) -> ox.Quad:
        """Return a statement of the records."""
        return self.dice.choice(self.records)

    def about(self, subject: object) -> set[ox.Quad]:
        """Return the statements about a thing."""
        return {quad for quad in self.records if quad.subject == subject}

    def remove(self) -> Difference:
        """Let statements go."""
        return set(), {self.any() for _ in range(self.dice.randint(1, 5))}

    def add(self) -> Difference:
        """Say of things what is said of others."""
        found = set()
        for _ in range(self.dice.randint(1, 4)):
            one, other = self.any(), self.any()
            found.add(ox.Quad(other.subject, one.predicate, one.object, MAIN))
        return found, set()

    def alter(self) -> Difference:
        """Put the value of one thing in the place of another's."""
        one = self.any()
        alike = [quad.object for quad in self.records if quad.predicate == one.predicate]
        value = self.dice.choice(alike)
        return {ox.Quad(one.subject, one.predicate, value, one.graph_name)}, {one}

    def postpone(self) -> Difference:
        """Move dates to days around today."""
        dates = [q for q in self.records if str(q.object).endswith("#date>")]
        found = self.dice.sample(dates, min(len(dates), 4))
        moved = set()
        for quad in found:
            day = self.graph.today + timedelta(days=self.dice.randint(-3, 3))
            value = typed(day.isoformat(), "date")
            moved.add(ox.Quad(quad.subject, quad.predicate, value, quad.graph_name))
        return moved, set(found)

    def copy(self) -> Difference:
        """Record another thing like one that is recorded."""
        one = self.any().subject
        name = ox.NamedNode(f"https://example.org/copy/{self.dice.getrandbits(32)}")
        said = self.about(one)
        return {ox.Quad(name, q.predicate, q.object, MAIN) for q in said}, set()

    def erase(self) -> Difference:
        """Remove all statements about a thing."""
        return set(), self.about(self.any().subject)

    def repeat(self) -> Difference:
        """Say the same in another graph, or in the one without a name; at times only there."""
        found = {self.any() for _ in range(3)}
        graph = self.dice.choice((OTHER, NAMELESS))
        again = {ox.Quad(q.subject, q.predicate, q.object, graph) for q in found}
        return again, found if self.dice.random() < 0.4 else set()

    def tell_once(self) -> Difference:
        """Let go of what is said in other graphs than the main one."""
        return set(), {quad for quad in self.records if quad.graph_name != MAIN}

    def unname(self) -> Difference:
        """Put a thing without a name in the place of one that has one."""
        one, like = self.any(), self.any()
        node = ox.BlankNode()
        said = {ox.Quad(node, q.predicate, q.object, MAIN) for q in self.about(like.subject)}
        link = ox.Quad(one.subject, one.predicate, node, MAIN)
        return {*said, link}, {one}

    def reclassify(self) -> Difference:
        """Say of a thing that it is of another kind too."""
        kinds = [quad.object for quad in self.records if quad.predicate == TYPE]
        return {ox.Quad(self.any().subject, TYPE, self.dice.choice(kinds), MAIN)}, set()

    # -- what is to follow -------------------------------------------------------

    def anew(self) -> tuple[set[ox.Quad], set[ox.Quad]]:
        """Return both derived graphs as they would be made from nothing."""
        stage = staged(self.store)
        materialise(stage.engine, record_graphs(stage))
        inferred = set(stage.quads(INFERRED_GRAPH))
        report = self.derivation.checker.check(flat(stage), is_closed=is_closed(stage))
        return inferred, set(report.quads())

    @property
    def held(self) -> set[ox.Quad]:
        """Return the conformity graph."""
        return set(self.store.quads(CONFORMITY_GRAPH))


def _is_record(quad: ox.Quad) -> bool:
    name = graph_name(quad.graph_name)
    return name == UNNAMED or is_records(name)


HAPPENINGS: tuple[Callable[[Organisation], Difference], ...] = (
    Organisation.remove,
    Organisation.add,
    Organisation.alter,
    Organisation.postpone,
    Organisation.copy,
    Organisation.erase,
    Organisation.repeat,
    Organisation.tell_once,
    Organisation.unname,
    Organisation.reclassify,
)


def keeps_step(one: Organisation, make: Callable[[], Receipt | None]) -> int:
    """See that a commit leaves both derived graphs true; return how many findings it moved."""
    before = read_results(one.held)
    receipt = make()
    if receipt is None or receipt.header is None:
        return 0
    inferred, conformity = one.anew()
    after = read_results(one.held)

    assert set(one.store.quads(INFERRED_GRAPH)) == inferred
    assert {quad for quad in one.held if quad.predicate != SINCE} == conformity
    assert {result.iri for result in receipt.appeared} == after.keys() - before.keys()
    assert {result.iri for result in receipt.resolved} == before.keys() - after.keys()
    new = changeset_iri(receipt.generation)
    assert {name: result.since for name, result in after.items()} == {
        name: before[name].since if name in before else new for name in after
    }
    return len(receipt.appeared) + len(receipt.resolved)


def agrees_with_pyshacl(one: Organisation) -> None:
    """See that the findings are those of pySHACL; integrity rules look at too much for it."""
    stage = staged(one.store)
    stage.engine.bulk_extend(one.store.quads(INFERRED_GRAPH))
    data = to_rdflib_graph(stage.engine, reference.PreparedGraph())
    rules = one.graph.rules.conformity()

    wanted = reference.check(data, rules)

    found = (result for result in one.graph.report().results if result.rule in rules.rules)
    assert {row(result) for result in found} == {row(result) for result in wanted.results}


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_commits_leaves_what_follows_anew(seed: int) -> None:
    one = Organisation(seed)

    moved = sum(keeps_step(one, one.change) for _ in range(6))
    moved += keeps_step(one, lambda: one.graph.tick(one.graph.today + timedelta(days=9)))

    assert moved > 10
    if seed == 0:
        agrees_with_pyshacl(one)
