"""A clinician who has nothing to do with somebody opens them with a reason, and whose they are reads of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.glass import floor
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.staff import PASSWORD, Colleague

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WHY = "She called in tears, and nobody else is here today."


@IN_BOTH
@pytest.mark.databases("sqlite")
def test_a_colleague_says_why_reads_and_closes_and_whose_they_are_knows(here, open_page):
    house, judge = floor(here.practice), Inspector()
    page = signed_in(open_page(here.home), house.colleague)
    story = next(word for word in house.words if word.startswith("Canarybreachstory"))
    page.goto(f"/staff/intakes/{house.robin}")
    expect(page.get_by_text("This is a colleague’s.")).to_be_visible()
    expect(page.get_by_text(story)).to_have_count(0)

    page.get_by_role("link", name="You can open it with a reason").click()
    page.get_by_label("Robin alone").check()
    page.get_by_role("button", name="Open for 24 hours").click()
    expect(page.get_by_role("alert")).to_contain_text("Say why you need to read this.")
    expect(page.get_by_label("Robin alone")).to_be_checked()
    judge.judge(page, "open-with-errors")
    page.get_by_label("Why").fill(WHY)
    page.get_by_role("button", name="Open for 24 hours").click()
    expect(page.get_by_text(story)).to_be_visible()
    expect(page.get_by_text("You opened this with a reason.")).to_be_visible()
    page.get_by_role("link", name="Open “Just for you”").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    theirs = signed_in(open_page(here.home), house.theirs)
    expect(theirs.get_by_text(WHY)).to_be_visible()
    theirs.get_by_role("link", name="See each look").click()
    expect(theirs.get_by_text(re.compile("[“«](Just for you|Solo para usted)[”»], "))).to_be_visible()
    judge.judge(theirs, "opened")

    page.goto("/staff/opened")
    page.get_by_role("button", name="Close it now").click()
    expect(page.get_by_text("It is closed again.")).to_be_visible()
    page.goto(f"/staff/intakes/{house.robin}")
    expect(page.get_by_text(story)).to_have_count(0)
    judge.judge(page, "a-colleagues-request")
    assert judge.findings == []


def signed_in(page: Page, who: Colleague) -> Page:
    """The page, on which they have signed in."""
    page.goto("/staff/")
    page.get_by_label("Email address").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    return page
