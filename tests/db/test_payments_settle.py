"""One payment from the open checkout to what became of it, whatever is late, lost, doubled or in the wrong order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from practice.booking.lifecycle import State
from practice.booking.messages import BookingCancelled
from practice.errors import Unavailable
from practice.payments.gateway import GatewayRefused
from practice.payments.handlers import on_booking_cancelled
from practice.payments.opening import MOST_ATTEMPTS, NotPayable
from practice.payments.settlement import AttemptState, RefundState
from practice.payments.snapshots import RefundStatus, SessionStatus
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.paying import PRICE, Till
from tests.support.story import Practice


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def all_is_well(practice: Practice) -> bool:
    assert practice.breaches() == []
    return True


def test_a_payment_confirms_the_booking(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)

    assert till.deliver() == [204]
    practice.work_until_idle()

    assert practice.state_of(held) is State.CONFIRMED
    assert till.attempts(held) == [AttemptState.PAID]
    assert till.refunds(held) == []
    assert all_is_well(practice)


def test_the_service_is_never_asked_inside_a_transaction(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    payments.outside_transactions = True
    held, cancelled = practice.hold(MONDAY_NINE), practice.hold(MONDAY_NINE.replace(day=11))
    for one in (held, cancelled):
        till.pay(one)
    till.deliver()
    practice.work_until_idle()
    till.cancel(cancelled)
    released = practice.hold(MONDAY_NINE.replace(day=12))
    till.open(released)
    practice.clock.advance(days=2)
    practice.work_until_idle()
    assert practice.state_of(released) is State.EXPIRED
    assert till.returned() == PRICE
    assert payments.asked > 8


def test_a_webhook_that_comes_twice_changes_nothing_the_second_time(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    events = list(till.service.mailbag)
    assert till.deliver(events * 3) == [204, 204, 204]
    practice.work_until_idle()
    assert till.deliver(events) == [204]
    assert practice.work_until_idle() == 0
    assert practice.state_of(held) is State.CONFIRMED
    assert all_is_well(practice)


def test_webhooks_in_the_wrong_order_lead_to_the_same_end(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    payments.decline(session.id)
    assert payments.pay(session.id)
    till.deliver(reversed(payments.mailbag))
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert all_is_well(practice)


def test_a_webhook_that_never_comes_is_made_up_for_by_the_return_page(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    assert practice.state_of(held) is State.CONFIRMED


def test_a_webhook_that_never_comes_is_made_up_for_at_the_deadline(
    practice: Practice, till: Till, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    clock.advance(minutes=9)
    till.pay(held)
    clock.advance(minutes=36)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert all_is_well(practice)


def test_the_night_finds_a_payment_that_nobody_told_us_of(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.free_by_hand(held)
    practice.work_until_idle()
    payments.sessions[session.id] = replace(
        session, status=SessionStatus.COMPLETE, paid=True, payment="pi_late", url=None
    )
    clock.advance(days=1)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert all_is_well(practice)


def test_each_night_has_the_next_one_looked_over_too(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    practice.work_until_idle()
    asked = payments.asked
    for _ in range(3):
        clock.advance(days=1)
        practice.work_until_idle()
        assert payments.asked > asked
        asked = payments.asked


def test_a_declined_card_leaves_the_time_held_and_another_card_pays(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    payments.decline(session.id)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.HELD
    assert payments.pay(session.id)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED


def test_settling_twice_does_nothing_more(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    practice.work_until_idle()
    till.settle(held)
    assert practice.work_until_idle() == 0
    assert till.attempts(held) == [AttemptState.PAID]


def test_two_tabs_pay_in_one_session(practice: Practice, till: Till, payments: FakePayments) -> None:
    held = practice.hold(MONDAY_NINE)
    first, second = till.open(held), till.open(held)
    assert first.id == second.id
    assert len(payments.sessions) == 1
    assert till.attempts(held) == [AttemptState.OPEN]


def test_a_checkout_keeps_the_time_as_long_as_it_can_be_paid(
    practice: Practice, till: Till, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    clock.advance(minutes=9)
    session = till.open(held)
    clock.advance(minutes=34)
    practice.work_until_idle()
    assert practice.state_of(held) is State.HELD
    assert till.service.pay(session.id)


def test_the_time_is_free_again_after_an_abandoned_checkout(practice: Practice, till: Till, clock: FrozenClock) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    clock.advance(minutes=36)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert till.attempts(held) == [AttemptState.EXPIRED]
    assert not till.service.pay(session.id)
    practice.hold(MONDAY_NINE)
    assert all_is_well(practice)


def test_a_hold_without_a_checkout_ends_after_ten_minutes(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    clock.advance(minutes=11)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert payments.asked == 0
    with pytest.raises(NotPayable):
        till.open(held)


def test_the_checkout_is_closed_before_a_time_that_was_given_back_is_free(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.cancel(held)
    assert practice.state_of(held) is State.RELEASING
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert payments.retrieve(session.id).status is SessionStatus.EXPIRED
    assert all_is_well(practice)


def test_who_pays_while_the_time_is_being_given_back_gets_it(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.cancel(held)
    assert payments.pay(session.id)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert all_is_well(practice)


def test_nothing_is_released_while_the_service_does_not_answer(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.open(held)
    clock.advance(minutes=36)
    payments.faults += ["unavailable"] * 30
    for _ in range(10):
        practice.work_until_idle()
        clock.advance(minutes=1)
    assert practice.state_of(held) is State.RELEASING
    payments.faults.clear()
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert all_is_well(practice)


def test_an_expiry_whose_answer_is_lost_still_releases_the_time(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.open(held)
    till.cancel(held)
    payments.faults.append("lost")
    practice.work_until_idle()
    clock.advance(minutes=1)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED


# A crash between the service's answer and our commit


def test_an_answer_that_never_reached_us_is_had_again_with_the_same_key(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults.append("lost")
    with pytest.raises(Unavailable):
        till.open(held)
    assert till.attempts(held) == [AttemptState.CREATING]
    till.open(held)
    assert len(payments.sessions) == 1
    assert till.attempts(held) == [AttemptState.OPEN]


def test_the_worker_finds_a_session_whose_answer_never_reached_us(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults.append("lost")
    with pytest.raises(Unavailable):
        till.open(held)
    clock.advance(minutes=3)
    practice.work_until_idle()
    assert till.attempts(held) == [AttemptState.OPEN]
    assert till.open(held).id == payments.only_session().id


def test_a_payment_before_our_row_knows_its_session_is_settled(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults.append("lost")
    with pytest.raises(Unavailable):
        till.open(held)
    assert payments.pay(payments.only_session().id)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert all_is_well(practice)


def test_a_session_whose_answer_never_reached_us_is_closed_at_the_deadline(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults.append("lost")
    with pytest.raises(Unavailable):
        till.open(held)
    till.cancel(held)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert payments.only_session().status is SessionStatus.EXPIRED
    assert all_is_well(practice)


def test_an_attempt_that_never_reached_the_service_is_replaced_when_its_time_is_too_near(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults.append("unavailable")
    with pytest.raises(Unavailable):
        till.open(held)
    clock.advance(minutes=6)  # 29 minutes are left of 35: the service would refuse
    session = till.open(held)
    assert till.attempts(held) == [AttemptState.FAILED, AttemptState.OPEN]
    assert session.expires_at == clock.now() + (session.expires_at - session.created_at)
    assert len(payments.sessions) == 1


def test_a_time_is_released_when_no_session_was_ever_made(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults.append("unavailable")
    with pytest.raises(Unavailable):
        till.open(held)
    clock.advance(minutes=36)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert till.attempts(held) == [AttemptState.FAILED]
    assert payments.sessions == {}


def test_a_service_that_says_no_is_not_asked_for_ever(
    practice: Practice, till: Till, payments: FakePayments, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise GatewayRefused("key")

    held = practice.hold(MONDAY_NINE)
    monkeypatch.setattr(payments, "create_checkout", refuse)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Unavailable):
            till.open(held)
    with pytest.raises(NotPayable):
        till.open(held)


# Late


def test_a_late_payment_is_confirmed_when_the_time_is_still_free(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.free_by_hand(held)
    assert payments.pay(session.id)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert till.returned() == 0
    assert all_is_well(practice)


def test_a_late_payment_is_refunded_in_full_when_somebody_else_took_the_time(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    late = practice.hold(MONDAY_NINE)
    session = till.open(late)
    till.free_by_hand(late)
    quick = practice.hold(MONDAY_NINE)
    assert payments.pay(session.id)

    till.deliver()
    practice.work_until_idle()

    assert practice.state_of(late) is State.EXPIRED
    assert practice.state_of(quick) is State.HELD
    assert till.refunds(late) == [(RefundState.SUCCEEDED, PRICE)]
    assert till.returned() == PRICE
    assert all_is_well(practice)


def test_who_pays_for_a_time_that_was_declined_meanwhile_gets_everything_back_and_no_session(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.decline(held)
    assert payments.pay(session.id)

    till.deliver()
    practice.work_until_idle()

    assert practice.state_of(held) is State.EXPIRED
    assert till.returned() == PRICE
    practice.hold(MONDAY_NINE)
    assert all_is_well(practice)


def test_a_decline_while_the_time_is_being_given_back_is_kept_too(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.cancel(held)
    till.decline(held)
    assert payments.pay(session.id)

    till.deliver()
    practice.work_until_idle()

    assert practice.state_of(held) is State.EXPIRED
    assert till.returned() == PRICE
    assert all_is_well(practice)


def test_a_payment_for_a_session_that_has_begun_is_refunded(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    till.free_by_hand(held)
    assert payments.pay(session.id)
    payments.mailbag.clear()
    clock.set(MONDAY_NINE)
    till.settle(held)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert till.returned() == PRICE


def test_money_under_way_keeps_the_time(practice: Practice, till: Till, payments: FakePayments) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.open(held)
    payments.sessions[session.id] = replace(session, status=SessionStatus.COMPLETE)
    till.cancel(held)
    practice.work_until_idle()
    assert practice.state_of(held) is State.RELEASING
    payments.sessions[session.id] = replace(session, status=SessionStatus.COMPLETE, paid=True, payment="pi_1")
    practice.clock.advance(minutes=1)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED


# Not what we asked for


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 1},
        {"amount_minor": PRICE + 1},
        {"currency": "EUR"},
        {"livemode": True},
        {"reference": "b_somebody_else"},
    ],
    ids=["too little", "too much", "another currency", "another mode", "another booking"],
)
def test_a_payment_that_is_not_what_we_asked_for_confirms_nothing_and_is_shown(
    practice: Practice, till: Till, payments: FakePayments, change: dict[str, object]
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], **change)  # type: ignore[arg-type]
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.HELD
    assert till.attempts(held) == [AttemptState.QUARANTINED]
    assert till.refunds(held) == []
    (breach,) = practice.breaches()
    assert breach.startswith(f"I2: {till.attempt(held).reference}: paid with another")


def test_a_quarantined_payment_does_not_hold_the_time_for_ever(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.sessions[session.id] = replace(payments.sessions[session.id], amount_minor=1)
    clock.advance(minutes=36)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    practice.hold(MONDAY_NINE)


# Money back


@pytest.mark.parametrize("how", ["decline", "cancel"])
def test_what_was_paid_goes_back_when_the_practice_declines_or_the_client_cancels_in_time(
    practice: Practice, till: Till, how: str
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    getattr(till, how)(held)
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.SUCCEEDED, PRICE)]
    assert till.returned() == PRICE
    assert all_is_well(practice)


def test_a_late_cancellation_keeps_the_fee(practice: Practice, till: Till, clock: FrozenClock) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    clock.set(MONDAY_NINE)
    clock.advance(hours=-47)
    till.cancel(held)
    practice.work_until_idle()
    assert practice.state_of(held) is State.CANCELLED
    assert till.refunds(held) == []
    assert all_is_well(practice)


def test_cancelling_twice_refunds_once(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.cancel(held)
    till.cancel(held)
    practice.work_until_idle()
    assert till.returned() == PRICE


@pytest.mark.parametrize("fault", ["unavailable", "lost"])
def test_a_refund_is_sent_until_it_is_known_to_have_happened_and_happens_once(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock, fault: str
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.cancel(held)
    payments.faults.append(fault)
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.DUE, PRICE)]
    clock.advance(minutes=6)
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.SUCCEEDED, PRICE)]
    assert len(payments.refunds) == 1
    assert all_is_well(practice)


def test_a_refund_is_not_sent_again_after_the_service_forgot_its_key(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.decline(held)
    payments.faults.append("lost")
    practice.work_until_idle()
    clock.advance(hours=30)
    practice.work_until_idle()
    assert len(payments.refunds) == 1
    assert till.refunds(held) == [(RefundState.SUCCEEDED, PRICE)]


def test_a_refund_that_takes_time_is_followed_to_its_end(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    payments.refund_status = RefundStatus.PENDING
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.cancel(held)
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.SENT, PRICE)]
    payments.change_refund(till.refund_reference(), RefundStatus.SUCCEEDED)
    till.deliver()
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.SUCCEEDED, PRICE)]
    assert all_is_well(practice)


def test_a_refund_that_the_bank_sends_back_is_shown(practice: Practice, till: Till, payments: FakePayments) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.cancel(held)
    practice.work_until_idle()
    payments.change_refund(till.refund_reference(), RefundStatus.FAILED)
    till.deliver()
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.FAILED, PRICE)]
    assert any("the refund failed" in breach for breach in practice.breaches())


def test_a_refund_that_the_bank_sends_back_is_found_at_night_when_nobody_told_us(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.cancel(held)
    practice.work_until_idle()
    payments.change_refund(till.refund_reference(), RefundStatus.FAILED)
    clock.advance(days=1)
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.FAILED, PRICE)]


def test_a_cancellation_that_is_delivered_twice_refunds_once(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    till.cancel(held)
    practice.work_until_idle()
    with practice.app.app_context():
        on_booking_cancelled(BookingCancelled(held.reference, 1, 1, 1))
    practice.work_until_idle()
    assert till.refunds(held) == [(RefundState.SUCCEEDED, PRICE)]


def test_whoever_learns_that_no_session_exists_frees_a_time_that_waits_for_it(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    held = practice.hold(MONDAY_NINE)
    payments.faults += ["unavailable"] * 3
    with pytest.raises(Unavailable):
        till.open(held)
    till.cancel(held)
    practice.work_until_idle()
    assert practice.state_of(held) is State.RELEASING
    payments.faults.clear()
    clock.advance(minutes=6)
    till.settle(held)
    assert practice.state_of(held) is State.EXPIRED


def test_money_for_an_attempt_that_we_do_not_know_is_found_at_night(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    till.pay(practice.hold(MONDAY_NINE))
    practice.work_until_idle()
    paid = payments.only_session()
    payments.sessions["cs_lost"] = replace(paid, id="cs_lost", attempt="pa_from_a_lost_backup")
    clock.advance(days=1)
    for _ in range(2):
        practice.work_until_idle()
        clock.advance(days=1)
    assert [breach for breach in practice.breaches() if "don’t know" in breach] == [
        "I2: listed:cs_lost: speaks of a payment that we don’t know"
    ]
