"""What a synthetic organisation needs to know of the frameworks: read, not written twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.generate.record import aims, requirement
from aimsgraph.namespaces import ONTOLOGY_GRAPH, RDF, RDFS
from aimsgraph.rdf.parsing import read_all
from aimsgraph.rdf.terms import value_of


@dataclass(frozen=True)
class Control:
    """A control of Annex A of ISO/IEC 42001."""

    identifier: str
    title: str

    @property
    def node(self) -> ox.NamedNode:
        """Return the control itself."""
        return requirement(self.identifier)


@dataclass(frozen=True)
class Frameworks:
    """The controls, and the duties of a deployer of high-risk AI systems."""

    controls: tuple[Control, ...]
    duties: tuple[ox.NamedNode, ...]

    @classmethod
    def read(cls, assets: Assets) -> Frameworks:
        """Read them from the ontology that was shipped."""
        store = ox.Store()
        files = [path for path in assets.ontology_files() if path.parent.name == "frameworks"]
        store.bulk_extend(read_all(files, ox.NamedNode(ONTOLOGY_GRAPH)))
        return cls(tuple(_controls(store)), tuple(_duties(store)))


def _controls(store: ox.Store) -> Iterator[Control]:
    family = requirement("A.").value
    for name in _having(store, f"{RDF}type", aims("ReferenceControl")):
        if name.startswith(family):
            label = ox.NamedNode(f"{RDFS}label")
            quad = next(iter(store.quads_for_pattern(ox.NamedNode(name), label, None, None)))
            yield Control(name.rsplit("/", 1)[-1], value_of(quad.object))


def _duties(store: ox.Store) -> Iterator[ox.NamedNode]:
    of_role = _having(store, aims("ofRole").value, aims("Deployer"))
    for_tier = set(_having(store, aims("forTier").value, aims("HighRiskTier")))
    for name in _having(store, f"{RDF}type", aims("Obligation")):
        if name in for_tier and name in of_role:
            yield ox.NamedNode(name)


def _having(store: ox.Store, predicate: str, value: ox.NamedNode) -> list[str]:
    found = store.quads_for_pattern(None, ox.NamedNode(predicate), value, None)
    return sorted(value_of(quad.subject) for quad in found)
