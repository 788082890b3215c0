"""Elements of standards: what every framework consists of, and how to find one again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from facts import Row
from layout import BASE, Block, aims, name, prose, string


@dataclass(frozen=True)
class Standard:
    """A standard, law or framework, by its part of the IRI."""

    slug: str
    title: str
    short: str
    description: str
    publisher: str
    page: str
    rights: str

    @property
    def iri(self) -> str:
        """Return the IRI of the standard."""
        return f"{BASE}/{self.slug}"

    def block(self) -> Block:
        """Return what is said of the standard itself."""
        return (
            Block(self.iri, [aims("Standard")])
            .say("rdfs:label", prose(self.title))
            .say("skos:altLabel", prose(self.short))
            .say("dcterms:identifier", string(self.slug))
            .say("dcterms:description", prose(self.description))
            .say("dcterms:publisher", string(self.publisher))
            .say("dcterms:rights", prose(self.rights))
            .say("rdfs:seeAlso", f"<{self.page}>")
        )


_NOT_QUOTED: Final = (
    "The text of the standard is copyrighted and not reproduced; numbers and titles are "
    "facts, descriptions are the project's own words."
)

ISO_42001: Final = Standard(
    "iso42001",
    "ISO/IEC 42001:2023",
    "ISO 42001",
    "Requirements for a management system for the responsible development, provision and "
    "use of AI, with 38 reference controls.",
    "ISO and IEC",
    "https://www.iso.org/standard/81230.html",
    _NOT_QUOTED,
)
ISO_27001: Final = Standard(
    "iso27001",
    "ISO/IEC 27001:2022",
    "ISO 27001",
    "Requirements for an information security management system, with 93 reference controls.",
    "ISO and IEC",
    "https://www.iso.org/standard/27001",
    _NOT_QUOTED,
)
EU_AI_ACT: Final = Standard(
    "eu-ai-act",
    "EU AI Act",
    "EU AI Act",
    "Regulation (EU) 2024/1689 laying down harmonised rules on artificial intelligence, as "
    "amended by Regulation (EU) 2026/1744.",
    "European Union",
    "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
    "© European Union. Titles and the points of Article 5 and Annex III are reproduced with "
    "attribution; only the Official Journal is authentic.",
)
NIST_AI_RMF: Final = Standard(
    "nist-ai-rmf",
    "NIST AI RMF 1.0",
    "NIST AI RMF",
    "A voluntary framework of outcomes for managing the risks of AI, in four functions.",
    "National Institute of Standards and Technology",
    "https://www.nist.gov/itl/ai-risk-management-framework",
    "A work of the United States Government, not subject to copyright there.",
)

STANDARDS: Final = {one.title: one for one in (ISO_42001, ISO_27001, EU_AI_ACT, NIST_AI_RMF)}
"""The standards by the name that the CSV files use."""


def element_iri(standard: Standard, identifier: str) -> str:
    """Return the IRI of an element."""
    return f"{standard.iri}/{identifier.replace(' ', '-')}"


def begin(
    standard: Standard, identifier: str, label: str, types: Iterable[str], parent: str = ""
) -> Block:
    """Return an element with what every element has."""
    block = Block(element_iri(standard, identifier), [aims(one) for one in types])
    block.say("rdfs:label", prose(label))
    block.say("dcterms:identifier", string(identifier))
    block.say("aims:partOfStandard", f"<{standard.iri}>")
    if parent:
        block.say("aims:partOfRequirement", name(element_iri(standard, parent)))
    return block


def number(blocks: Iterable[Block]) -> None:
    """Give each element its place in its standard."""
    for place, block in enumerate(blocks, start=1):
        block.say("aims:position", str(place))


class Index:
    """All elements there are, so that nothing points at nothing."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._labels = {block.iri: dict(block.lines)["rdfs:label"][0] for block in blocks}

    def find(self, row: Row, standard: Standard, identifier: str) -> str:
        """Return the IRI of an element that a row refers to.

        Raises:
            FactError: the standard has no such element.
        """
        iri = element_iri(standard, identifier.replace("Annex.", "Annex"))
        if iri not in self._labels:
            raise row.error(f"{standard.title} has no element {identifier!r}")
        return iri

    def label(self, iri: str) -> str:
        """Return the title of an element, as plain text."""
        quoted = self._labels[iri].removesuffix("@en")[1:-1]
        return quoted.replace('\\"', '"').replace("\\\\", "\\")
