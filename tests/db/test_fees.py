"""Fees for late cancels and missed sessions: agreed to in sums, charged once and with a reason, never for safety."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.booking.actions import StaffDecision, cancel_by_staff, lock, mark
from practice.booking.lifecycle import State, Trigger
from practice.booking.policy import NOTHING
from practice.booking.queries import fee_now, find_booking, terms_now
from practice.database import db
from practice.money import Money
from practice.payments import checkout, opening, remedies
from practice.payments.fees import actions, consents
from practice.payments.fees.actions import FeeMoved, MoreThanAgreed
from practice.payments.fees.models import FeeConsent
from practice.payments.fees.policy import FeeKind, FeeTerms
from practice.payments.fees.queries import Due, FeeStand, NoFee
from practice.payments.handlers import on_reconcile
from practice.payments.messages import Reconcile
from practice.payments.models import MoneyDecision, PaymentAttempt
from practice.payments.queries import find_attempts
from practice.payments.settlement import AttemptState, RefundState
from practice.payments.snapshots import ChargeStatus, DisputeStatus
from practice.sealing import vault
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.fees import LATE, MISSED, STAFF, TERMS, FeeDesk
from tests.support.offers import change_offering, work_in
from tests.support.paying import PRICE, Till
from tests.support.staff import desk as staff_desk
from tests.support.story import Held, Practice

TUESDAY = MONDAY_NINE + timedelta(days=1)
LEFT = Money(MISSED.minor_units - PRICE, "USD")  # of the fee for missing, once the session is paid


@pytest.fixture
def desk(practice: Practice, payments: FakePayments) -> FeeDesk:
    return FeeDesk(Till(practice, payments))


@pytest.fixture
def missed(desk: FeeDesk) -> Held:
    """A session that was paid with a kept card, and that nobody came to."""
    held = desk.book(MONDAY_NINE)
    desk.miss(held)
    return held


def quiet(desk: FeeDesk) -> None:
    desk.till.deliver()
    desk.practice.work_until_idle()
    assert desk.practice.breaches() == []


# Agreeing


def test_a_card_is_kept_once_the_session_stands_with_the_sums_that_were_agreed_to(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)

    consent = desk.consent(held.payer)
    assert consent is not None
    assert consent.terms == TERMS
    assert consent.customer in desk.service.cards
    assert len(consent.text_sha256) == 64
    quiet(desk)


def test_nobody_who_did_not_agree_has_a_card_kept(desk: FeeDesk) -> None:
    held = desk.practice.hold(MONDAY_NINE)
    desk.till.pay(held)
    desk.till.settle(held)

    assert desk.consent(held.payer) is None
    assert desk.service.cards == {}
    quiet(desk)


def test_changing_ones_mind_before_paying_closes_the_checkout_that_would_keep_the_card(desk: FeeDesk) -> None:
    held = desk.practice.hold(MONDAY_NINE)
    desk.agree(held)
    with desk.practice.app.app_context():
        first = checkout.open_checkout(held.reference)
        with begin_work() as work:
            consents.disagree(work, lock(work, held.reference))
        second = checkout.open_checkout(held.reference)
        assert checkout.open_checkout(held.reference) == second

    assert first != second
    assert not desk.service.pay(first.rsplit("/", 1)[-1])
    assert desk.service.pay(second.rsplit("/", 1)[-1])
    desk.till.settle(held)
    assert desk.consent(held.payer) is None
    assert desk.service.cards == {}
    quiet(desk)


def test_a_card_that_was_used_after_the_consent_was_taken_back_is_forgotten(desk: FeeDesk) -> None:
    held = desk.practice.hold(MONDAY_NINE)
    desk.agree(held)
    with desk.practice.app.app_context():
        address = checkout.open_checkout(held.reference)
        with begin_work() as work:
            consents.disagree(work, lock(work, held.reference))
    assert desk.service.pay(address.rsplit("/", 1)[-1])
    desk.till.settle(held)
    desk.practice.work_until_idle()

    assert desk.practice.state_of(held) is State.CONFIRMED
    assert desk.service.cards == {}
    quiet(desk)


def test_a_card_is_forgotten_where_its_payment_came_too_late(desk: FeeDesk) -> None:
    late = desk.practice.hold(MONDAY_NINE)
    desk.agree(late)
    with desk.practice.app.app_context():
        address = checkout.open_checkout(late.reference)
    desk.till.free_by_hand(late)
    desk.practice.hold(MONDAY_NINE)
    assert desk.service.pay(address.rsplit("/", 1)[-1])
    desk.till.settle(late)
    desk.practice.work_until_idle()

    assert desk.till.refunds(late) == [(RefundState.SUCCEEDED, PRICE)]
    assert desk.service.cards == {}
    quiet(desk)


def test_a_newer_consent_replaces_the_card_of_the_earlier_one(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)
    first = desk.consent(held.payer)
    again = desk.book(TUESDAY, held.payer)
    second = desk.consent(held.payer)

    assert first is not None
    assert second is not None
    assert second.id != first.id
    assert [*desk.service.cards] == [second.customer]
    assert desk.practice.state_of(again) is State.CONFIRMED
    quiet(desk)


def test_settling_twice_keeps_one_card(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)
    before = desk.consent(held.payer)
    desk.till.settle(held)
    desk.till.deliver()
    desk.practice.work_until_idle()

    after = desk.consent(held.payer)
    assert after is not None
    assert before is not None
    assert (after.id, after.customer) == (before.id, before.customer)
    assert after.customer in desk.service.cards


def test_agreeing_to_the_same_twice_is_one_consent_and_to_other_sums_another(desk: FeeDesk) -> None:
    held = desk.practice.hold(MONDAY_NINE)
    desk.agree(held)
    desk.agree(held)
    desk.agree(held, FeeTerms(LATE, None))
    with desk.practice.app.app_context():
        found = db.session.scalars(select(FeeConsent).order_by(FeeConsent.id)).all()
        assert [(one.missed_minor, one.withdrawn_at is None) for one in found] == [(200_00, False), (None, True)]


def test_taking_consent_back_forgets_the_card_and_nothing_can_be_charged_any_more(desk: FeeDesk, missed: Held) -> None:
    desk.withdraw(missed.payer)
    desk.practice.work_until_idle()

    assert desk.service.cards == {}
    assert desk.due(missed) is NoFee.NOT_AGREED
    quiet(desk)


def test_a_card_is_forgotten_by_itself_two_months_after_the_last_session(desk: FeeDesk, clock: FrozenClock) -> None:
    held = desk.book(MONDAY_NINE)
    with desk.practice.app.app_context():
        clock.advance(days=60)
        on_reconcile(Reconcile("2027-07-04"))
        assert desk.consent(held.payer) is not None
        clock.advance(days=8)
        on_reconcile(Reconcile("2027-07-12"))
    assert desk.consent(held.payer) is None
    desk.practice.work_until_idle()
    assert desk.service.cards == {}


# What may be charged


def test_what_was_paid_for_a_missed_session_counts_towards_its_fee(desk: FeeDesk, missed: Held) -> None:
    due = desk.due(missed)
    assert isinstance(due, Due)
    assert (due.kind, due.agreed, due.kept, due.most) == (FeeKind.MISSED, MISSED, Money(PRICE, "USD"), LEFT)


def test_a_late_cancel_whose_price_is_kept_is_covered(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)
    desk.cancel_late(held)
    assert desk.due(held) is NoFee.COVERED


def test_a_late_cancel_of_a_session_without_charge_can_be_charged(desk: FeeDesk) -> None:
    paid = desk.book(TUESDAY)
    change_offering(desk.practice, "individual-50", price_minor=0)
    free = desk.practice.hold(MONDAY_NINE + timedelta(hours=4), paid.payer, offering="individual-50")
    desk.practice.confirm(free)
    desk.cancel_late(free)
    due = desk.due(free)
    assert isinstance(due, Due)
    assert (due.kind, due.most) == (FeeKind.LATE, LATE)


def test_what_may_be_charged_is_part_of_the_terms_that_the_client_reads_before_they_cancel(desk: FeeDesk) -> None:
    paid = desk.book(TUESDAY)
    change_offering(desk.practice, "individual-50", price_minor=0)
    free = desk.practice.hold(MONDAY_NINE + timedelta(hours=4), paid.payer, offering="individual-50")
    desk.practice.confirm(free)
    with desk.practice.app.app_context():
        booking = find_booking(free.reference)
        assert booking is not None
        early, late = MONDAY_NINE - timedelta(days=4), MONDAY_NINE
        assert (fee_now(booking, early), fee_now(booking, late)) == (Money(0, "USD"), LATE)
        shown = terms_now(booking, late)
        desk.withdraw(paid.payer)
        db.session.expire_all()
        assert fee_now(booking, late) == Money(0, "USD")
        assert terms_now(booking, late) != shown


def test_a_late_cancel_that_keeps_more_than_the_fee_names_none(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)
    with desk.practice.app.app_context():
        booking = find_booking(held.reference)
        assert booking is not None
        assert fee_now(booking, MONDAY_NINE - timedelta(hours=1)) == Money(0, "USD")


@pytest.mark.parametrize("how", ["in time", "by us", "attended", "waived"])
def test_nothing_is_due_where_it_was_in_time_or_ours_or_took_place_or_was_waived(desk: FeeDesk, how: str) -> None:
    held = desk.book(MONDAY_NINE)
    match how:
        case "in time":
            desk.till.cancel(held)
        case "by us":
            with work_in(desk.practice) as work:
                cancel_by_staff(work, lock(work, held.reference), StaffDecision("staff:1", NOTHING, "We closed"))
        case "attended":
            desk.miss(held)
            with work_in(desk.practice) as work:
                mark(work, lock(work, held.reference), Trigger.COMPLETE)
        case "waived":
            change_offering(desk.practice, late_waiver=True)
            desk.cancel_late(held)
    desk.practice.work_until_idle()
    assert desk.due(held) is NoFee.NOT_DUE
    with desk.practice.app.app_context(), begin_work() as work, pytest.raises(FeeMoved):
        actions.charge(work, held.reference, LEFT, most=LEFT, **STAFF)


def test_a_consent_that_came_after_the_missed_session_counts_for_later_ones_alone(desk: FeeDesk) -> None:
    first = desk.practice.hold(MONDAY_NINE)
    desk.till.pay(first)
    desk.till.settle(first)
    desk.miss(first)
    desk.book(TUESDAY + timedelta(days=7), first.payer)
    assert desk.due(first) is NoFee.NOT_AGREED


def test_the_sums_that_were_agreed_to_hold_when_the_practice_raises_its_fees(desk: FeeDesk, missed: Held) -> None:
    with work_in(desk.practice) as work:
        actions.set_terms(work, "staff:1", FeeTerms(Money(900_00, "USD"), Money(900_00, "USD")))
    due = desk.due(missed)
    assert isinstance(due, Due)
    assert due.agreed == MISSED


@pytest.mark.parametrize("minor", [0, LEFT.minor_units + 1])
def test_nothing_and_more_than_was_agreed_to_are_refused(desk: FeeDesk, missed: Held, minor: int) -> None:
    with desk.practice.app.app_context(), begin_work() as work, pytest.raises(MoreThanAgreed):
        actions.charge(work, missed.reference, Money(minor, "USD"), most=LEFT, **STAFF)
    assert desk.fees(missed).fee is None


def test_a_page_that_showed_another_sum_charges_nothing(desk: FeeDesk, missed: Held) -> None:
    with desk.practice.app.app_context(), begin_work() as work, pytest.raises(FeeMoved):
        actions.charge(work, missed.reference, Money(1_00, "USD"), most=Money(41_00, "USD"), **STAFF)


@pytest.mark.parametrize("what", ["given back", "without charge"])
def test_the_first_late_cancel_is_waived_for_fees_too(desk: FeeDesk, what: str) -> None:
    change_offering(desk.practice, late_waiver=True)
    change_offering(desk.practice, "individual-50", price_minor=0, late_waiver=True)
    held = desk.book(TUESDAY)
    if what == "without charge":
        held = desk.practice.hold(MONDAY_NINE + timedelta(hours=4), held.payer, offering="individual-50")
        desk.practice.confirm(held)
    else:
        with work_in(desk.practice) as work:
            remedies.give_back(work, held.reference, Money(PRICE, "USD"), kept=Money(PRICE, "USD"), **STAFF)
    desk.cancel_late(held)
    assert desk.due(held) is NoFee.NOT_DUE


def test_what_the_practice_cancels_late_without_charge_is_not_the_clients_cancel(desk: FeeDesk) -> None:
    paid = desk.book(TUESDAY)
    change_offering(desk.practice, "individual-50", price_minor=0)
    free = desk.practice.hold(MONDAY_NINE, paid.payer, offering="individual-50")
    desk.practice.confirm(free)
    desk.practice.clock.advance(days=4)
    owner = staff_desk(desk.practice, "owner")
    path = f"/staff/schedule/sessions/{free.reference}"
    assert owner.submit(path, form="/cancel").status_code == 302
    assert desk.practice.state_of(free) is State.CANCELLED
    assert desk.due(free) is NoFee.NOT_DUE


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
    quiet(desk)


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
    quiet(desk)


def test_a_charge_whose_answer_was_lost_for_days_is_found_and_not_made_again(
    desk: FeeDesk, missed: Held, clock: FrozenClock
) -> None:
    desk.charge(missed)
    desk.service.faults += ["lost"]
    desk.practice.work_until_idle()
    clock.advance(days=3)  # the service has forgotten the key
    desk.practice.work_until_idle()

    assert len(desk.service.charges) == 1
    assert desk.fees(missed).stand is FeeStand.PAID
    quiet(desk)


def test_the_nightly_look_takes_up_a_charge_that_nobody_finished(desk: FeeDesk, missed: Held) -> None:
    desk.charge(missed)
    desk.service.faults += ["lost"]
    reference = next(one.reference for one in _attempts(desk, missed) if one.off_session)
    with desk.practice.app.app_context():
        with pytest.raises(Exception, match="lost"):
            checkout.settle(reference)
        checkout.settle(reference)
        checkout.settle(reference)
    assert len(desk.service.charges) == 1
    assert desk.fees(missed).stand is FeeStand.PAID


def _attempts(desk: FeeDesk, held: Held):  # type: ignore[no-untyped-def]
    with desk.practice.app.app_context():
        found = find_attempts(held.reference)
        db.session.expunge_all()
        return found


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
    quiet(desk)


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
    quiet(desk)


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
    quiet(desk)


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
    quiet(desk)


@pytest.mark.parametrize("decision", [actions.drop, actions.spare])
def test_what_is_ended_before_the_service_heard_of_it_charges_no_card(desk: FeeDesk, missed: Held, decision) -> None:
    desk.charge(missed)
    desk.decide(decision, missed)
    desk.practice.work_until_idle()

    assert desk.service.charges == []
    quiet(desk)


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
    quiet(desk)


def test_whoever_takes_their_consent_back_before_the_service_heard_of_it_is_charged_nothing(
    desk: FeeDesk, missed: Held
) -> None:
    desk.charge(missed)
    desk.withdraw(missed.payer)
    desk.practice.work_until_idle()

    assert desk.service.charges == []
    assert desk.service.cards == {}
    assert desk.fees(missed).fee is None
    quiet(desk)


def test_a_card_that_is_being_charged_is_forgotten_only_behind_that(
    desk: FeeDesk, missed: Held, clock: FrozenClock
) -> None:
    try_and_lose(desk, missed)
    desk.withdraw(missed.payer)
    desk.practice.work_until_idle()
    for _ in range(3):
        clock.advance(minutes=1)
        desk.practice.work_until_idle()

    assert len(desk.service.charges) == 1
    assert desk.fees(missed).stand is FeeStand.PAID
    assert desk.service.cards == {}
    quiet(desk)


def test_a_quarantined_fee_can_be_dropped_once_somebody_settled_it(desk: FeeDesk, missed: Held) -> None:
    quarantine_fee(desk, missed)
    with pytest.raises(FeeMoved):
        desk.decide(actions.drop, missed)
    with work_in(desk.practice) as work:
        remedies.return_quarantined(work, charge_reference(desk, missed), **STAFF)
    desk.practice.work_until_idle()
    desk.decide(actions.drop, missed)

    assert isinstance(desk.due(missed), Due)
    quiet(desk)


def charge_reference(desk: FeeDesk, held: Held) -> str:
    return next(one.reference for one in _attempts(desk, held) if one.off_session)


def quarantine_fee(desk: FeeDesk, held: Held) -> None:
    """Decide on a fee of which another sum comes than was asked for."""
    desk.charge(held)
    reference = charge_reference(desk, held)
    with work_in(desk.practice) as work:
        attempt, _ = actions.note_try(work, reference)
        order = attempt.charged
    charged = desk.service.charge(order, f"charge-{reference}")
    with work_in(desk.practice) as work:
        actions.note_charge(work, reference, replace(charged, amount_minor=1_00))
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
    quiet(desk)


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
    quiet(desk)


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
    quiet(desk)
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
    quiet(desk)


def test_a_fee_that_is_under_way_when_somebody_is_spared_comes_back(
    desk: FeeDesk, missed: Held, clock: FrozenClock
) -> None:
    try_and_lose(desk, missed)
    desk.decide(actions.spare, missed)
    clock.advance(minutes=1)
    desk.practice.work_until_idle()

    assert desk.till.returned() == PRICE + LEFT.minor_units
    assert desk.due(missed) is NoFee.SPARED
    quiet(desk)


def test_safety_is_noted_also_where_a_bank_has_the_payment(desk: FeeDesk, missed: Held) -> None:
    payment = next(one.payment for one in _attempts(desk, missed) if one.confirms)
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
    quiet(desk)


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
    states = {one.off_session: (one.state, one.confirms) for one in _attempts(desk, missed)}
    assert states == {False: (AttemptState.PAID, True), True: (AttemptState.PAID, False)}
