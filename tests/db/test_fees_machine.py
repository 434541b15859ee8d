"""Any order of agreeing, paying, missing, charging, asking, dropping, sparing and dying.

Nobody is charged twice, or more than they agreed to, or for what was dropped.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from hypothesis.stateful import multiple as nothing_of
from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State, Trigger
from practice.booking.queries import find_booking
from practice.database import db
from practice.errors import Conflict, PracticeError, Unavailable
from practice.money import Money
from practice.payments import checkout, opening
from practice.payments.fees import actions, consents
from practice.payments.fees.invariants import check_fees_are_paid_once, check_fees_were_agreed_to
from practice.payments.fees.models import FeeConsent
from practice.payments.fees.queries import Due, find_due
from practice.payments.gateway import payments
from practice.payments.models import PaymentAttempt
from practice.payments.snapshots import ChargeOrder, ChargeSnapshot, ChargeStatus
from practice.people import Person
from practice.sealing import Keyring
from practice.tokens import new_token
from practice.work import begin_work
from tests.db.test_payments_machine import DEADLY, STAFF, TROUBLES, PaymentStory, play
from tests.support.clock import MONDAY_NINE
from tests.support.crashes import Opener
from tests.support.fees import TERMS, FeeDesk
from tests.support.story import Held

FRIDAY_NINE = MONDAY_NINE - timedelta(days=3)
DECISIONS = {"ask": actions.ask, "drop": actions.drop, "spare": actions.spare}
CALLS = DEADLY | st.sets(st.sampled_from(["charge", "find_charge", "forget_card"]))


class FeeStory(PaymentStory):
    """The same, with cards that are kept, sessions that are missed and cancelled late, and staff who charge for it."""

    held = PaymentStory.held

    @initialize(target=PaymentStory.held, deadly=CALLS)
    def somebody_with_a_kept_card_did_not_come(self, deadly: set[str]) -> Held:
        """So that each story has something to charge; what may die, dies from then on."""
        waits, self.mortality.after_calls = self.mortality.after_calls | deadly, set()
        desk = FeeDesk(self.till)
        held = desk.book(FRIDAY_NINE)
        desk.miss(held)
        self.everything.append(held)
        self.mortality.after_calls = waits
        return held

    @rule(target=PaymentStory.held, pays=st.booleans())
    def hold_and_agree(self, pays: bool):  # type: ignore[no-untyped-def]
        try:
            held = self.practice.hold(MONDAY_NINE)
        except Conflict:
            return nothing_of()
        self.everything.append(held)
        with self.living(), self.practice.app.app_context(), suppress(Conflict, Unavailable):
            with begin_work() as work:
                consents.agree(work, booking_actions.lock(work, held.reference), TERMS, "as it was shown")
            checkout.open_checkout(held.reference)
        if pays:
            self.pay(held)
        return held

    @rule(held=PaymentStory.held, comes=st.booleans())
    def the_session_passes(self, held: Held, comes: bool) -> None:
        self.return_to_our_page(held)
        if self.practice.state_of(held) is not State.CONFIRMED:
            return
        ahead = MONDAY_NINE - self.practice.clock.now()
        self.practice.clock.advance(seconds=max(0.0, ahead.total_seconds()) + 2 * 60 * 60)
        with self.living(), self.practice.app.app_context(), begin_work() as work:
            trigger = Trigger.COMPLETE if comes else Trigger.NO_SHOW
            booking_actions.mark(work, booking_actions.lock(work, held.reference), trigger)

    @rule(held=PaymentStory.held, minor=st.sampled_from([1, 20_00, 500_00]), said=st.sampled_from(ChargeStatus))
    def charge(self, held: Held, minor: int, said: ChargeStatus) -> None:
        self.service.charge_status = said
        with self.living(), self.practice.app.app_context(), suppress(PracticeError):
            due = find_due(find_booking(held.reference))  # type: ignore[arg-type]
            most = due.most if isinstance(due, Due) else Money(0, "USD")
            amount = min(Money(minor, "USD"), most)
            with begin_work() as work:
                actions.charge(work, held.reference, amount, most=most, **STAFF)

    @rule(held=PaymentStory.held, pays=st.booleans())
    def follow_the_link(self, held: Held, pays: bool) -> None:
        with self.living(), self.practice.app.app_context(), suppress(PracticeError):
            booking = find_booking(held.reference)
            assert booking is not None
            checkout.open_with(lambda work: opening.begin_fee_attempt(work, actions.lock_to_pay(work, booking)))
        if pays:
            self.pay(held)

    @rule(held=PaymentStory.held, decision=st.sampled_from([*DECISIONS]), faults=st.sampled_from(TROUBLES))
    def staff_decide(self, held: Held, decision: str, faults: list[str]) -> None:
        before = self._kept_of(held)
        with self.living(), self.practice.app.app_context(), suppress(PracticeError), begin_work() as work:
            DECISIONS[decision](work, held.reference, **STAFF)
        self.given[held.reference] += before.minor_units - self._kept_of(held).minor_units
        self.work(faults)

    @rule(held=PaymentStory.held)
    def take_it_back(self, held: Held) -> None:
        with self.living(), self.practice.app.app_context(), begin_work() as work:
            consents.withdraw(work, work.session.get_one(Person, held.payer.person_id))

    @rule(said=st.sampled_from(ChargeStatus))
    def the_bank_makes_up_its_mind(self, said: ChargeStatus) -> None:
        under_way = [one for one in self.service.charges if one.status is ChargeStatus.UNDER_WAY]
        for one in under_way:
            self.service.decide_charge(str(one.attempt), said)

    @invariant()
    def no_charge_is_made_twice(self) -> None:
        made = Counter(one.attempt for one in self.service.charges)
        assert all(times == 1 for times in made.values())

    @invariant()
    def fees_keep_their_promises(self) -> None:
        with self.practice.app.app_context():
            session = db.session()
            broken = [
                breach for one in (check_fees_were_agreed_to, check_fees_are_paid_once) for breach in one(session)
            ]
        assert [one for one in broken if "refunded" not in one and "went back" not in one] == []

    def teardown(self) -> None:
        self.service.charge_status = ChargeStatus.PAID
        self.the_bank_makes_up_its_mind(ChargeStatus.PAID)
        super().teardown()
        with self.practice.app.app_context():
            standing = select(FeeConsent.customer).where(
                FeeConsent.kept_at.is_not(None), FeeConsent.withdrawn_at.is_(None)
            )
            assert {*self.service.cards} == {*db.session.scalars(standing)}
        for charge in self.service.charges:
            if charge.status is ChargeStatus.PAID:
                self._money_is_where_it_belongs(charge.reference, charge.payment, charge.amount_minor)

    def _money_is_where_it_belongs(self, reference: str | None, payment: str | None, amount: int) -> None:
        assert payment is not None
        back = self.service.refunded_minor(payment) + self.by_hand[payment]
        with self.practice.app.app_context():
            attempt = db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.payment == payment)).one_or_none()
            assert attempt is not None, f"nobody knows of {payment}"
            assert back == (attempt.refund_due_minor or 0)
            if attempt.fee is None and attempt.booking.state not in (State.ATTENDED, State.MISSED):
                super()._money_is_where_it_belongs(reference, payment, amount)
            elif attempt.fee is not None and attempt.fee.dropped_at is not None:
                assert back == amount


@pytest.fixture
def opener(tmp_path: Path, keyring: Keyring) -> Iterator[Opener]:
    made = Opener(tmp_path, keyring)
    yield made
    made.close_all()


def test_no_order_of_events_charges_a_fee_twice_or_above_what_was_agreed_to(opener: Opener) -> None:
    examples = 120 if os.environ.get("PRACTICE_LONG") else 12
    play(opener, examples=examples, phases=(Phase.generate,), story=FeeStory)


def charge_without_looking(order: ChargeOrder, _key: str, *, tried: bool) -> ChargeSnapshot:
    return payments().charge(order, new_token())


@pytest.mark.made_up
def test_the_story_finds_charges_that_are_made_without_looking(opener: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positive control: it only shows when an answer is lost or a process dies while a card is charged."""
    monkeypatch.setattr("practice.payments.fees.charging._ask", charge_without_looking)
    with pytest.raises(AssertionError):
        play(opener, examples=100, phases=(Phase.generate,), story=FeeStory)
