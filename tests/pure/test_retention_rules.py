"""What runs out when: the table, the page that shows it, and the constants that the rooms go by."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from practice.intake.queries import INTAKE_LIFE
from practice.intake.running_out import PLACE_WISH_LIFE
from practice.partners.queries import ADDRESS_KEPT
from practice.people import LINK_LIFE, SESSION_LIFE
from practice.rights.access.rules import HANDED_FOR
from practice.rights.fates import GOES, STAYS
from practice.rights.rules import DOCUMENTS, RECORDS, RULES, Terms, is_over, years_before

DOC = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_the_page_about_privacy_shows_the_table():
    shown = re.findall(r"^\| ([^|`]+) \| ([^|`]+) \| ([^|`]+) \| ([^|`]+) \|$", DOC.read_text(), re.MULTILINE)
    rows = [row for row in shown if row[0] != "What" and not row[0].startswith("--")]
    assert rows == [(rule.what, rule.after, rule.says(Terms()), rule.goes) for rule in RULES]


def test_the_page_about_privacy_says_what_goes_with_its_person_and_what_stays():
    shown = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", DOC.read_text(), re.MULTILINE)
    assert shown == [*GOES.items(), *STAYS.items()]


def test_the_table_says_what_the_rooms_do():
    lives = [rule.life for rule in RULES]
    assert lives == [
        INTAKE_LIFE,
        INTAKE_LIFE,
        INTAKE_LIFE,  # of the part before the session: running_out.find_unsent_parts
        INTAKE_LIFE,
        INTAKE_LIFE,  # of somebody whom the practice entered: rights/running_out.py
        ADDRESS_KEPT,
        PLACE_WISH_LIFE,
        INTAKE_LIFE,
        SESSION_LIFE,
        LINK_LIFE,
        HANDED_FOR,
        RECORDS,
        DOCUMENTS,
    ]
    assert Terms(3, 6).years(RECORDS) == 3
    assert Terms(3, 6).years(DOCUMENTS) == 6


@pytest.mark.parametrize(
    ("day", "years", "before"),
    [
        (date(2034, 5, 10), 7, date(2027, 5, 10)),
        (date(2032, 2, 29), 7, date(2025, 2, 28)),
        (date(2032, 2, 29), 4, date(2028, 2, 29)),
        (date(2027, 5, 10), -10, date(2037, 5, 10)),
    ],
)
def test_years_are_counted_by_the_calendar(day, years, before):
    assert years_before(day, years) == before


def test_the_last_day_counts_and_the_one_before_does_not():
    ended = datetime(2027, 5, 10, 9, 50, tzinfo=UTC)
    assert is_over(ended, datetime(2034, 5, 10, tzinfo=UTC), 7)
    assert not is_over(ended, datetime(2034, 5, 10, tzinfo=UTC) - timedelta(seconds=1), 7)
