"""Answers as spreadsheets: CSV that no spreadsheet program runs as a formula, and XLSX."""

from __future__ import annotations

import csv
import io
from typing import Final

import pyoxigraph as ox
import xlsxwriter

from aimsgraph.errors import LimitError
from aimsgraph.namespaces import XSD
from aimsgraph.rdf.terms import Term, value_of
from aimsgraph.store.answer import Answer
from aimsgraph.tables import title

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS: Final = {f"{XSD}{name}" for name in ("integer", "decimal", "double", "float")}

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet, its heading among them."""

MOST_TEXT: Final = 32_767
"""Characters of a cell."""

CUT: Final = " ... [cut here: a cell takes no more; other formats have it all]"


def to_csv(answer: Answer) -> str:
    """Return a table as CSV (RFC 4180); text that begins like a formula gets `'` in front."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(answer.variables)
    for row in answer:
        writer.writerow([_safe(cell) for cell in row])
    return output.getvalue()


def to_xlsx(answer: Answer, name: str, about: dict[str, str]) -> bytes:
    """Return a table as a workbook, with a second sheet that tells what it is about.

    Raises:
        LimitError: it has more rows than a sheet.
    """
    if answer.count >= MOST_ROWS:
        raise LimitError(
            "sheet",
            f"{answer.count:,} rows do not fit into a sheet of {MOST_ROWS:,}; ask for less, "
            "or for another format",
        )
    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(output, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        widths = [len(variable) for variable in answer.variables]
        for column, variable in enumerate(answer.variables):
            sheet.write_string(0, column, title(variable), bold)
        for number, row in enumerate(answer.rows, 1):
            for column, cell in enumerate(row):
                widths[column] = max(widths[column], _write(sheet, number, column, cell))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width + 2, 60))
        told = book.add_worksheet("About")
        told.set_column(0, 1, 40)
        for number, (key, value) in enumerate(about.items()):
            told.write_string(number, 0, key, bold)
            told.write_string(number, 1, value)
    return output.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Term | None) -> int:
    text = "" if cell is None else value_of(cell)
    if isinstance(cell, ox.Literal) and cell.datatype.value in _NUMBERS:
        sheet.write_number(row, column, float(text))
    elif text:
        sheet.write_string(row, column, text if len(text) <= MOST_TEXT else _cut(text))
    return len(text)


def _cut(text: str) -> str:
    """Return as much of a text as a cell takes; it says so."""
    return text[: MOST_TEXT - len(CUT)] + CUT


def _safe(cell: Term | None) -> str:
    text = "" if cell is None else value_of(cell)
    is_text = isinstance(cell, ox.Literal) and cell.datatype.value not in _NUMBERS
    return f"'{text}" if is_text and text.startswith(_FORMULA) else text
