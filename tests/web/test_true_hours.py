"""What somebody is told after a crisis answer: true hours, whatever the day, and contact for that person alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from practice.booking.visitor import ZONE_KEY
from practice.setup import actions
from practice.work import begin_work
from tests.support.intake import answer_until

HOURS = "Such notes are read Monday to Friday, 9:00 am to 5:00 pm (Eastern Time), public holidays apart."


def told(practice, clock, now: datetime, browser=None, **answers) -> str:
    clock.set(now)
    browser = browser or practice.browser()
    answer_until(browser, 7, **(answers or {"self_harm": "plan"}))
    page = browser.get("/intake/next")
    assert page.status_code == 200
    return " ".join(page.text.split())


@pytest.mark.parametrize(
    ("now", "when"),
    [
        (datetime(2027, 5, 5, 12, 59, tzinfo=UTC), "Wednesday 5 May, 9:00 am Eastern Time"),
        (datetime(2027, 5, 5, 21, 0, tzinfo=UTC), "Thursday 6 May, 9:00 am Eastern Time"),
        (datetime(2027, 5, 8, 15, 0, tzinfo=UTC), "Monday 10 May, 9:00 am Eastern Time"),  # a Saturday
        (datetime(2027, 5, 29, 15, 0, tzinfo=UTC), "Tuesday 1 June, 9:00 am Eastern Time"),  # Monday is a holiday
        (datetime(2027, 3, 13, 15, 0, tzinfo=UTC), "Monday 15 March, 9:00 am Eastern Time"),  # the clock goes forward
        (datetime(2027, 11, 6, 15, 0, tzinfo=UTC), "Monday 8 November, 9:00 am Eastern Time"),  # and back
    ],
)
@pytest.mark.databases("sqlite")
def test_outside_the_hours_the_next_time_is_named(practice, clock, now, when):
    page = told(practice, clock, now)
    assert HOURS in page
    assert ". It is outside those hours now; they are read next on" in page
    assert f">{when}</time>" in page


@pytest.mark.databases("sqlite")
def test_within_the_hours_it_says_so_and_names_no_later_time(practice, clock):
    page = told(practice, clock, datetime(2027, 5, 5, 14, 0, tzinfo=UTC))
    assert "That is now." in page
    assert "read next on" not in page


@pytest.mark.databases("sqlite")
def test_somebody_elsewhere_reads_their_own_clock_and_the_practices(practice, clock):
    browser = practice.browser()
    with browser.session_transaction(base_url=browser.home) as session:
        session[ZONE_KEY] = "America/Los_Angeles"
    page = told(practice, clock, datetime(2027, 5, 8, 15, 0, tzinfo=UTC), browser)
    assert "Monday 10 May, 6:00 am Pacific Time" in page
    assert "Monday 10 May, 9:00 am Eastern Time where the practice is" in page


def test_a_practice_that_said_no_hours_promises_none(practice, clock):
    with practice.app.app_context(), begin_work() as work:
        actions.set_desk_hours(work, "command", "", None)
    page = told(practice, clock, datetime(2027, 5, 5, 14, 0, tzinfo=UTC))
    assert "We can’t promise you a time" in page
    assert "Such notes are read" not in page


@pytest.mark.parametrize("private", [{"self_harm": "plan"}, {"self_harm": "prefer_talk"}])
@pytest.mark.databases("sqlite")
def test_contact_alone_is_offered_to_that_person_and_to_nobody_else(practice, clock, private):
    now = datetime(2027, 5, 5, 14, 0, tzinfo=UTC)
    page = told(practice, clock, now, **private)
    assert "contacts you alone, in the way you chose" in page
    assert "individual sessions too" in page
    other = practice.browser()
    answer_until(other, 7)
    assert other.get("/intake/next").location == "/intake/check"
    for address in ("/intake/support", "/schedule", "/intake/check"):
        assert "contacts you alone" not in other.get(address).text
