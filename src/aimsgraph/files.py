"""Files that survive a power cut: content and names forced to disk."""

from __future__ import annotations

import os
from pathlib import Path


def write_safely(file: Path, content: bytes) -> None:
    """Put content into a file in one step that survives a power cut."""
    making = file.with_name(f"{file.name}.making")
    with making.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    making.replace(file)
    sync_path(file.parent)


def sync_path(path: Path) -> None:
    """Force a file's content, or the names in a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
