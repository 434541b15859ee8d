"""The client's road by keyboard alone: everything can be reached and used, and the focus can always be seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from practice.presenting import LEAVE_TO
from tests.support import intake
from tests.support.keyboard import Typist
from tests.support.road import FOR_THE_RECORDS, Traveller

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DULL = LEAVE_TO["US"]
MINE = {"preferred_name": "Vesna", "email": "vesna@mail.example"}
PARTS_WITH_ERRORS = (2, 4)


def test_somebody_without_a_mouse_books_begins_the_questions_and_leaves(demo, open_page):
    page = open_page(demo.home, width=360, elsewhere=DULL)
    reader, typist = Traveller(page), Typist(page)
    link, button = lambda name: page.get_by_role("link", name=name), lambda name: page.get_by_role("button", name=name)

    page.goto("/")
    typist.presses(link("Schedule a session").first)
    typist.presses(link("Begin"))
    for number in intake.PARTS:
        agrees_where_it_is_asked(typist)
        if number in PARTS_WITH_ERRORS:
            typist.presses(button("Save and go on"))
            is_led_to_each_error(typist)
        typist.fills_in(intake.answers_to(number, **intake.own_changes(number, MINE)))
        typist.presses(button("Save and go on"))
    typist.presses(link("Go on"))
    typist.presses(button("Send my answers and choose a time"))
    typist.presses(link("See the times with Mara Okafor"))
    typist.presses(page.locator("button.slot").first)
    reader.sees("We keep this time for you")
    typist.presses(link("Continue to payment"))
    agrees_where_it_is_asked(typist)
    reader.sees("Before you pay")
    typist.fills_in(FOR_THE_RECORDS)
    typist.presses(button(re.compile("^(Pay|Go on)")))
    reader.sees("Your estimate")
    unseen = list(typist.unseen)  # the checkout's page is the payment service's own
    typist.presses(button(re.compile("^Pay")))
    typist.presses(button(re.compile("^Pay")).first)
    reader.sees("Your appointment stands")
    typist.unseen = unseen

    page.goto("/you")
    typist.presses(link("Begin"))
    typist.types(page.locator('[name="pronouns"]'), "they")
    typist.presses(button("Save and go on"))
    typist.presses(button("Save and go on"))
    is_led_to_each_error(typist)
    typist.fills_in({name: intake.MORE[name] for name in intake.asked_on(page.content()) if name in intake.MORE})
    typist.presses(button("Save and go on"))
    reader.sees("Where trust was hurt")

    typist.goes_to(link("Back"))
    typist.goes_to(button("Leave this page"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(DULL)
    assert typist.unseen == []


def agrees_where_it_is_asked(typist: Typist) -> None:
    if "/intake/agree" not in typist.page.url:
        return
    for tick in typist.page.get_by_role("checkbox").all():
        typist.ticks(tick)
    typist.presses(typist.page.get_by_role("button", name="Go on"))


def is_led_to_each_error(typist: Typist) -> None:
    """The summary has the focus; each of its lines leads to its field, where somebody can go on at once."""
    page = typist.page
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    typist.watches()
    lines = summary.get_by_role("link").all()
    assert lines
    for line in lines:
        target = (line.get_attribute("href") or "").removeprefix("#")
        summary.focus()
        typist.goes_to(line)
        page.keyboard.press("Enter")
        expect(page.locator(f'[id="{target}"]')).to_be_focused()
        typist.watches()
