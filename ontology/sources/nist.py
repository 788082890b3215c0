"""The NIST AI Risk Management Framework: functions, categories, subcategories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from elements import NIST_AI_RMF, begin
from facts import rows
from layout import Block

KINDS: Final = {
    "function": "FrameworkFunction",
    "category": "FrameworkCategory",
    "subcategory": "Subcategory",
}


def nist_ai_rmf() -> Iterator[Block]:
    """Yield the elements of the framework in their order; its texts serve as titles."""
    for row in rows("nist_ai_rmf.csv"):
        kind = row.translated("level", KINDS)
        parents = {"Subcategory": row["category"], "FrameworkCategory": row["function"]}
        label = row["text"].removesuffix(".")
        block = begin(NIST_AI_RMF, row["id"], label, [kind], parents.get(kind, ""))
        if kind != "Subcategory":
            block.say("aims:isHeading", "true")
        yield block
