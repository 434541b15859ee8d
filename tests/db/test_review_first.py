"""Requests that are read before their card is charged: from the authorisation to a yes, a no, or nobody's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice.booking import actions as booking_actions
from practice.booking import blocks
from practice.booking.eligibility import note_accepted
from practice.booking.holding import reserve
from practice.booking.lifecycle import State
from practice.booking.offers.queries import get_staff_offer
from practice.booking.queries import find_booking, find_bookings_of, find_kept_again
from practice.booking.reviewing import TooLateToAccept
from practice.database import db
from practice.money import Money
from practice.payments import reviews
from practice.payments.settlement import AttemptState
from practice.people import Person
from practice.setup.actions import set_review_first
from practice.spans import Span
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import AUTHORISED_FOR
from tests.support.paying import PRICE, Till

FAR = MONDAY_NINE + timedelta(days=28)
HOUR = timedelta(hours=1)


@pytest.fixture
def till(practice, payments) -> Till:
    with practice.app.app_context(), begin_work() as work:
        set_review_first(work, "command", on=True)
    return Till(practice, payments)


def authorised(till, start=FAR):
    held = till.practice.hold(start)
    till.pay(held)
    till.deliver()
    till.practice.work_until_idle()
    return held


def say_yes(till, held):
    with till.practice.app.app_context(), begin_work() as work:
        booking = booking_actions.lock(work, held.reference)
        note_accepted(work, booking.person_id)
        return reviews.approve(work, booking, "staff:1")


def charged(till):
    return sum(session.amount_minor for session in till.service.sessions.values() if session.paid)


def test_a_request_waits_with_its_card_authorised_and_not_charged(till):
    held = authorised(till)

    assert till.practice.state_of(held) is State.IN_REVIEW
    assert till.attempts(held) == [AttemptState.AUTHORISED]
    assert charged(till) == 0
    assert till.practice.breaches() == []


def test_a_yes_charges_the_card_and_then_the_session_stands(till):
    held = authorised(till)

    assert say_yes(till, held)
    assert till.practice.state_of(held) is State.IN_REVIEW  # nothing stands before it is paid
    till.practice.work_until_idle()

    assert till.practice.state_of(held) is State.CONFIRMED
    assert (till.attempts(held), charged(till)) == ([AttemptState.PAID], PRICE)
    assert till.practice.breaches() == []


def test_a_second_yes_changes_nothing(till):
    held = authorised(till)
    assert say_yes(till, held)
    assert not say_yes(till, held)
    till.practice.work_until_idle()
    assert not say_yes(till, held)
    assert charged(till) == PRICE


@pytest.mark.parametrize("faults", [["lost"], ["fine", "lost"], ["unavailable", "lost", "unavailable"]])
def test_an_answer_that_is_lost_while_charging_charges_once(till, faults):
    held = authorised(till)
    say_yes(till, held)
    till.service.faults += faults
    for _ in range(3):
        till.practice.work_until_idle()
        till.practice.clock.advance(minutes=15)

    assert (till.practice.state_of(held), charged(till)) == (State.CONFIRMED, PRICE)
    assert till.practice.breaches() == []


@pytest.mark.parametrize("end", ["decline", "cancel"])
@pytest.mark.parametrize("faults", [[], ["lost"], ["unavailable"]])
def test_without_a_yes_nothing_is_ever_charged(till, end, faults):
    held = authorised(till)
    getattr(till, end)(held)
    till.service.faults += faults
    till.practice.work_until_idle()
    till.practice.clock.advance(minutes=5)
    till.practice.work_until_idle()

    ended = State.DECLINED if end == "decline" else State.CANCELLED
    assert till.practice.state_of(held) is ended
    assert (till.attempts(held), charged(till), till.returned()) == ([AttemptState.VOIDED], 0, 0)
    assert till.practice.breaches() == []
    assert till.practice.hold(FAR).reference != held.reference  # its time is free again


@pytest.mark.made_up
def test_a_no_that_comes_while_the_card_is_charged_gives_all_of_it_back(till):
    held = authorised(till)
    say_yes(till, held)
    (session,) = till.service.sessions.values()
    till.service.capture(session.payment, "elsewhere")
    till.decline(held)
    till.practice.work_until_idle()

    assert till.practice.state_of(held) is State.DECLINED
    assert (till.returned(), till.practice.breaches()) == (PRICE, [])


def test_the_desk_hears_a_day_before_a_request_runs_out_and_the_client_when_it_did(till, mailer):
    held = authorised(till)
    till.practice.clock.advance(minutes=int((AUTHORISED_FOR - timedelta(days=1, minutes=90)).total_seconds() // 60))
    till.practice.work_until_idle()
    assert "A request runs out soon" not in [one.subject for one in mailer.sent]
    till.practice.clock.advance(minutes=60)
    till.practice.work_until_idle()
    assert [one.subject for one in mailer.sent].count("A request runs out soon") == 1

    till.practice.clock.advance(days=1)
    till.practice.work_until_idle()

    assert till.practice.state_of(held) is State.EXPIRED
    assert (till.attempts(held), charged(till)) == ([AttemptState.VOIDED], 0)
    with till.practice.app.app_context():
        again = find_booking(find_kept_again(find_booking(held.reference)) or "")
        assert again is not None
        assert (again.state, again.starts_at, again.review_first) == (State.RESERVED, FAR, True)
    assert "in time" in mailer.sent[-1].text
    assert till.practice.breaches() == []


def test_a_decided_request_sets_off_no_alarm(till, mailer):
    held = authorised(till)
    say_yes(till, held)
    till.practice.work_until_idle()
    till.practice.clock.advance(days=8)
    till.practice.work_until_idle()

    assert till.practice.state_of(held) is State.CONFIRMED
    assert "A request runs out soon" not in [one.subject for one in mailer.sent]


def test_a_yes_after_the_bank_let_go_keeps_the_time_without_reading_it_again(till):
    held = authorised(till)
    (session,) = till.service.sessions.values()
    till.service.lapse(session.payment)
    say_yes(till, held)
    till.practice.work_until_idle()

    assert till.practice.state_of(held) is State.EXPIRED
    with till.practice.app.app_context():
        again = find_booking(find_kept_again(find_booking(held.reference)) or "")
        assert again is not None
        assert (again.state, again.review_first) == (State.RESERVED, False)
    assert (charged(till), till.practice.breaches()) == (0, [])


def accept(till, held):
    with till.practice.app.app_context(), begin_work() as work:
        note_accepted(work, booking_actions.lock(work, held.reference).person_id)


@pytest.mark.parametrize("settled", [False, True])
def test_a_yes_that_crosses_the_authorisation_is_not_lost(till, settled):
    held = till.practice.hold(FAR)
    till.pay(held)
    if settled:  # and the worker hasn't come to it yet
        till.settle(held)
        assert till.practice.state_of(held) is State.IN_REVIEW
    accept(till, held)
    till.deliver()
    till.practice.work_until_idle()

    assert (till.practice.state_of(held), charged(till)) == (State.CONFIRMED, PRICE)
    assert till.practice.breaches() == []


def test_a_request_that_ran_out_ends_also_where_its_time_does_not_fit_any_more(till):
    held = authorised(till)
    with till.practice.app.app_context(), begin_work() as work:
        booking = booking_actions.lock(work, held.reference)
        blocks.block_time(
            work, booking.therapist.resource_id, Span(booking.blocked_until, booking.blocked_until + HOUR)
        )
        booking.offering.after_minutes += 30
    till.practice.clock.advance(days=7)
    till.practice.work_until_idle()

    assert till.practice.state_of(held) is State.EXPIRED
    with till.practice.app.app_context():
        assert find_kept_again(find_booking(held.reference)) is None
    assert (till.attempts(held), charged(till), till.practice.breaches()) == ([AttemptState.VOIDED], 0, [])


def test_a_yes_is_refused_once_the_request_has_run_out(till):
    held = authorised(till)
    till.practice.clock.advance(days=7)
    with pytest.raises(TooLateToAccept):
        say_yes(till, held)


def test_a_card_that_is_authorised_when_the_time_is_gone_is_never_charged(till, mailer):
    held = till.practice.hold(FAR)
    session = till.open(held)
    till.free_by_hand(held)
    other = till.practice.hold(FAR)
    assert till.service.pay(session.id)
    till.deliver()
    till.practice.work_until_idle()

    assert till.practice.state_of(other) is State.HELD
    assert (till.attempts(held), charged(till)) == ([AttemptState.VOIDED], 0)
    assert "Nothing is charged" in mailer.sent[-1].text


def test_whoever_was_accepted_pays_at_once(till):
    client = till.practice.new_client()
    with till.practice.app.app_context(), begin_work() as work:
        note_accepted(work, client.person_id)
    held = till.practice.hold(FAR, client=client)
    till.pay(held)
    till.deliver()
    till.practice.work_until_idle()

    assert (till.practice.state_of(held), charged(till)) == (State.CONFIRMED, PRICE)


def test_what_staff_keep_for_somebody_is_not_read_again(till):
    client = till.practice.new_client()
    with till.practice.app.app_context():
        with begin_work() as work:
            offer = get_staff_offer("ada-lindqvist", "couple-50")
            until = work.now + timedelta(days=1)
            reserve(work, client.person_id, offer, FAR, deadline=until, price=Money(PRICE, "USD"))
        person = db.session.get_one(Person, client.person_id)
        assert [one.review_first for one in find_bookings_of(person)] == [False]
