"""ISO/IEC 42001 and ISO/IEC 27001: clauses, Annex A controls, and Annex C of the former."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from elements import ISO_27001, ISO_42001, begin
from facts import Row, rows
from layout import Block, aims, prose, string

CHECK_MODES: Final = {
    "automatic": "Automatic",
    "partly": "Partly",
    "human judgement": "HumanJudgement",
}
DOCUMENTATION: Final = {"required": "Required", "implied": "Implied"}
ANNEX_C: Final = {"objective": "AIObjectiveTheme", "risk_source": "RiskSource"}
THEMES: Final = {
    "A.5": "Organizational controls",
    "A.6": "People controls",
    "A.7": "Physical controls",
    "A.8": "Technological controls",
}


def iso_42001() -> Iterator[Block]:
    """Yield the elements of ISO/IEC 42001 in their order."""
    evidence = {row["id"]: row for row in rows("evidence_expectations.csv")}
    for row in rows("iso42001_clauses.csv"):
        yield _clause_42001(row, evidence)
    yield from _annex_a(evidence)
    for row in rows("iso42001_annex_c.csv"):
        kind = row.translated("kind", ANNEX_C)
        block = begin(ISO_42001, row["id"], row["title"], [kind])
        yield block.say_prose("dcterms:description", row["paraphrase"])


def _clause_42001(row: Row, evidence: dict[str, Row]) -> Block:
    asks = row["is_requirement"] == "true"
    kind = "RequirementClause" if asks else "Clause"
    block = begin(ISO_42001, row["clause"], row["title"], [kind], row["parent"])
    block.say_prose("dcterms:description", row["evidence_paraphrase"])
    if not asks:
        return block.say("aims:isHeading", "true")
    need = row.translated("documented_information", DOCUMENTATION)
    block.say("aims:documentedInformation", aims(need))
    return _say_evidence(block, row, evidence.get(row["clause"]))


def _annex_a(evidence: dict[str, Row]) -> Iterator[Block]:
    seen: set[str] = set()
    for row in rows("iso42001_annex_a.csv"):
        parent = ""
        for level in ("objective_group", "sub_objective"):
            heading = row[f"{level}_id"]
            if heading and heading not in seen:
                seen.add(heading)
                title = row[f"{level}_title"]
                block = begin(ISO_42001, heading, title, ["ControlObjective"], parent)
                yield block.say("aims:isHeading", "true")
            parent = heading or parent
        types = ["ReferenceControl", "AssessableRequirement"]
        control = begin(ISO_42001, row["control_id"], row["title"], types, parent)
        control.say_prose("dcterms:description", row["paraphrase"])
        control.say("aims:guidanceId", string(row["annex_b_guidance_id"]))
        yield _say_evidence(control, row, evidence.get(row["control_id"]))


def _say_evidence(block: Block, row: Row, expected: Row | None) -> Block:
    if expected is None:
        raise row.error("evidence_expectations.csv has no row for this requirement")
    mode = expected.translated("machine_checkable", CHECK_MODES)
    return (
        block.say("aims:machineCheckable", aims(mode))
        .say_prose("aims:evidenceExpected", expected["evidence_expected"])
        .say_prose("aims:crossRecordRule", expected["cross_record_rule"])
        .say_prose("aims:selfAssessmentQuestion", expected["self_assessment_question"])
        .say_prose("aims:guidanceNote", expected["guidance_note"])
    )


def iso_27001() -> Iterator[Block]:
    """Yield the elements of ISO/IEC 27001 in their order."""
    everything = list(rows("iso27001_2022.csv"))
    parents = {row["parent"] for row in everything}
    seen: set[str] = set()
    for row in everything:
        if row["kind"] == "clause":
            block = begin(ISO_27001, row["id"], row["title"], ["Clause"], row["parent"])
            yield block.say("aims:isHeading", "true") if row["id"] in parents else block
            continue
        theme = row["parent"]
        if theme not in seen:
            seen.add(theme)
            heading = begin(ISO_27001, theme, THEMES[theme], ["ControlObjective"])
            yield heading.say("aims:isHeading", "true")
        control = begin(ISO_27001, row["id"], row["title"], ["ReferenceControl"], theme)
        control.say("aims:controlTheme", prose(row["theme"]))
        if row["new_in_2022"] == "true":
            control.say("aims:isNewInEdition", "true")
        yield control
