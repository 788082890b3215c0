"""The EU AI Act as amended: chapters, articles, annexes, duties, practices, points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from elements import EU_AI_ACT, ISO_42001, Index, begin, element_iri
from facts import Row, rows
from layout import Block, aims, name, prose

AMENDING_ACT: Final = element_iri(EU_AI_ACT, "amendment/2026-1744")

ROLES: Final = {
    "authorised representative": "AuthorisedRepresentative",
    "deployer": "Deployer",
    "distributor": "Distributor",
    "GPAI provider": "GPAIProvider",
    "GPAI provider (systemic risk)": "GPAISystemicProvider",
    "GPAI provider with systemic risk": "GPAISystemicProvider",
    "importer": "Importer",
    "product manufacturer": "ProductManufacturer",
    "provider": "Provider",
}
"""Operators by the words of the CSV; authorities and affected persons are not among them."""

ALL_OPERATORS: Final = (
    "AuthorisedRepresentative",
    "Deployer",
    "Distributor",
    "Importer",
    "ProductManufacturer",
    "Provider",
)
"""The operators of Article 3(8)."""

TIERS: Final = {
    "all": "AllTier",
    "GPAI": "GPAITier",
    "GPAI systemic": "GPAISystemicTier",
    "high-risk": "HighRiskTier",
    "horizontal": "AllTier",
    "minimal": "MinimalTier",
    "none": "",
    "prohibited": "ProhibitedTier",
    "transparency": "TransparencyTier",
}

_POINT: Final = re.compile(r"(Art\.\d+[a-z]?)((?:\(\w+\))+)(.*)")


def amending_act() -> Block:
    """Return the act that amended the AI Act."""
    return (
        Block(AMENDING_ACT, [aims("AmendingAct")])
        .say("rdfs:label", prose("Regulation (EU) 2026/1744"))
        .say("skos:altLabel", prose("Digital Omnibus on AI"))
        .say(
            "dcterms:description",
            prose(
                "Deferred the high-risk duties to 2 December 2027 (Annex III) and 2 August 2028 "
                "(Annex I), added two prohibited practices and several articles; in force since "
                "27 July 2026."
            ),
        )
    )


def articles() -> Iterator[Block]:
    """Yield chapters, sections, articles and annexes in their order."""
    everything = list(rows("eu_ai_act.csv"))
    numbered = [row for row in everything if row["kind"] == "article"]
    seen: set[str] = set()
    for row in sorted(numbered, key=lambda one: natural(one["number"])):
        parent = ""
        for heading, title in _headings(row):
            if heading not in seen:
                seen.add(heading)
                block = begin(EU_AI_ACT, heading, title, ["Chapter"], parent)
                yield block.say("aims:isHeading", "true")
            parent = heading
        yield _article(row, "Article", parent)
    for row in everything:
        if row["kind"] == "annex":
            yield _article(row, "Annex", "")


def _headings(row: Row) -> Iterator[tuple[str, str]]:
    chapter = f"Chapter{row['chapter']}"
    yield chapter, row["chapter_title"]
    if row["section"]:
        yield f"{chapter}.Section{row['section']}", row["section_title"]


def _article(row: Row, kind: str, parent: str) -> Block:
    identifier = row["id"].replace("Annex.", "Annex")
    title = row["title_as_amended"] or row["title"]
    block = begin(EU_AI_ACT, identifier, title, [kind], parent)
    if title != row["title"]:
        block.say("skos:altLabel", prose(row["title"]))
    _say_who(block, row, "applies_to_role", "risk_tier")
    block.say("aims:provisionType", prose(row["provision_type"]))
    block.say_day("aims:appliesFromOriginal", row["original_application_date"])
    block.say_day("aims:appliesFrom", row["application_date"])
    block.say_day("aims:appliesFromAnnexI", row["application_date_annex_i_products"])
    block.say_prose("aims:dateNote", row["date_note"])
    if row["date_changed_by_2026_1744"] == "yes":
        block.say("aims:datesChangedBy", name(AMENDING_ACT))
    if row["amended_by_2026_1744"] != "no":
        block.say("aims:amendedBy", name(AMENDING_ACT))
    block.say_prose("aims:amendmentNote", row["amendment_note"])
    if row["oj_anchor"]:
        block.say("rdfs:seeAlso", f"<{EU_AI_ACT.page}#{row['oj_anchor']}>")
    return block


def _say_who(block: Block, row: Row, role_column: str, tier_column: str) -> None:
    found: set[str] = set()
    for words in row.parts(role_column):
        plain = re.sub(r" \((?!systemic)[^)]*\)", "", words)
        found.update(ALL_OPERATORS if plain == "all operators" else [ROLES.get(plain, "")])
    block.say("aims:ofRole", *[aims(role) for role in sorted(found - {""})])
    tier = row.translated(tier_column, TIERS)
    block.say("aims:forTier", *[aims(one) for one in [tier] if one])
    block.say_prose("aims:addressee", row[role_column])


def duties(extra: Iterable[tuple[Row, str]], iso: Index) -> Iterator[Block]:
    """Yield duties, prohibited practices, Annex III points, and the provisions they stand in.

    Args:
        extra: points that a mapping refers to, each with its row.
        iso: the elements of ISO/IEC 42001, to which duties are related.
    """
    titles = {row["id"]: row["title"] for row in rows("eu_ai_act.csv")}
    practices = {row["id"]: row for row in rows("eu_ai_act_art5.csv")}
    obligations = {row["id"]: row for row in rows("obligations.csv")}
    provisions = _provisions(obligations, extra, titles)
    for identifier in sorted(obligations.keys() | practices.keys() | provisions, key=natural):
        parent = _parent(identifier, obligations.keys() | provisions)
        if identifier in provisions:
            yield _provision(identifier, parent, titles)
        elif identifier in obligations:
            duty = _duty(obligations[identifier], parent, practices.get(identifier))
            yield _say_related(duty, obligations[identifier], iso)
        else:
            raise practices[identifier].error("obligations.csv has no duty for this practice")
    yield from _annex_iii()


def _provisions(
    obligations: dict[str, Row], extra: Iterable[tuple[Row, str]], titles: dict[str, str]
) -> set[str]:
    """Return the points that are referred to and that no duty is named after."""
    wanted = [(row, re.sub(r"-\d+$", "", one)) for one, row in obligations.items()]
    found: set[str] = set()
    for row, identifier in [*wanted, *extra]:
        point = _POINT.fullmatch(identifier)
        if point and point[1] not in titles:
            raise row.error(f"the EU AI Act has no article {point[1]!r}")
        if point and not point[3] and identifier not in obligations:
            found.add(identifier)
    return found


def _parent(identifier: str, known: set[str]) -> str:
    """Return the nearest element above that is known; at the latest the article."""
    above = re.sub(r"-(?:\d+|\(\w+\))$", "", identifier)
    while above == identifier or above not in known:
        shorter = re.sub(r"\(\w+\)$", "", above)
        if shorter == above:
            return above
        above = shorter
    return above


def _article_of(identifier: str) -> str:
    return name(element_iri(EU_AI_ACT, identifier.partition("(")[0]))


def _provision(identifier: str, parent: str, titles: dict[str, str]) -> Block:
    article, _, rest = identifier.partition("(")
    block = begin(EU_AI_ACT, identifier, f"{titles[article]}, ({rest}", ["Provision"], parent)
    return block.say("aims:inArticle", _article_of(identifier))


def _duty(row: Row, parent: str, practice: Row | None) -> Block:
    types = ["Obligation", "ProhibitedPractice"] if practice else ["Obligation"]
    block = begin(EU_AI_ACT, row["id"], row["short_label"], types, parent)
    if practice:
        block.say("skos:altLabel", prose(practice["short_label"]))
        block.say_prose("dcterms:description", practice["official_text"])
    block.say("aims:inArticle", _article_of(row["id"]))
    _check_roles(row)
    _say_who(block, row, "role", "tier")
    block.say_prose("aims:condition", row["condition"])
    if practice:
        block.say_prose("skos:scopeNote", practice["exceptions_or_scope"])
    _say_dates(block, row)
    return block


def _say_related(block: Block, row: Row, iso: Index) -> Block:
    related = [iso.find(row, ISO_42001, one) for one in row.parts("related_iso42001")]
    return block.say("aims:relatedTo", *[name(one) for one in related])


def _check_roles(row: Row) -> None:
    unknown = [role for role in row.parts("role") if role not in {*ROLES, "any operator"}]
    if unknown:
        raise row.error(f"unknown role {unknown[0]!r}")


def _say_dates(block: Block, row: Row) -> None:
    original, current = row["applies_from_original"], row["applies_from_current"]
    annex_i = row["applies_from_annex_i"]
    deferred = annex_i == "2028-08-02"
    block.say_day("aims:appliesFromOriginal", original)
    block.say_day("aims:appliesFrom", current)
    if deferred:
        block.say_day("aims:appliesFromOriginalAnnexI", "2027-08-02")
    block.say_day("aims:appliesFromAnnexI", annex_i)
    block.say_day("aims:practicalFrom", row["practical_from"])
    block.say_day("aims:practicalFromAnnexI", row["practical_from_annex_i"])
    block.say_prose("aims:dateNote", row["date_note"])
    if deferred or (original and original != current):
        block.say("aims:datesChangedBy", name(AMENDING_ACT))
    if "2026/1744" in row["date_note"]:
        block.say("aims:amendedBy", name(AMENDING_ACT))


def _annex_iii() -> Iterator[Block]:
    seen: set[str] = set()
    for row in rows("eu_ai_act_annex_iii.csv"):
        area = f"AnnexIII.{row['area']}"
        if row["point"] and area not in seen:
            seen.add(area)
            heading = begin(EU_AI_ACT, area, row["area_title"], ["Provision"], "AnnexIII")
            yield heading.say("aims:isHeading", "true")
        parent = area if row["point"] else "AnnexIII"
        block = begin(EU_AI_ACT, row["id"], row["short_label"], ["AnnexIIIPoint"], parent)
        block.say_prose("dcterms:description", row["official_text"])
        block.say("aims:forTier", aims("HighRiskTier"))
        block.say_prose("aims:condition", row["area_condition"])
        block.say_day("aims:appliesFromOriginal", row["original_application_date"])
        block.say_day("aims:appliesFrom", row["application_date"])
        block.say("aims:datesChangedBy", name(AMENDING_ACT))
        if row["amended_by_2026_1744"] == "yes":
            block.say("aims:amendedBy", name(AMENDING_ACT))
        yield block


def natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts 9 before 10 and 4 before 4a."""
    parts = re.findall(r"\d+|[^\d]+", text)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
