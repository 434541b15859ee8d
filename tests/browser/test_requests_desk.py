"""The desk's daily work: requests by keyboard alone, two reviewers at one, and one request on one page of paper."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from practice.intake.queries import get_intake
from practice.review.steps import steps_of
from tests.support.answering_couples import books, completes, two
from tests.support.intake import MORE
from tests.support.keyboard import Typist
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.staff import PASSWORD, Colleague, hire, send_request
from tests.support.story import Practice

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.databases("sqlite")]

QUEUE = "/staff/intakes"
PAPERS = ("A4", "Letter")
PRIVATE = ("Just for you:", "no choice about money", "Red", "Amber", "flag")
STORY = "I found out in pieces, over a whole spring, and asked, and was told that I was imagining things. "
LONG = {**MORE, "breach_story": STORY * 5, "goals_own_words": "We would laugh again. " * 9, "trust_role": "hurt"}
TOO_LONG = {**LONG, "breach_story": STORY * 70}


def signs_in(page: Page, colleague: Colleague) -> Page:
    page.goto("/staff/sign-in")
    page.get_by_label("Email address").fill(colleague.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1, name="Today")).to_be_visible()
    return page


def lines(page: Page):
    return page.locator("[data-queue] [data-line]")


def opens(page: Page, name: str) -> None:
    page.goto(f"{QUEUE}?state=all")
    lines(page).filter(has_text=re.compile(f"^{name}$")).first.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def reads(page: Page, name: str) -> None:
    """The request of this person is open, and hears keys."""
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("checkbox", name="Keyboard shortcuts")).to_be_visible()


def steps_taken(practice: Practice, reference: str) -> list[tuple[str, str]]:
    """What was done with a request, and by whom, in order."""
    with practice.app.app_context():
        return [(one.step.value, one.by) for one in steps_of(get_intake(reference))]


def test_requests_are_read_by_keyboard_alone(here, open_page):
    for name in ("Cleo", "Amy", "Ruth"):
        books(here.practice, name=name, email=f"{name.lower()}@mail.example")
        here.clock.advance(minutes=5)
    page = signs_in(open_page(here.home), hire(here.practice, "clinician"))
    page.goto(f"{QUEUE}?state=all&sort=oldest")
    typist, first, second = Typist(page), lines(page).nth(0), lines(page).nth(1)
    names = lines(page).all_inner_texts()
    expect(page.get_by_role("checkbox", name="Keyboard shortcuts")).to_be_checked()

    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    typist.watches()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jk?")  # in a field, letters are letters
    expect(page.get_by_role("searchbox")).to_have_value("jk?")
    first.focus()
    page.keyboard.press("?")
    expect(page.get_by_text("the one before")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    reads(page, names[0])
    page.keyboard.press("n")
    reads(page, names[1])
    page.keyboard.press("p")
    reads(page, names[0])
    page.keyboard.press("p")
    expect(page.get_by_text("That is the first one of your list.")).to_be_visible()
    assert typist.unseen == []

    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.keyboard.press("n")
    page.goto(f"{QUEUE}?state=all&sort=oldest")
    expect(page.get_by_role("checkbox", name="Keyboard shortcuts")).not_to_be_checked()
    page.keyboard.press("j")
    expect(lines(page).nth(0)).not_to_be_focused()


def test_of_two_reviewers_the_second_reads_that_somebody_was_faster(here, open_page):
    books(here.practice)
    mara, owner = (hire(here.practice, role, email=f"{role}@x.example") for role in ("clinician", "owner"))
    first, second = signs_in(open_page(here.home), mara), signs_in(open_page(here.home), owner)
    for page in (first, second):
        page.goto(f"{QUEUE}?state=all&sort=oldest&owner=nobody")
    name = lines(first).first.inner_text()
    first.get_by_role("checkbox", name=f"Pick the request of {name}").first.check()
    second.get_by_role("checkbox", name=f"Pick the request of {name}").first.check()

    first.get_by_role("button", name="Hand over those picked").click()
    expect(first.get_by_role("status").filter(has_text="One request is handed over")).to_be_visible()
    second.get_by_role("button", name="Hand over those picked").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody was faster")
    expect(second.get_by_role("alert")).to_contain_text("0 requests are handed over. 1 was left")

    opens(second, name)
    expect(second.get_by_text("clinician@x.example has it.").first).to_be_visible()


def test_of_two_who_decide_at_once_the_second_reads_who_was_faster_and_keeps_what_they_typed(here, open_page):
    reference = send_request(here.practice)
    mara, owner = (hire(here.practice, role, email=f"{role}@y.example") for role in ("clinician", "owner"))
    first, second = signs_in(open_page(here.home), mara), signs_in(open_page(here.home, width=360), owner)
    address = f"{QUEUE}/{reference}"
    for page in (first, second):
        page.goto(f"{address}/ask")
    first.get_by_label("A question of your own").fill("Who else knows?")
    second.get_by_label("A question of your own").fill("Is Tuesday\nor Friday better?")
    first.get_by_role("button", name="Ask").click()
    expect(first.get_by_role("status").filter(has_text="Asked.")).to_be_visible()

    second.get_by_role("button", name="Ask").click()
    expect(second.get_by_role("alert")).to_be_focused()
    expect(second.get_by_role("alert")).to_contain_text(f"Somebody was faster: {mara.email}. Asked for something")
    expect(second.get_by_label("A question of your own")).to_have_value("Is Tuesday\nor Friday better?")
    assert second.evaluate("document.documentElement.scrollWidth") <= 360
    assert steps_taken(here.practice, reference) == [("ask", mara.actor)]

    first.goto(f"{address}/decline")
    first.get_by_role("button", name="Decline").click()
    expect(first.get_by_role("status").filter(has_text="Declined.")).to_be_visible()
    second.get_by_role("button", name="Ask").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("This request can’t go on so")
    expect(second.get_by_role("alert")).to_contain_text(f"Somebody was faster: {mara.email}. Declined")
    expect(second.get_by_role("definition")).to_contain_text("or Friday better?")
    assert steps_taken(here.practice, reference) == [("ask", mara.actor), ("decline", mara.actor)]


def test_the_first_thirty_seconds_fit_one_screen(here, open_page):
    two(here.practice, {"control": "often", **LONG}, {"lean": "1"})
    page = signs_in(open_page(here.home), hire(here.practice, "clinician"))
    opens(page, "Robin")
    box = page.get_by_role("region", name="At a glance").bounding_box()

    assert box is not None
    assert box["y"] + box["height"] <= 800
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(("answers", "whole"), [(LONG, True), (TOO_LONG, False)])
def test_a_request_is_printed_on_one_page_without_just_for_you(here, open_page, answers, whole):
    completes(here.practice, books(here.practice, control="often"), **answers)
    page = signs_in(open_page(here.home), hire(here.practice, "clinician"))
    opens(page, "Robin")
    page.get_by_role("link", name="Print on one page").click()
    shown = page.get_by_role("article").inner_text()
    assert ("Cut here" not in shown) is whole
    for paper in PAPERS:
        printed = PdfReader(io.BytesIO(page.pdf(format=paper)))
        text = " ".join("".join(one.extract_text() for one in printed.pages).split())

        assert len(printed.pages) == 1, paper
        assert "Robin" in text
        assert "Without “Just for you”" in text
        assert ("Cut here" not in text) is whole
        assert [word for word in PRIVATE if word in text or word in shown] == []
        _is_whole(page)


def _is_whole(page: Page) -> None:
    """Nothing reaches beyond the columns that are printed."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # of A4, less its margins
    beyond = "one => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1"
    cut = page.locator(".paper-answers").evaluate(beyond)
    page.emulate_media(media="null")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert not cut


@IN_BOTH
def test_the_desks_pages_are_judged(here, open_page):
    two(here.practice, {"control": "often", **LONG}, {})
    page, inspector = signs_in(open_page(here.home), hire(here.practice, "clinician")), Inspector()
    for address in (QUEUE, f"{QUEUE}?state=all&band=red", f"{QUEUE}/views"):
        page.goto(address)
        inspector.judge(page, address)
    opens(page, "Robin")
    inspector.judge(page, "a request")
    page.get_by_role("link", name="Print on one page").click()
    inspector.judge(page, "a request on paper")

    assert inspector.findings == []
