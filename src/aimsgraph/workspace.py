"""A workspace: a folder with settings, a store, and an organisation's own rules and questions."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from aimsgraph.access import FILE as ACCESS_FILE
from aimsgraph.errors import WorkspaceError
from aimsgraph.files import write_safely
from aimsgraph.settings import Settings

FILE: Final = "aimsgraph.toml"

FORMAT: Final = 2
"""The version of a workspace's layout; an older release refuses a newer one."""

UNJOURNALED: Final = 1
"""The format before there was a journal; opening such a workspace upgrades it."""

_TEXT: Final = f"""\
# A workspace of aimsgraph. Every setting can also be given as AIMSGRAPH_<NAME>.
format = {FORMAT}

# The day the graph stands at; without it, today in UTC.
# today = "2026-11-20"

# Where 'aimsgraph serve' listens.
# host = "127.0.0.1"
# port = 8420

# What a day means in --as-of and --effective.
# timezone = "Europe/Helsinki"

# Conformity rules whose new results refuse a change, as integrity rules do.
# refuse = ["aimssh:AISystem-assessed-before-use"]
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
    format: int = FORMAT

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
        if made_by not in {UNJOURNALED, FORMAT}:
            raise WorkspaceError(
                f"{file}: format {made_by!r} is not {FORMAT}, which this release reads; "
                "use the release that made it, or a newer one"
            )
        return cls(path, settings, made_by)

    def upgraded(self) -> Workspace:
        """Write down that the layout is the present one."""
        file = self.path / FILE
        text = re.sub(r"(?m)^format\s*=.*$", f"format = {FORMAT}", file.read_text("utf-8"))
        write_safely(file, text.encode())
        return Workspace(self.path, self.settings)

    @property
    def store_path(self) -> Path:
        """Return the folder of the live store, which the writer alone reads."""
        return self.path / "store"

    @property
    def journal_path(self) -> Path:
        """Return the folder of the journal."""
        return self.path / "journal"

    @property
    def snapshots_path(self) -> Path:
        """Return the folder of the published states."""
        return self.path / "snapshots"

    @property
    def cache_path(self) -> Path:
        """Return the folder of past states, which can be made again at any time."""
        return self.path / "cache"

    @property
    def evidence_path(self) -> Path:
        """Return the folder of evidence files, named by their digest."""
        return self.path / "evidence"

    @property
    def keys_path(self) -> Path:
        """Return the folder of the public keys that sign changesets, or once did."""
        return self.path / "keys"

    @property
    def access_path(self) -> Path:
        """Return the file of the tokens."""
        return self.path / ACCESS_FILE

    @property
    def lock_path(self) -> Path:
        """Return the file that the one writing process holds."""
        return self.path / "writer.lock"

    @property
    def clean_path(self) -> Path:
        """Return the file that says in what state the live store was left."""
        return self.path / "store.clean"

    @property
    def socket_path(self) -> Path:
        """Return the socket through which commands reach a running service."""
        return self.path / "service.sock"

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
