"""Sentences for people: names in the place of IRIs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from aimsgraph.conformity.report import CheckResult, Report, Standing

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


def summary(report: Report | Standing) -> str:
    """Return how many rules were checked, and how they ended; nothing where nobody may know."""
    if not report.evaluations:
        return ""
    verdicts = Counter(one.verdict for one in report.evaluations)
    counts = ", ".join(
        f"{count} {_plural(severity.lower(), count)}" for severity, count in report.count().items()
    )
    return (
        f"{len(report.evaluations)} rules: {verdicts['met']} met, {verdicts['not met']} not met, "
        f"{verdicts['nothing to check']} with nothing to check. Check results: {counts}."
    )


def _plural(word: str, count: int) -> str:
    return word if count == 1 or word == "info" else f"{word}s"
