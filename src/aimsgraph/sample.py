"""A sample organisation: its files, and what its manifest says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from aimsgraph.assets import Assets
from aimsgraph.errors import SourceError, UnknownNameError
from aimsgraph.rdf.header import read_header


@dataclass(frozen=True)
class Sample:
    """One of the worked examples."""

    name: str
    title: str
    summary: str
    today: date
    """The day its records are written for."""
    files: tuple[Path, ...]

    @classmethod
    def read(cls, assets: Assets, name: str) -> Sample:
        """Read a sample by the name of its folder.

        Raises:
            UnknownNameError: there is no such sample.
            SourceError: its manifest lacks something.
        """
        known = assets.samples()
        if name not in known:
            raise UnknownNameError("sample", name, known, f"(there are: {', '.join(known)})")
        manifest = assets.sample_manifest(name)
        header = read_header(manifest)
        for key in ("title", "summary", "today"):
            if key not in header:
                raise SourceError(manifest, f"the header has no {key!r}")
        return cls(
            name=name,
            title=str(header["title"]),
            summary=str(header["summary"]),
            today=date.fromisoformat(str(header["today"])),
            files=tuple(assets.sample_files(name)),
        )
