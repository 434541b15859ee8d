"""An owner writes a letter in both languages, looks at it, publishes it, and a reader gets it, in Chromium."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from practice.people import Person
from practice.work import begin_work
from tests.support.offers import open_starts
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.staff import PASSWORD, hire
from tests.support.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

DAY = timedelta(days=1)
OWNER = "olive@practice.example"


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=name, exact=True).first.click()


def book_for_a_reader_of_spanish(here: Town) -> str:
    """The address of somebody who reads Spanish and has an appointment from now on."""
    client = here.practice.new_client()
    with here.practice.app.app_context(), begin_work() as work:
        work.session.get_one(Person, client.person_id).language = "es"
    day = here.clock.now().date() + 3 * DAY
    while not (starts := open_starts(here.practice, day)):
        day += DAY
    here.practice.confirm(here.practice.hold(starts[0], client))
    here.work()
    return client.email


def open_newest_letter(page: Page, here: Town, reader: str) -> None:
    page.goto(here.mailbox)
    page.locator("li", has_text=f"to {reader}").get_by_role("link").first.click()


@IN_BOTH
@pytest.mark.parametrize("scripts", [True, False])
def test_a_letter_in_the_practices_own_words_reaches_its_reader(here, open_page, scripts):
    hire(here.practice, "owner", email=OWNER)
    judge = Inspector()
    page = open_page(here.home, scripts=scripts)
    page.goto("/staff/")
    page.get_by_label("Email address").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")

    follow(page, "Setting up")
    follow(page, "Letters")
    if scripts:
        judge.judge(page, "letters")
    follow(page, "An appointment stands.")
    page.get_by_label("Text, in English", exact=True).fill("We look forward to it on {wen}.")
    page.get_by_label("Text, in Spanish", exact=True).fill("Le esperamos el {when}.")
    press(page, "Save the draft")
    expect(page.get_by_role("alert")).to_contain_text("{wen} is no placeholder of this text. There are: {when}.")
    expect(page.get_by_label("Text, in Spanish", exact=True)).to_have_value("Le esperamos el {when}.")
    if scripts:
        judge.judge(page, "letter-with-errors")

    page.get_by_label("Text, in English", exact=True).fill("We look forward to our session on {when}.")
    press(page, "Save the draft")
    expect(page.get_by_role("main")).to_contain_text(
        "“session” may tell somebody else in the house what the letter is about."
    )
    expect(page.get_by_role("main")).to_contain_text("Le esperamos el martes 10 de marzo, 3:00 p.m., hora oriental.")
    if scripts:
        judge.judge(page, "letter-preview")
    press(page, "Send it to me")
    here.work()
    open_newest_letter(sample := open_page(here.home), here, OWNER)
    expect(sample.locator("body")).to_contain_text("We look forward to our session on Tuesday 10 March")

    page.get_by_label("I read both, and they say the same").check()
    press(page, "Publish in both languages")
    expect(page.get_by_role("main")).to_contain_text("your own words")
    if scripts:
        judge.judge(page, "letter")

    reader = book_for_a_reader_of_spanish(here)
    open_newest_letter(sample, here, reader)
    expect(sample.get_by_role("heading", level=1)).to_contain_text("Su cita")
    expect(sample.locator("body")).to_contain_text("Le esperamos el ")
    assert judge.findings == []
