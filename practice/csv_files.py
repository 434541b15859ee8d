"""Files of comma-separated values: quoted as RFC 4180 has it, and such that no spreadsheet runs a cell. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, or drop what stands before one."""
SKIPPED = " \u00a0\ufeff"
"""What a spreadsheet skips at the beginning of a cell."""
TYPE = "text/csv; charset=utf-8"
BYTE_ORDER_MARK = "\ufeff"
"""By which Excel knows that words are UTF-8; without it letters with accents come out wrong there."""


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The file: headings, then the rows, each cell safe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(cell) for cell in headings])
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()


def safe_cell(text: str) -> str:
    """The text, such that no spreadsheet takes it for a formula; plain numbers stay as they are."""
    if NUMBER.fullmatch(text):
        return text
    return f"'{text}" if text.lstrip(SKIPPED).startswith(FORMULAS) else text
