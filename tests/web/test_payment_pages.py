"""The client's pages around paying."""

from __future__ import annotations

import re

import pytest

from practice.booking.lifecycle import State
from practice.booking.queries import find_booking
from practice.database import db
from practice.intake.queries import codes_of, find_submitted
from practice.people import Person
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import ORIGIN, FakePayments
from tests.support.intake import send
from tests.support.paying import PRICE
from tests.support.story import Practice

SQLITE = pytest.mark.databases("sqlite")
pytestmark = SQLITE
SAID = {"legal_name": "Robin Quill-Canary", "date_of_birth": "1985-03-31", "insurance_use": "no"}


@pytest.fixture
def held(browser: Browser) -> str:
    """The reference of a time that a client with an intake holds in `browser`."""
    send(browser)
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    answer = browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings")
    assert answer.status_code == 302, answer.text
    return str(answer.location).rsplit("/", 1)[-1]


def title_of(page: object) -> str:
    return re.search("<title>(.*?)</title>", page.text, re.DOTALL)[1].split("·")[0].strip()  # type: ignore[attr-defined, index]


def state_of(practice: Practice, reference: str) -> State:
    with practice.app.app_context():
        booking = find_booking(reference)
        assert booking is not None
        return booking.state


def test_the_page_says_when_how_much_on_which_terms_and_who_will_see_it(browser: Browser, held: str) -> None:
    page = browser.get(f"/bookings/{held}/pay")
    assert page.status_code == 200
    assert title_of(page) == "Before you pay"
    for words in ("9:00 am Eastern Time", "$160", "You can cancel until", "APPOINTMENT", "Banks vary", "“Appointment”"):
        assert words in page.text, words
    assert f'action="/bookings/{held}/pay"' in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_paying_leads_to_the_checkout_that_the_content_policy_allows(
    browser: Browser, held: str, payments: FakePayments
) -> None:
    answer = browser.submit(f"/bookings/{held}/pay", SAID)
    assert answer.status_code == 303
    assert answer.location == payments.only_session().url
    assert str(answer.location).startswith(ORIGIN)
    policy = browser.get(f"/bookings/{held}/pay").headers["Content-Security-Policy"]
    assert f"form-action 'self' {ORIGIN} " in policy


def test_pressing_pay_again_leads_to_the_same_checkout(browser: Browser, held: str, payments: FakePayments) -> None:
    first, second = (browser.submit(f"/bookings/{held}/pay", SAID).location for _ in range(2))
    assert first == second
    assert len(payments.sessions) == 1


def test_the_answers_of_the_page_are_kept_with_the_intake(practice: Practice, browser: Browser, held: str) -> None:
    browser.submit(f"/bookings/{held}/pay", SAID)
    with practice.app.app_context():
        intake = find_submitted(db.session.query(Person).one())
        assert intake is not None
        assert SAID.items() <= codes_of(intake).items()
    assert 'value="Robin Quill-Canary"' in browser.get(f"/bookings/{held}/pay").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"legal_name": ""},
        {"legal_name": "x" * 5000},
        {"date_of_birth": "soon"},
        {"date_of_birth": ""},
        {"insurance_use": "perhaps"},
        {"insurance_use": None},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_wrong_answer_opens_no_checkout_and_loses_nothing_typed(
    browser: Browser, held: str, payments: FakePayments, wrong: dict[str, str | None]
) -> None:
    answer = browser.submit(f"/bookings/{held}/pay", {**SAID, **wrong})
    assert answer.status_code == 422
    assert title_of(answer).startswith("Error: ")
    assert payments.sessions == {}
    for name in SAID.keys() - wrong.keys() - {"insurance_use"}:
        assert SAID[name] in answer.text


def test_a_sum_that_the_client_sends_is_ignored(browser: Browser, held: str, payments: FakePayments) -> None:
    browser.submit(
        f"/bookings/{held}/pay", {**SAID, "amount": "1", "price_minor": "1", "currency": "XXX", "state": "paid"}
    )
    assert (payments.only_session().amount_minor, payments.only_session().currency) == (PRICE, "USD")


def test_nothing_that_was_typed_reaches_the_payment_service(
    browser: Browser, held: str, payments: FakePayments
) -> None:
    browser.submit(f"/bookings/{held}/pay", SAID)
    sent = str(payments._keys)
    for words in ("Quill-Canary", "1985", "Ada", "couple", "Robin", "Harbour"):
        assert words not in sent, words


def test_the_return_page_confirms_when_the_webhook_is_late(
    practice: Practice, browser: Browser, held: str, payments: FakePayments
) -> None:
    browser.submit(f"/bookings/{held}/pay", SAID)
    payments.pay(payments.only_session().id)
    answer = browser.get(f"/bookings/{held}/paid")
    assert answer.status_code == 302
    assert answer.location == f"/bookings/{held}"
    assert state_of(practice, held) is State.CONFIRMED


def test_who_returns_without_paying_can_go_on(browser: Browser, held: str, payments: FakePayments) -> None:
    browser.submit(f"/bookings/{held}/pay", SAID)
    page = browser.get(f"/bookings/{held}/paid")
    assert title_of(page) == "Not paid yet"
    assert f'href="{payments.only_session().url}"' in page.text


def test_the_return_page_is_honest_when_the_payment_service_is_silent(
    practice: Practice, browser: Browser, held: str, payments: FakePayments
) -> None:
    browser.submit(f"/bookings/{held}/pay", SAID)
    payments.pay(payments.only_session().id)
    payments.faults.append("unavailable")
    page = browser.get(f"/bookings/{held}/paid")
    assert page.status_code == 200
    assert title_of(page) == "Waiting for your payment"
    assert "Please don’t pay a second time" in page.text
    assert "http-equiv" not in page.text
    assert state_of(practice, held) is State.HELD


def test_a_silent_payment_service_is_said_in_words_and_the_time_stays_kept(
    practice: Practice, browser: Browser, held: str, payments: FakePayments
) -> None:
    payments.faults.append("unavailable")
    answer = browser.submit(f"/bookings/{held}/pay", SAID)
    assert answer.status_code == 503
    assert "whatever is kept for you still is" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert state_of(practice, held) is State.HELD


def test_after_the_time_to_pay_there_is_no_page_to_pay(
    practice: Practice, browser: Browser, held: str, clock: FrozenClock
) -> None:
    clock.advance(minutes=11)
    practice.work_until_idle()
    answer = browser.get(f"/bookings/{held}/pay")
    assert (answer.status_code, answer.location) == (302, f"/bookings/{held}")


@pytest.mark.parametrize("page", ["pay", "paid"])
def test_somebody_elses_booking_is_not_there(practice: Practice, browser: Browser, held: str, page: str) -> None:
    stranger, other = practice.browser(), practice.browser(practice.new_client())
    for who in (stranger, other):
        assert who.get(f"/bookings/{held}/{page}").status_code == 404
        assert who.post(f"/bookings/{held}/pay", data=SAID).status_code in (400, 404)
    assert browser.get(f"/bookings/b_nobody/{page}").status_code == 404


def test_paying_needs_the_token_of_the_form(browser: Browser, held: str, payments: FakePayments) -> None:
    assert browser.post(f"/bookings/{held}/pay", data=SAID).status_code == 400
    assert payments.sessions == {}
