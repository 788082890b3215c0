"""Backups: a workspace in one file, as of the newest state, whoever writes to it meanwhile.

The journal only ever grows at its end and evidence files never change, so a
prefix of the one and all of the other make a whole. The private signing key
is not part of it.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from aimsgraph.access import FILE as ACCESS_FILE
from aimsgraph.errors import (
    JournalDamagedError,
    NoSuchStateError,
    SourceError,
    WorkspaceError,
)
from aimsgraph.ledger.segments import Place, Segments
from aimsgraph.opening import open_live
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.verification import Progress, Trust, Verification, verify
from aimsgraph.workspace import FILE, Workspace

MANIFEST: Final = "backup.json"
VERSION: Final = 1

_WHOLE: Final = ("shapes", "queries", "evidence", "keys")
_FILES: Final = (FILE, ACCESS_FILE)


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    generation: int
    digest: str
    size: int


def backup(workspace: Workspace, path: Path) -> Backup:
    """Write a workspace into one file, as of the newest published state.

    Raises:
        WorkspaceError: the file is there already, or cannot be written.
        NoSuchStateError: nothing was recorded yet.
    """
    latest = Snapshots(workspace.snapshots_path).latest
    if latest is None:
        raise NoSuchStateError(f"{workspace.path}: there is nothing to back up yet")
    if path.exists():
        raise WorkspaceError(f"{path} is there already; name a new file")
    manifest: dict[str, Any] = {
        "version": VERSION,
        "generation": latest.generation,
        "digest": latest.digest,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {},
    }
    making = path.with_name(f"{path.name}.making")
    try:
        with tarfile.open(making, "w:gz", compresslevel=1) as archive:
            for name, content in _contents(workspace, latest.generation):
                manifest["files"][name] = sha256(content).hexdigest()
                _add(archive, name, content)
            _add(archive, MANIFEST, json.dumps(manifest, indent=2).encode())
        making.replace(path)
    except OSError as error:
        making.unlink(missing_ok=True)
        raise WorkspaceError(f"{path}: cannot be written: {error.strerror or error}") from error
    return Backup(latest.generation, latest.digest, path.stat().st_size)


def _contents(workspace: Workspace, generation: int) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a backup: the evidence first, since a changeset may speak of it."""
    for name in (*_WHOLE, *_FILES):
        path = workspace.path / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and file.suffix != ".making":
                yield str(file.relative_to(workspace.path)), file.read_bytes()
    for name, content in _segments(workspace, generation):
        yield f"journal/{name}", content


def _segments(workspace: Workspace, generation: int) -> Iterator[tuple[str, bytes]]:
    """Yield the segments of the journal up to a generation."""
    ends: dict[Path, int] = {}
    place: Place
    for place in Segments(workspace.journal_path).places():
        if place.frame.generation > generation:
            break
        ends[place.path] = place.offset + place.frame.size
    for path, end in ends.items():
        with path.open("rb") as file:
            yield path.name, file.read(end)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o600
    archive.addfile(info, io.BytesIO(content))


def restore(path: Path, folder: Path, progress: Progress) -> Verification:
    """Make a workspace of a backup, and verify it before it gets its name.

    Raises:
        SourceError: the file is no backup, or is damaged.
        WorkspaceError: the folder holds something already, or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(f"{folder} is not empty; name a new folder")
    making = folder.with_name(f"{folder.name}.restoring")
    shutil.rmtree(making, ignore_errors=True)
    try:
        making.mkdir(parents=True)
        manifest = _unpacked(path, making)
        progress("rebuilding the store")
        open_live(Workspace.read(making)).close()
        progress("verifying")
        head = {"generation": manifest["generation"], "digest": manifest["digest"]}
        found = verify(Workspace.read(making), Trust(heads=(head,)), progress)
        if not found.holds or found.head != manifest["generation"]:
            reason = found.problems[0] if found.problems else "it ends too early"
            raise SourceError(path, f"the backup does not verify: {reason}; nothing was restored")
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    except JournalDamagedError as error:
        raise SourceError(path, f"the backup does not verify: {error.reason}") from error
    except OSError as error:
        raise WorkspaceError(f"{folder}: cannot be made: {error.strerror or error}") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return found


def _unpacked(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into a folder, and return its manifest."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError as error:
        raise SourceError(path, "no such file, or no backup of aimsgraph") from error
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise SourceError(path, f"is no backup of aimsgraph, or is damaged: {error}") from error
    (folder / MANIFEST).unlink()
    if manifest.get("version") != VERSION:
        raise SourceError(
            path, f"is a backup of version {manifest.get('version')}; use a newer aimsgraph"
        )
    files = [file for file in folder.rglob("*") if file.is_file()]
    found = {str(one.relative_to(folder)): sha256(one.read_bytes()).hexdigest() for one in files}
    wrong = sorted({name for name, _ in found.items() ^ manifest.get("files", {}).items()})
    if wrong:
        raise SourceError(path, f"the backup is damaged: {wrong[0]} is not what was saved")
    return manifest
