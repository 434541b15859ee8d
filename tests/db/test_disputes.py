"""A bank takes a payment back: staff see it in time, and nothing is given back on top."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.database import db
from practice.money import Money
from practice.outbox import OutboxMessage
from practice.payments import remedies
from practice.payments.models import Dispute
from practice.payments.remedies import TakenBack
from practice.payments.snapshots import DisputeStatus, RefundStatus
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.fake_mail import FakeMailer
from tests.support.fake_payments import FakePayments
from tests.support.offers import work_in
from tests.support.paying import Till
from tests.support.staff import desk, in_order
from tests.support.story import Held, Practice

WHO = {"actor": "staff:1", "reason": "They asked"}
PRICE = Money(160_00, "USD")


@pytest.fixture
def till(practice: Practice, payments: FakePayments) -> Till:
    return Till(practice, payments)


@pytest.fixture
def held(practice: Practice, till: Till) -> Held:
    held = practice.hold(MONDAY_NINE)
    till.pay(held)
    till.deliver()
    practice.work_until_idle()
    return held


@pytest.fixture
def payment(till: Till, held: Held) -> str:
    paid = till.attempt(held).payment
    assert paid is not None
    return paid


def known(practice: Practice) -> list[tuple[DisputeStatus, int]]:
    with practice.app.app_context():
        return [(one.state, one.amount_minor) for one in db.session.scalars(select(Dispute))]


def test_a_dispute_is_seen_by_the_desk_with_its_day_and_the_session_stands(
    practice: Practice, till: Till, payments: FakePayments, held: Held, payment: str, mailer: FakeMailer
) -> None:
    payments.dispute(payment)
    till.deliver()
    practice.work_until_idle()

    assert known(practice) == [(DisputeStatus.OPEN, 160_00)]
    assert practice.state_of(held) is State.CONFIRMED
    coordinator = desk(practice, "coordinator")
    page = " ".join(coordinator.get("/staff/money/").text.split())
    assert in_order(page, ["A payment that a bank takes back, $160", "until Wednesday 12 May"])
    told = mailer.last_to("office@practice.example")
    assert told.subject == "A payment waits for you"
    assert practice.breaches() == []


@pytest.mark.parametrize(("end", "says"), [(DisputeStatus.WON, "won, we keep it"), (DisputeStatus.LOST, "lost")])
def test_a_dispute_that_is_over_waits_for_nobody_and_is_told(
    practice: Practice, till: Till, payments: FakePayments, held: Held, payment: str, end: DisputeStatus, says: str
) -> None:
    payments.dispute(payment)
    payments.dispute(payment, end)
    till.deliver()
    practice.work_until_idle()

    coordinator = desk(practice, "coordinator")
    assert "Nothing waits for a person" in coordinator.get("/staff/money/").text
    assert says in coordinator.get(f"/staff/money/{held.reference}").text
    assert len(known(practice)) == 1


def test_nothing_is_given_back_of_what_a_bank_has_taken(
    practice: Practice, till: Till, payments: FakePayments, held: Held, payment: str
) -> None:
    payments.dispute(payment)
    till.deliver()
    practice.work_until_idle()
    page = desk(practice, "coordinator").get(f"/staff/money/{held.reference}").text
    assert "nothing more can be given back here" in page
    assert 'name="amount"' not in page
    with pytest.raises(TakenBack), work_in(practice) as work:
        remedies.give_back(work, held.reference, PRICE, kept=PRICE, **WHO)

    payments.dispute(payment, DisputeStatus.WON)
    till.deliver()
    practice.work_until_idle()
    with work_in(practice) as work:
        remedies.give_back(work, held.reference, PRICE, kept=PRICE, **WHO)
    practice.work_until_idle()
    assert till.returned() == PRICE.minor_units


def test_a_dispute_that_is_told_twice_or_late_or_never_is_known_once(
    practice: Practice, till: Till, payments: FakePayments, held: Held, payment: str, clock: FrozenClock
) -> None:
    payments.dispute(payment)
    (event,) = payments.mailbag
    till.deliver([event, event])
    practice.work_until_idle()
    payments.dispute(payment, DisputeStatus.LOST)
    payments.mailbag.clear()  # nobody tells us; the night looks
    clock.advance(days=1)
    practice.work_until_idle()
    till.deliver([event])  # and the first one once more
    practice.work_until_idle()

    assert known(practice) == [(DisputeStatus.LOST, 160_00)]


def test_a_service_that_does_not_answer_is_asked_again(
    practice: Practice, till: Till, payments: FakePayments, payment: str, clock: FrozenClock
) -> None:
    payments.dispute(payment)
    till.deliver()
    payments.faults += ["unavailable"]
    practice.work_until_idle()
    assert known(practice) == []
    clock.advance(minutes=15)
    practice.work_until_idle()

    assert known(practice) == [(DisputeStatus.OPEN, 160_00)]


def test_a_dispute_without_a_payment_that_we_could_know_is_nobodys(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    till.open(practice.hold(MONDAY_NINE))  # an attempt that is not paid yet has no payment either
    disputed = payments.dispute("pi_of_another_shop")
    payments.disputes[disputed] = replace(payments.disputes[disputed], payment=None)
    till.deliver()
    practice.work_until_idle()

    assert known(practice) == []


def test_what_a_bank_has_is_not_sent_back_by_staff_either(
    practice: Practice, till: Till, payments: FakePayments, held: Held, payment: str
) -> None:
    till.cancel(held)
    practice.work_until_idle()
    reference = till.refund_reference()
    payments.change_refund(reference, RefundStatus.FAILED)
    payments.dispute(payment)
    till.deliver()
    practice.work_until_idle()

    with pytest.raises(TakenBack), work_in(practice) as work:
        remedies.send_again(work, reference, **WHO)
    coordinator = desk(practice, "coordinator")
    refused = coordinator.submit(f"/staff/money/failed/{reference}/again", {"reason": "x"}, follow_redirects=True)
    assert "The bank has taken this payment back" in refused.text


def test_the_desk_hears_of_a_dispute_when_it_can_be_answered_and_once(
    practice: Practice, till: Till, payments: FakePayments, held: Held, payment: str, mailer: FakeMailer
) -> None:
    payments.dispute(payment, DisputeStatus.UNDER_REVIEW)
    till.deliver()
    practice.work_until_idle()
    told = [one.subject for one in mailer.letters_to("office@practice.example")]
    assert "A payment waits for you" not in told
    for _ in range(2):
        payments.dispute(payment)
        till.deliver()
        practice.work_until_idle()

    told = [one.subject for one in mailer.letters_to("office@practice.example")]
    assert told.count("A payment waits for you") == 1


def test_a_dispute_of_another_system_in_the_same_account_is_none_of_ours(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    payments.dispute("pi_of_another_shop")
    till.deliver()
    practice.work_until_idle()

    assert known(practice) == []
    assert practice.breaches() == []


def test_a_dispute_that_is_told_before_its_payment_is_known_once_the_payment_is(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    held = practice.hold(MONDAY_NINE)
    session = till.pay(held)
    payments.dispute(str(payments.sessions[session.id].payment))
    paid, disputed = payments.mailbag
    till.deliver([disputed])
    practice.work_until_idle()
    assert known(practice) == []

    till.deliver([paid])
    practice.work_until_idle()
    practice.clock.advance(minutes=11)
    practice.work_until_idle()
    assert [state for state, _ in known(practice)] == [DisputeStatus.OPEN]


def test_a_dispute_of_another_system_is_not_asked_after_for_ever(
    practice: Practice, till: Till, payments: FakePayments
) -> None:
    payments.dispute("pi_of_another_shop")
    till.deliver()
    practice.work_until_idle()
    practice.clock.advance(days=4)
    practice.work_until_idle()

    with practice.app.app_context():
        asked = db.session.scalars(select(OutboxMessage.state).where(OutboxMessage.kind == "follow_dispute"))
        assert list(asked) == ["done"]
