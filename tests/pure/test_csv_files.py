"""Files for spreadsheets: whatever is said in a cell, it stays one cell, and is never run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.csv_files import safe_cell, write_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠", " =", "\u00a0=", "\ufeff="])
def test_no_cell_begins_as_a_formula(start):
    hostile = f"{start}cmd|' /C calc'!A0"
    assert safe_cell(hostile) == f"'{hostile}"


@given(st.text())
def test_whatever_is_said_a_cell_is_a_number_or_no_formula(text):
    cell = safe_cell(text)
    if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        assert float(cell) <= 0
    assert cell in (text, f"'{text}")


@pytest.mark.parametrize("number", ["0", "-40.50", "160.00", "-1", "2027"])
def test_numbers_stay_numbers(number):
    assert safe_cell(number) == number


@pytest.mark.parametrize("almost", ["-1+cmd|'/C calc'!A0", "-", "-1.", "+1", "-1 ", "--1"])
def test_what_only_begins_like_a_number_is_none(almost):
    assert safe_cell(almost) == f"'{almost}"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_whatever_is_said_each_cell_comes_out_as_one(rows):
    headings, *read = csv.reader(io.StringIO(write_csv(["@one", "two"], rows), newline=""))
    assert headings == ["'@one", "two"]
    assert read == [[safe_cell(cell) for cell in row] for row in rows]
