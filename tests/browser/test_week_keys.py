"""The staff's week is turned by keys, and by nothing else that a key could mean."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_j_and_k_turn_the_week_while_it_has_the_focus(demo, open_page):
    page = open_page(demo.home)
    page.goto("/staff/")
    page.get_by_label("Email address").fill("mara@lantern.example")
    page.get_by_label("Password").fill("lantern-house-demo")
    page.get_by_role("button", name="Sign in").click()
    page.goto("/staff/schedule/?therapist=mara-okafor")
    shown = page.get_by_role("heading", level=1)
    this_week = shown.inner_text()
    week = page.get_by_role("region", name="The week")

    page.keyboard.press("j")
    expect(shown).to_have_text(this_week)  # without the focus a letter is a letter
    week.focus()
    page.keyboard.press("Control+j")
    expect(shown).to_have_text(this_week)
    page.keyboard.press("j")
    expect(shown).not_to_have_text(this_week)
    expect(week).to_be_focused()
    page.keyboard.press("k")
    expect(shown).to_have_text(this_week)
    expect(week).to_be_focused()  # the script of the new page has run
    page.keyboard.press("ArrowRight")
    expect(shown).not_to_have_text(this_week)
