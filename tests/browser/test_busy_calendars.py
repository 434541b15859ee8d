"""A therapist adds a calendar of their own, reads what is wrong with it, and takes it away, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.calendar_servers import calendar, response, serving
from tests.support.offers import ADA
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.readings import lead_to, poll
from tests.support.staff import PASSWORD, hire

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.databases("sqlite"),
]


@pytest.fixture
def judge() -> Inspector:
    return Inspector()


def signed_in(page: Page, email: str) -> Page:
    page.goto("/staff/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_calendar_is_looked_at_added_changed_emptied_and_taken_away(here, open_page, judge):
    ada = hire(here.practice, "therapist", therapist=ADA)
    page = signed_in(open_page(here.home, scripts=False), ada.email)
    page.goto("/staff/calendar")
    page.get_by_role("link", name="Calendars that keep you busy").click()
    page.get_by_role("link", name="Add a calendar").click()
    page.get_by_label("Its secret address").fill("my calendar")
    press(page, "Look at it")
    expect(page.get_by_role("alert")).to_contain_text("This is no web address")
    expect(page.get_by_role("alert")).to_contain_text("Give it a name")

    page.get_by_label("Its secret address").fill(f"{here.sandbox.address}/sandbox/calendar/private.ics")
    page.get_by_label("What you call it").fill("Choir and family")
    page.get_by_label("Keep the whole day from being booked").check()
    press(page, "Look at it")
    expect(page.get_by_role("heading", name="This is what we read")).to_be_visible()
    press(page, "Add this calendar")
    expect(page.get_by_role("status")).to_contain_text("Added.")
    expect(page.get_by_text("Busy in the next 7 days:")).to_be_visible()

    page.get_by_role("link", name="Choir and family").click()
    page.get_by_label("What you call it").fill("Choir")
    page.get_by_label("Leave them out").check()
    press(page, "Save")
    expect(page.get_by_role("heading", level=1, name="Choir")).to_be_visible()
    press(page, "Read it now")
    expect(page.get_by_role("status")).to_contain_text("Read just now.")
    page.get_by_role("link", name="Take this calendar away").click()
    press(page, "Take it away")
    expect(page.get_by_text("No calendar is read so far.")).to_be_visible()


@IN_BOTH
def test_every_state_of_these_pages_can_be_used_by_everybody(here, open_page, judge):
    ada = hire(here.practice, "therapist", therapist=ADA)
    page = signed_in(open_page(here.home), ada.email)

    def look(name: str) -> None:
        judge.judge(page, name)

    page.goto("/staff/calendar/busy/")
    look("busy-none")
    page.goto("/staff/calendar/busy/new")
    look("busy-new")
    press(page, "Look at it")
    look("busy-new-with-errors")
    address = f"{here.sandbox.address}/sandbox/calendar/private.ics"
    page.get_by_label("Its secret address").fill(address)
    page.get_by_label("What you call it").fill("Choir and family, and whatever else there may be in it")
    press(page, "Look at it")
    look("busy-new-found")
    press(page, "Add this calendar")
    look("busy")
    page.get_by_role("link", name="Choir and family").click()
    look("busy-calendar")
    reference = page.url.rsplit("/", 1)[1]
    page.get_by_role("link", name="Take this calendar away").click()
    look("busy-take-away")
    with serving(response(calendar())) as emptied:
        lead_to(here.practice, reference, emptied.url)
        poll(here.practice, reference)
    page.goto(f"/staff/calendar/busy/{reference}")
    expect(page.get_by_role("button", name="It is really empty now")).to_be_visible()
    look("busy-calendar-emptied")
    page.goto("/staff/calendar/busy/")
    look("busy-with-trouble")
    here.clock.advance(minutes=59)
    page.goto("/staff/calendar")
    look("feed")

    assert judge.findings == []
