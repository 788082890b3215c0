"""The release: what this installation and a workspace's own folders bring to the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from aimsgraph.assets import Assets
from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.partitions import partitions
from aimsgraph.conformity.rules import RuleSet
from aimsgraph.conformity.wellformed import require_wellformed
from aimsgraph.errors import WorkspaceError
from aimsgraph.ledger.delta import Delta, normal
from aimsgraph.namespaces import ONTOLOGY_GRAPH, QUERIES_GRAPH, SHAPES_GRAPH
from aimsgraph.rdf.parsing import read_all
from aimsgraph.store.embedded import EmbeddedStore
from aimsgraph.store.state import State
from aimsgraph.version import __version__
from aimsgraph.workspace import Workspace

COMPOSED: Final = "2"
"""How the graphs are made of the files; another number where that changes."""


@dataclass(frozen=True)
class Release:
    """Ontology, rules and questions of this installation, and those of a workspace."""

    ontology_files: tuple[Path, ...]
    shape_files: tuple[Path, ...]
    question_files: tuple[Path, ...]
    own_shapes: tuple[Path, ...] = ()
    """Those of the shapes files that are the workspace's own."""

    @classmethod
    def of(cls, assets: Assets, workspace: Workspace | None = None) -> Release:
        """Return the release that some assets make, with a workspace's own rules and questions."""
        own_shapes = workspace.shape_files() if workspace else []
        own_questions = workspace.question_files() if workspace else []
        return cls(
            tuple(assets.ontology_files()),
            (*assets.shape_files(), *own_shapes),
            (*assets.question_files(), *own_questions),
            tuple(own_shapes),
        )

    @cached_property
    def digest(self) -> str:
        """Return a digest of the files' names and contents, and of how graphs are made of them."""
        return digest([*self.ontology_files, *self.shape_files, *self.question_files], COMPOSED)

    @cached_property
    def rules(self) -> RuleSet:
        """Return the rules.

        Raises:
            SourceError: a file of shapes is not RDF.
            SourcesError: shapes of the workspace's own are malformed; each is named.
        """
        rules = RuleSet.read(self.shape_files)
        if self.own_shapes:
            require_wellformed(rules, self.own_shapes)
        return rules

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the questions.

        Raises:
            SourceError: a question is malformed, or its name is taken.
        """
        return Catalogue.read(self.question_files)

    @property
    def message(self) -> str:
        """Return what a changeset says that brings this release."""
        rules, questions = len(self.rules.rules), len(self.catalogue)
        return f"aimsgraph {__version__}: {rules} rules, {questions} questions"

    def delta(self, store: EmbeddedStore) -> Delta:
        """Return what changes in a store that another release has built; nothing where none has.

        Raises:
            WorkspaceError: a newer aimsgraph has built it.
            SourceError: a file is malformed.
        """
        state = State(store)
        if state.release == self.digest:
            return Delta()
        if state.software is not None and _version(state.software) > _version(__version__):
            raise WorkspaceError(
                f"the workspace was brought to aimsgraph {state.software}, and this is "
                f"{__version__}; use that version, or a newer one"
            )
        ontology = list(self._ontology())
        catalogue = [*self.catalogue.quads(), *partitions(ontology)]
        wanted = normal([*ontology, *self._shapes(), *catalogue])
        present = {q for g in (ONTOLOGY_GRAPH, SHAPES_GRAPH, QUERIES_GRAPH) for q in store.quads(g)}
        added, removed = state.built_with(self.digest, __version__)
        return Delta(
            dict.fromkeys([*(quad for quad in wanted if quad not in present), *added]),
            dict.fromkeys([*(quad for quad in present if quad not in wanted), *removed]),
        )

    def _ontology(self) -> Iterator[ox.Quad]:
        return read_all(self.ontology_files, ox.NamedNode(ONTOLOGY_GRAPH))

    def _shapes(self) -> Iterator[ox.Quad]:
        return read_all(self.shape_files, ox.NamedNode(SHAPES_GRAPH))


def digest(paths: Iterable[Path], made: str = "") -> str:
    """Return a digest of some files' names and contents, and of what is made of them."""
    total = sha256(made.encode())
    for path in sorted(paths, key=lambda one: (one.name, str(one))):
        total.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
