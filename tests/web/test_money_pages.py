"""The desk's pages for money, as the desk uses them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from practice.booking.lifecycle import State
from practice.payments.models import StripeEvent
from practice.payments.settlement import RefundState
from practice.payments.snapshots import RefundStatus
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.paying import PRICE, Till
from tests.support.staff import audit, desk, in_order
from tests.support.story import Held, Practice

MONEY = "/staff/money/"
REASON = "The first half hour was lost to a fire alarm"


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


@pytest.fixture
def coordinator(practice: Practice) -> Browser:
    return desk(practice, "coordinator")


def words(browser: Browser, path: str) -> str:
    return " ".join(browser.get(path).text.split())


def test_a_month_shows_what_was_paid_and_what_went_back(practice: Practice, held: Held, coordinator: Browser) -> None:
    coordinator.submit(f"{MONEY}{held.reference}", {"amount": "40", "reason": REASON})
    practice.work_until_idle()

    page = words(coordinator, MONEY)
    assert "Nothing waits for a person" in page
    assert in_order(page, ["May 2027", held.payer.name, "$160", "$40"])
    assert "Nothing was paid in this month" in words(coordinator, f"{MONEY}?month=2027-04")
    assert "Nothing was paid in this month" in words(coordinator, f"{MONEY}?month=2027-06")


@pytest.mark.parametrize("month", ["May", "2027-13", "0001-01", "2027-05-01", "9999-12"])
def test_a_month_that_is_none_is_refused_in_words(coordinator: Browser, month: str) -> None:
    answer = coordinator.get(MONEY, query_string={"month": month})

    assert answer.status_code in (400, 422)
    assert "2027-05" in answer.text


def test_giving_back_asks_how_much_and_why_and_shows_both_afterwards(
    practice: Practice, till: Till, held: Held, coordinator: Browser
) -> None:
    answer = coordinator.submit(
        f"{MONEY}{held.reference}", {"amount": "40.50", "reason": REASON}, follow_redirects=True
    )
    practice.work_until_idle()

    assert "It goes back to the card that paid" in answer.text
    page = words(coordinator, f"{MONEY}{held.reference}")
    assert in_order(page, ["$119.50", "$40.50", "Given back", REASON])
    assert till.refunds(held) == [(RefundState.SUCCEEDED, 40_50)]
    assert practice.state_of(held) is State.CONFIRMED
    mine = words(practice.browser(held.payer), f"/bookings/{held.reference}")
    assert "of which $40.50 goes back to your card" in mine
    assert REASON not in mine
    assert len(audit(practice, "money_given_back")) == 1
    assert practice.breaches() == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"amount": ""}, "Write an amount"),
        ({"amount": "forty"}, "Write the amount like"),
        ({"amount": "-5"}, "above zero"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "160.01"}, "more than was paid"),
        ({"amount": "99999999999999"}, "14"),
        ({"reason": ""}, "Say why"),
        ({"reason": "  "}, "Say why"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(
    till: Till, held: Held, coordinator: Browser, typed: dict[str, str], says: str
) -> None:
    refused = coordinator.submit(f"{MONEY}{held.reference}", {"amount": "40", "reason": REASON, **typed})

    assert refused.status_code == 422
    assert says in refused.text
    assert typed.get("reason", REASON) in refused.text
    assert till.refunds(held) == []


def test_two_at_the_desk_never_give_the_same_money_twice(
    practice: Practice, till: Till, held: Held, coordinator: Browser
) -> None:
    owner = desk(practice, "owner")
    page = owner.get(f"{MONEY}{held.reference}")
    coordinator.submit(f"{MONEY}{held.reference}", {"amount": "100", "reason": REASON})

    lost = owner.send_form(page, {"amount": "100", "reason": REASON}, form="/give-back")

    assert lost.status_code == 409
    assert "stands otherwise by now" in lost.text
    practice.work_until_idle()
    assert till.returned() == 100_00


def test_a_failed_refund_stands_first_and_is_tried_again(
    practice: Practice, till: Till, held: Held, payments: FakePayments, coordinator: Browser
) -> None:
    till.cancel(held)
    practice.work_until_idle()
    reference = till.refund_reference()
    payments.change_refund(reference, RefundStatus.FAILED)
    till.deliver()
    practice.work_until_idle()
    assert in_order(words(coordinator, MONEY), ["A refund that failed, $160", "It could not be given back to the card"])

    coordinator.submit(f"{MONEY}failed/{reference}/again", {"reason": "The bank called"})
    practice.work_until_idle()

    assert "Nothing waits for a person" in words(coordinator, MONEY)
    assert till.refunds(held) == [(RefundState.FAILED, PRICE), (RefundState.SUCCEEDED, PRICE)]
    assert coordinator.get(f"{MONEY}failed/{reference}/again").status_code == 404


def test_a_payment_that_is_not_as_asked_for_is_returned_with_a_reason(
    practice: Practice, till: Till, payments: FakePayments, coordinator: Browser
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=90_00)
    till.deliver()
    practice.work_until_idle()
    page = words(coordinator, MONEY)
    assert in_order(page, ["A payment that isn’t what was asked for, $90", "The amount paid differs"])

    asked = words(coordinator, f"{MONEY}quarantined/{till.attempt(held).reference}/return")
    assert in_order(
        asked, ["$90 of ", ", for ", "Monday 10 May, 9:00 am Eastern Time", " with ", "Booking", held.reference]
    )
    without = coordinator.submit(f"{MONEY}quarantined/{till.attempt(held).reference}/return", {"reason": ""})
    assert without.status_code == 422
    coordinator.submit(f"{MONEY}quarantined/{till.attempt(held).reference}/return", {"reason": "Called them"})
    practice.work_until_idle()

    assert till.refunds(held) == [(RefundState.SUCCEEDED, 90_00)]
    assert "Nothing waits for a person" in words(coordinator, MONEY)


def test_a_payment_that_we_do_not_know_is_looked_into(practice: Practice, coordinator: Browser) -> None:
    with work_in(practice) as work:
        stray = {"kind": "checkout.session.completed", "attempt": "pa_unknown", "stray": True}
        work.session.add(StripeEvent(id="evt_1", **stray, happened_at=work.now, received_at=work.now))
    assert "A payment that we don’t know" in words(coordinator, MONEY)

    coordinator.submit(MONEY, form="/stray/")

    assert "Nothing waits for a person" in words(coordinator, MONEY)


@pytest.mark.parametrize("role", ["clinician", "therapist"])
def test_money_is_the_desks_alone(practice: Practice, held: Held, role: str) -> None:
    browser = desk(practice, role, therapist="ada-lindqvist" if role == "therapist" else None)

    for path in (MONEY, f"{MONEY}{held.reference}"):
        assert browser.get(path).status_code == 404
    assert MONEY not in browser.get("/staff/").text


def test_staff_ask_the_service_how_a_payment_stands_where_nobody_told_us(
    practice: Practice, till: Till, coordinator: Browser, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    payments.mailbag.clear()  # the webhook is lost
    path = f"{MONEY}{held.reference}"
    payments.faults += ["unavailable"] * 3
    away = coordinator.submit(path, form="/look", follow_redirects=True)
    assert "Nothing was changed" in away.text
    assert practice.state_of(held) is State.HELD
    payments.faults.clear()

    answer = coordinator.submit(path, form="/look", follow_redirects=True)
    assert "This is how it stands" in answer.text
    assert practice.state_of(held) is State.CONFIRMED
    assert "/look" not in answer.text
    assert [entry[1:] for entry in audit(practice, "money_looked_at")] == [("money_looked_at", held.reference)] * 2


def test_what_is_on_its_way_back_stands_on_the_page_until_it_has_arrived(
    practice: Practice, till: Till, held: Held, coordinator: Browser, payments: FakePayments
) -> None:
    payments.refund_status = RefundStatus.PENDING
    till.cancel(held)
    practice.work_until_idle()
    assert in_order(words(coordinator, MONEY), ["On its way back", "$160", "with the bank", held.reference])

    payments.change_refund(till.refund_reference(), RefundStatus.SUCCEEDED)
    till.deliver()
    practice.work_until_idle()
    assert "On its way back" not in words(coordinator, MONEY)
