"""Whether shapes are well-formed: each that is not is named, with its file and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import rdflib
from rdflib import RDFS, SH, URIRef
from rdflib.term import Node

from aimsgraph.conformity.affected import triggers_of
from aimsgraph.conformity.check import MARK, Check
from aimsgraph.conformity.compile import compile_shapes
from aimsgraph.conformity.constraints import prefixes_of
from aimsgraph.conformity.patterns import read_query
from aimsgraph.conformity.rules import SEVERITIES, RuleSet
from aimsgraph.conformity.shapes import Shape
from aimsgraph.errors import QueryError, SourceError, SourcesError
from aimsgraph.namespaces import SHAPES_GRAPH
from aimsgraph.rdf.parsing import read_quads
from aimsgraph.rdf.terms import iri, to_rdflib_graph
from aimsgraph.rdf.tokens import syntax_sentence, tokens

_SHORT: Final = {
    SH.name: "sh:name",
    SH.message: "sh:message",
    SH.severity: "sh:severity",
    RDFS.isDefinedBy: "rdfs:isDefinedBy",
}
"""What every rule says, and how it is written."""

_WORDS: Final = frozenset(str(word).removeprefix(str(SH)) for word in dir(SH)) | {
    "and", "class", "in", "not", "or",
}  # fmt: skip
"""SHACL's words; the five are no names in Python, so rdflib does not list them."""


def require_wellformed(rules: RuleSet, paths: Iterable[Path]) -> None:
    """See that the shapes in some files are rules that can be checked.

    Args:
        rules: all rules, those of the files among them.
        paths: the files to look at.

    Raises:
        SourcesError: one or more shapes are malformed; each is named.
    """
    found = list(_problems(rules, list(paths)))
    if found:
        raise SourcesError(found)


def _problems(rules: RuleSet, paths: list[Path]) -> Iterator[SourceError]:
    own = {path: to_rdflib_graph(read_quads(path, iri(SHAPES_GRAPH))) for path in paths}
    home = {subject: path for path, graph in own.items() for subject in graph.subjects()}
    for name, rule in rules.rules.items():
        if (path := home.get(URIRef(name))) is not None:
            lacks = _missing(rules.shapes, URIRef(name), rule.severity, is_aimed=bool(rule.targets))
            yield from (SourceError(path, f"the rule {name} {reason}") for reason in lacks)
    unreadable: set[str] = set()
    for path, graph in own.items():
        yield from _misspelt(path, graph)
        for shape, error in _unreadable(path, rules.shapes, graph):
            unreadable.add(shape)
            yield error
    yield from _uncompiled(rules, home, unreadable)


def _uncompiled(
    rules: RuleSet, home: dict[Node, Path], unreadable: set[str]
) -> Iterator[SourceError]:
    """Yield what keeps shapes from being compiled, and their findings from being kept."""
    compiled = compile_shapes(rules.shapes)
    for name, reason in compiled.malformed.items():
        if name not in unreadable and (path := _home(rules.shapes, home, name)) is not None:
            yield SourceError(path, f"the rule {name}: {reason}")
    for check in compiled.checks:
        if (
            check.shape not in unreadable
            and (path := _home(rules.shapes, home, check.shape)) is not None
        ):
            yield from _unusable(rules, path, check)


def _misspelt(path: Path, graph: rdflib.Graph) -> Iterator[SourceError]:
    """Yield the words that look like SHACL's and are none."""
    for word in sorted({str(p) for p in graph.predicates() if str(p).startswith(str(SH))}):
        name = word.removeprefix(str(SH))
        if name not in _WORDS:
            near = get_close_matches(name, _WORDS, n=1)
            told = f"; did you mean sh:{near[0]}?" if near else ""
            yield SourceError(path, f"sh:{name} is no term of SHACL{told}")


def _unreadable(
    path: Path, shapes: rdflib.Graph, own: rdflib.Graph
) -> Iterator[tuple[str, SourceError]]:
    """Yield the queries that are not valid SPARQL."""
    for shape, constraint in own.subject_objects(SH.sparql):
        declared = prefixes_of(shapes, constraint)
        prefixes = " ".join(f"PREFIX {name}: <{space}>" for name, space in sorted(declared.items()))
        for select in own.objects(constraint, SH.select):
            text = f"{prefixes} {select}".replace("$PATH", "<urn:path>")
            try:
                ox.Store().query(text)
            except SyntaxError as error:
                told = syntax_sentence(list(tokens(text)), str(error.msg), text)
                yield Shape(shapes, shape).name, SourceError(path, f"the rule {shape}: {told}")


def _home(shapes: rdflib.Graph, home: dict[Node, Path], name: str) -> Path | None:
    """Return the file of a shape; one without a name is looked for under its parents."""
    if not name.startswith("_:"):
        return home.get(URIRef(name))
    for node in shapes.subjects(None, None):
        if Shape(shapes, node).name == name:
            above = shapes.transitive_subjects(SH.property, node)
            return next((home[one] for one in above if one in home), None)
    return None


def _missing(shapes: rdflib.Graph, shape: Node, severity: str, *, is_aimed: bool) -> Iterator[str]:
    for wanted in _SHORT:
        if (shape, wanted, None) not in shapes:
            yield f"has no {_SHORT[wanted]}; add one"
    if severity not in SEVERITIES:
        yield f"has the unknown severity {severity}; take one of {', '.join(SEVERITIES)}"
    if not is_aimed:
        yield "has no target; add sh:targetClass"


def _unusable(rules: RuleSet, path: Path, check: Check) -> Iterator[SourceError]:
    """Yield what keeps the query of a shape from being asked, and its findings from being kept."""
    if check.shape.startswith("_:"):
        yield SourceError(
            path, f"a shape with the message {check.message!r} has no name; give it an IRI"
        )
    elif check.shape not in rules.rules:
        yield SourceError(
            path,
            f"the shape {check.shape} is no rule; say that it is an aims:ConformityRule, or an "
            "aims:IntegrityRule if it is to refuse changes",
        )
    try:
        list(triggers_of(read_query(check.text.replace(MARK, ""))))
    except QueryError as error:
        yield SourceError(path, f"the rule {check.shape}: {error}")
