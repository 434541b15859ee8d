"""A clinician writes a note about two, signs it, adds to it and finds it on the timeline, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from practice.demo.world import PASSWORD
from tests.support.keyboard import Typist
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FIRST, SECOND = "They sat far apart.", "They sat far apart, and laughed once."
ADDED = "It was Kim who laughed."


@IN_BOTH
def test_a_note_about_two_is_written_signed_added_to_and_found_again(demo, open_page):
    page = open_page(demo.home)
    typist, judge = Typist(page), Inspector()
    link, button = lambda name: page.get_by_role("link", name=name), lambda name: page.get_by_role("button", name=name)

    page.goto("/staff/")
    typist.types(page.get_by_label("Email address"), "mara@lantern.example")
    typist.types(page.get_by_label("Password"), PASSWORD)
    typist.presses(button("Sign in"))
    page.goto("/staff/couples")
    typist.presses(page.locator("main a[href*='/staff/couples/']").first)
    couple = page.url
    typist.presses(link("Read and write notes about the two"))
    typist.types(page.get_by_label("Note", exact=True), FIRST)
    typist.presses(button("Keep as a draft"))
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()
    judge.judge(page, "note-draft")
    typist.types(page.get_by_label("Note", exact=True), SECOND)
    typist.presses(button("Sign it"))
    expect(page.get_by_label("Note", exact=True)).to_have_count(0)
    expect(page.get_by_text("Saved 2 times")).to_be_visible()
    typist.presses(button("Sign this addendum"))  # nothing written: an error that leads to the field
    expect(page.locator("[data-error-summary]")).to_be_focused()
    judge.judge(page, "note-error")
    typist.types(page.get_by_label("Addendum", exact=True), ADDED)
    typist.presses(button("Sign this addendum"))
    expect(page.get_by_text(ADDED)).to_be_visible()
    judge.judge(page, "note-signed")
    typist.presses(link("Notes about").first)
    expect(page.get_by_text(SECOND)).to_be_visible()
    expect(page.get_by_text(FIRST, exact=True)).to_have_count(0)
    judge.judge(page, "notes-about-two")

    page.goto(couple)
    judge.judge(page, "couple")
    typist.picks(page.get_by_label("Show"), "notes")
    typist.presses(button("Show these"))
    happened = page.locator("#timeline")
    expect(happened.get_by_text("Addendum signed")).to_be_visible()
    expect(happened.get_by_text("Note signed")).to_be_visible()
    expect(happened.locator(".tag")).to_have_text(["Staff only", "Staff only"])
    expect(page.get_by_text(SECOND)).to_have_count(0)
    page.goto("/staff/notes/")
    judge.judge(page, "drafts")
    assert (typist.unseen, judge.findings) == ([], [])
