"""Where the knowledge lies: ontology, shapes, questions and sample organisations.

In a wheel the four folders travel inside the package; in a checkout they lie
at the top. Nothing else in the program knows which of the two it runs from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Assets:
    """The four folders of knowledge below one root."""

    root: Path

    @classmethod
    def shipped(cls) -> Assets:
        """Return the assets this installation was shipped with."""
        inside = _PACKAGE / "assets"
        return cls(inside if inside.is_dir() else _PACKAGE.parents[1])

    def ontology_files(self) -> list[Path]:
        """Return the files of the ontology, the frameworks and the mappings; not the alignments."""
        root = self.root / "ontology"
        parts = ("modules", "frameworks", "mappings")
        return [root / "aims.ttl", *(path for part in parts for path in _turtle(root / part))]

    def shape_files(self) -> list[Path]:
        """Return the files of the rules."""
        return list(_turtle(self.root / "shapes"))

    def question_files(self) -> list[Path]:
        """Return the files of the named questions, in all themes."""
        return sorted((self.root / "queries").rglob("*.rq"))

    def samples(self) -> list[str]:
        """Return the names of the sample organisations."""
        return sorted(path.parent.name for path in (self.root / "data").glob("*/manifest.ttl"))

    def sample_files(self, name: str) -> list[Path]:
        """Return the files of one sample organisation, its manifest left out."""
        return [path for path in _turtle(self.root / "data" / name) if path.stem != "manifest"]

    def sample_history(self, name: str) -> list[Path]:
        """Return the files that say what held in a sample until the day in the file's name."""
        return list(_turtle(self.root / "data" / name / "history"))

    def sample_manifest(self, name: str) -> Path:
        """Return the file whose header tells title, summary and reference day of a sample."""
        return self.root / "data" / name / "manifest.ttl"


def _turtle(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.ttl"))
