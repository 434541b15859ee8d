"""Fees for late cancels and missed sessions: agreed to in sums, charged once and with a reason, never for safety."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from practice.booking.actions import StaffDecision, cancel_by_staff, lock, mark
from practice.booking.lifecycle import State, Trigger
from practice.booking.policy import NOTHING
from practice.booking.queries import fee_now, find_booking, terms_now
from practice.database import db
from practice.money import Money
from practice.payments import checkout, remedies
from practice.payments.fees import actions, consents
from practice.payments.fees.actions import FeeMoved, MoreThanAgreed
from practice.payments.fees.models import FeeConsent
from practice.payments.fees.policy import FeeKind, FeeTerms
from practice.payments.fees.queries import Due, NoFee
from practice.payments.handlers import on_reconcile
from practice.payments.messages import Reconcile
from practice.payments.settlement import RefundState
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.fees import LATE, LEFT, MISSED, STAFF, TERMS, FeeDesk
from tests.support.offers import change_offering, work_in
from tests.support.paying import PRICE, Till
from tests.support.staff import desk as staff_desk
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


# Agreeing


def test_a_card_is_kept_once_the_session_stands_with_the_sums_that_were_agreed_to(desk: FeeDesk) -> None:
    held = desk.book(MONDAY_NINE)

    consent = desk.consent(held.payer)
    assert consent is not None
    assert consent.terms == TERMS
    assert consent.customer in desk.service.cards
    assert len(consent.text_sha256) == 64
    desk.quiet()


def test_nobody_who_did_not_agree_has_a_card_kept(desk: FeeDesk) -> None:
    held = desk.practice.hold(MONDAY_NINE)
    desk.till.pay(held)
    desk.till.settle(held)

    assert desk.consent(held.payer) is None
    assert desk.service.cards == {}
    desk.quiet()


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
    desk.quiet()


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
    desk.quiet()


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
    desk.quiet()


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
    desk.quiet()


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
    desk.quiet()


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
