"""Imports point one way: a module imports only from below its own layer, or from within it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from cases_support import ROOT

SOURCE = ROOT / "src" / "aimsgraph"

LAYERS = (
    "errors files version",
    "namespaces",
    "assets settings moments",
    "rdf",
    "egress",
    "store",
    "access",
    "inference",
    "conformity",
    "ledger",
    "catalogue",
    "search",
    "workspace sample record_dates tables formats wording",
    "readers release derivation terms knowledge",
    "view writer evidence",
    "publication past opening",
    "exchange history verification redaction checking assembly",
    "explaining",
    "graph archive",
    "chronicle",
    "__init__",
    "generate",
    "web",
    "cli",
    "__main__",
)
"""From the ground floor up; names on one line are one layer."""

LAYER_OF = {name: floor for floor, names in enumerate(LAYERS) for name in names.split()}

MODULES = sorted(SOURCE.rglob("*.py"))


def part_of(path: Path) -> str:
    """Return the package or module directly below `aimsgraph` that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what a file imports of ours, and whether it does so at the top of the file."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "aimsgraph":
                names = [f"aimsgraph.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.split(".")[0] == "aimsgraph":
                part = [*name.split("."), "__init__"][1]
                yield part if part in LAYER_OF else "__init__", node in tree.body


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_imports_only_from_below(path: Path) -> None:
    part = part_of(path)
    assert part in LAYER_OF, "every module has a layer"

    wrong = [
        name for name, _ in imports_of(path) if name != part and LAYER_OF[name] >= LAYER_OF[part]
    ]

    assert not wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_imports_at_its_top(path: Path) -> None:
    assert all(at_top for _, at_top in imports_of(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_module_stays_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]

    long = [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno > 60]

    assert len(path.read_text("utf-8").splitlines()) <= 400
    assert not long


@pytest.mark.parametrize(
    ("package", "allowed"), [("flask", {"web"}), ("click", {"cli"}), ("rich", {"cli"})]
)
def test_edge_libraries_stay_at_their_edge(package: str, allowed: set[str]) -> None:
    users = {
        part_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package)
        or (
            isinstance(node, ast.Import)
            and any(a.name.split(".")[0] == package for a in node.names)
        )
    }

    assert users <= allowed
