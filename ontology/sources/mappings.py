"""Mappings between standards, as RDF and as SSSOM, and the gaps where there is none."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from elements import STANDARDS, Index, Standard
from facts import Row, rows
from layout import BASE, PREFIXES, Block, aims, name, prose, string

FILES: Final = ("crosswalk_iso27001_eu_ai_act.csv", "crosswalk_nist_ai_rmf.csv")

RELATIONS: Final = {
    f"skos:{one}Match": f"skos:{one}Match"
    for one in ("broad", "close", "exact", "narrow", "related")
}
SETS: Final = {
    "equal": "EqualTo",
    "intersects-with": "IntersectsWith",
    "no-relationship": "NoRelationship",
    "subset-of": "SubsetOf",
    "superset-of": "SupersetOf",
}
BASES: Final = {
    "judgement": "JudgementBasis",
    "published": "Published",
    "published-adapted": "PublishedAdapted",
    "published-class-level": "PublishedClassLevel",
    "published-coarser": "PublishedCoarser",
    "structural": "Structural",
}
CONFIDENCES: Final = {"high": "High", "low": "Low", "medium": "Medium"}

NUMBERS: Final = {"high": "0.9", "low": "0.3", "medium": "0.6"}
"""SSSOM wants a number; these only keep the order of the three levels."""

REASONS: Final = {
    "amendment of other act": "The article amends another act and asks nothing of an operator.",
    "annex": "The annex completes an article; see the mappings of that article.",
    "definition/scope": "The provision defines or delimits and asks for nothing.",
    "derogation": "The provision allows an exception and asks for nothing of its own.",
    "entry into force": "The provision sets dates.",
    "innovation measure": "The provision offers support or room for testing; no requirement of "
    "the management system relates to it.",
    "institutional": "The provision addresses authorities, notified bodies or the Commission.",
    "obligation": "A duty of operators for which the management system has no requirement.",
    "penalty": "The provision sets penalties.",
    "presumption of conformity": "The provision ties conformity to standards or certificates, "
    "which ISO/IEC 42001 is not among.",
    "transitional": "The provision holds transitional rules.",
    "voluntary instrument": "The provision is about codes that are joined by choice.",
}
"""The one-word reasons of the CSV, as sentences."""


@dataclass(frozen=True)
class Pair:
    """One mapping: two elements with their row."""

    row: Row
    standards: tuple[Standard, Standard]
    subject: str
    object: str

    @property
    def tail(self) -> str:
        """Return what is particular to the mapping in its IRI."""
        return "--".join(one.removeprefix(f"{BASE}/") for one in (self.subject, self.object))

    @property
    def bases(self) -> list[str]:
        """Return the words for what the mapping rests on."""
        return self.row["basis"].split("+")


def wanted_provisions() -> Iterator[tuple[Row, str]]:
    """Yield the elements of the AI Act that mappings refer to, with their rows."""
    for file in FILES:
        for row in rows(file):
            if row["to_standard"] == "EU AI Act":
                yield row, row["to_id"]


def pairs(index: Index) -> Iterator[Pair]:
    """Yield all mappings.

    Raises:
        FactError: a row points at nothing or repeats another.
    """
    seen: set[str] = set()
    for file in FILES:
        for row in rows(file):
            ends = _standard(row, "from_standard"), _standard(row, "to_standard")
            subject = index.find(row, ends[0], row["from_id"])
            pair = Pair(row, ends, subject, index.find(row, ends[1], row["to_id"]))
            if pair.tail in seen:
                raise row.error(f"{row['from_id']} is mapped to {row['to_id']} twice")
            seen.add(pair.tail)
            yield pair


def _standard(row: Row, column: str) -> Standard:
    return STANDARDS[row.translated(column, {title: title for title in STANDARDS})]


def block(pair: Pair) -> Block:
    """Return a mapping as RDF."""
    row = pair.row
    ends = zip(pair.standards, (row["from_id"], row["to_id"]), strict=True)
    label = " and ".join(f"{standard.short} {identifier}" for standard, identifier in ends)
    bases = [aims(_basis(row, word)) for word in pair.bases]
    return (
        Block(f"{BASE}/mapping/{pair.tail}", [aims("Mapping")])
        .say("rdfs:label", prose(label))
        .say("aims:mapsFrom", name(pair.subject))
        .say("aims:mapsTo", name(pair.object))
        .say("aims:mappingRelation", row.translated("skos_relation", RELATIONS))
        .say("aims:setTheoryRelation", aims(row.translated("set_theory_relation", SETS)))
        .say("aims:rationale", prose(row["rationale"]))
        .say("aims:mappingBasis", *bases)
        .say("aims:mappingSource", string(row["source"]))
        .say("aims:confidence", aims(row.translated("confidence", CONFIDENCES)))
    )


def _basis(row: Row, word: str) -> str:
    if word not in BASES:
        raise row.error(f"basis is {word!r}; known: {', '.join(sorted(BASES))}")
    return BASES[word]


def gaps(index: Index, mapped: Iterable[Pair]) -> Iterator[Block]:
    """Yield the elements without a mapping, with the reason.

    Raises:
        FactError: a row points at nothing, or at an element that is mapped after all.
    """
    related: set[tuple[str, str]] = set()
    for pair in mapped:
        related.add((pair.subject, pair.standards[1].slug))
        related.add((pair.object, pair.standards[0].slug))
    for row in rows("crosswalk_gaps.csv"):
        standard, versus = _standard(row, "standard"), _standard(row, "versus")
        iri = index.find(row, standard, row["id"])
        if (iri, versus.slug) in related:
            raise row.error(f"{row['id']} has a mapping to {versus.title}")
        tail = f"{iri.removeprefix(f'{BASE}/')}--{versus.slug}"
        why = row["why"]
        yield (
            Block(f"{BASE}/mapping/gap/{tail}", [aims("MappingGap")])
            .say("rdfs:label", prose(f"{standard.short} {row['id']}, nothing in {versus.short}"))
            .say("aims:gapOf", name(iri))
            .say("aims:gapVersus", f"<{versus.iri}>")
            .say("aims:rationale", prose(REASONS.get(why) or f"{why[0].upper()}{why[1:]}."))
        )


_COLUMNS: Final = (
    "record_id",
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "confidence",
    "comment",
    "ext_set_theory_relation",
    "ext_basis",
    "ext_source",
    "ext_confidence_level",
)
_EXTENSIONS: Final = {
    "ext_basis": "aims:mappingBasis",
    "ext_confidence_level": "aims:confidence",
    "ext_set_theory_relation": "aims:setTheoryRelation",
    "ext_source": "aims:mappingSource",
}


def sssom(index: Index, mapped: list[Pair]) -> str:
    """Return the mappings between two standards as SSSOM TSV."""
    subject, target = mapped[0].standards
    out = io.StringIO()
    out.writelines(f"#{line}\n" for line in _metadata(subject, target))
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_record(index, pair) for pair in mapped)
    return out.getvalue()


def _metadata(subject: Standard, target: Standard) -> Iterator[str]:
    prefixes = {one: PREFIXES[one] for one in ("aims", "skos", _prefix(subject), _prefix(target))}
    prefixes |= {
        "aimsgraph": f"{BASE}/",
        "mapping": f"{BASE}/mapping/",
        "semapv": "https://w3id.org/semapv/vocab/",
    }
    yield 'sssom_version: "1.1"'
    yield "curie_map:"
    yield from (f"  {prefix}: {prefixes[prefix]}" for prefix in sorted(prefixes))
    yield f"mapping_set_id: {BASE}/mappings/{subject.slug}--{target.slug}"
    yield f'mapping_set_title: "{subject.title} to {target.title}"'
    yield "mapping_set_description: >-"
    yield "  Relations of subject matter, not of legal effect; none implies conformity with the"
    yield "  other. Confidence 0.9, 0.6 and 0.3 stand for high, medium and low."
    yield "license: https://www.apache.org/licenses/LICENSE-2.0"
    yield "creator_label:"
    yield "  - aimsgraph maintainers"
    yield f"subject_source: aimsgraph:{subject.slug}"
    yield f"object_source: aimsgraph:{target.slug}"
    yield "extension_definitions:"
    for slot, meaning in _EXTENSIONS.items():
        yield f"  - slot_name: {slot}"
        yield f"    property: {meaning}"
        yield "    type_hint: http://www.w3.org/2001/XMLSchema#string"


def _prefix(standard: Standard) -> str:
    return next(one for one, iri in PREFIXES.items() if iri == f"{standard.iri}/")


def _record(index: Index, pair: Pair) -> list[str]:
    row = pair.row
    return [
        f"mapping:{pair.tail}",
        _curie(pair.subject, pair.standards[0]),
        index.label(pair.subject),
        row["skos_relation"],
        _curie(pair.object, pair.standards[1]),
        index.label(pair.object),
        "semapv:ManualMappingCuration",
        NUMBERS[row["confidence"]],
        row["rationale"],
        row["set_theory_relation"],
        "|".join(pair.bases),
        row["source"],
        row["confidence"],
    ]


def _curie(iri: str, standard: Standard) -> str:
    return f"{_prefix(standard)}:{iri.removeprefix(f'{standard.iri}/')}"
