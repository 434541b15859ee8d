"""Choosing a time on a phone, with a thumb, with a keyboard, and without scripts; and how long it is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from practice.people import SESSION_KEY, ClientSession
from practice.tokens import new_token, token_hash
from practice.work import begin_work
from tests.support.keyboard import Typist
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

TIMES = "/times/ada-lindqvist?offering=couple-50"
LONDON = "&zone=Europe/London"  # where what is open from nine to five in New York reaches into the evening
KEPT = "We keep this time for you"
# What a thumb can't hit: everything to press on the page below 44 px, across or down. Links in a sentence aside.
TOO_SMALL = """() => [...document.querySelectorAll(
  "main button, main select, main summary, main .parts a, main .week a, main .actions a, main a.button"
)].filter((one) => one.checkVisibility()).map((one) => [one.getBoundingClientRect(), one.innerText])
  .filter(([box]) => box.width < 43.5 || box.height < 43.5)
  .map(([box, words]) => `${words}: ${box.width} x ${box.height}`)"""
IN_VIEW = "one => { const box = one.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"

OpenPage = Callable[..., Page]


@pytest.fixture
def phone(here: Town, open_page: OpenPage) -> OpenPage:
    """A phone on which a client is at home who may book: phone(scripts=False)."""

    def phone(**options: bool) -> Page:
        page = open_page(here.home, width=360, has_touch=True, **options)
        client, token, app = here.practice.new_client(), new_token(), here.practice.app
        with app.app_context(), begin_work() as work:
            row = ClientSession(
                token_hash=token_hash(token), person_id=client.person_id, expires_at=work.now + timedelta(days=1)
            )
            work.session.add(row)
        signed = app.session_interface.get_signing_serializer(app).dumps({SESSION_KEY: token})  # type: ignore[attr-defined]
        page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": signed, "url": here.home}])
        return page

    return phone


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_thumb_finds_an_evening_and_takes_it(phone, scripts):
    page = phone(scripts=scripts)
    page.goto(TIMES + LONDON)
    assert page.evaluate(TOO_SMALL) == []

    page.get_by_role("link", name="Evenings").tap()
    expect(page.get_by_role("link", name="Evenings")).to_have_attribute("aria-current", "true")
    days = page.get_by_role("navigation", name="Days").get_by_role("link", name=re.compile("open times"))
    wanted = days.nth(2)
    date = str(wanted.get_attribute("aria-label")).partition(",")[0]
    wanted.tap()
    heading = page.get_by_role("heading", name=date, exact=True)
    expect(heading).to_be_in_viewport()
    assert heading.evaluate(IN_VIEW)
    time = page.get_by_role("button", name=re.compile(f"^{date}, 9:00 pm")).last
    time.tap()

    expect(page.get_by_role("heading", level=1)).to_have_text(KEPT)
    expect(page.get_by_role("main")).to_contain_text(f"{date}, 9:00 pm")


def test_the_session_and_the_zone_can_be_changed_and_the_part_stays(phone):
    page = phone()
    page.goto(TIMES + "&when=mornings")

    page.get_by_text("Another session or time zone").tap()
    assert page.evaluate(TOO_SMALL) == []
    page.get_by_label("Times are shown in").select_option("America/Los_Angeles")
    page.get_by_label("Session", exact=True).select_option("individual-50")
    page.get_by_role("button", name="Show").tap()

    expect(page.get_by_role("link", name="Mornings")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("main")).to_contain_text("All times are Pacific Time.")
    expect(page.get_by_role("main")).to_contain_text("Individual session")
    page.get_by_role("link", name="Show times in that zone").tap()  # the device is in New York
    expect(page.get_by_role("main")).to_contain_text("All times are Eastern Time.")
    expect(page.get_by_role("link", name="Mornings")).to_have_attribute("aria-current", "true")


def test_keys_alone_lead_over_a_day_to_a_time_of_it(phone):
    page = phone()
    typist = Typist(page)
    page.goto(TIMES)

    day = page.get_by_role("navigation", name="Days").get_by_role("link", name=re.compile("open times")).nth(3)
    date = str(day.get_attribute("aria-label")).partition(",")[0]
    typist.goes_to(day)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the first time of that day is the next thing
    typist.watches()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(KEPT)
    expect(page.get_by_role("main")).to_contain_text(f"{date}, 9:00 am")
    assert typist.unseen == []


@IN_BOTH
def test_the_page_can_be_used_by_everybody_in_each_of_its_states(phone):
    page, judge = phone(), Inspector()

    for name, path in {
        "times": TIMES,
        "evenings": TIMES + "&when=evenings",
        "another zone": TIMES + LONDON + "&when=evenings",
        "beyond": TIMES + "&from=2099-01-01",
        "waiting list": "/waiting-list?offering=couple-50&when=weekends",
    }.items():
        page.goto(path)
        judge.judge(page, name)

    assert judge.findings == []


def test_what_is_left_of_a_hold_is_said_twice_and_never_counted_down(phone, here):
    page = phone()
    page.clock.install()
    page.goto(TIMES)
    page.locator("button.slot").first.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(KEPT)
    said = page.locator("[data-hold-until]")

    expect(said).to_have_attribute("role", "status")
    page.clock.run_for(timedelta(minutes=4, seconds=50) // timedelta(milliseconds=1))
    expect(said).to_be_empty()
    page.clock.run_for(20_000)
    expect(said).to_have_text("Five minutes are left. Going on to payment gives you half an hour more.")
    page.clock.run_for(timedelta(minutes=3, seconds=30) // timedelta(milliseconds=1))
    expect(said).to_contain_text("Five minutes are left.")
    page.clock.run_for(30_000)
    expect(said).to_have_text("One minute is left. Going on to payment keeps the time for you.")
    page.clock.run_for(90_000)
    expect(said).to_have_text("We no longer keep this time. Reload the page to see where it stands.")
