"""A client, the worker and staff at one consent in the same moment. PostgreSQL alone: SQLite's writers take turns."""

from __future__ import annotations

from contextlib import suppress

import pytest

from practice.booking.queries import find_booking
from practice.payments import checkout
from practice.payments.fees import actions, asking, consents
from practice.payments.fees.actions import FeeMoved
from practice.payments.fees.forms import KeepCardForm
from practice.payments.fees.queries import NO_FEES, Due
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.fake_payments import FakePayments
from tests.support.fees import STAFF, FeeDesk
from tests.support.in_between import in_between
from tests.support.paying import Till
from tests.support.story import Held, Practice

pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def desk(practice: Practice, payments: FakePayments) -> FeeDesk:
    return FeeDesk(Till(practice, payments))


def untick(desk: FeeDesk, held: Held) -> None:
    """The client sends the payment page without the tick, as it was rendered before anything else happened."""
    with desk.practice.app.test_request_context(method="POST"):
        booking = find_booking(held.reference)
        assert booking is not None
        question = asking.Question(booking, NO_FEES, "", None, None, KeepCardForm())
        with begin_work() as work:
            question.note_answer(work)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control: without the lock"])
def test_unticking_while_the_payment_is_settled_leaves_no_card_that_nobody_knows_of(
    desk: FeeDesk, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    held = desk.practice.hold(MONDAY_NINE)
    desk.agree(held)
    with desk.practice.app.app_context():
        address = checkout.open_checkout(held.reference)
    assert desk.service.pay(address.rsplit("/", 1)[-1])
    if not guarded:
        monkeypatch.setattr(asking.booking_actions, "lock", lambda _work, reference: find_booking(reference))
    settling = in_between(monkeypatch, consents, "find_pending", lambda: desk.till.settle(held))

    untick(desk, held)
    settling.join()
    desk.practice.work_until_idle()

    assert (desk.practice.breaches() == []) is guarded


def test_taking_consent_back_and_deciding_on_a_fee_take_turns(desk: FeeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    held = desk.book(MONDAY_NINE)
    desk.miss(held)
    due = desk.due(held)
    assert isinstance(due, Due)
    taking_back = in_between(monkeypatch, actions, "find_due", lambda: desk.withdraw(held.payer))

    with desk.practice.app.app_context(), suppress(FeeMoved), begin_work() as work:
        actions.charge(work, held.reference, due.most, most=due.most, **STAFF)
    taking_back.join()
    desk.practice.work_until_idle()

    assert desk.service.charges == []
    assert desk.service.cards == {}
    assert desk.practice.breaches() == []
