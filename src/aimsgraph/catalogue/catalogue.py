"""All named questions, by name; the shipped ones and a workspace's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from aimsgraph.catalogue.published import declarations
from aimsgraph.catalogue.question import Question
from aimsgraph.errors import SourceError, UnknownQueryError
from aimsgraph.namespaces import AIMS, BASE, DCTERMS, PREFIXES, QUERIES_GRAPH
from aimsgraph.rdf.terms import value_of


class Catalogue:
    """Questions by name; names are unique over all themes."""

    def __init__(self, questions: Iterable[Question]) -> None:
        self._questions: dict[str, Question] = {}
        for question in questions:
            other = self._questions.setdefault(question.name, question)
            if other is not question:
                raise SourceError(question.path, f"the name is taken by {other.path}; rename one")
        for question in self:
            if question.population and question.population not in self._questions:
                raise SourceError(
                    question.path, f"the population {question.population!r} is no question"
                )

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Catalogue:
        """Read questions from their files.

        Raises:
            SourceError: a file is malformed, or two have one name.
        """
        return cls(Question.read(path) for path in paths)

    @classmethod
    def of_quads(cls, quads: Iterable[ox.Quad]) -> Catalogue:
        """Return the questions that lie in the queries graph of a store."""
        about: dict[str, dict[str, str]] = {}
        for quad in quads:
            said = about.setdefault(value_of(quad.subject), {})
            said[quad.predicate.value] = value_of(quad.object)
        return cls(
            Question.parse(
                Path(one[f"{AIMS}theme"], f"{one[f'{DCTERMS}identifier']}.rq"),
                one[f"{AIMS}queryText"],
            )
            for one in about.values()
            if f"{AIMS}queryText" in one
        )

    def quads(self) -> Iterator[ox.Quad]:
        """Yield what is said of all questions, with the prefixes of the house, as data."""
        graph = ox.NamedNode(QUERIES_GRAPH)
        for said in declarations(graph, BASE, PREFIXES):
            yield ox.Quad(said.subject, said.predicate, said.object, graph)
        for question in self:
            yield from question.quads()

    def __getitem__(self, name: str) -> Question:
        """Return a question by name.

        Raises:
            UnknownQueryError: there is none of that name.
        """
        try:
            return self._questions[name]
        except KeyError:
            raise UnknownQueryError(name, self._questions) from None

    def __iter__(self) -> Iterator[Question]:
        """Yield the questions by theme and name."""
        yield from sorted(self._questions.values(), key=lambda one: (one.theme, one.name))

    def __len__(self) -> int:
        """Return the number of questions."""
        return len(self._questions)

    @property
    def themes(self) -> list[str]:
        """Return the themes, sorted."""
        return sorted({question.theme for question in self})

    def where(self, theme: str | None = None, clause: str | None = None) -> list[Question]:
        """Return the questions of a theme, or that serve a requirement, or both."""
        return [
            question
            for question in self
            if (theme is None or question.theme == theme)
            and (clause is None or clause in question.requirements)
        ]
