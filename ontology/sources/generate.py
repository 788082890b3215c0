"""Write the frameworks and mappings from the facts, or check that they are up to date.

python ontology/sources/generate.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from ai_act import amending_act, articles, duties
from elements import EU_AI_ACT, ISO_27001, ISO_42001, NIST_AI_RMF, Index, number
from facts import FactError
from indicators import indicators
from iso import iso_27001, iso_42001
from layout import Block, document
from mappings import block, gaps, pairs, sssom, wanted_provisions
from nist import nist_ai_rmf

ONTOLOGY: Final = Path(__file__).parents[1]


def contents() -> Iterator[tuple[str, str]]:
    """Yield every generated file as its path below ontology/ and its text.

    Raises:
        FactError: a row of the facts says something that cannot be.
    """
    iso42001, iso27001, nist = list(iso_42001()), list(iso_27001()), list(nist_ai_rmf())
    act = list(articles())
    points = list(duties(wanted_provisions(), Index(iso42001)))
    for blocks in (iso42001, iso27001, nist, reading_order(act, points)):
        number(blocks)
    frameworks = {
        "iso42001": [ISO_42001.block(), *iso42001],
        "iso27001": [ISO_27001.block(), *iso27001],
        "nist-ai-rmf": [NIST_AI_RMF.block(), *nist],
        "eu-ai-act": [EU_AI_ACT.block(), amending_act(), *act],
        "eu-ai-act-obligations": points,
    }
    index = Index(one for blocks in frameworks.values() for one in blocks)
    frameworks["kpis"] = list(indicators(index))
    for stem, blocks in frameworks.items():
        yield f"frameworks/{stem}.ttl", document(ABOUT[stem], blocks)
    yield from _mapping_files(index)


ABOUT: Final = {
    "eu-ai-act": "The EU AI Act as amended: its chapters, articles and annexes.\n"
    "© European Union; only the Official Journal is authentic.",
    "eu-ai-act-obligations": "The EU AI Act as amended: the duties of operators, the practices "
    "of Article 5,\nthe uses of Annex III, and the provisions that mappings refer to.\n"
    "© European Union for the official text of practices and uses.",
    "iso27001": "ISO/IEC 27001:2022: its clauses and the controls of its Annex A.",
    "iso42001": "ISO/IEC 42001:2023: its clauses, the controls of Annex A, Annex C.",
    "kpis": "Indicators that an AI management system commonly tracks; defaults to be edited.",
    "nist-ai-rmf": "The NIST AI Risk Management Framework 1.0: functions, categories, outcomes.",
}


def reading_order(act: list[Block], points: list[Block]) -> list[Block]:
    """Return the elements of the AI Act, each point after the article or annex it stands in."""
    below: dict[str, list[Block]] = {}
    for point in points:
        tail = point.iri.rpartition("/")[2]
        separator = "(" if tail.startswith("Art.") else "."
        below.setdefault(tail.partition(separator)[0], []).append(point)
    return [
        one for element in act for one in (element, *below.get(element.iri.rpartition("/")[2], ()))
    ]


def _mapping_files(index: Index) -> Iterator[tuple[str, str]]:
    mapped = sorted(pairs(index), key=lambda pair: pair.standards[1].slug)
    for slug, group in groupby(mapped, key=lambda pair: pair.standards[1].slug):
        some = list(group)
        title = f"Mappings from {some[0].standards[0].title} to {some[0].standards[1].title}."
        stem = f"mappings/{some[0].standards[0].slug}--{slug}"
        yield f"{stem}.sssom.tsv", sssom(index, some)
        yield f"{stem}.ttl", document(title, map(block, some))
    about = "Elements of one standard that have no counterpart in another, and why."
    yield "mappings/gaps.ttl", document(about, gaps(index, mapped))


def main(arguments: list[str]) -> int:
    """Write the files, or with --check compare them; return the exit code."""
    parser = argparse.ArgumentParser(description="Write frameworks and mappings from the facts.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    check = parser.parse_args(arguments).check
    differing = 0
    for path, text in contents():
        file = ONTOLOGY / path
        if file.is_file() and file.read_text("utf-8") == text:
            continue
        differing += 1
        print(f"{'differs' if check else 'wrote'}: ontology/{path}")
        if not check:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
    return 1 if check and differing else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except FactError as error:
        sys.exit(f"generate: {error}")
