"""What staff decide about money: never above what was paid, never twice, and nothing waits for a person for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.actions import StaffDecision
from practice.booking.lifecycle import State
from practice.booking.policy import TermsKind
from practice.booking.queries import cancellation_terms, refund_now
from practice.database import db
from practice.money import Money
from practice.payments import remedies
from practice.payments.models import MoneyDecision, Refund, StripeEvent
from practice.payments.remedies import MoneyMoved, NotThatMuch
from practice.payments.settlement import RefundState
from practice.payments.snapshots import RefundStatus
from practice.people import Person, forget_person
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.offers import see, work_in
from tests.support.paying import PRICE, Till
from tests.support.staff import desk
from tests.support.story import Held, Practice

REASON = "They were alone in the waiting room for twenty minutes"
WHO = {"actor": "staff:1", "reason": REASON}


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    """A session that is paid and stands."""
    return paid(practice, till)


def paid(practice: Practice, till: Till) -> Held:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


def dollars(amount: int) -> Money:
    return Money(amount * 100, "USD")


def give(practice: Practice, held: Held, amount: int, *, kept: int) -> None:
    with work_in(practice) as work:
        remedies.give_back(work, held.reference, dollars(amount), kept=dollars(kept), **WHO)
    practice.work_until_idle()


def only(practice: Practice, thing: type) -> str:
    """The reference (or id) of the only row of a table."""
    with practice.app.app_context():
        found = db.session.scalars(select(thing)).one()
        return str(found.id if thing is StripeEvent else found.reference)


# Giving back


def test_some_of_a_payment_goes_back_and_the_session_stands(
    practice: Practice, till: Till, held: Held, mailer: FakeMailer
) -> None:
    give(practice, held, 40, kept=160)

    assert practice.state_of(held) is State.CONFIRMED
    assert till.refunds(held) == [(RefundState.SUCCEEDED, 40_00)]
    assert till.returned() == 40_00
    assert practice.breaches() == []
    told = mailer.last_to(held.payer.email)
    assert "goes back to the card that paid" in " ".join(told.text.split())
    assert "$" not in told.text
    assert REASON not in told.text


def test_it_goes_back_in_several_parts_up_to_what_was_paid_and_no_further(
    practice: Practice, till: Till, held: Held
) -> None:
    give(practice, held, 100, kept=160)
    give(practice, held, 60, kept=60)

    with pytest.raises(NotThatMuch):
        give(practice, held, 1, kept=0)
    assert till.returned() == PRICE
    assert practice.breaches() == []


@pytest.mark.parametrize("amount", [0, 161, 100_000])
def test_nothing_and_more_than_is_left_are_refused(practice: Practice, till: Till, held: Held, amount: int) -> None:
    with pytest.raises(NotThatMuch):
        give(practice, held, amount, kept=160)

    assert till.refunds(held) == []


def test_a_page_that_was_open_while_somebody_else_gave_back_gives_nothing(
    practice: Practice, till: Till, held: Held
) -> None:
    give(practice, held, 40, kept=160)

    with pytest.raises(MoneyMoved):
        give(practice, held, 40, kept=160)
    assert till.returned() == 40_00


def test_of_what_was_never_paid_nothing_goes_back(practice: Practice, till: Till) -> None:
    unpaid = practice.hold(MONDAY_NINE)

    with pytest.raises(MoneyMoved):
        give(practice, unpaid, 10, kept=160)


@pytest.mark.parametrize(("share", "back"), [(Fraction(1), 160_00), (Fraction(1, 2), 100_00), (Fraction(0), 40_00)])
def test_cancelling_decides_about_what_is_left(
    practice: Practice, till: Till, held: Held, share: Fraction, back: int
) -> None:
    give(practice, held, 40, kept=160)
    with work_in(practice) as work:
        booking = booking_actions.lock(work, held.reference)
        booking_actions.cancel_by_staff(work, booking, StaffDecision("staff:1", share, ""))
    practice.work_until_idle()

    assert till.returned() == back
    assert practice.breaches() == []


def test_the_sum_that_the_client_reads_before_cancelling_is_the_sum_that_goes_back(
    practice: Practice, till: Till, held: Held, clock: FrozenClock
) -> None:
    give(practice, held, 40, kept=160)
    with practice.app.app_context():
        assert refund_now(db.session.merge(see(practice, held)), clock.now()) == dollars(120)

    page = practice.browser(held.payer).get(f"/bookings/{held.reference}/cancel").text
    assert "$120" in page
    practice.browser(held.payer).submit(f"/bookings/{held.reference}/cancel")
    practice.work_until_idle()

    assert till.returned() == PRICE
    assert practice.breaches() == []


def test_after_a_late_cancellation_staff_can_still_give_back(practice: Practice, till: Till, held: Held) -> None:
    with work_in(practice) as work:
        booking = booking_actions.lock(work, held.reference)
        booking_actions.cancel_by_staff(work, booking, StaffDecision("staff:1", Fraction(0), ""))
    practice.work_until_idle()

    give(practice, held, 160, kept=160)

    assert till.returned() == PRICE
    assert practice.breaches() == []


def test_between_a_cancellation_and_its_refund_nothing_is_given_back(
    practice: Practice, till: Till, held: Held
) -> None:
    with work_in(practice) as work:
        booking = booking_actions.lock(work, held.reference)
        booking_actions.cancel_by_staff(work, booking, StaffDecision("staff:1", Fraction(1, 2), ""))

    with pytest.raises(MoneyMoved), work_in(practice) as work:  # the worker has not come to it yet
        remedies.give_back(work, held.reference, dollars(20), kept=dollars(160), **WHO)
    practice.work_until_idle()
    assert till.returned() == 80_00


def test_what_was_given_back_whole_uses_up_no_waiver(
    practice: Practice, till: Till, held: Held, clock: FrozenClock
) -> None:
    give(practice, held, 160, kept=160)
    clock.set(MONDAY_NINE - timedelta(hours=3))

    with practice.app.app_context():
        terms = cancellation_terms(db.session.merge(see(practice, held)), clock.now())
    assert terms.kind is not TermsKind.WAIVED


def test_what_waits_can_be_ended_after_whoever_paid_was_forgotten(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=90_00)
    till.deliver()
    practice.work_until_idle()
    with work_in(practice) as work:
        forget_person(work, work.session.get_one(Person, held.payer.person_id))

    with work_in(practice) as work:
        remedies.return_quarantined(work, till.attempt(held).reference, **WHO)
    practice.work_until_idle()

    assert till.returned() == 90_00
    assert desk(practice, "coordinator").get(f"/staff/money/{held.reference}").status_code == 200


def test_the_reason_is_kept_sealed_with_who_and_how_much(practice: Practice, held: Held) -> None:
    give(practice, held, 40, kept=160)

    with practice.app.app_context():
        decided = db.session.scalars(select(MoneyDecision)).one()
        assert (decided.kind, decided.amount_minor, decided.actor) == ("given_back", 40_00, "staff:1")
        assert REASON.encode() not in decided.reason_sealed


# What waits for a person


@pytest.fixture
def failed(practice: Practice, till: Till, held: Held, payments: FakePayments) -> str:
    """A refund that the bank sent back; its reference."""
    till.cancel(held)
    practice.work_until_idle()
    reference = till.refund_reference()
    payments.change_refund(reference, RefundStatus.FAILED)
    till.deliver()
    practice.work_until_idle()
    assert practice.breaches()
    return reference


def test_a_refund_that_failed_is_sent_again_as_a_new_one(
    practice: Practice, till: Till, held: Held, failed: str
) -> None:
    with work_in(practice) as work:
        remedies.send_again(work, failed, **WHO)
    practice.work_until_idle()

    assert till.refunds(held) == [(RefundState.FAILED, PRICE), (RefundState.SUCCEEDED, PRICE)]
    assert practice.breaches() == []
    with pytest.raises(MoneyMoved), work_in(practice) as work:
        remedies.send_again(work, failed, **WHO)


def test_a_refund_that_failed_is_settled_by_hand(practice: Practice, till: Till, held: Held, failed: str) -> None:
    with work_in(practice) as work:
        remedies.settle_refund_by_hand(work, failed, **WHO)
    practice.work_until_idle()

    assert till.refunds(held) == [(RefundState.FAILED, PRICE)]
    assert practice.breaches() == []
    with pytest.raises(MoneyMoved), work_in(practice) as work:
        remedies.settle_refund_by_hand(work, failed, **WHO)


@pytest.mark.parametrize("change", [{"amount_minor": 90_00}, {"amount_minor": PRICE + 1}, {"currency": "EUR"}])
def test_what_is_not_as_asked_for_goes_back_just_as_it_came(
    practice: Practice, till: Till, payments: FakePayments, change: dict[str, object]
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], **change)  # type: ignore[arg-type]
    till.deliver()
    practice.work_until_idle()
    with work_in(practice) as work:
        remedies.return_quarantined(work, till.attempt(held).reference, **WHO)
    practice.work_until_idle()

    with practice.app.app_context():
        refund = db.session.scalars(select(Refund)).one()
        came = payments.sessions[session.id]
        assert refund.amount == Money(came.amount_minor, came.currency)
        assert refund.state is RefundState.SUCCEEDED
    assert practice.breaches() == []
    with pytest.raises(MoneyMoved), work_in(practice) as work:
        remedies.return_quarantined(work, till.attempt(held).reference, **WHO)


def test_what_is_not_as_asked_for_can_be_settled_by_hand(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=1)
    till.deliver()
    practice.work_until_idle()
    with work_in(practice) as work:
        remedies.settle_quarantined_by_hand(work, till.attempt(held).reference, **WHO)

    assert till.refunds(held) == []
    assert practice.breaches() == []


def test_a_payment_that_we_do_not_know_waits_until_somebody_has_looked(practice: Practice, clock: FrozenClock) -> None:
    with work_in(practice) as work:
        stray = {"kind": "checkout.session.completed", "attempt": "pa_unknown", "stray": True}
        work.session.add(StripeEvent(id="evt_1", **stray, happened_at=work.now, received_at=work.now))
    assert practice.breaches()

    with work_in(practice) as work:
        remedies.settle_stray(work, only(practice, StripeEvent), actor="staff:1")

    assert practice.breaches() == []
    with pytest.raises(MoneyMoved), work_in(practice) as work:
        remedies.settle_stray(work, "evt_1", actor="staff:1")
