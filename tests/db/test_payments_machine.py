"""Any order of holding, paying, losing, repeating, cancelling, waiting and dying: once quiet, I1 to I4 hold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from hypothesis.stateful import multiple as nothing_of
from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.booking.reviewing import TooLateToAccept
from practice.database import db
from practice.errors import Conflict, Unavailable
from practice.money import Money
from practice.payments import invariants, refunds, remedies, reviews
from practice.payments.gateway import GatewayError, GatewayUnavailable, payments
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.queries import find_attempts
from practice.payments.remedies import MoneyMoved, NotThatMuch
from practice.payments.settlement import Decision, RefundState, Step, decide
from practice.payments.snapshots import RefundSnapshot, RefundStatus
from practice.sealing import Keyring
from practice.setup.actions import set_review_first
from practice.till.queries import Waiting, list_waiting
from practice.tokens import new_token
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.crashes import Crash, Mortality, Opener, mortal_commits
from tests.support.story import Held

TROUBLES = [[], ["unavailable"] * 3, ["lost"] * 3, ["fine", "lost"]]
WAITS = [1, 6, 11, 36, 5 * 60]  # minutes
STEPS = st.integers(0, 12)  # until a process dies: calls to the service and commits, before and after
DEADLY = st.sets(st.sampled_from(["create_checkout", "retrieve", "expire", "refund", "capture", "void"]))
UNTIL_IT_IS_BACK = {"minutes": 3}  # by then, what it had leased is free again
STAFF = {"actor": "staff:1", "reason": "They asked"}
AT_EACH_MOMENT = (
    invariants.check_paid_means_confirmed_or_returned,
    invariants.check_confirmed_means_paid,
    invariants.check_authorised_means_in_review,
    invariants.check_one_payable_session,
    invariants.check_refunds,
)
GIVE_BACK = refunds._give_back
ENOUGH = 40  # rounds of waiting until everything must be quiet


class PaymentStory(RuleBasedStateMachine):
    """A time that everybody wants, a payment service that fails, a process that dies, people who change their minds."""

    held = Bundle("held")
    opener: Opener  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.mortality = Mortality()
        self.till = self.opener.open(self.mortality)
        self.practice, self.service = self.till.practice, self.till.service
        self.everything: list[Held] = []
        self.freed: set[str] = set()  # by hand, with a checkout open
        self.given: Counter[str] = Counter()  # by staff, of each booking, in minor units
        self.by_hand: Counter[str] = Counter()  # of each payment, besides the service

    @contextmanager
    def living(self) -> Iterator[None]:
        """What a process does, to its end or to its death; then another one takes its place."""
        try:
            with mortal_commits(self.mortality):
                yield
        except Crash:
            self.opener.open_again(self.practice)
            self.practice.clock.advance(**UNTIL_IT_IS_BACK)

    @initialize(target=held, pays=st.booleans(), deadly=DEADLY)
    def begin(self, pays: bool, deadly: set[str]):  # type: ignore[no-untyped-def]
        """Somebody holds a time, and once after each of these calls its process will die."""
        self.mortality.after_calls = {*deadly}
        return self.hold(pays)

    @rule(steps=STEPS)
    def die_soon(self, steps: int) -> None:
        self.mortality.steps_left = steps

    @rule(target=held, pays=st.booleans())
    def hold(self, pays: bool):  # type: ignore[no-untyped-def]
        try:
            held = self.practice.hold(MONDAY_NINE)
        except Conflict:  # somebody has it
            return nothing_of()
        self.everything.append(held)
        self._open(held)
        if pays:
            self.pay(held)
        return held

    @rule(held=held)
    def open_the_checkout_again(self, held: Held) -> None:
        self._open(held)

    @rule(held=held)
    def pay(self, held: Held) -> None:
        for session in self.service.open_sessions(held.reference):
            self.service.pay(session.id)

    @rule(held=held)
    def return_to_our_page(self, held: Held) -> None:
        with self.living(), suppress(GatewayError):
            self.till.settle(held)

    @rule(held=held, by_the_practice=st.booleans(), faults=st.sampled_from(TROUBLES))
    def cancel(self, held: Held, by_the_practice: bool, faults: list[str]) -> None:
        if not by_the_practice:  # which declines in mid-payment, whatever it has heard
            self.return_to_our_page(held)
        with self.living():
            if by_the_practice:
                self.till.decline(held)
            else:
                self.till.cancel(held)
        self.work(faults)

    @rule(held=held, minor=st.sampled_from([1, 40_00, 160_00]), faults=st.sampled_from(TROUBLES))
    def give_back(self, held: Held, minor: int, faults: list[str]) -> None:
        kept = self._kept_of(held)
        with self.living(), self.practice.app.app_context(), suppress(MoneyMoved, NotThatMuch), begin_work() as work:
            remedies.give_back(work, held.reference, Money(minor, "USD"), kept=kept, **STAFF)
        self.given[held.reference] += kept.minor_units - self._kept_of(held).minor_units  # it may have died before
        self.work(faults)

    @rule(by_hand=st.booleans(), faults=st.sampled_from(TROUBLES))
    def a_bank_sends_a_refund_back_and_staff_see_to_it(self, by_hand: bool, faults: list[str]) -> None:
        if not self.service.refunds:
            return
        self.service.change_refund(str(self.service.refunds[-1].reference), RefundStatus.FAILED)
        with self.living():
            self.till.deliver()
        self.work([])
        self.see_to_what_failed(by_hand)
        self.work(faults)

    @rule(target=held, held=held, they_pay=st.booleans(), we_pay=st.booleans())
    def lose_the_time_in_mid_payment(self, held: Held, they_pay: bool, we_pay: bool):  # type: ignore[no-untyped-def]
        if self.practice.state_of(held) is not State.HELD:
            return nothing_of()
        self.freed.add(held.reference)
        self.till.free_by_hand(held)
        winner = self.hold(they_pay)
        if we_pay:
            self.pay(held)
        return winner

    @rule(chosen=st.lists(st.integers(0, 5), max_size=6), lose=st.booleans())
    def deliver_webhooks(self, chosen: list[int], lose: bool) -> None:
        """In any order, some twice, some not at all; what is lost is lost."""
        bag = self.service.mailbag
        with self.living():
            assert {*self.till.deliver([bag[index] for index in chosen if index < len(bag)])} <= {204}
        if lose:
            bag.clear()

    @rule(faults=st.sampled_from(TROUBLES))
    def work(self, faults: list[str]) -> None:
        self.service.faults += faults
        with self.living():
            self.practice.work_until_idle()

    @rule(on=st.booleans())
    def read_requests_first_or_not(self, on: bool) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            set_review_first(work, "command", on=on)

    @rule(held=held, faults=st.sampled_from(TROUBLES))
    def say_yes(self, held: Held, faults: list[str]) -> None:
        with self.living(), self.practice.app.app_context(), suppress(TooLateToAccept), begin_work() as work:
            reviews.approve(work, booking_actions.lock(work, held.reference), "staff:1")
        self.work(faults)

    @rule(held=held)
    def the_bank_lets_go(self, held: Held) -> None:
        for session in list(self.service.sessions.values()):
            if session.reference == held.reference and session.authorised:
                self.service.lapse(str(session.payment))

    @rule(minutes=st.sampled_from(WAITS))
    def wait(self, minutes: int) -> None:
        self.practice.clock.advance(minutes=minutes)

    def _open(self, held: Held) -> None:
        with self.living(), suppress(Conflict, Unavailable):
            self.till.open(held)

    def see_to_what_failed(self, by_hand: bool) -> None:
        """Staff look at each refund that failed."""
        settle = remedies.settle_refund_by_hand if by_hand else remedies.send_again
        for waiting in self._failed():
            with self.living(), self.practice.app.app_context(), begin_work() as work:
                settle(work, waiting.reference, **STAFF)
            if by_hand and waiting.reference not in [
                one.reference for one in self._failed()
            ]:  # it may have died before
                self.by_hand[self._payment_of(waiting.reference)] += waiting.amount.minor_units

    def _failed(self) -> list[Waiting]:
        with self.practice.app.app_context():
            return [one for one in list_waiting() if one.kind == "failed"]

    def _kept_of(self, held: Held) -> Money:
        with self.practice.app.app_context():
            return next((one.kept for one in find_attempts(held.reference) if one.confirms), Money(0, "USD"))

    def _payment_of(self, refund_reference: str) -> str:
        return next(one.payment for one in self.service.refunds if one.reference == refund_reference)  # type: ignore[return-value]

    @invariant()
    def nobody_can_pay_twice_for_one_booking(self) -> None:
        for held in self.everything:
            assert len(self.service.open_sessions(held.reference)) <= 1

    @invariant()
    def nothing_goes_back_twice(self) -> None:
        for session in self.service.sessions.values():
            if session.payment:
                assert self.service.refunded_minor(session.payment) <= session.amount_minor

    @invariant()
    def every_promise_about_money_is_kept(self) -> None:
        """At each moment, but for what only a person ends: what was freed by hand, and a refund that failed."""
        with self.practice.app.app_context():
            session = db.session()
            broken = [breach for one in AT_EACH_MOMENT for breach in one(session)]
            failed = select(PaymentAttempt.reference).join(Refund).where(Refund.state == RefundState.FAILED)
            known = self.freed | {*session.scalars(failed)}
        assert [breach for breach in broken if not any(name in breach for name in known)] == []

    def teardown(self) -> None:
        self.mortality.live_on()
        self.service.faults.clear()
        self.service.mailbag.clear()
        for _ in range(ENOUGH):
            self.practice.clock.advance(minutes=31)
            self.practice.work_until_idle()
        for _ in range(4):  # until every refund is looked at, and every authorisation and second offer is over
            self.see_to_what_failed(by_hand=False)
            self.practice.clock.advance(days=3)
            self.practice.work_until_idle()
        assert self.practice.breaches() == []
        for session in self.service.sessions.values():
            assert not session.url, "a checkout was left open"
            assert not session.authorised, "a card was left authorised"
            if session.paid:
                self._money_is_where_it_belongs(session.reference, session.payment, session.amount_minor)

    def _money_is_where_it_belongs(self, reference: str | None, payment: str | None, amount: int) -> None:
        (held,) = [one for one in self.everything if one.reference == reference]
        assert payment is not None
        back = self.service.refunded_minor(payment) + self.by_hand[payment]
        given = self.given[held.reference]
        match self.practice.state_of(held):
            case State.CONFIRMED:
                assert back == given
            case State.CANCELLED:
                assert back in (given, amount)  # by the policy: near the start the fee is kept
            case _:
                assert back == amount


@pytest.fixture
def opener(tmp_path: Path, keyring: Keyring) -> Iterator[Opener]:
    made = Opener(tmp_path, keyring)
    yield made
    made.close_all()


def play(
    opener: Opener,
    *,
    examples: int,
    phases: Sequence[Phase] = tuple(Phase),
    story: type[PaymentStory] = PaymentStory,
) -> None:
    told = type("Story", (story,), {"opener": opener})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        told,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=checks,
            derandomize=True,
            phases=phases,
        ),
    )


def test_no_order_of_events_loses_money_or_sells_a_time_twice(opener: Opener) -> None:
    examples = 200 if os.environ.get("PRACTICE_LONG") else 20
    play(opener, examples=examples, phases=(Phase.generate,))


def ignore_what_is_late(*facts: object, **more: object) -> Decision:
    decision = decide(*facts, **more)  # type: ignore[arg-type]
    return Decision(Step.NOTHING) if decision.step is Step.REFUND_IN_FULL else decision


def ask_without_looking(asked: refunds.Order) -> RefundSnapshot:
    return payments().refund(replace(asked.order, reference=new_token()), new_token())


class ForgetfulKeys:
    """Notes that a refund may exist when its answer is lost, and not before it asks: enough, until a process dies."""

    def __init__(self) -> None:
        self._maybe: set[str] = set()

    def __call__(self, asked: refunds.Order) -> RefundSnapshot | None:
        try:
            return GIVE_BACK(replace(asked, key=new_token(), tried=asked.order.reference in self._maybe))
        except GatewayUnavailable:
            self._maybe.add(asked.order.reference)
            raise


@pytest.mark.made_up  # that is what one of the shortcuts does
@pytest.mark.parametrize(
    ("place", "shortcut"),
    [
        ("actions.decide", ignore_what_is_late),
        ("refunds._give_back", ask_without_looking),
        ("refunds._give_back", ForgetfulKeys()),
    ],
    ids=["late payments are ignored", "refunds carry no key", "a refund is noted once its answer is lost"],
)
def test_the_story_finds_the_shortcuts_that_look_harmless(
    opener: Opener, monkeypatch: pytest.MonkeyPatch, place: str, shortcut: object
) -> None:
    """Positive controls: each only shows when a time is freed, an answer lost or a process killed in mid-payment."""
    monkeypatch.setattr(f"practice.payments.{place}", shortcut)
    with pytest.raises(AssertionError):
        play(opener, examples=100, phases=(Phase.generate,))
