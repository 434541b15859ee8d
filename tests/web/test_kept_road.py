"""The whole road of somebody for whom the desk keeps a time: letter, code, questions, payment, session."""

from __future__ import annotations

import re

from practice.booking.lifecycle import State
from practice.people import Contact, add_person, save_contact
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.intake import answer_until
from tests.support.offers import keep_for
from tests.support.paying import Till
from tests.support.story import Client

SAID = {"legal_name": "Noa Quill", "date_of_birth": "1985-03-31", "insurance_use": "no"}
CODE = {"code": "quiet kettle", "code_again": "quiet kettle"}


def entered(practice):
    """Somebody whom the desk entered after a call."""
    with practice.app.app_context(), begin_work() as work:
        person = add_person(work, "America/New_York")
        save_contact(person, Contact(first_name="Noa", email="noa@mail.example", calendar_by_mail=False))
        return Client(person.id, person.reference, "Noa", "noa@mail.example")


def link_in(letter):
    return re.search(r"https://practice\.example(/return/\S+)", letter.text)[1]


def test_from_the_letter_through_the_questions_to_a_session_that_stands(practice, browser, mailer, payments):
    held = keep_for(practice, entered(practice), MONDAY_NINE)
    practice.work_until_idle()
    [letter] = [one for one in mailer.sent if one.to == "noa@mail.example"]

    home = browser.submit(link_in(letter), CODE).location
    assert home == f"/bookings/{held.reference}"
    page = browser.get(home).text
    assert "Take this time" in page
    assert "until <b>\n  <time" in page or "Thursday 6 May, 8:00 am Eastern Time" in page
    assert home in browser.get("/schedule").text
    assert browser.get(f"{home}/pay").location == "/schedule"  # the questions come first
    answer_until(browser, 7)
    assert browser.submit("/intake/check").location == home

    paying = browser.submit(f"{home}/pay", SAID)
    assert paying.status_code == 303
    till = Till(practice, payments)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert practice.breaches() == []


def test_what_costs_nothing_stands_without_the_questions(practice, browser, mailer):
    held = keep_for(practice, entered(practice), MONDAY_NINE, price=0)
    practice.work_until_idle()
    [letter] = [one for one in mailer.sent if one.to == "noa@mail.example"]
    home = browser.submit(link_in(letter), CODE).location

    browser.send_form(browser.get(home), {}, form="/confirm")
    assert practice.state_of(held) is State.CONFIRMED
    practice.work_until_idle()
    assert practice.breaches() == []
