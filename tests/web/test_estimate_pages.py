"""Where the practice writes estimates, nobody comes to the checkout without having had one before their eyes."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from practice.booking.models import Booking
from practice.papers.actions import switch_estimates
from practice.people import Contact, Person, save_contact
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import ORIGIN, FakePayments
from tests.support.intake import send
from tests.support.offers import work_in
from tests.support.papers import DESK, numbers, said, write_estimates
from tests.support.story import Practice

pytestmark = pytest.mark.databases("sqlite")
SAID = {"legal_name": "Robin Quill-Canary", "date_of_birth": "1985-03-31", "insurance_use": "no"}


@pytest.fixture
def held(practice: Practice, browser: Browser) -> str:
    """The reference of a time that a client with an intake holds in `browser`."""
    write_estimates(practice)
    send(browser)
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    answer = browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings")
    return str(answer.location).rsplit("/", 1)[-1]


def answer_questions(browser: Browser, held: str) -> str:
    """Send the payment page; where it leads."""
    answer = browser.submit(f"/bookings/{held}/pay", SAID)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_the_questions_lead_to_the_estimate_and_the_estimate_to_the_checkout(
    practice: Practice, browser: Browser, held: str, payments: FakePayments
) -> None:
    assert "Go on to the estimate" in browser.get(f"/bookings/{held}/pay").text
    there = answer_questions(browser, held)
    assert there == f"/bookings/{held}/estimate"
    assert payments.sessions == {}

    page = browser.get(there)
    for words in ("Your estimate", "E2027-0001", "Robin Quill-Canary", "not a contract", "Pay $160"):
        assert words in page.text, words
    answer = browser.submit(there)

    assert answer.status_code == 303
    assert str(answer.location).startswith(ORIGIN)
    assert numbers(practice) == ["E2027-0001"]


def test_it_promises_a_letter_to_nobody_who_takes_none(practice: Practice, browser: Browser, held: str) -> None:
    there = answer_questions(browser, held)
    assert "We write to you that it is there." in browser.get(there).text
    with work_in(practice) as work:
        [person] = work.session.scalars(select(Person))
        save_contact(person, Contact("Robin", "robin@mail.example", "+1 555 010 0199", ("call",)))

    assert "We write to you" not in browser.get(there).text


def test_wrong_answers_make_no_estimate(practice: Practice, browser: Browser, held: str) -> None:
    assert browser.submit(f"/bookings/{held}/pay", {**SAID, "date_of_birth": ""}).status_code == 422
    assert numbers(practice) == []


def test_going_back_and_forth_makes_one_estimate(practice: Practice, browser: Browser, held: str) -> None:
    for _ in range(2):
        browser.get(answer_questions(browser, held))
    assert numbers(practice) == ["E2027-0001"]


def test_another_name_makes_another_estimate(practice: Practice, browser: Browser, held: str) -> None:
    answer_questions(browser, held)
    browser.submit(f"/bookings/{held}/pay", {**SAID, "legal_name": "Robin Marlowe"})

    assert "Robin Marlowe" in said(practice, "E2027-0002")


def test_nobody_comes_to_the_checkout_past_the_questions(
    practice: Practice, browser: Browser, held: str, payments: FakePayments
) -> None:
    answer_questions(browser, held)
    page = browser.get(f"/bookings/{held}/estimate")
    with browser.session_transaction(base_url=browser.home) as session:
        session.pop("answered_before_paying")

    answer = browser.send_form(page)

    assert (answer.status_code, answer.location) == (302, f"/bookings/{held}/pay")
    assert payments.sessions == {}


def test_a_price_that_changed_after_the_estimate_was_shown_is_shown_first(
    practice: Practice, browser: Browser, held: str, payments: FakePayments
) -> None:
    page = browser.get(answer_questions(browser, held))
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(price_minor=120_00))

    answer = browser.send_form(page)

    assert answer.status_code == 409
    for words in ("The estimate has changed", "E2027-0002", "$120.00", "Pay $120"):
        assert words in answer.text, words
    assert payments.sessions == {}
    assert browser.send_form(answer).status_code == 303


def test_a_practice_that_writes_none_leads_to_the_checkout_at_once(
    practice: Practice, browser: Browser, held: str
) -> None:
    with work_in(practice) as work:
        switch_estimates(work, DESK, on=False)

    assert "Pay $160" in browser.get(f"/bookings/{held}/pay").text
    assert answer_questions(browser, held).startswith(ORIGIN)
    assert numbers(practice) == []


def test_a_request_that_is_read_first_has_its_estimate_before_the_card_is_authorised(
    practice: Practice, browser: Browser, held: str
) -> None:
    with work_in(practice) as work:
        work.session.execute(update(Booking).values(review_first=True))

    page = browser.get(answer_questions(browser, held))

    assert "Authorize $160" in page.text
    assert numbers(practice) == ["E2027-0001"]


def test_a_client_asks_for_an_estimate_once_we_know_whose_it_is(
    practice: Practice, browser: Browser, held: str
) -> None:
    page = f"/bookings/{held}/documents"
    refused = browser.submit(page, {"kind": "estimate"}, form="/documents")
    assert refused.status_code == 422
    assert "We need your full name and date of birth first" in refused.text

    answer_questions(browser, held)
    again = browser.submit(page, {"kind": "estimate"}, form="/documents")

    assert again.status_code == 303
    assert numbers(practice) == ["E2027-0001"]
