"""The pages of the couple's intake and of what staff do with it, in each of their states, as axe sees them.

The pages of booking and of the rest of the desk are in test_pictures.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from practice.demo.stories import CODE as DEMO_CODE
from practice.demo.world import ACCOUNTS, PASSWORD
from practice.intake.messages import RETURN
from practice.people import Person, make_link
from practice.reminding.messages import STOP, Topic
from practice.work import begin_work
from tests.support import intake
from tests.support.pictures import Inspector
from tests.support.reader import IN_BOTH
from tests.support.road_of_two import Companion, mailed_link
from tests.support.town import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ANYWHERE_ELSE = "US-TX"  # where nobody of the demo is licensed
# Of the demo: two who are joined, of whom one pauses, and two who booked and haven't asked anybody along.
COUPLED, PAUSED, ON_THEIR_OWN, ASKS_ALONG = (f"{name}@mail.example" for name in ("noemi", "carmen", "ren", "imani"))
RENS = {**intake.MORE, "breach_main": "promises_broken"}
ERRORS = ("invitation-used",)
MARA = "mara@lantern.example"
STAFF_PAGES = {
    "couples": "/staff/couples",
    "calls": "/staff/calls",
    "duty": "/staff/duty",
    "opened": "/staff/opened",
    "data": "/staff/data/",
    "questions": "/staff/questions",
    "questions-preview": "/staff/questions/preview/booker/book/2",
    "questions-preview-pay": "/staff/questions/preview/booker/pay/1",
    "questions-preview-invite": "/staff/questions/preview/booker/invite/1",
    "questions-preview-partner": "/staff/questions/preview/partner/session/5",
    "questions-changes": "/staff/questions/changes",
    "questions-instruments": "/staff/questions/instruments",
    "questions-section": "/staff/questions/sections/trust",
    "questions-question": "/staff/questions/shipped/trust_role",
    "questions-own": "/staff/questions/own/new",
    "lines": "/staff/setup/lines",
    "line": "/staff/setup/lines/US/crisis/0",
    "desk-hours": "/staff/setup/desk",
    "agreements": "/staff/setup/agreements",
}
WITH_ERRORS = {  # the button that sends nothing filled in
    "duty": "Put on duty",
    "questions-preview": "Save and go on",
    "questions-instruments": "Put it into the draft",
    "questions-own": "Put it into the draft",
}


@pytest.fixture
def judge() -> Inspector:
    return Inspector()


@IN_BOTH
def test_whoever_comes_to_the_questions_before_booking_can_use_every_page(demo, open_page, judge):
    client = Companion(open_page(demo.home), name="Iris", email="iris@mail.example")
    page = client.page
    look = looker(judge, page)
    page.goto("/schedule")
    client.presses("Send me a link")
    look("schedule-without-an-address")
    page.goto("/schedule")
    page.get_by_text("Without mail: with your return code").click()
    client.presses("Go on where I was")
    look("schedule-without-a-return-code")
    for name, changes in (
        ("youth", {"age_18_plus": "no"}),
        ("later", {"private_now": "later"}),
        ("places", {"session_location": ANYWHERE_ELSE}),
    ):
        page.goto("/intake/part-1")
        client.fills_in(intake.answers_to(1, **changes))
        client.presses("Save and go on")
        look(name)
    client.presses("Write to me then")
    look("places-with-errors")

    page.goto("/intake/part-1")
    mine = {"preferred_name": client.name, "email": client.email, "self_harm": "plan"}
    for number in intake.PARTS:
        if "/intake/agree" in page.url:
            client.agrees()
        if number in (1, 3, 4, 5):
            client.presses("Save and go on")
            look(f"part-{number}-with-errors")
        client.fills_in(intake.answers_to(number, **intake.own_changes(number, mine)))
        client.presses("Save and go on")
    look("support")
    client.follows("Go on")
    client.sees("Thank you for telling us")
    look("alone")
    page.goto("/schedule")
    look("schedule-of-a-draft")
    page.goto("/intake/agree/1")
    look("agreement")

    client.asks_for_a_link()
    look("link-sent")
    way = mailed_link(open_page(demo.home), demo.mailbox, client.email, "/return/")
    stranger = open_page(demo.home)
    stranger.goto(way)
    looker(judge, stranger)("return")
    stranger.get_by_role("button", name="Open", exact=True).click()
    expect(stranger.get_by_role("alert")).to_be_visible()
    looker(judge, stranger)("return-without-a-code")
    assert judge.findings == []


@IN_BOTH
def test_a_client_can_use_every_page_of_their_own(demo, open_page, judge):
    client = of_the_demo(demo, open_page, ON_THEIR_OWN)
    page = client.page
    look = looker(judge, page)
    page.goto("/you")
    look("you")
    for number in range(8):
        page.goto("/intake/more")
        if "/intake/agree" in page.url:
            client.agrees()
        look(f"more-{number}")
        client.answers_page({})
        if page.get_by_role("alert").count():
            look(f"more-{number}-with-errors")
            client.answers_page(RENS)
    look("more-support")
    client.answers_pages(RENS)
    look("more-check")
    page.goto("/intake/return-code")
    look("return-code")
    client.presses("Make a new code")
    look("return-code-new")

    asks_somebody_along(client, look)
    for name, path in {
        "agreed": "/you/agreed",
        "contact": "/you/contact",
        "data": "/you/data",
        "erasure": "/you/erasure",
        "how-it-goes-closed": "/how-it-goes",
        "card": "/card",
    }.items():
        page.goto(path)
        look(name)
    for name, path, button in (
        ("contact", "/you/contact", "Save"),
        ("data", "/you/data", "Show me my data"),
        ("erasure", "/you/erasure", "Ask to have my data erased"),
    ):
        page.goto(path)
        client.presses(button)
        look(f"{name}-with-errors")
    client.fills_in({"code": client.code})
    client.presses("Ask to have my data erased")
    look("erasure-asked")
    page.goto("/you/data")
    client.fills_in({"code": client.code})
    client.presses("Show me my data")
    look("data-shown")
    page.goto("/you/agreed")
    goes(page, page.locator("main .queue-link").first.click)
    look("consent")
    assert judge.findings == []


@IN_BOTH
def test_two_who_are_joined_can_use_their_pages(demo, open_page, judge):
    for email, paths in (
        (COUPLED, ("/you", "/you/pause", "/you/leave", "/how-it-goes")),
        (PAUSED, ("/you", "/you/leave")),
    ):
        client = of_the_demo(demo, open_page, email)
        for path in paths:
            client.page.goto(path)
            looker(judge, client.page)(f"{email} {path}")
    assert judge.findings == []


@IN_BOTH
def test_whoever_is_asked_along_can_use_every_page(demo, open_page, judge):
    inviter = of_the_demo(demo, open_page, ASKS_ALONG)
    code = inviter.makes_a_code_to_hand_over()

    guest = Companion(open_page(demo.home), name="Pia", email="pia@mail.example")
    page = guest.page
    look = looker(judge, page)
    invitation = comes_along_by_code(guest, inviter, code, judge)

    first = page.url
    guest.fills_in(intake.answers_to(1, private_now="later"))
    guest.presses("Save and go on")
    look("more-later")
    page.goto(first)
    guest.fills_in(intake.answers_to(1, session_location=ANYWHERE_ELSE))
    guest.presses("Save and go on")
    look("more-place")
    page.goto(first)
    guest.fills_in(intake.answers_to(1))
    guest.presses("Save and go on")
    said = {**intake.PARTNERS, "preferred_name": guest.name, "self_harm": "plan"}
    while "/intake/more/" not in page.url:  # the questions that are for them alone come first
        look(page.url.rsplit("/", 1)[1].partition("?")[0])
        if "/intake/agree" in page.url:
            guest.agrees()
        else:
            guest.answers_page(said)
    look("more-support")
    guest.follows("Go on")
    guest.sees("Thank you for telling us")
    look("more-alone")
    guest.follows("Go on with the questions")
    while not page.url.endswith("/check"):
        look(page.url.rsplit("/", 1)[1])
        guest.answers_pages(said, most=1)
    look("more-check")
    guest.sends()
    look("you-of-a-guest")
    inviter.opens(invitation)
    looker(judge, inviter.page)("invitation-used")
    assert judge.findings == []


@IN_BOTH
def test_staff_can_use_the_pages_about_two(demo, open_page, judge):
    page = signed_in(open_page(demo.home), ACCOUNTS[0][0])
    look = looker(judge, page)
    for name, path in STAFF_PAGES.items():
        page.goto(path)
        look(name)
        if name in WITH_ERRORS:
            with page.expect_navigation():
                page.get_by_role("button", name=WITH_ERRORS[name]).first.click()
            look(f"{name}-with-errors")

    page.goto("/staff/setup/agreements")
    goes(page, page.locator("main .queue-link").first.click)
    look("agreement")
    goes(page, page.get_by_role("link", name="Write a new version").click)
    look("agreement-new")

    page = signed_in(open_page(demo.home), MARA)  # who has sessions with the people below: the rest is a colleague's
    look = looker(judge, page)
    page.goto("/staff/couples")
    goes(page, page.get_by_role("link", name="Adaeze").click)
    look("couple")
    couple = page.url
    goes(page, page.get_by_role("link", name=re.compile("Individual calls instead")).first.click)
    look("call-off")
    page.goto(couple)
    goes(page, page.get_by_role("link", name=re.compile("Request of")).first.click)
    look("request")
    request = page.url
    for name in ("Open “Just for you”", "How it goes, over time"):
        page.goto(request)
        goes(page, page.get_by_role("link", name=name).click)
        look(name)
    page.goto(request)
    goes(page, page.get_by_role("link", name=re.compile("^Data of")).click)
    look("data-of-a-person")
    goes(page, page.get_by_role("button", name="Hold everything").click)
    look("data-of-a-person-with-errors")
    goes(page, page.get_by_role("button", name="Whole, as a page").click)
    look("record")

    page.goto("/staff/intakes")
    goes(page, page.get_by_role("link", name="Piotr").first.click)
    look("request-with-flags")
    goes(page, page.get_by_role("link", name=re.compile("Clear")).first.click)
    look("flag")
    goes(page, page.get_by_role("button", name="Clear this flag").click)
    look("flag-without-a-reason")
    assert judge.findings == []


@IN_BOTH
@pytest.mark.databases("sqlite")
def test_what_only_letters_lead_to_can_be_used_by_everybody(here, open_page, judge):
    entered = here.practice.new_client()
    with here.practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, entered.person_id)
        way_in = make_link(work, person, RETURN)
        way_out = make_link(work, person, STOP, Topic.NEAR.value)
    page = open_page(here.home)
    look = looker(judge, page)

    page.goto(f"/return/{way_in}")
    look("choose-a-code")
    goes(page, page.get_by_role("button", name="Keep this code, and go on").click)
    look("choose-a-code-with-errors")
    page.goto(f"/stop/{way_out}")
    look("stop")
    goes(page, page.get_by_role("main").get_by_role("button").click)
    look("stopped")
    assert judge.findings == []


def test_what_nobody_should_meet_is_found(open_page, judge):
    page = open_page("")
    faint = "<style>p { color: #222 } @media (prefers-color-scheme: dark) { p { color: #ccc } }</style>"
    page.set_content(f"{faint}<main><h1>A page</h1><p style='width: 30rem'>Words</p><img src='data:,'></main>")

    judge.judge(page, "a page")

    assert {finding.partition(": ")[0] for finding in judge.findings} == {"a page", "a page (light)", "a page (dark)"}
    assert any("(light): image-alt" in finding for finding in judge.findings)
    assert any("(dark): color-contrast" in finding for finding in judge.findings)


def asks_somebody_along(client: Companion, look: Callable[[str], None]) -> None:
    """By mail, then by a code, and then not at all."""
    page = client.page
    page.goto("/you/invite")
    look("invite")
    client.presses("Go on")
    look("invite-with-errors")
    client.fills_in({"partner_knows": "yes"})
    client.presses("Go on")
    look("invite-ways")
    client.presses("Send the invitation")
    look("invite-ways-with-errors")
    client.fills_in({"email": "nico@mail.example"})
    client.presses("Send the invitation")
    look("invite-sent")
    page.goto("/you")
    look("you-invited")
    client.presses("Take it back")
    client.makes_a_code_to_hand_over()
    look("invite-code")
    page.goto("/you")
    client.presses("I come on my own")
    look("you-alone")


def comes_along_by_code(guest: Companion, inviter: Companion, code: str, judge: Inspector) -> str:
    """After saying no first; the inviter opens it in their own browser too. The invitation's address."""
    page = guest.page
    look = looker(judge, page)
    page.goto("/join")
    look("join")
    guest.presses("Go on")
    look("join-without-a-code")
    guest.types_the_code(code)
    look("welcome")
    way = page.url
    guest.presses("I’d rather not")
    look("declined")
    inviter.opens(way)
    inviter.follows("Come along")
    looker(judge, inviter.page)("at-home")
    page.goto(way)
    guest.follows("Come along")
    look("come")
    guest.presses("Come along")
    look("come-with-errors")
    page.goto(way)
    guest.comes_along()
    return way


def signed_in(page: Page, email: str) -> Page:
    """The page, on which somebody who works in the demo has signed in."""
    page.goto("/staff/")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    return page


def looker(judge: Inspector, page: Page) -> Callable[[str], None]:
    """Judge the page that is open there; an error's page stands in the place of no other."""

    def look(name: str) -> None:
        assert (page.locator("body.page-error").count() == 1) is (name in ERRORS), f"{name}: {page.url}"
        judge.judge(page, name)

    return look


def of_the_demo(demo: Demo, open_page: Any, email: str) -> Companion:
    """One of its people, at home in a browser of their own."""
    client = Companion(open_page(demo.home), name="", email=email, code=DEMO_CODE)
    client.asks_for_a_link()
    client.comes_back_by_link(mailed_link(open_page(demo.home), demo.mailbox, email, "/return/"))
    return client


def goes(page: Page, press: Callable[[], None]) -> None:
    """Press something that leads to another page, and wait for that."""
    with page.expect_navigation():
        press()
