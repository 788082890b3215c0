"""Where the W3C's RDF tests lie: a folder somebody names, or a clone in the user's cache."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.term import Node

VARIABLE: Final = "W3C_RDF_TESTS"
SOURCE: Final = "https://github.com/w3c/rdf-tests"
CACHE: Final = Path.home() / ".cache" / "aimsgraph" / "rdf-tests"

MF: Final = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")


@cache
def suite() -> Path | None:
    """Return the folder of the SPARQL 1.1 tests, fetched where that is possible."""
    named = os.environ.get(VARIABLE)
    root = Path(named) if named else CACHE
    if not named and not root.exists():
        _fetch(root)
    folder = root / "sparql" / "sparql11"
    return folder if folder.is_dir() else None


SHAPES_VARIABLE: Final = "W3C_DATA_SHAPES"
SHAPES_SOURCE: Final = "https://github.com/w3c/data-shapes"


@cache
def shacl_suite() -> Path | None:
    """Return the folder of the SHACL tests, fetched where that is possible.

    `.ci/run` takes them from the source package of pySHACL.
    """
    named = os.environ.get(SHAPES_VARIABLE)
    root = Path(named) if named else CACHE.with_name("data-shapes")
    if not named and not root.exists():
        _fetch(root, SHAPES_SOURCE)
    folder = root / "data-shapes-test-suite" / "tests"
    if not folder.is_dir():
        folder = root  # as pySHACL's source package holds it
    return folder if (folder / "core").is_dir() else None


def _fetch(target: Path, source: str = SOURCE) -> None:
    """Clone the tests, whole or not at all; what goes wrong is told by their absence."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent) as folder:
            made = Path(folder) / "made"
            subprocess.run(
                ["git", "clone", "--quiet", "--depth", "1", source, str(made)],
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
                capture_output=True,
                timeout=120,
                check=True,
            )
            made.replace(target)
    except (OSError, subprocess.SubprocessError):
        return


def required() -> Path:
    """Return the folder of the tests; skip the module, and say so, where there is none."""
    found = suite()
    if found is None:
        pytest.skip(
            f"the W3C tests are not here: set {VARIABLE} to a clone of {SOURCE}, "
            "or let this machine reach it",
            allow_module_level=True,
        )
    return found


def manifest(path: Path) -> rdflib.Graph:
    """Read a manifest."""
    return rdflib.Graph().parse(path, publicID=path.as_uri(), format="turtle")


def entries(graph: rdflib.Graph) -> list[Node]:
    """Return the tests of a manifest in their order."""
    (top,) = graph.objects(None, MF.entries)
    return list(Collection(graph, top))


def expected_failures() -> dict[str, str]:
    """Return the tests known to fail, with the reason; the list may only shrink."""
    lines = Path(__file__).with_name("expected-failures.txt").read_text("utf-8").splitlines()
    pairs = (line.partition("#") for line in lines if line and not line.startswith("#"))
    return {name.strip(): reason.strip() for name, _, reason in pairs}
