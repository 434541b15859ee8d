"""Movements at the payment service are kept once each, with their payouts and the rate of tax that held."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from practice.database import db
from practice.payments import bookkeeping
from practice.payments.gateway import GatewayUnavailable
from practice.payments.messages import ReadMovements
from practice.payments.models import MoneyMovement, MoneyReading, Payout
from practice.payments.snapshots import MovementKind, PayoutStatus
from practice.profile import profile
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.paying import PRICE, Till
from tests.support.story import Held, Practice

FEE = 4_94


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


def book(practice: Practice, till: Till, hours: int = 0) -> Held:
    held = practice.hold(MONDAY_NINE + timedelta(hours=hours))
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


def read(practice: Practice) -> int:
    with practice.app.app_context():
        return bookkeeping.read()


def kept(practice: Practice) -> list[tuple[str, int, str | None]]:
    """Each movement: what, how much is left of it, and its payout."""
    with practice.app.app_context():
        rows = db.session.scalars(select(MoneyMovement).order_by(MoneyMovement.created_at, MoneyMovement.id))
        return [(str(one.kind), one.net_minor, one.payout_id) for one in rows]


def rates(practice: Practice) -> list[tuple[str, str | None]]:
    with practice.app.app_context():
        rows = db.session.scalars(select(MoneyMovement).order_by(MoneyMovement.created_at, MoneyMovement.id))
        return [(str(one.kind), one.tax_percent) for one in rows if one.kind is not MovementKind.PAYOUT]


def test_what_moved_is_kept_once_and_gets_its_payout_later(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    held = book(practice, till)
    for _ in range(2):
        read(practice)
    assert kept(practice) == [("charge", PRICE - FEE, None)]

    clock.advance(hours=1)
    till.cancel(held)
    practice.work_until_idle()
    clock.advance(hours=1)
    payments.balance.add(MovementKind.CHARGE, 50_00, "USD", payment="pi_of_another_system")
    (payout,) = payments.balance.pay_out()
    for _ in range(2):
        read(practice)

    assert kept(practice) == [
        ("charge", PRICE - FEE, payout),
        ("refund", -PRICE, payout),
        ("charge", 50_00, payout),
        ("payout", FEE - 50_00, payout),
    ]
    assert practice.breaches() == []


def test_a_payout_that_is_itemised_much_later_gets_its_lines_then(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    book(practice, till)
    (payout,) = payments.balance.pay_out()
    payments.balance.change(payout, itemised=False, status=PayoutStatus.IN_TRANSIT)
    for _ in range(2):
        read(practice)
        assert kept(practice)[0] == ("charge", PRICE - FEE, None)
        clock.advance(days=40)

    payments.balance.change(payout, itemised=True, status=PayoutStatus.PAID)
    read(practice)
    assert kept(practice)[0] == ("charge", PRICE - FEE, payout)


def test_a_payout_that_was_paid_may_fail_weeks_afterwards(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    book(practice, till)
    (payout,) = payments.balance.pay_out()
    read(practice)
    clock.advance(days=20)
    read(practice)
    payments.balance.change(payout, status=PayoutStatus.FAILED)
    read(practice)

    with practice.app.app_context():
        assert db.session.get_one(Payout, payout).state is PayoutStatus.FAILED


def test_trouble_half_way_leaves_nothing_out(practice: Practice, till: Till, payments: FakePayments) -> None:
    book(practice, till)
    payments.balance.pay_out()
    for broken in range(3):
        payments.faults += ["fine"] * broken + ["unavailable"]
        with pytest.raises(GatewayUnavailable):
            read(practice)
        with practice.app.app_context():
            assert db.session.get(MoneyReading, 1) is None

    read(practice)
    assert [what for what, _, payout in kept(practice) if payout] == ["charge", "payout"]


def test_what_the_service_lists_late_is_found_all_the_same(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    payments.balance.add(MovementKind.CHARGE, 1_00, "USD", payment="pi_other")
    late = payments.balance.movements.pop()
    clock.advance(days=2)
    book(practice, till)
    read(practice)
    payments.balance.movements.insert(0, late)
    clock.advance(hours=1)
    read(practice)

    assert [net for _, net, _ in kept(practice)] == [1_00, PRICE - FEE]


@pytest.mark.databases("sqlite")
def test_nothing_is_read_before_the_practice_is_set_up(app: Flask, payments: FakePayments) -> None:
    payments.balance.add(MovementKind.CHARGE, 1_00, "USD", payment="pi_one")
    with app.app_context():
        assert bookkeeping.read() == 0
        assert db.session.get(MoneyReading, 1) is None


def test_long_lists_are_kept_in_parts(
    practice: Practice, till: Till, payments: FakePayments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "AT_ONCE", 2)
    book(practice, till)
    for number in range(6):
        payments.balance.add(MovementKind.CHARGE, 100 + number, "USD", payment=f"pi_other_{number}")

    assert read(practice) == 7
    assert len(kept(practice)) == 7


def test_nothing_is_asked_inside_a_transaction(practice: Practice, till: Till, payments: FakePayments) -> None:
    book(practice, till)
    payments.balance.pay_out()
    payments.outside_transactions = True

    assert read(practice) == 4


def test_the_night_reads_apart_from_the_rest(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    book(practice, till)
    clock.advance(days=1)
    payments.faults += ["unavailable"]  # the first of the two is told to come again
    practice.work_until_idle()
    clock.advance(minutes=11)
    practice.work_until_idle()

    assert kept(practice) == [("charge", PRICE - FEE, None)]
    clock.advance(days=1)
    payments.balance.pay_out()
    practice.work_until_idle()
    assert all(payout for _, _, payout in kept(practice))


def test_staff_who_ask_twice_in_a_minute_are_answered_once(
    practice: Practice, till: Till, payments: FakePayments, clock: FrozenClock
) -> None:
    book(practice, till)
    with work_in(practice) as work:
        bookkeeping.ask_to_read(work)
        bookkeeping.ask_to_read(work)
    before = payments.asked
    practice.work_until_idle()
    assert payments.asked == before + 2  # movements and payouts

    clock.advance(minutes=1)
    with work_in(practice) as work:
        assert work.now == clock.now()
        work.post(ReadMovements(f"asked {work.now:%Y-%m-%dT%H:%M}"))
    practice.work_until_idle()
    assert payments.asked == before + 4


def test_a_payment_keeps_the_rate_that_held_and_what_goes_back_has_the_same(
    practice: Practice, till: Till, clock: FrozenClock
) -> None:
    first = book(practice, till)
    read(practice)
    clock.advance(minutes=1)
    with work_in(practice) as work:
        bookkeeping.set_tax(work, "command", "19", None)
    with practice.app.app_context():
        assert profile().tax_percent == "19"
    book(practice, till, hours=2)
    clock.advance(minutes=1)
    till.cancel(first)
    practice.work_until_idle()
    read(practice)

    assert rates(practice) == [("charge", None), ("charge", "19"), ("refund", None)]


def test_a_rate_can_be_set_from_a_date_on(practice: Practice, till: Till, clock: FrozenClock) -> None:
    first = book(practice, till)
    clock.advance(days=1)
    book(practice, till, hours=2)
    till.cancel(first)
    practice.work_until_idle()
    read(practice)
    with work_in(practice) as work:
        bookkeeping.set_tax(work, "command", "8.875", date(2027, 5, 6))

    assert sorted(rates(practice), key=str) == [("charge", "8.875"), ("charge", None), ("refund", None)]
    with work_in(practice) as work:
        bookkeeping.set_tax(work, "command", "7", date(2027, 5, 5))
    assert {percent for _, percent in rates(practice)} == {"7"}
