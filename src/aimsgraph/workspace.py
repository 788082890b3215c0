"""A workspace: a folder with settings, a store, and an organisation's own rules and questions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from aimsgraph.errors import WorkspaceError
from aimsgraph.settings import Settings

FILE: Final = "aimsgraph.toml"

FORMAT: Final = 1
"""The version of a workspace's layout; an older release refuses a newer one."""

_TEXT: Final = f"""\
# A workspace of aimsgraph. Every setting can also be given as AIMSGRAPH_<NAME>.
format = {FORMAT}

# The day the graph stands at; without it, today in UTC.
# today = "2026-11-20"

# Where 'aimsgraph serve' listens.
# host = "127.0.0.1"
# port = 8420
"""

_README: Final = {
    "shapes": "Put your own rules here: Turtle files with named SHACL shapes.\n",
    "queries": "Put your own questions here: <theme>/<name>.rq files with a '#+' header.\n",
}


@dataclass(frozen=True)
class Workspace:
    """The folder of a workspace, and its settings."""

    path: Path
    settings: Settings

    @classmethod
    def create(cls, path: Path) -> Workspace:
        """Make a new workspace in a folder that is missing or empty.

        Raises:
            WorkspaceError: the folder holds something already, or cannot be made.
        """
        try:
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise WorkspaceError(f"{path} is not empty; name a new folder")
            for folder, text in _README.items():
                (path / folder).mkdir(parents=True)
                (path / folder / "README.md").write_text(text, "utf-8")
            (path / FILE).write_text(_TEXT, "utf-8")
        except OSError as error:
            raise WorkspaceError(
                f"{path}: cannot make a workspace here: {error.strerror}"
            ) from error
        return cls.read(path)

    @classmethod
    def read(cls, path: Path) -> Workspace:
        """Read the workspace in a folder.

        Raises:
            WorkspaceError: there is none, or a newer release made it.
            SettingsError: its settings are wrong.
        """
        file = path / FILE
        if not file.is_file():
            raise WorkspaceError(
                f"{path} is not a workspace (it has no {FILE}); make one with 'aimsgraph init DIR'"
            )
        settings = Settings.read({}, file)
        made_by = tomllib.loads(file.read_text("utf-8")).get("format")
        if made_by != FORMAT:
            raise WorkspaceError(
                f"{file}: format {made_by!r} is not {FORMAT}, which this release reads; "
                "use the release that made it, or a newer one"
            )
        return cls(path, settings)

    @property
    def store_path(self) -> Path:
        """Return the folder of the store."""
        return self.path / "store"

    @property
    def today(self) -> date | None:
        """Return the day the workspace is pinned to, if it is."""
        return self.settings.today

    def shape_files(self) -> list[Path]:
        """Return the workspace's own shapes."""
        return sorted((self.path / "shapes").glob("*.ttl"))

    def question_files(self) -> list[Path]:
        """Return the workspace's own questions."""
        return sorted((self.path / "queries").rglob("*.rq"))
