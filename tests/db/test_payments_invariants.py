"""`practice invariants` finds money that is not where it belongs."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from practice.booking.models import Booking
from practice.database import db
from practice.payments.models import PaymentAttempt, Refund
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.paying import PRICE, Till
from tests.support.story import Held, Practice


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def confirmed(practice: Practice, till: Till) -> Held:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.settle(held)
    practice.work_until_idle()
    assert practice.breaches() == []
    return held


@pytest.fixture
def returned(practice: Practice, till: Till, confirmed: Held) -> Held:
    till.cancel(confirmed)
    practice.work_until_idle()
    assert practice.breaches() == []
    return confirmed


def tamper(practice: Practice, statement: object) -> list[str]:
    with practice.app.app_context(), begin_work() as work:
        work.session.execute(statement)  # type: ignore[call-overload]
    return [breach for breach in practice.breaches() if breach[:2] in ("I2", "I3", "I4")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"confirms": False}, "I3: booking .* is confirmed and not paid"),
        ({"amount_minor": 1}, "I3: booking .* is confirmed and not paid"),
        ({"state": "open"}, "I3: booking .* is confirmed and can still be paid"),
        ({"state": "quarantined", "mismatch": "amount"}, "I2: pa_.*: paid with another amount than asked for"),
    ],
)
def test_a_confirmed_booking_that_is_not_paid_is_found(
    practice: Practice, confirmed: Held, change: dict[str, object], says: str
) -> None:
    breaches = tamper(practice, update(PaymentAttempt).values(**change))
    assert any(_fits(says, breach) for breach in breaches), breaches


def test_a_paid_attempt_whose_booking_vanished_is_found(practice: Practice, confirmed: Held) -> None:
    breaches = tamper(practice, update(Booking).values(state="cancelled"))
    assert any(_fits("I2: attempt pa_.* is paid, and booking .* is cancelled", breach) for breach in breaches), breaches


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"amount_minor": PRICE - 1}, f"I2: of attempt pa_.* {PRICE - 1} went back, not {PRICE}"),
        ({"amount_minor": PRICE + 1}, f"I4: of attempt pa_.* {PRICE + 1} minor units go back, more than is owed"),
        ({"state": "due"}, "I2: of attempt pa_.* 0 went back"),
        ({"state": "failed"}, "I2: r_.*: the refund failed"),
    ],
)
def test_a_refund_that_is_not_what_is_owed_is_found(
    practice: Practice, returned: Held, change: dict[str, object], says: str
) -> None:
    breaches = tamper(practice, update(Refund).values(**change))
    assert any(_fits(says, breach) for breach in breaches), breaches


def test_the_database_refuses_a_second_payable_session(practice: Practice, till: Till) -> None:
    held = practice.hold(MONDAY_NINE)
    till.open(held)
    with pytest.raises(IntegrityError):
        tamper(practice, _copy_of_the_attempt(practice, confirms=False, state="open"))


def test_the_database_refuses_a_second_payment_under_one_booking(practice: Practice, confirmed: Held) -> None:
    with pytest.raises(IntegrityError):
        tamper(practice, _copy_of_the_attempt(practice, confirms=True, state="paid"))


def test_the_database_refuses_a_second_refund_for_one_cause(practice: Practice, returned: Held) -> None:
    with practice.app.app_context():
        columns = {column.name: column for column in Refund.__table__.columns if column.name != "id"}
        row = dict(db.session.execute(db.select(*columns.values())).mappings().one())
    with pytest.raises(IntegrityError):
        tamper(practice, insert(Refund).values(**{**row, "reference": "r_two", "key": "two", "refund_id": "re_two"}))


def test_what_is_still_being_sent_is_no_breach(practice: Practice, till: Till, confirmed: Held) -> None:
    till.cancel(confirmed)
    assert tamper(practice, text("SELECT 1")) == []


def _copy_of_the_attempt(practice: Practice, **changes: object) -> object:
    with practice.app.app_context():
        columns = {column.name: column for column in PaymentAttempt.__table__.columns if column.name != "id"}
        row = dict(db.session.execute(db.select(*columns.values())).mappings().one())
    others = {"reference": "pa_two", "key": "two", "session_id": "cs_two", **changes}
    return insert(PaymentAttempt).values(**{**row, **others})


def _fits(pattern: str, breach: str) -> bool:
    import re

    return re.match(pattern, breach) is not None
