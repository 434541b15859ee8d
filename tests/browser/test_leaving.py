"""Leave this page, in a real browser: it is gone at once, and Back finds nothing that somebody wrote."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from practice.database import db
from practice.people import ClientSession
from practice.presenting import LEAVE_TO
from tests.support import intake
from tests.support.road import Traveller
from tests.support.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

DULL = LEAVE_TO["US"]
WRITTEN = "Zebrafinch"
LOOKS = 200


def presses_the_button(page: Page) -> None:
    page.get_by_role("button", name="Leave this page").click()


def presses_shift_three_times(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


def goes_back(page: Page) -> None:
    """By the page's own history, until that has loaded: the browser's protocol refuses to while a page is replaced."""
    with page.expect_navigation():
        page.evaluate("history.back()")


def waits_until_the_pages_are_closed(town: Town, page: Page) -> None:
    """The page is away before the server has heard of it; a Back within those milliseconds is not the matter here."""
    for _ in range(LOOKS):
        with town.practice.app.app_context():
            if db.session.scalar(select(func.count()).select_from(ClientSession)) == 0:
                return
        page.wait_for_timeout(50)
    raise AssertionError("the server never heard that somebody left")


@pytest.mark.parametrize(
    ("scripts", "leave"),
    [(True, presses_the_button), (True, presses_shift_three_times), (False, presses_the_button)],
    ids=["the button", "Shift three times", "the button, without scripts"],
)
def test_somebody_who_comes_in_sees_a_dull_page_and_back_shows_nothing(
    here, open_page, scripts: bool, leave: Callable[[Page], None]
):
    client = Traveller(open_page(here.home, width=360, scripts=scripts, elsewhere=DULL), name=WRITTEN)
    page = client.page
    client.goes_to_the_intake()
    for number in (1, 2, 3):
        changes = {"preferred_name": WRITTEN} if number == 2 else {}
        client.fills_in(intake.answers_to(number, **changes))
        with page.expect_navigation():
            page.get_by_role("button", name="Save and go on").click()
    goes_back(page)
    goes_back(page)
    expect(page.locator('[name="preferred_name"]')).to_have_value(WRITTEN)

    leave(page)
    expect(page).to_have_url(DULL)
    expect(page.locator("body")).to_have_text("Sunny")
    waits_until_the_pages_are_closed(here, page)

    for _ in range(3):
        goes_back(page)
        assert WRITTEN not in page.content()
        assert page.locator('[name="preferred_name"], [name="attending"]').count() == 0


def test_capitals_in_a_name_are_no_reason_to_leave(here, open_page):
    client = Traveller(open_page(here.home, elsewhere=DULL))
    client.goes_to_the_intake()

    for letter in "ABC":
        client.page.keyboard.press(f"Shift+{letter}")

    expect(client.page).to_have_url(f"{here.home}/intake/part-1")
