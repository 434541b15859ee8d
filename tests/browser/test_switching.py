"""Another language for a page that is being filled in, in a browser: what was typed stays, or it is asked first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support import intake
from tests.support.road import Traveller

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]


def speaks(page: Page, language: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_page_of_the_intake_speaks_the_other_language_and_holds_what_was_typed(here, open_page, scripts: bool):
    client = Traveller(open_page(here.home, width=360, scripts=scripts))
    page, code = client.page, intake.CODE
    client.goes_to_the_intake()
    client.fills_in(intake.answers_to(1))
    page.get_by_role("button", name="Save and go on").click()
    client.fills_in(intake.answers_to(2, preferred_name="Zebrafinch"))

    page.get_by_role("button", name="Español").focus()
    page.keyboard.press("Enter")

    speaks(page, "es")
    for name, said in (("preferred_name", "Zebrafinch"), ("email", "robin@mail.example"), ("code_again", code)):
        expect(page.locator(f'[name="{name}"]')).to_have_value(said)
    expect(page.locator('[name="contact_ok"][value="email"]')).to_be_checked()
    page.locator('[name="preferred_name"]').press("Enter")  # the page's own button, not the one in its foot
    expect(page).to_have_url(f"{here.home}/intake/part-3")
    speaks(page, "es")


def test_it_is_asked_first_where_something_typed_would_be_lost(here, open_page):
    page = open_page(here.home, width=360)
    page.goto("/schedule")
    email, asked = page.locator('[name="email"]'), page.get_by_role("dialog")
    email.fill("robin@mail.example")

    page.get_by_role("link", name="Español").press("Enter")
    expect(asked).to_contain_text("isn’t saved yet")
    expect(asked.get_by_role("button", name="Stay here")).to_be_focused()
    page.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(page.get_by_role("link", name="Español")).to_be_focused()
    page.get_by_role("link", name="Español").click()
    asked.get_by_role("button", name="Stay here").click()
    speaks(page, "en")
    expect(email).to_have_value("robin@mail.example")

    page.get_by_role("link", name="Español").click()
    asked.get_by_role("button", name="Switch, and type it again").click()
    speaks(page, "es")
    expect(page.locator('[name="email"]')).to_have_value("")
    page.get_by_role("link", name="English").click()  # nothing is typed here: nothing is asked
    speaks(page, "en")


def test_it_is_asked_first_where_a_form_came_back_with_what_is_wrong(here, open_page):
    page = open_page(here.home)
    page.goto("/schedule")
    page.locator('[name="email"]').fill("robin@mail.example.")
    page.locator('form[action="/intake/link"]').evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()

    page.get_by_role("link", name="Español").click()

    expect(page.get_by_role("dialog")).to_be_visible()
    speaks(page, "en")
