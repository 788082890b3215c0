"""From shapes to checks: every constraint that can be asked as a query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import rdflib
from rdflib import SH
from rdflib.term import Node

from aimsgraph.conformity.check import MARK, Check, single
from aimsgraph.conformity.constraints import compiled_select
from aimsgraph.conformity.core import CoreCompiler, body
from aimsgraph.conformity.shapes import Focus, Shape, focuses, message_of, shapes_with_targets
from aimsgraph.conformity.values import NotCompiledError
from aimsgraph.errors import RuleError

Requirements = dict[str, tuple[str, ...]]


@dataclass
class Compiled:
    """The checks of some shapes, and the shapes that only the reference does justice."""

    checks: list[Check] = field(default_factory=list)
    referred: dict[str, str] = field(default_factory=dict)
    """Why each of these is left to the reference, by its name."""
    malformed: dict[str, str] = field(default_factory=dict)
    """What is wrong with each of these, by its name."""


def compile_shapes(graph: rdflib.Graph, requirements: Requirements | None = None) -> Compiled:
    """Compile the shapes of a graph that have focus nodes."""
    compiler, found = CoreCompiler(), Compiled()
    for shape in _all_shapes(graph):
        try:
            at = focuses(shape)
            checks = list(_checks(compiler, shape, at, requirements or {}))
        except NotCompiledError as reason:
            found.referred[shape.name] = str(reason)
        except RuleError as error:
            found.malformed[shape.name] = str(error).removeprefix(f"{shape.name}: ")
        else:
            found.checks += checks
    return found


def _all_shapes(graph: rdflib.Graph) -> Iterator[Shape]:
    """Yield the active shapes with focus nodes, each once."""
    seen: set[Node] = set()
    waiting = shapes_with_targets(graph)[::-1]
    while waiting:
        shape = waiting.pop()
        if shape.node in seen or shape.is_deactivated:
            continue
        seen.add(shape.node)
        waiting += [shape.other(node) for node in reversed(shape.all(SH.property))]
        yield shape


def _checks(
    compiler: CoreCompiler, shape: Shape, at: frozenset[Focus], requirements: Requirements
) -> Iterator[Check]:
    own = requirements.get(shape.name, ())
    is_named = any(target.kind == "targetNode" for focus in at for target in focus.targets)
    if is_named and shape.path is not None and shape.path.may_be_empty():
        raise NotCompiledError("a path of no length from a node that may not be in the data")
    path = single(shape.path)
    for probe in compiler.probes(shape, "?this", "?value", MARK):
        yield Check(
            shape=shape.name,
            component=probe.component,
            severity=shape.severity,
            message=shape.message or _default(probe.component),
            focuses=at,
            text=f"SELECT DISTINCT ?this ?value ?path WHERE {{ {body(probe)} }}",
            path=path,
            is_value_this=shape.path is None and _has_value(probe.component),
            requirements=own,
        )
    for constraint in shape.all(SH.sparql):
        if any(str(one) == "true" for one in shape.graph.objects(constraint, SH.deactivated)):
            continue
        component = str(SH.SPARQLConstraintComponent)
        yield Check(
            shape=shape.name,
            component=component,
            severity=shape.severity,
            message=message_of(shape.graph, constraint) or shape.message or _default(component),
            focuses=at,
            text=compiled_select(shape, constraint),
            path=path,
            is_value_this=shape.path is None,
            requirements=own,
        )


def _has_value(component: str) -> bool:
    """Return whether a result of a node shape is about the focus node as its value."""
    return component not in {str(SH.ClosedConstraintComponent), str(SH.HasValueConstraintComponent)}


def _default(component: str) -> str:
    name = component.rpartition("#")[2].removesuffix("ConstraintComponent")
    return f"The constraint {name} is not met."
