"""Two who come together, each in a browser of their own, against what `make run` starts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from practice.demo.couples import INVITED, INVITED_ADDRESS
from practice.demo.stories import CODE as DEMO_CODE
from tests.support import intake
from tests.support.road import FOR_THE_RECORDS
from tests.support.road_of_two import Companion, mailed_link

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = 360
UNANSWERED = "wen@mail.example"  # one of the demo's, who booked and hasn't begun with the questions before the session
INVITERS = {  # every word is one that nobody else says
    "preferred_name": "Quillon",
    "email": "quillon@mail.example",
    "access_needs": "Heronwood captions",
    "attending": "couple_unsure",
    "trust_role": "hurt",
    "breach_types": ["lying_omission", "money_hidden"],
    "goal_direction": "decide",
}
INVITERS_MORE = {
    **intake.MORE,
    "pronouns": "Larkspur",
    "breach_story": "It began with Zinnober",
    "next_small_sign": "A Thistledown evening",
    "goals_own_words": "We would Marigold again",
    "prior_helped": "Being Saffroned to",
    "therapist_pref": "Somebody from Ostrava",
}
SECRET = (
    "quillon@mail.example", intake.CODE, "Heronwood", "Larkspur", "Zinnober", "Thistledown", "Marigold", "Saffroned",
    "Ostrava", FOR_THE_RECORDS["legal_name"], FOR_THE_RECORDS["date_of_birth"],
)  # fmt: skip
GUESTS = {
    **intake.PARTNERS,
    "preferred_name": "Ondine",
    "email": "ondine@mail.example",
    "legal_name": "Ondine Vole",
    "trust_role": "broke",
    "breach_types": ["promises_broken"],
    "goal_direction": "repair",
}
TOLD_APART = {  # the inviter's answer, and the guest's, in the words of the page
    "My trust was hurt": "I did something that hurt trust",
    "To decide whether to stay": "To repair and stay together",
}


def test_a_partner_joins_with_a_code_answers_alone_and_learns_nothing_of_the_other(demo, open_page):
    inviter = Companion(open_page(demo.home, width=PHONE), name="Quillon", email=INVITERS["email"])
    books_and_pays(inviter)
    inviter.opens("/you")
    inviter.follows("Begin")
    inviter.answers_pages(INVITERS_MORE)
    said = inviter.page.get_by_role("main").inner_text()
    assert all(word in said for word in ("Larkspur", "Zinnober", "Thistledown", "Marigold", "Saffroned", "Ostrava"))
    inviter.sends()
    code = inviter.makes_a_code_to_hand_over()

    guest = Companion(open_page(demo.home, width=PHONE), name="Ondine", email=GUESTS["email"], code="a green lamp post")
    guest.types_the_code(code)
    guest.sees("Quillon would like to come here with you")
    guest.comes_along()
    walked = answers_whatever_is_open(guest)

    assert len(walked) > 7
    checked = guest.page.get_by_role("main").inner_text()
    assert not [words for words in TOLD_APART if words in checked]
    assert not [words for words in TOLD_APART.values() if words not in checked]
    guest.sends()
    expect(guest.page.get_by_role("main")).to_contain_text("You come with somebody")
    assert guest.no_sideways_scrolling()
    for address in ("/you/agreed", "/you/contact", "/you/data", "/you/pause", "/you/leave", "/how-it-goes"):
        guest.opens(address)
    assert any("It began with a letter" in page for page in guest.shown)  # their own words, so the pages are kept
    assert not [word for word in SECRET for page in guest.shown if word in page]

    inviter.opens("/you")
    expect(inviter.page.get_by_role("main")).to_contain_text("You come with somebody")
    hidden = ("ondine@mail.example", "a green lamp post", "Vole")
    assert not [word for word in hidden for page in inviter.shown if word in page]
    assert_promises_are_kept(demo)


def test_an_invited_partner_needs_no_scripts(demo, open_page):
    way = mailed_link(open_page(demo.home), demo.mailbox, INVITED_ADDRESS, "/join/")
    guest = Companion(open_page(demo.home, width=PHONE, scripts=False), name="Marta", email=INVITED_ADDRESS)

    guest.opens(way)
    guest.sees(f"{INVITED.partition('@')[0].capitalize()} would like to come here with you")
    guest.comes_along()
    guest.presses("Save and go on")
    expect(guest.page.get_by_role("alert")).to_contain_text("Please look at this again")
    answers_whatever_is_open(guest)
    guest.sends()

    expect(guest.page.get_by_role("main")).to_contain_text("You come with somebody")
    assert guest.no_sideways_scrolling()
    assert_promises_are_kept(demo)


def test_the_part_before_the_session_needs_no_scripts_and_goes_on_on_another_device(demo, open_page):
    first = Companion(open_page(demo.home, width=PHONE, scripts=False), name="Wen", email=UNANSWERED, code=DEMO_CODE)
    first.asks_for_a_link()
    first.comes_back_by_link(mailed_link(open_page(demo.home), demo.mailbox, UNANSWERED, "/return/"))
    first.opens("/you")  # the link may be an earlier letter's, which leads to the appointment
    first.follows("Begin")
    first.answers_pages(intake.MORE, most=1)
    code = first.return_code()
    first.answers_pages(intake.MORE, most=1)
    where = first.page.url

    second = Companion(open_page(demo.home, width=PHONE, scripts=False), name="Wen", email=UNANSWERED, code=DEMO_CODE)
    second.comes_back_by_return_code(code)

    expect(second.page).to_have_url(where)
    second.follows("Back")
    second.follows("Back")
    expect(second.page.locator('[name="pronouns"]')).to_have_value(intake.MORE["pronouns"])
    second.opens(where)
    second.answers_pages(intake.MORE)
    second.sends()
    expect(second.page.get_by_role("link", name="Go on where you were")).to_have_count(0)
    assert_promises_are_kept(demo)


def books_and_pays(inviter: Companion) -> None:
    inviter.goes_to_the_intake()
    inviter.answers_everything(**INVITERS)
    inviter.chooses_a_therapist("Mara Okafor")
    inviter.holds_a_time()
    inviter.goes_on_to_pay()
    inviter.pays()
    inviter.sees("Your appointment stands")


def answers_whatever_is_open(guest: Companion) -> list[str]:
    """Page by page to the end; nothing that is asked is answered before they answer it. The pages' addresses."""
    walked: list[str] = []
    while here := guest.answers_pages(GUESTS, most=1):
        walked += here
        if "/intake/more-" in guest.page.url:
            assert guest.chosen() == set(), guest.page.url
    return walked


def assert_promises_are_kept(demo) -> None:
    checked = demo.command("invariants")
    assert checked.returncode == 0, checked.stdout + checked.stderr
