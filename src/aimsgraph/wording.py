"""Sentences for people: names in the place of IRIs."""

from __future__ import annotations

import re
from collections.abc import Callable

from aimsgraph.conformity.report import CheckResult

_IRI = re.compile(r"https?://[^\s<>\"]+")


def with_labels(text: str, label: Callable[[str], str]) -> str:
    """Return a sentence with the IRIs in it replaced by names."""

    def named(match: re.Match[str]) -> str:
        iri = match.group().rstrip(".,;:")
        return label(iri) + match.group()[len(iri) :]

    return _IRI.sub(named, text)


def sentence(result: CheckResult, label: Callable[[str], str]) -> str:
    """Return a check result's sentence; it names the record it is about."""
    text = with_labels(result.message, label)
    return text if result.focus in result.message else f"{label(result.focus)}: {text}"
