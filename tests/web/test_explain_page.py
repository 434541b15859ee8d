"""The page that explains a day: it says what the command says, to those whose time it is."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from practice.booking.explaining import explain_day, explain_lines
from practice.booking.offers.queries import get_staff_offer
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import ADA, COUPLE, NOOR, block, confirmed, resource_of
from tests.support.staff import desk
from tests.support.story import Practice

EXPLAIN = "/staff/schedule/explain"


def rows(browser: Browser, day: str, therapist: str = ADA) -> list[str]:
    """The words of each row of the table."""
    answer = browser.get(EXPLAIN, query_string={"therapist": therapist, "offering": COUPLE, "day": day})
    assert answer.status_code == 200
    found = re.findall(r"<tr[^>]*>(.*?)</tr>", answer.text, re.DOTALL)[1:]
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def test_the_page_says_of_each_candidate_what_the_command_says(practice: Practice) -> None:
    held = confirmed(practice, MONDAY_NINE)
    block(practice, resource_of(practice), MONDAY_TEN)

    shown = rows(desk(practice, "coordinator"), "2027-05-10")

    with practice.app.app_context():
        explained = explain_day(get_staff_offer(ADA, COUPLE), date(2027, 5, 10), practice.clock.now())
        lines = list(explain_lines(explained))[1:]
    assert len(shown) == len(lines) == 15
    assert f"session {held.reference}, 9:00 am to 10:00 am, confirmed" in shown[0]
    for row, one, line in zip(shown, explained.candidates, lines, strict=True):
        assert one.says in row
        assert one.says in line
        assert ("Offered" in row) is line.endswith("  offered")


def test_no_clients_name_stands_there(practice: Practice) -> None:
    held = confirmed(practice, MONDAY_NINE)

    assert not [row for row in rows(desk(practice, "coordinator"), "2027-05-10") if held.payer.name in row]


def test_a_day_without_candidates_says_why(practice: Practice) -> None:
    asked = {"therapist": ADA, "offering": COUPLE, "day": "2027-05-16"}

    page = desk(practice, "coordinator").get(EXPLAIN, query_string=asked)

    assert "no hours on this weekday" in page.text


def test_a_therapist_has_their_own_days_explained_alone(practice: Practice) -> None:
    browser = desk(practice, "therapist", therapist=ADA)

    assert len(rows(browser, "2027-05-10")) == 15
    asked = {"therapist": NOOR, "offering": COUPLE, "day": "2027-05-10"}
    assert browser.get(EXPLAIN, query_string=asked).status_code == 404


@pytest.mark.parametrize("day", ["monday", "10000-01-01"])
def test_a_date_that_cannot_be_read_is_refused(practice: Practice, day: str) -> None:
    assert desk(practice, "owner").get(EXPLAIN, query_string={"day": day}).status_code == 422
