"""The header that every asset carries: YAML in comments that begin with `#+`.

The file stays valid for any SPARQL or Turtle tool, since the header is a
comment. The notation is that of grlc's decorators.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from aimsgraph.errors import SourceError

MARK = "#+"


class _Loader(yaml.SafeLoader):
    """YAML with dates left as the text they are written in."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_header(path: Path, text: str | None = None) -> dict[str, Any]:
    """Return the header of a file as a mapping; an absent header is empty.

    Raises:
        SourceError: the header is not YAML, or not a mapping.
    """
    lines = (path.read_text("utf-8") if text is None else text).splitlines()
    body = "\n".join(line[len(MARK) :].removeprefix(" ") for line in lines if line.startswith(MARK))
    try:
        header = yaml.load(body, Loader=_Loader)  # noqa: S506 - a SafeLoader, without dates
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        hint = "; put text with a colon in quotes" if "mapping values" in problem else ""
        reason = f"the header is not YAML: {problem}{hint}"
        raise SourceError(path, reason, _line(lines, mark)) from error
    if header is None:
        return {}
    if not isinstance(header, dict):
        raise SourceError(path, "the header (lines that begin with '#+') is not a mapping")
    return header


def _line(lines: list[str], mark: Any) -> int | None:
    numbers = [number for number, line in enumerate(lines, 1) if line.startswith(MARK)]
    return numbers[min(mark.line, len(numbers) - 1)] if mark and numbers else None
