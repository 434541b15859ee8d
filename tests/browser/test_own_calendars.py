"""A therapist's own calendar, written to and asked about, and a session that meets a busy time, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from practice.booking.lifecycle import State
from tests.support.offers import ADA, confirmed, open_starts, see
from tests.support.own_calendars import add_calendar, hours
from tests.support.pictures import Inspector
from tests.support.radicale import PASSWORD as APP_PASSWORD
from tests.support.radicale import USER, Radicale, folder_for
from tests.support.reader import IN_BOTH
from tests.support.staff import PASSWORD, hire
from tests.support.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

DAY = timedelta(days=1)


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    server = Radicale(folder_for(tmp_path))
    yield server
    server.stop()


def first_open(here: Town) -> datetime:
    """An open time of Ada's, some days from now."""
    day = here.clock.now().date() + 3 * DAY
    while not (starts := open_starts(here.practice, day)):
        day += DAY
    return starts[0]


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def signed_in(page: Page, email: str) -> Page:
    page.goto("/staff/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    return page


@IN_BOTH
def test_what_is_moved_in_ones_own_calendar_moves_once_one_says_so(here, open_page, radicale):
    path = radicale.make_calendar("work")
    ada = hire(here.practice, "therapist", therapist=ADA)
    start = first_open(here)
    held = confirmed(here.practice, start)
    judge = Inspector()
    page = signed_in(open_page(here.home), ada.email)

    page.goto("/staff/calendar")
    with page.expect_navigation():
        page.get_by_role("link", name="An account of yours").click()
    press(page, "Connect")
    judge.judge(page, "accounts-with-errors")
    page.get_by_label("Another server").check()
    page.get_by_label("Address of the server").fill(radicale.url)
    page.get_by_label("User name").fill(USER)
    page.get_by_label("App password").fill(APP_PASSWORD)
    press(page, "Connect")
    account = page.url
    page.get_by_label("Work").first.check()
    press(page, "Save")
    here.work()
    page.goto(account)
    judge.judge(page, "account")
    [there] = radicale.objects(path)

    radicale.rewrite(
        there, DTSTART=f"{start + DAY:%Y%m%dT%H%M%SZ}", DTEND=f"{start + DAY + timedelta(minutes=50):%Y%m%dT%H%M%SZ}"
    )
    here.clock.advance(minutes=20)
    here.work()
    page.goto("/staff/")
    expect(page.get_by_text("1 session was moved or deleted in its therapist’s own calendar.")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("link", name="Say what is meant").click()
    judge.judge(page, "calendar-questions")
    with page.expect_navigation():
        page.locator("main a[href*='/staff/schedule/calendar/cq_']").first.click()
    judge.judge(page, "calendar-question")
    assert see(here.practice, held).starts_at == start
    press(page, "Move the session there")
    here.work()

    assert see(here.practice, held).starts_at == start + DAY
    assert list(radicale.objects(path)) == [there]
    page.goto("/staff/")
    expect(page.get_by_text("moved or deleted")).to_have_count(0)
    assert judge.findings == []
    assert [one for one in here.practice.breaches() if not one.startswith("I3")] == []  # nobody paid in this story


@IN_BOTH
def test_a_session_that_meets_a_busy_time_is_left_where_it_is(here, open_page):
    ada = hire(here.practice, "therapist", therapist=ADA)
    start = first_open(here)
    held = confirmed(here.practice, start)
    add_calendar(here.practice, [hours(start, 30)], name="Family")
    here.work()
    judge = Inspector()
    page = signed_in(open_page(here.home, width=360), ada.email)

    with page.expect_navigation():
        page.get_by_role("link", name="See what can be done").click()
    judge.judge(page, "collisions")
    expect(page.get_by_text(re.compile("^Busy in")).filter(has_text="Family")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Both are right: leave it so").click()
    expect(page.get_by_text("None right now.")).to_be_visible()
    judge.judge(page, "collisions-none")

    assert see(here.practice, held).state is State.CONFIRMED
    assert judge.findings == []
    assert [one for one in here.practice.breaches() if not one.startswith("I3")] == []  # nobody paid in this story


@IN_BOTH
def test_every_page_of_feeds_can_be_used_by_everybody(here, open_page):
    boss = hire(here.practice, "owner", therapist=ADA)
    judge = Inspector()
    page = signed_in(open_page(here.home), boss.email)

    for address, name in (("/staff/calendar", "feeds"), ("/staff/calendar/practice", "feeds-of-the-practice")):
        page.goto(address)
        judge.judge(page, name)
        press(page, "Make the address")
        judge.judge(page, f"{name}-with-errors")
        page.get_by_label("Where it is read").fill("My mobile")
        press(page, "Make the address")
        expect(page.get_by_role("heading", name="Copy it now")).to_be_visible()
        judge.judge(page, f"{name}-new")
        page.goto(address)
        with page.expect_navigation():
            page.get_by_role("link", name="My mobile", exact=True).click()
        judge.judge(page, f"{name}-one")

    assert judge.findings == []
