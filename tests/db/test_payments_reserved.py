"""Paying for a time that the practice keeps for days: checkouts come and go, and only one can ever be paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from practice.booking.lifecycle import State
from practice.payments.opening import NotPayable
from practice.payments.settlement import AttemptState
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.offers import keep_for
from tests.support.paying import Till
from tests.support.story import Held, Practice

THREE_DAYS = timedelta(days=3)


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def kept(practice: Practice, **terms: int) -> Held:
    return keep_for(practice, practice.new_client(), MONDAY_NINE, until=THREE_DAYS, **terms)


def test_opening_the_checkout_keeps_the_longer_of_the_two_deadlines(
    practice: Practice, till: Till, clock: FrozenClock
) -> None:
    held = kept(practice)
    till.open(held)
    clock.advance(minutes=40)
    practice.work_until_idle()

    assert practice.state_of(held) is State.HELD
    clock.advance(days=3)
    practice.work_until_idle()
    assert practice.state_of(held) is State.EXPIRED
    assert practice.breaches() == []


@pytest.mark.parametrize("told", [True, False], ids=["told of its end", "never told"])
def test_after_an_abandoned_checkout_a_second_one_pays(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments, *, told: bool
) -> None:
    held = kept(practice)
    abandoned = till.open(held)
    clock.advance(minutes=40)
    if told:
        practice.work_until_idle()

    paid = till.pay(held)
    assert paid.id != abandoned.id
    assert not payments.pay(abandoned.id)
    till.deliver()
    practice.work_until_idle()
    assert practice.state_of(held) is State.CONFIRMED
    assert till.attempts(held) == [AttemptState.EXPIRED, AttemptState.PAID]
    assert practice.breaches() == []


def test_a_payment_that_arrived_unheard_before_the_second_try_is_the_one_that_counts(
    practice: Practice, till: Till, clock: FrozenClock, payments: FakePayments
) -> None:
    held = kept(practice)
    till.pay(held)
    payments.mailbag.clear()  # nobody tells us
    clock.advance(minutes=40)

    with pytest.raises(NotPayable):
        till.open(held)
    assert practice.state_of(held) is State.CONFIRMED
    assert len(payments.sessions) == 1
    practice.work_until_idle()
    assert practice.breaches() == []


def test_what_costs_nothing_has_no_checkout(practice: Practice, till: Till, payments: FakePayments) -> None:
    held = kept(practice, price=0)

    with pytest.raises(NotPayable):
        till.open(held)
    assert payments.asked == 0
