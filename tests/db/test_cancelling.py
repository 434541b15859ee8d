"""Cancelling: what goes back, the one waiver, what staff decide, and that it has one effect."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select

from practice.booking import actions
from practice.booking.actions import StaffDecision, TermsChanged
from practice.booking.lifecycle import State
from practice.booking.messages import BookingCancelled
from practice.booking.models import Override, Waiver
from practice.booking.policy import TermsKind
from practice.booking.queries import cancellation_terms, has_used_waiver, refund_now, terms_now
from practice.database import db
from practice.outbox import OutboxMessage
from practice.sealing import CannotOpen, vault
from practice.spans import Span
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import (
    broken,
    cancel,
    change_offering,
    claimed_ticks,
    confirmed,
    keep_for,
    open_starts,
    resource_of,
    see,
    work_in,
)
from tests.support.paying import PRICE, Till

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
THERAPIST = "ada@practice.example"
REASON = "The train did not run, and they had called the day before."


@pytest.fixture
def till(practice, payments):
    return Till(practice, payments)


def paid(practice, till, start, client=None):
    """A session that was paid, and of which everybody was told."""
    held = practice.hold(start, client)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


def terms(practice, held):
    with practice.app.app_context():
        booking = db.session.merge(see(practice, held))
        return cancellation_terms(booking, practice.clock.now()).kind


def as_shown(practice, held):
    with practice.app.app_context():
        return terms_now(db.session.merge(see(practice, held)), practice.clock.now())


def by_staff(practice, held, share, reason=""):
    with work_in(practice) as work:
        actions.cancel_by_staff(work, actions.lock(work, held.reference), StaffDecision("staff:1", share, reason))


def shares(practice, held):
    """What was said to go back, each time that it was."""
    with practice.app.app_context():
        rows = select(OutboxMessage.payload).where(
            OutboxMessage.kind == BookingCancelled.KIND,
            OutboxMessage.handler == "payments.handlers.on_booking_cancelled",
        )
        return [row for row in db.session.scalars(rows) if held.reference in row]


def settle(practice, till):
    practice.work_until_idle()
    till.deliver()
    practice.clock.advance(hours=2)
    practice.work_until_idle()


# The policy, and the one waiver


@pytest.mark.parametrize(
    ("before", "kind", "back"),
    [(48 * HOUR, TermsKind.FREE, PRICE), (48 * HOUR - timedelta(seconds=1), TermsKind.CHARGED, 0)],
)
def test_until_the_limit_everything_goes_back_and_then_nothing(practice, till, clock, before, kind, back):
    held = paid(practice, till, MONDAY_NINE)
    clock.set(MONDAY_NINE - before)
    assert terms(practice, held) is kind
    with practice.app.app_context():
        assert refund_now(db.session.merge(see(practice, held)), clock.now()).minor_units == back

    cancel(practice, held)
    settle(practice, till)

    assert see(practice, held).state is State.CANCELLED
    assert till.returned() == back
    assert practice.breaches() == []


def test_the_first_late_cancellation_is_free_and_the_second_is_charged(practice, till, clock):
    change_offering(practice, late_waiver=True)
    client = practice.new_client()
    first, second = (paid(practice, till, start, client) for start in (MONDAY_NINE, MONDAY_NINE + WEEK))
    clock.set(MONDAY_NINE - HOUR)
    assert terms(practice, first) is TermsKind.WAIVED
    cancel(practice, first)
    settle(practice, till)
    assert till.returned() == PRICE

    clock.set(MONDAY_NINE + WEEK - HOUR)
    assert terms(practice, second) is TermsKind.CHARGED
    cancel(practice, second)
    settle(practice, till)

    assert till.returned() == PRICE
    with practice.app.app_context():
        [waiver] = db.session.scalars(select(Waiver))
        assert (waiver.person_id, waiver.booking_id) == (client.person_id, see(practice, first).id)
    assert practice.breaches() == []


def test_a_waiver_is_one_persons_and_an_early_cancellation_uses_none(practice, clock):
    change_offering(practice, late_waiver=True)
    client = practice.new_client()
    early, late = confirmed(practice, MONDAY_NINE + WEEK, client), confirmed(practice, MONDAY_NINE, client)
    other = confirmed(practice, MONDAY_TEN)
    cancel(practice, early)
    clock.set(MONDAY_NINE - HOUR)

    cancel(practice, late)

    assert terms(practice, other) is TermsKind.WAIVED


def test_where_the_practice_waives_nothing_the_first_is_charged_too(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(MONDAY_NINE - HOUR)

    assert terms(practice, held) is TermsKind.CHARGED


def test_the_waiver_cannot_be_used_twice_by_two_tabs(practice, clock):
    change_offering(practice, late_waiver=True)
    client = practice.new_client()
    one, other = (confirmed(practice, start, client) for start in (MONDAY_NINE, MONDAY_TEN))
    clock.set(MONDAY_NINE - HOUR)
    shown = as_shown(practice, other)  # both tabs say that it is free this time
    cancel(practice, one)

    with pytest.raises(TermsChanged), work_in(practice) as work:
        actions.cancel_as_shown(work, actions.lock(work, other.reference), shown)

    assert see(practice, other).state is State.CONFIRMED
    assert terms(practice, other) is TermsKind.CHARGED


def test_a_session_that_has_begun_is_not_cancelled_by_its_client(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(MONDAY_NINE)
    assert terms(practice, held) is TermsKind.OVER

    cancel(practice, held)

    assert see(practice, held).state is State.CONFIRMED


# Staff


def test_staff_can_give_back_what_the_policy_keeps_and_say_why(practice, till, clock, keyring):
    held = paid(practice, till, MONDAY_NINE)
    clock.set(MONDAY_NINE - HOUR)

    by_staff(practice, held, Fraction(1, 2), REASON)
    settle(practice, till)

    assert till.returned() == PRICE // 2
    with practice.app.app_context():
        [override] = db.session.scalars(select(Override))
        assert (override.actor, override.share_numerator, override.share_denominator) == ("staff:1", 1, 2)
        assert REASON.encode() not in override.reason_sealed
        sealed = {"table": "cancellation_override", "row": held.reference, "column": "reason"}
        assert vault().open(held.payer.person_id, override.reason_sealed, **sealed) == REASON
        with pytest.raises(CannotOpen):
            vault().open(practice.new_client().person_id, override.reason_sealed, **sealed)
        payloads = " ".join(db.session.scalars(select(OutboxMessage.payload)))
    assert "train" not in payloads
    assert practice.breaches() == []


def test_a_reason_reaches_no_letter(practice, till, mailer):
    held = paid(practice, till, MONDAY_NINE)

    by_staff(practice, held, Fraction(0), REASON)
    settle(practice, till)

    assert "the fee is kept" in " ".join(mailer.last_to(held.payer.email).text.split())
    assert not any(b"train" in letter.content for letter in mailer.sent)


def test_staff_who_follow_the_policy_need_no_reason(practice):
    held = confirmed(practice, MONDAY_NINE)

    by_staff(practice, held, Fraction(1))

    assert see(practice, held).state is State.CANCELLED
    with practice.app.app_context():
        assert db.session.scalars(select(Override)).all() == []


def test_staff_can_cancel_what_has_begun(practice, till, clock):
    held = paid(practice, till, MONDAY_NINE)
    clock.set(MONDAY_NINE + HOUR / 2)

    by_staff(practice, held, Fraction(1), REASON)
    settle(practice, till)

    assert till.returned() == PRICE
    assert practice.breaches() == []


def test_what_staff_take_back_of_a_reservation_is_told_to_its_client(practice, mailer):
    kept = keep_for(practice, practice.new_client(), MONDAY_NINE)
    practice.work_until_idle()

    by_staff(practice, kept, Fraction(1))
    practice.work_until_idle()

    assert see(practice, kept).state is State.CANCELLED
    assert mailer.last_to(kept.payer.email).subject == "A time is not kept any more"
    assert len(mailer.sent) == 2
    assert broken(practice) == []


# One effect


@pytest.mark.parametrize("second", ["client", "as shown", "staff", "decline"])
def test_a_second_cancellation_changes_nothing(practice, till, mailer, second):
    held = paid(practice, till, MONDAY_NINE)
    shown = as_shown(practice, held)
    cancel(practice, held)
    before = see(practice, held)

    with work_in(practice) as work:
        booking = actions.lock(work, held.reference)
        match second:
            case "client":
                actions.cancel(work, booking)
            case "as shown":
                actions.cancel_as_shown(work, booking, shown)
            case "staff":
                actions.cancel_by_staff(work, booking, StaffDecision("staff:1", Fraction(0), REASON))
            case _:
                assert not actions.decline(work, booking)
    settle(practice, till)

    after = see(practice, held)
    assert (after.state, after.sequence) == (before.state, before.sequence) == (State.CANCELLED, 1)
    assert len(shares(practice, held)) == 1
    assert till.returned() == PRICE
    assert [len(mailer.letters_to(one)) for one in (held.payer.email, THERAPIST)] == [2, 2]
    assert practice.breaches() == []


def test_a_cancelled_time_is_free_at_once(practice):
    held = confirmed(practice, MONDAY_NINE)

    cancel(practice, held)

    assert MONDAY_NINE in open_starts(practice, MONDAY_NINE.date())
    assert claimed_ticks(practice, resource_of(practice), Span(MONDAY_NINE, MONDAY_TEN)) == 0
    practice.hold(MONDAY_NINE)


def test_a_session_without_charge_leaves_the_waiver_for_one_that_is_paid(practice):
    client = practice.new_client()
    change_offering(practice, late_waiver=True)
    held = keep_for(practice, client, MONDAY_NINE, price=0)
    with work_in(practice) as work:
        actions.confirm_free(work, actions.lock(work, held.reference))
    practice.clock.advance(days=4)
    cancel(practice, held)

    assert practice.state_of(held) == "cancelled"
    with practice.app.app_context():
        assert not has_used_waiver(client.person_id)
