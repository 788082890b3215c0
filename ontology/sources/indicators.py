"""Indicators that AI management systems commonly track, as editable defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from elements import ISO_42001, Index
from facts import rows
from layout import BASE, Block, aims, name, prose, string

DIRECTIONS: Final = {"down": "Down", "up": "Up"}


def indicators(index: Index) -> Iterator[Block]:
    """Yield the definitions of the indicators."""
    for row in rows("kpis.csv"):
        served = [index.find(row, ISO_42001, one) for one in row.parts("serves")]
        yield (
            Block(f"{BASE}/kpi/{row['id']}", [aims("KPIDefinition")])
            .say("rdfs:label", prose(row["name"]))
            .say("dcterms:identifier", string(row["id"]))
            .say("dcterms:description", prose(row["measures"]))
            .say("aims:formula", prose(row["formula"]))
            .say("aims:goodDirection", aims(row.translated("good_direction", DIRECTIONS)))
            .say("aims:typicalTarget", prose(row["typical_target"]))
            .say("aims:addresses", *[name(one) for one in served])
        )
