"""Charging a fee: once, with a reason, as the bank says; what was dropped goes back, and never for safety."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.booking.actions import lock, mark
from practice.booking.lifecycle import State, Trigger
from practice.booking.queries import find_booking
from practice.database import db
from practice.money import Money
from practice.payments import checkout, opening, remedies
from practice.payments.fees import actions, charges
from practice.payments.fees.actions import FeeMoved
from practice.payments.fees.queries import Due, FeeStand, NoFee
from practice.payments.models import MoneyDecision, PaymentAttempt
from practice.payments.settlement import AttemptState, RefundState
from practice.payments.snapshots import ChargeStatus, DisputeStatus
from practice.sealing import vault
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.fees import LEFT, STAFF, FeeDesk
from tests.support.offers import work_in
from tests.support.paying import PRICE, Till
from tests.support.story import Held, Practice

TUESDAY = MONDAY_NINE + timedelta(days=1)


@pytest.fixture
def desk(practice: Practice, payments: FakePayments) -> FeeDesk:
    return FeeDesk(Till(practice, payments))


@pytest.fixture
def missed(desk: FeeDesk) -> Held:
    """A session that was paid with a kept card, and that nobody came to."""
    held = desk.book(MONDAY_NINE)
    desk.miss(held)
    return held


# Charging


def test_a_fee_is_charged_once_told_and_kept_with_its_reason(desk: FeeDesk, missed: Held, mailer) -> None:
    before = len(mailer.sent)
    desk.charge(missed)
    desk.practice.work_until_idle()

    found = desk.fees(missed)
    assert found.stand is FeeStand.PAID
    assert found.paid is not None
    assert (found.paid.amount, found.paid.confirms, found.paid.off_session) == (LEFT, False, True)
    assert [one.amount_minor for one in desk.service.charges] == [LEFT.minor_units]
    assert [one.subject for one in mailer.sent[before:]] == ["About your appointment"]
    assert desk.due(missed) is NoFee.DECIDED
    with desk.practice.app.app_context():
        decision = db.session.scalars(select(MoneyDecision)).one()
        booking = find_booking(missed.reference)
        assert booking is not None
        assert (decision.kind, decision.actor, booking.fee) == ("fee", "staff:1", LEFT)
        assert decision.reason_sealed is not None
        plain = vault().open(
            booking.person_id, decision.reason_sealed, table="money_decision", row=decision.subject, column="reason"
        )
        assert plain == STAFF["reason"]
    desk.quiet()


@pytest.mark.parametrize("faults", [["unavailable"], ["lost"], ["lost", "lost"], ["unavailable", "lost"]])
def test_a_service_that_does_not_answer_is_asked_again_and_charges_once(
    desk: FeeDesk, missed: Held, clock: FrozenClock, faults: list[str]
) -> None:
    desk.charge(missed)
    desk.service.faults += faults
    for _ in range(6):
        desk.practice.work_until_idle()
        clock.advance(minutes=1)

    assert [one.amount_minor for one in desk.service.charges] == [LEFT.minor_units]
    assert desk.fees(missed).stand is FeeStand.PAID
    desk.quiet()


def test_a_charge_whose_answer_was_lost_for_days_is_found_and_not_made_again(
    desk: FeeDesk, missed: Held, clock: FrozenClock
) -> None:
    try_and_lose(desk, missed)
    clock.advance(days=3)  # the service has forgotten the key
    desk.practice.work_until_idle()

    assert len(desk.service.charges) == 1
    assert desk.fees(missed).stand is FeeStand.PAID
    desk.quiet()


def test_the_nightly_look_takes_up_a_charge_that_nobody_finished(desk: FeeDesk, missed: Held) -> None:
    desk.charge(missed)
    desk.service.faults += ["lost"]
    reference = next(one.reference for one in desk.attempts(missed) if one.off_session)
    with desk.practice.app.app_context():
        with pytest.raises(Exception, match="lost"):
            checkout.settle(reference)
        checkout.settle(reference)
        checkout.settle(reference)
    assert len(desk.service.charges) == 1
    assert desk.fees(missed).stand is FeeStand.PAID


def test_a_bank_that_wants_to_hear_its_card_holder_becomes_a_link_to_pay(desk: FeeDesk, missed: Held, mailer) -> None:
    before = len(mailer.sent)
    desk.service.charge_status = ChargeStatus.ASKS
    desk.charge(missed)
    desk.practice.work_until_idle()

    assert desk.fees(missed).stand is FeeStand.ASKED
    assert len(mailer.sent) == before + 1
    pay_the_link(desk, missed)
    assert desk.fees(missed).stand is FeeStand.PAID
    assert desk.practice.state_of(missed) is State.MISSED
    desk.quiet()


def pay_the_link(desk: FeeDesk, held: Held) -> None:
    """The client follows the link and pays; what they see is told by the webhook alone."""
    with desk.practice.app.app_context():
        booking = find_booking(held.reference)
        assert booking is not None
        address = checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
        again = checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
        assert again == address
    assert desk.service.pay(address.rsplit("/", 1)[-1])
    desk.till.deliver()
    desk.practice.work_until_idle()


def test_a_declined_card_waits_for_staff_who_may_ask_the_client(desk: FeeDesk, missed: Held) -> None:
    desk.service.charge_status = ChargeStatus.DECLINED
    desk.charge(missed)
    desk.practice.work_until_idle()
    assert desk.fees(missed).stand is FeeStand.DECLINED

    desk.decide(actions.ask, missed)
    assert desk.fees(missed).stand is FeeStand.ASKED
    with pytest.raises(FeeMoved):
        desk.decide(actions.ask, missed)
    desk.practice.work_until_idle()
    pay_the_link(desk, missed)
    assert desk.fees(missed).stand is FeeStand.PAID
    desk.quiet()


def test_a_fee_that_is_asked_for_no_longer_can_not_be_paid_and_may_be_decided_again(
    desk: FeeDesk, missed: Held
) -> None:
    desk.service.charge_status = ChargeStatus.ASKS
    desk.charge(missed)
    desk.practice.work_until_idle()
    with desk.practice.app.app_context():
        booking = find_booking(missed.reference)
        assert booking is not None
        address = checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
    desk.decide(actions.drop, missed)
    desk.practice.work_until_idle()

    assert not desk.service.pay(address.rsplit("/", 1)[-1])
    assert desk.fees(missed).fee is None
    assert isinstance(desk.due(missed), Due)
    with desk.practice.app.app_context():
        booking = find_booking(missed.reference)
        assert booking is not None
        assert booking.fee is None
    desk.quiet()


def test_what_is_paid_for_a_fee_while_it_is_dropped_goes_back(desk: FeeDesk, missed: Held) -> None:
    desk.service.charge_status = ChargeStatus.ASKS
    desk.charge(missed)
    desk.practice.work_until_idle()
    with desk.practice.app.app_context():
        booking = find_booking(missed.reference)
        assert booking is not None
        address = checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
    assert desk.service.pay(address.rsplit("/", 1)[-1])
    desk.decide(actions.drop, missed)
    desk.practice.work_until_idle()

    assert desk.till.refunds(missed) == [(RefundState.SUCCEEDED, LEFT.minor_units)]
    desk.quiet()


@pytest.mark.parametrize("decision", [actions.drop, actions.spare])
def test_what_is_ended_before_the_service_heard_of_it_charges_no_card(desk: FeeDesk, missed: Held, decision) -> None:
    desk.charge(missed)
    desk.decide(decision, missed)
    desk.practice.work_until_idle()

    assert desk.service.charges == []
    desk.quiet()


def try_and_lose(desk: FeeDesk, held: Held) -> None:
    """A charge that the service made, and whose answer was lost."""
    desk.practice.work_until_idle()  # so that nothing else meets the fault
    desk.charge(held)
    desk.service.faults += ["lost"]
    desk.practice.work_until_idle()
    assert desk.fees(held).stand is FeeStand.CHARGING


def test_a_charge_that_comes_through_while_it_is_dropped_goes_back_and_is_told(
    desk: FeeDesk, missed: Held, clock: FrozenClock, mailer
) -> None:
    try_and_lose(desk, missed)
    desk.decide(actions.drop, missed)
    assert desk.due(missed) is NoFee.DECIDED  # until it is known what became of it
    before = len(mailer.sent)
    clock.advance(minutes=1)
    desk.practice.work_until_idle()

    assert desk.till.refunds(missed) == [(RefundState.SUCCEEDED, LEFT.minor_units)]
    assert [one.subject for one in mailer.sent[before:]] == ["About your appointment"]
    assert isinstance(desk.due(missed), Due)
    desk.quiet()


def test_whoever_takes_their_consent_back_before_the_service_heard_of_it_is_charged_nothing(
    desk: FeeDesk, missed: Held
) -> None:
    desk.charge(missed)
    desk.withdraw(missed.payer)
    desk.practice.work_until_idle()

    assert desk.service.charges == []
    assert desk.service.cards == {}
    assert desk.fees(missed).fee is None
    desk.quiet()


def test_a_card_that_is_being_charged_is_forgotten_only_behind_that(
    desk: FeeDesk, missed: Held, clock: FrozenClock
) -> None:
    try_and_lose(desk, missed)
    desk.withdraw(missed.payer)
    desk.practice.work_until_idle()
    clock.advance(days=3)  # the service has forgotten the key, so the charge is found by the card alone
    for _ in range(3):
        desk.practice.work_until_idle()
        clock.advance(minutes=1)

    assert len(desk.service.charges) == 1
    assert desk.fees(missed).stand is FeeStand.PAID
    assert desk.service.cards == {}
    desk.quiet()


def test_a_quarantined_fee_can_be_dropped_once_somebody_settled_it(desk: FeeDesk, missed: Held) -> None:
    quarantine_fee(desk, missed)
    with pytest.raises(FeeMoved):
        desk.decide(actions.drop, missed)
    with work_in(desk.practice) as work:
        remedies.return_quarantined(work, charge_reference(desk, missed), **STAFF)
    desk.practice.work_until_idle()
    desk.decide(actions.drop, missed)

    assert isinstance(desk.due(missed), Due)
    desk.quiet()


def charge_reference(desk: FeeDesk, held: Held) -> str:
    return next(one.reference for one in desk.attempts(held) if one.off_session)


def quarantine_fee(desk: FeeDesk, held: Held) -> None:
    """Decide on a fee of which another sum comes than was asked for."""
    desk.charge(held)
    reference = charge_reference(desk, held)
    with work_in(desk.practice) as work:
        attempt, _ = charges.note_try(work, reference)
        order = attempt.charged
    charged = desk.service.charge(order, f"charge-{reference}")
    with work_in(desk.practice) as work:
        charges.note_charge(work, reference, replace(charged, amount_minor=1_00))
    desk.practice.work_until_idle()


def test_a_charge_that_is_not_what_was_asked_for_waits_for_a_person(desk: FeeDesk, missed: Held) -> None:
    quarantine_fee(desk, missed)
    assert desk.fees(missed).stand is FeeStand.QUESTIONED
    assert any("amount" in breach for breach in desk.practice.breaches())


def test_some_of_a_fee_can_be_given_back_and_never_more_than_was_paid(desk: FeeDesk, missed: Held) -> None:
    desk.charge(missed)
    desk.practice.work_until_idle()
    part = Money(15_00, "USD")
    with work_in(desk.practice) as work:
        actions.give_back(work, missed.reference, part, kept=LEFT, **STAFF)
    desk.practice.work_until_idle()

    assert desk.till.refunds(missed) == [(RefundState.SUCCEEDED, 15_00)]
    with desk.practice.app.app_context(), begin_work() as work, pytest.raises(remedies.MoneyMoved):
        actions.give_back(work, missed.reference, LEFT, kept=LEFT, **STAFF)
    with desk.practice.app.app_context(), begin_work() as work, pytest.raises(remedies.NotThatMuch):
        actions.give_back(work, missed.reference, LEFT, kept=LEFT - part, **STAFF)
    desk.quiet()


def test_a_fee_that_is_paid_a_second_time_goes_back_once(desk: FeeDesk, missed: Held) -> None:
    desk.service.charge_status = ChargeStatus.ASKS
    desk.charge(missed)
    desk.practice.work_until_idle()
    first = go_to_pay(desk, missed)
    with work_in(desk.practice) as work:  # taken for over by hand, as a person can
        attempt = work.session.scalars(select(PaymentAttempt).where(PaymentAttempt.session_id == first)).one()
        attempt.state = AttemptState.EXPIRED
    second = go_to_pay(desk, missed)
    assert desk.service.pay(first)
    assert desk.service.pay(second)
    desk.till.deliver()
    desk.practice.work_until_idle()

    assert desk.till.refunds(missed) == [(RefundState.SUCCEEDED, LEFT.minor_units)]
    with work_in(desk.practice) as work:
        actions.give_back(work, missed.reference, Money(1_00, "USD"), kept=LEFT, **STAFF)
    desk.quiet()


def go_to_pay(desk: FeeDesk, held: Held) -> str:
    """The client follows the link to pay a fee; the id of their checkout."""
    with desk.practice.app.app_context():
        booking = find_booking(held.reference)
        assert booking is not None
        address = checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
    return address.rsplit("/", 1)[-1]


@pytest.mark.parametrize("when", ["charged", "asked", "under way"])
def test_a_fee_goes_back_and_away_when_somebody_came_after_all(
    desk: FeeDesk, missed: Held, clock: FrozenClock, when: str
) -> None:
    desk.service.charge_status = ChargeStatus.ASKS if when == "asked" else ChargeStatus.PAID
    if when == "under way":
        try_and_lose(desk, missed)
    else:
        desk.charge(missed)
        desk.practice.work_until_idle()
    with work_in(desk.practice) as work:
        mark(work, lock(work, missed.reference), Trigger.COMPLETE)
    clock.advance(minutes=1)
    desk.practice.work_until_idle()

    assert desk.due(missed) is NoFee.NOT_DUE
    assert desk.fees(missed).fee is None
    assert desk.till.returned() == (0 if when == "asked" else LEFT.minor_units)
    desk.quiet()
    with work_in(desk.practice) as work:
        mark(work, lock(work, missed.reference), Trigger.NO_SHOW)
    assert isinstance(desk.due(missed), Due)


# Safety


def test_whoever_was_spared_gets_everything_back_and_is_never_charged(desk: FeeDesk, missed: Held) -> None:
    desk.charge(missed)
    desk.practice.work_until_idle()
    desk.decide(actions.spare, missed)
    desk.practice.work_until_idle()

    back = sorted(desk.till.refunds(missed), key=lambda refund: refund[1])
    assert back == [(RefundState.SUCCEEDED, LEFT.minor_units), (RefundState.SUCCEEDED, PRICE)]
    assert desk.due(missed) is NoFee.SPARED
    with pytest.raises(FeeMoved):
        desk.decide(actions.spare, missed)
    desk.quiet()


def test_a_fee_that_is_under_way_when_somebody_is_spared_comes_back(
    desk: FeeDesk, missed: Held, clock: FrozenClock
) -> None:
    try_and_lose(desk, missed)
    desk.decide(actions.spare, missed)
    clock.advance(minutes=1)
    desk.practice.work_until_idle()

    assert desk.till.returned() == PRICE + LEFT.minor_units
    assert desk.due(missed) is NoFee.SPARED
    desk.quiet()


def test_safety_is_noted_also_where_a_bank_has_the_payment(desk: FeeDesk, missed: Held) -> None:
    payment = next(one.payment for one in desk.attempts(missed) if one.confirms)
    assert payment is not None
    desk.service.dispute(payment)
    desk.service.dispute(payment, DisputeStatus.LOST)
    desk.till.deliver()
    desk.practice.work_until_idle()
    desk.service.charge_status = ChargeStatus.ASKS
    desk.charge(missed)
    desk.practice.work_until_idle()
    desk.decide(actions.spare, missed)
    desk.practice.work_until_idle()

    assert desk.due(missed) is NoFee.SPARED
    assert desk.till.refunds(missed) == []
    desk.quiet()


def test_a_session_that_stands_can_not_be_spared(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)
    with pytest.raises(FeeMoved):
        desk.decide(actions.spare, held)


# Promises


@pytest.mark.parametrize("what", ["no consent", "too much", "spared", "kept card", "payable"])
def test_a_broken_promise_about_fees_is_found(desk: FeeDesk, missed: Held, what: str) -> None:
    desk.service.charge_status = ChargeStatus.ASKS
    desk.charge(missed)
    desk.practice.work_until_idle()
    assert desk.practice.breaches() == []
    with work_in(desk.practice) as work:
        booking = lock(work, missed.reference)
        fee = actions._lock_fee(work, missed.reference)
        match what:
            case "no consent":
                fee.consent.missed_minor, fee.consent.late_minor = None, 1
            case "too much":
                fee.amount_minor += 1
            case "spared":
                booking.spared_at = work.now
            case "kept card":
                fee.consent.withdrawn_at = work.now
            case "payable":
                opening.begin_fee_attempt(work, fee)
                fee.dropped_at = work.now
    assert desk.practice.breaches() != []


def test_an_attempt_of_a_fee_is_never_what_a_session_stands_on(desk: FeeDesk, missed: Held) -> None:
    desk.charge(missed)
    desk.practice.work_until_idle()
    states = {one.off_session: (one.state, one.confirms) for one in desk.attempts(missed)}
    assert states == {False: (AttemptState.PAID, True), True: (AttemptState.PAID, False)}
