"""The states of an access request and by when it is due, held against docs/rights.md."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.rights.access.rules import (
    LIMITS,
    OPEN,
    TRANSITIONS,
    WARNED_BEFORE,
    Limit,
    NoSuchStep,
    State,
    Step,
    is_due_soon,
    is_overdue,
    limits_of,
    may_have_arrived,
    months_after,
    next_state,
)

DOC = Path(__file__).parents[2] / "docs" / "rights.md"
ROW = re.compile(r"^\| ([a-z_]+) \| ([a-z_]+) \| ([a-z_]+) \|$", re.MULTILINE)
DUE = re.compile(r"^\| ([\w ]+) \| (\d+ \w+) \| (\d+ \w+) \| [^|]+ \|$", re.MULTILINE)
COUNTRIES = {"US": "United States", "CA": "Canada", "GB": "United Kingdom", "DE": "any other"}


def test_the_page_shows_exactly_the_table() -> None:
    shown = {(State(row[0]), Step(row[1])): State(row[2]) for row in ROW.findall(DOC.read_text())}

    assert shown == TRANSITIONS


def test_the_page_shows_by_when_each_is_due() -> None:
    def said(limit: Limit) -> str:
        if limit.months:
            return "1 month" if limit.months == 1 else f"{limit.months} months"
        return f"{limit.days} days"

    shown = {name: (first, extended) for name, first, extended in DUE.findall(DOC.read_text())}
    meant = {name: (said(limits_of(code).first), said(limits_of(code).extended)) for code, name in COUNTRIES.items()}
    assert shown == meant
    assert set(LIMITS) == set(COUNTRIES) - {"DE"}


@pytest.mark.parametrize(("state", "step"), sorted(set(product(State, Step)) - set(TRANSITIONS)))
def test_what_is_not_in_the_table_is_a_bug_of_the_caller(state: State, step: Step) -> None:
    with pytest.raises(NoSuchStep):
        next_state(state, step)


def test_nothing_is_handed_over_or_refused_before_somebody_made_sure_who_asks() -> None:
    decided = {before for (before, step) in TRANSITIONS if step in {Step.HAND_OVER, Step.REFUSE}}

    assert decided == {State.CHECKED}
    assert {before for (before, step), after in TRANSITIONS.items() if after is State.CHECKED} == {*OPEN}


@pytest.mark.parametrize(
    ("country", "arrived", "due", "extended"),
    [
        ("US", date(2027, 1, 31), date(2027, 3, 2), date(2027, 4, 1)),
        ("CA", date(2027, 5, 5), date(2027, 6, 4), date(2027, 7, 4)),
        ("GB", date(2027, 1, 31), date(2027, 2, 28), date(2027, 4, 30)),
        ("GB", date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 30)),
        ("GB", date(2027, 5, 5), date(2027, 6, 5), date(2027, 8, 5)),
        ("GB", date(2027, 11, 30), date(2027, 12, 30), date(2028, 2, 29)),
        ("IE", date(2027, 12, 31), date(2028, 1, 31), date(2028, 3, 31)),
    ],
)
def test_the_day_on_which_it_is_due(country: str, arrived: date, due: date, extended: date) -> None:
    limits = limits_of(country)

    assert (limits.first.after(arrived), limits.extended.after(arrived)) == (due, extended)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
def test_months_are_those_of_the_calendar_and_never_skip_one(day: date, months: int) -> None:
    after = months_after(day, months)

    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after.day < day.day and (after + timedelta(days=1)).day == 1)


def test_its_last_day_is_in_time_and_the_next_is_not() -> None:
    due = date(2027, 6, 4)

    assert not is_overdue(due, due)
    assert is_overdue(due, due + timedelta(days=1))
    assert is_due_soon(due, due)
    assert is_due_soon(due, due - WARNED_BEFORE)
    assert not is_due_soon(due, due - WARNED_BEFORE - timedelta(days=1))
    assert not is_due_soon(due, due + timedelta(days=1))


def test_a_request_arrived_today_or_within_a_year() -> None:
    today = date(2027, 5, 5)

    assert may_have_arrived(today, today)
    assert may_have_arrived(date(2026, 5, 5), today)
    assert not may_have_arrived(date(2026, 5, 4), today)
    assert not may_have_arrived(date(2027, 5, 6), today)
