"""The design holds for whoever reads in two colours, without motion, or by keyboard; strains.py strains every page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SEEN = "one => one.checkVisibility()"  # what a closed menu keeps back has a place all the same
# What has the focus, where the bar at the top lies over it.
COVERED = """() => {
  const focused = document.activeElement;
  const box = focused.getBoundingClientRect();
  const bar = document.querySelector(".masthead-leave").getBoundingClientRect();
  if (focused.closest(".masthead, .skip-link") || focused === document.body) return null;
  return box.top < bar.bottom - 1 ? focused.outerHTML.slice(0, 120) : null;
}"""


def test_what_can_be_pressed_has_an_edge_where_colours_are_the_readers(demo, open_page) -> None:
    page = open_page(demo.home, forced_colors="active")
    page.goto("/")

    edges = page.locator(".button").evaluate_all("all => all.map((one) => getComputedStyle(one).borderTopStyle)")
    lines = page.locator(".clay-line").evaluate_all("all => all.map((one) => getComputedStyle(one).stroke)")

    assert set(edges) == {"solid"}
    assert len(set(lines)) == 1  # of the reader's own text
    assert lines[0] == page.evaluate("getComputedStyle(document.body).color")


def test_nothing_moves_for_whoever_wants_no_motion(demo, open_page) -> None:
    still = open_page(demo.home, reduced_motion="reduce")
    moving = open_page(demo.home, reduced_motion="no-preference")
    lasting = "getComputedStyle(document.querySelector('.button')).transitionDuration"

    for page in (still, moving):
        page.goto("/")

    assert still.evaluate(lasting) == "0s"
    assert moving.evaluate(lasting) != "0s"


def test_what_stays_at_the_top_never_lies_over_what_has_the_focus(demo, open_page) -> None:
    page = open_page(demo.home, width=360)
    page.set_viewport_size({"width": 360, "height": 420})
    page.goto("/intake/part-1")
    page.get_by_role("button", name="Save and go on").click()
    stops = page.locator("main a, main input, main select, main button").count()
    assert stops > 5
    covered = []

    for key in ("Tab", "Shift+Tab"):
        for _ in range(stops + 8):
            page.keyboard.press(key)
            covered.append(page.evaluate(COVERED))

    assert [one for one in covered if one] == []


def test_the_desks_menu_opens_on_a_phone_and_is_a_line_on_a_wide_screen(demo, open_page) -> None:
    page = open_page(demo.home, scripts=False)
    page.goto("/staff/sign-in")
    page.get_by_label("Email address").fill("mara@lantern.example")
    page.get_by_label("Password").fill("lantern-house-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/", wait_until="load")  # with its styles
    link = page.locator(".menu a", has_text="Schedule")

    assert link.evaluate(SEEN)
    page.set_viewport_size({"width": 360, "height": 800})
    assert not link.evaluate(SEEN)
    page.get_by_text("Menu", exact=True).click()
    assert link.evaluate(SEEN)
    link.click()
    expect(page).to_have_url(re.compile("/staff/schedule/"))
