"""A named question: a SPARQL file with a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from aimsgraph.catalogue.parameters import TERM_FOR_TYPE, Parameter, bind
from aimsgraph.catalogue.published import executable, with_hints
from aimsgraph.errors import ParameterError, SourceError
from aimsgraph.namespaces import AIMS, BASE, DCTERMS, QUERIES_GRAPH, QUERY, RDF, RDFS
from aimsgraph.rdf.header import read_header
from aimsgraph.rdf.tokens import guard

EXPECTS: Final = ("no-rows", "rows", "any")
"""What an answer means: rows are problems; a register that must not be empty; information."""

_KEYS: Final = {"summary", "question", "clauses", "expects", "population", "empty", "params"}
_REQUIRED: Final = ("summary", "question", "clauses", "expects", "empty")


@dataclass(frozen=True)
class Question:
    """One named question of the catalogue."""

    name: str
    theme: str
    path: Path
    text: str
    summary: str
    question: str
    clauses: tuple[str, ...]
    expects: str
    empty: str
    population: str | None = None
    parameters: tuple[Parameter, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Question:
        """Read a question from its file.

        Raises:
            SourceError: the header lacks something or has something unknown,
                or a parameter of the header and the text don't agree.
        """
        return cls.parse(path, path.read_text("utf-8"))

    @classmethod
    def parse(cls, path: Path, text: str) -> Question:
        """Return the question in a text; theme and name are those of `path`.

        Raises:
            SourceError: as `read`.
        """
        header = read_header(path, text)
        _check_header(path, header)
        question = cls(
            name=path.stem,
            theme=path.parent.name,
            path=path,
            text=text,
            summary=str(header["summary"]),
            question=str(header["question"]),
            clauses=tuple(str(clause) for clause in header["clauses"]),
            expects=header["expects"],
            empty=str(header["empty"]),
            population=header.get("population"),
            parameters=tuple(_parameters(path, header.get("params") or {})),
        )
        _check_variables(question)
        return question

    @property
    def iri(self) -> str:
        """Return the question's IRI."""
        return QUERY + self.name

    @property
    def requirements(self) -> tuple[str, ...]:
        """Return the IRIs of the requirements the question serves."""
        return tuple(requirement_iri(clause) for clause in self.clauses)

    def parameter(self, name: str) -> Parameter:
        """Return a parameter by its name, its variable's name, or that with `?`.

        Raises:
            ParameterError: the question has no such parameter.
        """
        for parameter in self.parameters:
            if name.lstrip("?") in {parameter.name, parameter.variable}:
                return parameter
        known = ", ".join(parameter.name for parameter in self.parameters) or "none"
        raise ParameterError(
            f"the question {self.name!r} has no parameter {name!r}; it has: {known}"
        )

    def values(self, given: Mapping[str, str], today: date) -> dict[str, str]:
        """Return the value of every parameter by name, defaults filled in.

        Raises:
            ParameterError: one is unknown, or missing without a default.
        """
        named = {self.parameter(name).name: str(text) for name, text in given.items() if text != ""}
        for parameter in self.parameters:
            if parameter.name in named:
                continue
            default = parameter.default_on(today)
            if default is not None:
                named[parameter.name] = default
            elif not parameter.is_optional:
                raise ParameterError(
                    f"the question {self.name!r} needs the parameter {parameter.name!r} "
                    f"({parameter.label}): {TERM_FOR_TYPE[parameter.type][1]}"
                )
        return named

    def bound(self, values: Mapping[str, str]) -> str:
        """Return the query with the values in it, without the header.

        Raises:
            ParameterError: a value is not of its parameter's type.
        """
        parameters = [self.parameter(name) for name in values]
        terms = {p.variable: p.term(values[p.name]) for p in parameters}
        return bind(self._body, terms) + "\n"

    @property
    def _body(self) -> str:
        lines = self.text.splitlines()
        return "\n".join(line for line in lines if not line.startswith("#+")).strip("\n")

    @property
    def published(self) -> str:
        """Return the query for other editors: without the header, its parameters as variables."""
        return with_hints(self._body + "\n", self.parameters)

    def as_json(self) -> dict[str, object]:
        """Return what the catalogue says of the question, as JSON takes it."""
        return {
            "name": self.name,
            "theme": self.theme,
            "summary": self.summary,
            "question": self.question,
            "clauses": list(self.clauses),
            "expects": self.expects,
            "empty": self.empty,
            "parameters": [parameter.as_json() for parameter in self.parameters],
        }

    def quads(self) -> Iterator[ox.Quad]:
        """Yield what the catalogue says of the question, as data."""
        subject, graph = ox.NamedNode(self.iri), ox.NamedNode(QUERIES_GRAPH)
        texts = {
            f"{RDFS}label": ox.Literal(self.summary, language="en"),
            f"{DCTERMS}identifier": ox.Literal(self.name),
            f"{DCTERMS}description": ox.Literal(self.question, language="en"),
            f"{AIMS}theme": ox.Literal(self.theme),
            f"{AIMS}queryText": ox.Literal(self.text),
        }
        yield ox.Quad(subject, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{AIMS}Question"), graph)
        for predicate, value in texts.items():
            yield ox.Quad(subject, ox.NamedNode(predicate), value, graph)
        for requirement in self.requirements:
            answers = ox.NamedNode(f"{AIMS}answers")
            yield ox.Quad(subject, answers, ox.NamedNode(requirement), graph)
        for said in executable(subject, self.question, self.published, guard(self.text)):
            yield ox.Quad(said.subject, said.predicate, said.object, graph)


def requirement_iri(text: str) -> str:
    """Return the IRI of a requirement: `6.1.4` is of ISO 42001, `eu-ai-act/Art.9` says its own."""
    if text.startswith("https://"):
        return text
    return f"{BASE}/{text}" if "/" in text else f"{BASE}/iso42001/{text}"


def _check_header(path: Path, header: Mapping[str, Any]) -> None:
    unknown = sorted(set(header) - _KEYS)
    if unknown:
        known = ", ".join(sorted(_KEYS))
        raise SourceError(path, f"the header has the unknown key {unknown[0]!r}; known: {known}")
    for key in _REQUIRED:
        if not header.get(key):
            raise SourceError(path, f"the header has no {key!r}; add a line '#+ {key}: ...'")
    if header["expects"] not in EXPECTS:
        raise SourceError(
            path, f"'expects' is {header['expects']!r}; it can be {', '.join(EXPECTS)}"
        )
    if not isinstance(header["clauses"], list):
        raise SourceError(path, "'clauses' is not a list; write [6.1.4, A.5.2]")


def _parameters(path: Path, declared: Mapping[str, Any]) -> Iterator[Parameter]:
    for variable, about in declared.items():
        kind = variable.rsplit("_", 1)[-1]
        if not re.fullmatch(r"_\w+_\w+", variable) or kind not in TERM_FOR_TYPE:
            types = ", ".join(TERM_FOR_TYPE)
            raise SourceError(path, f"the parameter {variable!r} is not _name_type; types: {types}")
        if not isinstance(about, dict) or set(about) - {"label", "optional", "default"}:
            raise SourceError(path, f"the parameter {variable!r} takes label, optional and default")
        default = about.get("default")
        yield Parameter(
            variable=variable,
            label=str(about.get("label", variable)),
            is_optional=bool(about.get("optional", False)),
            default=None if default is None else str(default),
        )


def _check_variables(question: Question) -> None:
    used = {
        token.text[1:]
        for token in guard(question.text)
        if token.kind == "variable" and token.text[1:].startswith("_")
    }
    declared = {parameter.variable for parameter in question.parameters}
    for variable in sorted(used ^ declared):
        what = "used but not declared" if variable in used else "declared but not used"
        raise SourceError(question.path, f"the parameter {variable!r} is {what}")
