"""Fees on pages: the question when paying, the kept card, the fee as its client and the desk see it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from practice.booking.actions import lock
from practice.booking.lifecycle import State
from practice.money import Money
from practice.payments import reviews
from practice.payments.fees.actions import set_terms
from practice.payments.fees.policy import FeeTerms
from practice.payments.fees.queries import FeeStand
from practice.payments.snapshots import ChargeStatus
from practice.people import Person
from practice.setup.actions import set_review_first
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import ORIGIN, FakePayments
from tests.support.fees import LATE, MISSED, TERMS, FeeDesk
from tests.support.intake import send
from tests.support.offers import change_offering, work_in
from tests.support.paying import PRICE, Till
from tests.support.staff import audit, desk, in_order
from tests.support.story import Client, Held, Practice

pytestmark = pytest.mark.databases("sqlite")
SAID = {"legal_name": "Robin Quill-Canary", "date_of_birth": "1985-03-31", "insurance_use": "no"}
REASON = "Nobody came, and nobody called"


@pytest.fixture
def fees(practice: Practice, payments: FakePayments) -> FeeDesk:
    return FeeDesk(Till(practice, payments))


@pytest.fixture
def held(browser: Browser, fees: FeeDesk) -> Held:
    """A time that a client with an intake holds in `browser`."""
    send(browser)
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    answer = browser.send_form(page, {"start": MONDAY_NINE.isoformat()}, form="/bookings")
    reference = str(answer.location).rsplit("/", 1)[-1]
    with work_in(fees.practice) as work:
        person = work.session.query(Person).one()
        return Held(reference, Client(person.id, person.reference, "Robin", "robin@mail.example"))


@pytest.fixture
def missed(fees: FeeDesk) -> Held:
    held = fees.book(MONDAY_NINE)
    fees.miss(held)
    return held


@pytest.fixture
def coordinator(practice: Practice) -> Browser:
    return desk(practice, "coordinator")


def words(browser: Browser, path: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", browser.get(path).text).split())


def decide(desk: Browser, held: Held, what: str, reason: str = REASON) -> TestResponse:
    """Press one of the buttons of the page of a fee."""
    path = f"/staff/money/{held.reference}/fee"
    return send_decision(desk, desk.get(path), f"{path}-{what}", reason)


def send_decision(desk: Browser, page: TestResponse, address: str, reason: str) -> TestResponse:
    """The same from a page that is open already."""
    assert address in page.text, "there is no such button"
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    return desk.post(address, data={"csrf_token": token[1], "reason": reason})


# Agreeing


def test_the_payment_page_asks_in_exact_sums_and_ticks_nothing(browser: Browser, held: Held) -> None:
    page = browser.get(f"/bookings/{held.reference}/pay")
    assert "at most, $80 if I cancel later than is free, or $200 if I don’t come" in page.text
    assert re.search(r'<input[^>]*name="keep_card"[^>]*>', page.text)
    assert not re.search(r'<input[^>]*name="keep_card"[^>]*checked', page.text)
    assert "You need not agree" in page.text


def test_a_practice_without_fees_asks_nothing_and_its_pages_say_nothing_of_them(
    browser: Browser, held: Held, fees
) -> None:
    with work_in(fees.practice) as work:
        set_terms(work, "staff:1", FeeTerms(None, None))
    assert "keep_card" not in browser.get(f"/bookings/{held.reference}/pay").text
    assert "card kept" not in browser.get("/fees").text


def test_ticking_the_box_keeps_the_card_and_the_page_of_the_card_says_for_what(
    browser: Browser, held: Held, fees: FeeDesk, payments: FakePayments
) -> None:
    answer = browser.submit(f"/bookings/{held.reference}/pay", {**SAID, "keep_card": "y"})
    assert str(answer.location).startswith(ORIGIN)
    assert payments.pay(str(answer.location).rsplit("/", 1)[-1])
    browser.get(f"/bookings/{held.reference}/paid")

    assert fees.practice.state_of(held) is State.CONFIRMED
    assert in_order(words(browser, "/card"), ["is kept", "at most $80", "at most $200", "Don’t keep my card"])
    assert '<a href="/you">Your page</a>' in browser.get("/card").text
    assert 'href="/card"' in browser.get(f"/bookings/{held.reference}").text


def test_paying_without_ticking_books_all_the_same(
    browser: Browser, held: Held, fees: FeeDesk, payments: FakePayments
) -> None:
    answer = browser.submit(f"/bookings/{held.reference}/pay", SAID)
    assert payments.pay(str(answer.location).rsplit("/", 1)[-1])
    browser.get(f"/bookings/{held.reference}/paid")

    assert fees.practice.state_of(held) is State.CONFIRMED
    assert "No card of yours is kept" in words(browser, "/card")


def test_sums_that_changed_while_the_page_was_open_are_not_agreed_to(
    browser: Browser, held: Held, fees: FeeDesk, payments: FakePayments
) -> None:
    page = browser.get(f"/bookings/{held.reference}/pay")
    with work_in(fees.practice) as work:
        set_terms(work, "staff:1", FeeTerms(LATE, None))
    answer = browser.send_form(page, {**SAID, "keep_card": "y"})

    assert answer.status_code == 409
    assert "The fees have changed meanwhile" in answer.text
    assert "Robin Quill-Canary" in answer.text  # what was typed is kept
    assert "$200" not in answer.text
    assert payments.sessions == {}
    again = browser.send_form(answer, {"keep_card": "y"})
    assert str(again.location).startswith(ORIGIN)


def test_whoever_agreed_before_is_told_so_and_not_asked_again(
    browser: Browser, held: Held, fees: FeeDesk, payments: FakePayments
) -> None:
    fees.pay_keeping(held)
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    later = browser.send_form(page, {"start": MONDAY_NINE.replace(hour=15).isoformat()}, form="/bookings")
    text = browser.get(f"{later.location}/pay").text
    assert "A card of yours is kept for fees already" in text
    assert "keep_card" not in text


def test_whoever_is_asked_about_other_sums_reads_that_the_earlier_ones_stand(
    browser: Browser, held: Held, fees: FeeDesk
) -> None:
    fees.pay_keeping(held)
    with work_in(fees.practice) as work:
        set_terms(work, "staff:1", FeeTerms(Money(300_00, "USD"), None))
    page = browser.get("/times/ada-lindqvist?offering=couple-50")
    later = browser.send_form(page, {"start": MONDAY_NINE.replace(hour=15).isoformat()}, form="/bookings")
    said = words(browser, f"{later.location}/pay")
    assert in_order(
        said, ["As you agreed, a fee may be charged", "at most $80", "A card of yours is kept already, for other sums"]
    )


def test_the_way_to_the_card_stays_where_the_practice_charges_no_fees_any_more(fees: FeeDesk) -> None:
    held = fees.book(MONDAY_NINE)
    with work_in(fees.practice) as work:
        set_terms(work, "staff:1", FeeTerms(None, None))
    assert 'href="/card"' in fees.practice.browser(held.payer).get(f"/bookings/{held.reference}").text


def test_a_card_can_be_taken_back_while_a_request_is_read(
    browser: Browser, held: Held, fees: FeeDesk, payments: FakePayments
) -> None:
    with work_in(fees.practice) as work:
        set_review_first(work, "command", on=True)
        lock(work, held.reference).review_first = True
    answer = browser.submit(f"/bookings/{held.reference}/pay", {**SAID, "keep_card": "y"})
    assert payments.pay(str(answer.location).rsplit("/", 1)[-1])
    browser.get(f"/bookings/{held.reference}/paid")
    assert fees.practice.state_of(held) is State.IN_REVIEW
    assert "will be kept" in words(browser, "/card")
    browser.submit("/card")
    with work_in(fees.practice) as work:
        reviews.approve(work, lock(work, held.reference), "staff:1")
    fees.practice.work_until_idle()

    assert fees.practice.state_of(held) is State.CONFIRMED
    assert payments.cards == {}
    assert fees.practice.breaches() == []


def test_taking_it_back_on_the_page_forgets_the_card(fees: FeeDesk, missed: Held, payments: FakePayments) -> None:
    mine = fees.practice.browser(missed.payer)
    answer = mine.submit("/card", follow_redirects=True)
    fees.practice.work_until_idle()

    assert "Your card isn’t kept any more" in answer.text
    assert payments.cards == {}


def test_looking_at_the_page_of_the_card_changes_nothing(fees: FeeDesk, missed: Held) -> None:
    mine = fees.practice.browser(missed.payer)
    for method in (mine.get, mine.head):
        assert method("/card").status_code == 200
    assert fees.consent(missed.payer) is not None


def test_a_late_cancel_without_charge_says_what_may_be_charged_before_it_is_made(
    practice: Practice, fees: FeeDesk, payments: FakePayments
) -> None:
    paid = fees.book(MONDAY_NINE + timedelta(days=1))
    change_offering(practice, "individual-50", price_minor=0)
    free = practice.hold(MONDAY_NINE, paid.payer, offering="individual-50")
    practice.confirm(free)
    mine = practice.browser(paid.payer)
    early = words(mine, f"/bookings/{free.reference}")
    assert in_order(
        early, ["As you agreed, a fee may be charged", "at most $80 if you cancel after", "$200 if you don’t come"]
    )
    assert "fee of at most" not in words(mine, f"/bookings/{free.reference}/cancel")

    practice.clock.advance(days=4)
    page = mine.get(f"/bookings/{free.reference}/cancel")
    assert in_order(page.text, ["It is later than is free", "at most $80", "If coming is not safe for you"])
    owner = desk(practice, "owner")
    session = words(owner, f"/staff/schedule/sessions/{free.reference}")
    assert "A fee of at most" not in session  # nobody says there on whose account it is cancelled
    fees.withdraw(paid.payer)
    changed = mine.send_form(page)
    assert changed.status_code == 409
    assert practice.state_of(free) is State.CONFIRMED


# The desk


def test_the_desk_charges_a_fee_from_the_page_of_the_money(
    practice: Practice, fees: FeeDesk, missed: Held, coordinator: Browser
) -> None:
    money = coordinator.get(f"/staff/money/{missed.reference}")
    assert f"/staff/money/{missed.reference}/fee" in money.text
    page = words(coordinator, f"/staff/money/{missed.reference}/fee")
    assert in_order(page, ["agreed to $200 at most", "$160", "up to $40"])
    answer = coordinator.submit(
        f"/staff/money/{missed.reference}/fee", {"amount": "40", "reason": REASON}, follow_redirects=True
    )
    practice.work_until_idle()

    assert "The card is charged in a moment" in answer.text
    assert fees.fees(missed).stand is FeeStand.PAID
    assert in_order(words(coordinator, f"/staff/money/{missed.reference}"), ["Fee charged: $40", REASON])
    assert in_order(words(coordinator, "/staff/money/?month=2027-05"), ["$40", "A fee, paid"])
    assert ("staff:1", "money_fee", missed.reference) in audit(practice, "money_fee")
    mine = practice.browser(missed.payer)
    assert "There is a fee of $40" in words(mine, f"/bookings/{missed.reference}")
    theirs = words(mine, f"/bookings/{missed.reference}/fee")
    assert in_order(theirs, ["You weren’t at your appointment on", "$40", "at most $200", "It is paid, with the card"])
    assert REASON not in theirs
    assert practice.breaches() == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "40.01", "reason": REASON}, "more than may be charged"),
        ({"amount": "0", "reason": REASON}, "above zero"),
        ({"amount": "forty", "reason": REASON}, "Write the amount like"),
        ({"amount": "40", "reason": ""}, "Say why"),
    ],
)
def test_a_wrong_amount_or_no_reason_is_said_beside_the_field_and_charges_nothing(
    fees: FeeDesk, missed: Held, coordinator: Browser, typed: dict[str, str], said: str
) -> None:
    answer = coordinator.submit(f"/staff/money/{missed.reference}/fee", typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert typed["amount"] in answer.text
    assert fees.fees(missed).fee is None


def test_two_of_staff_charge_one_fee(fees: FeeDesk, missed: Held, coordinator: Browser) -> None:
    page = coordinator.get(f"/staff/money/{missed.reference}/fee")
    typed = {"amount": "40", "reason": REASON}
    assert coordinator.send_form(page, typed).status_code == 302
    late = coordinator.send_form(page, typed)
    fees.practice.work_until_idle()

    assert late.status_code == 409
    assert "stands otherwise by now" in late.text
    assert len(fees.service.charges) == 1


def test_a_declined_fee_waits_on_the_desk_until_the_client_is_asked_and_pays(
    practice: Practice, fees: FeeDesk, missed: Held, coordinator: Browser, payments: FakePayments
) -> None:
    payments.charge_status = ChargeStatus.DECLINED
    fees.charge(missed)
    practice.work_until_idle()
    assert in_order(words(coordinator, "/staff/money/"), ["A fee that was declined, $40", "Decide about it"])
    mine = practice.browser(missed.payer)
    page = words(mine, f"/bookings/{missed.reference}/fee")
    assert "We are looking at this payment. Nothing has to be done by you" in page
    assert "We are charging the card" not in page

    decide(coordinator, missed, "ask")
    practice.work_until_idle()
    assert "Nothing waits for a person" in words(coordinator, "/staff/money/")
    answer = mine.submit(f"/bookings/{missed.reference}/fee")
    assert str(answer.location).startswith(ORIGIN)
    assert payments.pay(str(answer.location).rsplit("/", 1)[-1])
    back = mine.get(f"/bookings/{missed.reference}/fee/paid", follow_redirects=True)
    assert "It is paid" in back.text
    assert practice.state_of(missed) is State.MISSED


def test_a_decision_on_a_page_that_stands_otherwise_by_now_is_answered_in_words(
    practice: Practice, fees: FeeDesk, missed: Held, coordinator: Browser
) -> None:
    fees.charge(missed)
    path = f"/staff/money/{missed.reference}/fee"
    page = coordinator.get(path)
    assert "being charged" in page.text
    practice.work_until_idle()
    assert send_decision(coordinator, page, f"{path}-drop", "").status_code == 422
    late = send_decision(coordinator, page, f"{path}-drop", REASON)
    assert late.status_code == 409
    assert "stands otherwise by now" in late.text
    assert fees.fees(missed).stand is FeeStand.PAID


def test_a_service_that_is_away_is_said_without_speaking_of_a_time(
    practice: Practice, fees: FeeDesk, missed: Held, payments: FakePayments
) -> None:
    payments.charge_status = ChargeStatus.ASKS
    fees.charge(missed)
    practice.work_until_idle()
    payments.faults += ["unavailable"] * 3
    answer = practice.browser(missed.payer).submit(f"/bookings/{missed.reference}/fee")
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.text
    assert "Your time is still kept" not in answer.text


def test_a_fee_that_is_asked_for_no_longer_is_gone_from_the_clients_pages(
    practice: Practice, fees: FeeDesk, missed: Held, coordinator: Browser, payments: FakePayments
) -> None:
    payments.charge_status = ChargeStatus.ASKS
    fees.charge(missed)
    practice.work_until_idle()
    decide(coordinator, missed, "drop")

    mine = practice.browser(missed.payer)
    assert mine.get(f"/bookings/{missed.reference}/fee").status_code == 404
    assert "There is a fee" not in words(mine, f"/bookings/{missed.reference}")


def test_some_of_a_fee_is_given_back_on_its_page_and_its_client_reads_how_much(
    practice: Practice, fees: FeeDesk, missed: Held, coordinator: Browser
) -> None:
    fees.charge(missed)
    charging = words(practice.browser(missed.payer), f"/bookings/{missed.reference}/fee")
    assert "We are charging the card that you let us keep" in charging
    practice.work_until_idle()
    coordinator.submit(f"/staff/money/{missed.reference}/fee", {"amount": "15", "reason": REASON})
    practice.work_until_idle()

    assert fees.till.returned() == 15_00
    assert "Of it goes back $15" in words(practice.browser(missed.payer), f"/bookings/{missed.reference}/fee")


def test_sparing_somebody_gives_everything_back_and_leaves_nothing_to_charge(
    practice: Practice, fees: FeeDesk, missed: Held, coordinator: Browser
) -> None:
    assert coordinator.submit(f"/staff/money/{missed.reference}/spare", {"reason": ""}).status_code == 422
    coordinator.submit(f"/staff/money/{missed.reference}/spare", {"reason": REASON})
    practice.work_until_idle()

    assert fees.till.returned() == PRICE
    page = words(coordinator, f"/staff/money/{missed.reference}")
    assert "Nothing is charged for this session, for somebody’s safety" in page
    assert "/spare" not in coordinator.get(f"/staff/money/{missed.reference}").text
    assert practice.breaches() == []


def test_the_owner_sets_what_fees_are_at_most_and_wrong_sums_are_refused(practice: Practice, fees: FeeDesk) -> None:
    owner = desk(practice, "owner")
    refused = owner.submit("/staff/money/fees", {"late": "-1", "missed": "many"})
    assert refused.status_code == 422
    assert "Write the fee like" in refused.text
    assert "many" in refused.text
    owner.submit("/staff/money/fees", {"late": "75.50", "missed": ""})
    page = owner.get("/staff/money/fees").text
    assert 'value="75.50"' in page
    stranger = practice.browser()
    assert "you can agree to have your card kept" in stranger.get("/fees").text


def test_the_receipt_of_a_fee_says_that_it_is_one(
    browser: Browser, held: Held, practice: Practice, fees: FeeDesk, payments: FakePayments
) -> None:
    answer = browser.submit(f"/bookings/{held.reference}/pay", {**SAID, "keep_card": "y"})
    assert payments.pay(str(answer.location).rsplit("/", 1)[-1])
    fees.till.settle(held)
    practice.work_until_idle()
    fees.miss(held)
    fees.charge(held)
    practice.work_until_idle()
    paid = fees.payment_of_fee(held)
    assert paid is not None

    mine = practice.browser(held.payer)
    page = mine.get(f"/bookings/{held.reference}/documents")
    made = mine.send_form(page, {"kind": "receipt", "about": paid.reference}, form="/documents")
    said = words(mine, str(made.location))
    assert in_order(said, ["Robin Quill-Canary", "Fee for a missed session", "$40.00"])


def test_somebody_elses_fee_and_card_are_nowhere(practice: Practice, fees: FeeDesk, missed: Held) -> None:
    fees.charge(missed)
    practice.work_until_idle()
    other = practice.browser(practice.new_client())
    for path in ("fee", "fee/paid"):
        assert other.get(f"/bookings/{missed.reference}/{path}").status_code == 404
    assert "No card of yours is kept" in words(other, "/card")
    assert TERMS.missed == MISSED
