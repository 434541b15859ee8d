"""Stripe fails in every way in which it can, at each thing that we ask of it: over HTTP, with its own library.

While it fails, nothing is released and nothing confirmed. Once it is well again, everything ends as it should, and
nothing has happened twice: the service's own books say so. The clock is the test's; the library's own tries are real,
without the pauses between them.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import stripe

from practice.booking import actions as booking_actions
from practice.booking.claims import SlotTaken
from practice.booking.eligibility import note_accepted
from practice.booking.lifecycle import State
from practice.errors import Conflict, Unavailable
from practice.payments import checkout, reviews
from practice.payments.gateway import EXTENSION
from practice.payments.queries import find_disputes
from practice.payments.settlement import AttemptState, RefundState
from practice.payments.snapshots import CheckoutParameters, CheckoutSession, DisputeStatus
from practice.payments.stripe_gateway import StripeGateway
from practice.sandbox.checkout import DECLINED, DISPUTED, SLOW
from practice.sandbox.server import Sandbox
from practice.setup.actions import set_review_first
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE, FrozenClock
from tests.support.over_http import Body, Counter, press
from tests.support.paying import PRICE
from tests.support.story import Held, Practice

ENDLESS = 1_000
FAULTS = ("limited", "conflict", "error", "cut", "refused")  # 429, 409, 500; done and not answered; nobody there
FOR_GOOD = "error"  # under the same key, for a day


class Service:
    """A sandbox that can be made to fail, and made well again."""

    def __init__(self, folder: Path, clock: FrozenClock) -> None:
        self._folder, self._clock = folder, clock
        self.running = self._start(0)
        self.port = int(self.running.address.rsplit(":", 1)[1])

    def fail(self, fault: str) -> None:
        if fault == "refused":
            self.running.stop()
        else:
            self.running.api.faults.extend([fault] * ENDLESS)

    def recover(self, fault: str) -> None:
        if fault == "refused":
            self.running = self._start(self.port)
        self.running.api.faults.clear()

    def _start(self, port: int) -> Sandbox:
        sandbox = Sandbox(self._folder, port=port, now=self._clock.now)
        sandbox.start()
        return sandbox


@pytest.fixture
def service(tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(stripe.HTTPClient, "MAX_DELAY", 0)
    made = Service(tmp_path / "sandbox", clock)
    yield made
    made.running.stop()


@pytest.fixture
def payments(service: Service) -> StripeGateway:
    """The real gateway instead of the fake one."""
    return StripeGateway("sk_test_sandbox", "whsec_sandbox", service.running.address)


@dataclass
class Story:
    """One booking, from the moment before the request that fails."""

    practice: Practice
    service: Service
    held: Held

    @property
    def counter(self) -> Counter:
        return Counter(self.practice, self.service.running)

    @property
    def state(self) -> State:
        return self.practice.state_of(self.held)

    def attempts(self) -> list[AttemptState]:
        return self.counter.attempts(self.held)

    def books(self) -> tuple[int, int, int]:
        """What the service took and gave back, and how many of its sessions could still be paid."""
        return self.counter.taken(self.held), self.counter.returned(self.held), self.counter.payable(self.held)

    def pass_time(self, **step: float) -> None:
        self.practice.clock.advance(**step)  # type: ignore[attr-defined]
        self.practice.work_until_idle()

    def pays(self) -> None:
        """Once more, as a client whose first try was answered with an apology."""
        self.counter.pay(self.held)
        self.counter.deliver()
        self.practice.work_until_idle()


@pytest.fixture
def story(practice: Practice, service: Service) -> Story:
    return Story(practice, service, practice.hold(MONDAY_NINE))


@pytest.fixture
def reviewed(practice: Practice, service: Service) -> Story:
    """A booking whose card is authorised, and that waits for a yes."""
    with practice.app.app_context(), begin_work() as work:
        set_review_first(work, "command", on=True)
    waiting = Story(practice, service, practice.hold(MONDAY_NINE))
    waiting.pays()
    assert waiting.state is State.IN_REVIEW
    return waiting


def paid(story: Story) -> Story:
    story.pays()
    assert story.state is State.CONFIRMED
    return story


def nobody_else_can_have_it(story: Story) -> None:
    with pytest.raises(SlotTaken):
        story.practice.hold(MONDAY_NINE)


def while_it_fails(story: Story, fault: str, state: State) -> None:
    """Some minutes of trying, in which the booking stays as it is."""
    for _ in range(3):
        story.pass_time(minutes=3)
        assert story.state is state, fault
    nobody_else_can_have_it(story)


def once_it_is_well(story: Story, fault: str, *, key_hours: int = 25) -> None:
    """Everything that waits is tried again; where a key answered 500, when that key is over."""
    story.service.recover(fault)
    for _ in range(3):
        story.pass_time(minutes=11)
    if fault == FOR_GOOD:
        story.pass_time(hours=key_hours)
        story.pass_time(minutes=11)
    assert story.practice.breaches() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_while_no_checkout_opens_the_time_is_kept_and_then_it_is_paid_once(story: Story, fault: str) -> None:
    story.service.fail(fault)
    for _ in range(2):
        with story.practice.app.app_context(), pytest.raises(Unavailable, match="kept for you still is"):
            checkout.open_checkout(story.held.reference)
    while_it_fails(story, fault, State.HELD)
    story.service.recover(fault)

    if fault == FOR_GOOD:  # nothing can be opened under this key: the time runs out, and nobody was charged
        with story.practice.app.app_context(), pytest.raises(Unavailable):
            checkout.open_checkout(story.held.reference)
        story.pass_time(minutes=60)
        assert (story.state, story.books()) == (State.EXPIRED, (0, 0, 0))
    else:
        story.pays()
        assert (story.state, story.books()) == (State.CONFIRMED, (PRICE, 0, 0))
        assert story.attempts().count(AttemptState.PAID) == 1
    assert story.practice.breaches() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_while_nobody_says_whether_it_is_paid_it_is_neither_confirmed_nor_released(story: Story, fault: str) -> None:
    story.counter.pay(story.held)
    story.counter.deliver()
    story.service.fail(fault)
    while_it_fails(story, fault, State.HELD)
    story.pass_time(minutes=40)  # past the deadline
    while_it_fails(story, fault, State.RELEASING)

    once_it_is_well(story, fault)
    assert (story.state, story.books()) == (State.CONFIRMED, (PRICE, 0, 0))


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_checkout_can_not_be_closed_its_time_is_kept(story: Story, fault: str) -> None:
    story.counter.open(story.held)
    story.counter.cancel(story.held)
    story.service.fail(fault)
    while_it_fails(story, fault, State.RELEASING)

    once_it_is_well(story, fault)
    assert (story.state, story.books()) == (State.EXPIRED, (0, 0, 0))
    story.practice.hold(MONDAY_NINE)


@pytest.mark.parametrize("fault", ["limited", "conflict", "error"])
def test_a_checkout_that_was_paid_while_it_could_not_be_closed_has_its_session(story: Story, fault: str) -> None:
    story.counter.open(story.held)
    story.counter.cancel(story.held)
    story.service.fail(fault)
    while_it_fails(story, fault, State.RELEASING)
    (session,) = story.service.running.store.newest_first("checkout.session")
    assert story.service.running.sessions.pay(session["id"])

    once_it_is_well(story, fault)
    assert (story.state, story.books()) == (State.CONFIRMED, (PRICE, 0, 0))


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_refund_is_not_answered_it_stays_owed_and_goes_out_once(story: Story, fault: str) -> None:
    paid(story)
    story.counter.cancel(story.held)
    story.service.fail(fault)
    for _ in range(3):
        story.pass_time(minutes=6)
        assert story.counter.refunds(story.held) == [(RefundState.DUE, PRICE)]

    once_it_is_well(story, fault)
    assert (story.state, story.books()) == (State.CANCELLED, (PRICE, PRICE, 0))
    assert story.counter.refunds(story.held) == [(RefundState.SUCCEEDED, PRICE)]
    assert len(story.service.running.store.newest_first("refund")) == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_capture_is_not_answered_nothing_stands_and_it_is_taken_once(reviewed: Story, fault: str) -> None:
    with reviewed.practice.app.app_context(), begin_work() as work:
        booking = booking_actions.lock(work, reviewed.held.reference)
        note_accepted(work, booking.person_id)
        assert reviews.approve(work, booking, "staff:1")
    reviewed.service.fail(fault)
    while_it_fails(reviewed, fault, State.IN_REVIEW)

    once_it_is_well(reviewed, fault, key_hours=1)
    assert (reviewed.state, reviewed.books()) == (State.CONFIRMED, (PRICE, 0, 0))


@pytest.mark.parametrize("fault", FAULTS)
def test_while_a_void_is_not_answered_it_is_tried_and_nothing_is_ever_taken(reviewed: Story, fault: str) -> None:
    reviewed.counter.cancel(reviewed.held)
    reviewed.service.fail(fault)
    for _ in range(3):
        reviewed.pass_time(minutes=3)
        assert reviewed.attempts() == [AttemptState.AUTHORISED]

    once_it_is_well(reviewed, fault, key_hours=1)
    assert (reviewed.attempts(), reviewed.books()) == ([AttemptState.VOIDED], (0, 0, 0))


# What Stripe tells, in any order


class Impatient(StripeGateway):
    """Lets a client pay, and the event arrive, before its caller hears that there is a session."""

    def __init__(self, address: str, meanwhile: Callable[[CheckoutSession], None]) -> None:
        super().__init__("sk_test_sandbox", "whsec_sandbox", address)
        self._meanwhile = meanwhile

    def create_checkout(self, parameters: CheckoutParameters, key: str) -> CheckoutSession:
        made = super().create_checkout(parameters, key)
        self._meanwhile(made)
        return made


@pytest.mark.parametrize("worked", [True, False], ids=["and is looked into", "and waits"])
def test_a_payment_that_is_told_before_we_know_its_session_confirms_once(story: Story, worked: bool) -> None:
    def pay(session: CheckoutSession) -> None:
        story.practice.app.extensions[EXTENSION] = usual  # this once
        assert story.service.running.sessions.pay(session.id)
        assert story.counter.deliver() == {204}
        if worked:
            work_elsewhere(story.practice)

    usual = story.practice.app.extensions[EXTENSION]
    story.practice.app.extensions[EXTENSION] = Impatient(story.service.running.address, pay)
    with suppress(Conflict), story.practice.app.app_context():
        checkout.open_checkout(story.held.reference)
    story.pass_time(seconds=1)

    assert (story.state, story.books()) == (State.CONFIRMED, (PRICE, 0, 0))
    assert story.practice.breaches() == []


def work_elsewhere(practice: Practice) -> None:
    """As another process would, while this one is in the middle of something."""
    worker = threading.Thread(target=practice.work_until_idle)
    worker.start()
    worker.join()


def told_in_each_order(
    story: Story, happen: Callable[[Story], list[Body]], orders: Iterable[tuple[int, ...]]
) -> Iterator[Story]:
    """A booking for each order of the events of something that happened to it, told in that order.

    All of them come again at the end. Nobody returns to our pages, and no night passes: nothing else tells us.
    """
    for number, order in enumerate(orders):
        start = MONDAY_NINE + timedelta(days=number // 7, hours=number % 7)
        held = story.practice.hold(start) if number else story.held
        one = Story(story.practice, story.service, held)
        events = happen(one)
        assert len(events) == len(order)
        for place in order:
            assert one.counter.deliver([events[place]]) == {204}
            one.practice.work_until_idle()
        one.counter.deliver(events)  # each once more
        one.pass_time(minutes=11)
        yield one


def new_events(story: Story, happen: Callable[[], object]) -> list[Body]:
    """What the service has to say about something that happens."""
    before = len(story.counter.events())
    happen()
    return story.counter.events()[before:]


def declined_paid_disputed_and_won(story: Story) -> list[Body]:
    def happen() -> None:
        address = story.counter.open(story.held)
        press(address, card=DECLINED)
        press(address, card=DISPUTED)
        disputes = story.service.running.disputes
        disputes.decide(story.service.running.store.newest_first("dispute")[0]["id"], "won")

    return new_events(story, happen)


def refunded_by_a_slow_bank(story: Story) -> list[Body]:
    story.counter.deliver(new_events(story, lambda: story.counter.pay(story.held, SLOW)))
    story.practice.work_until_idle()

    def happen() -> None:
        story.counter.cancel(story.held)
        story.practice.work_until_idle()
        refunds = story.service.running.refunds
        refunds.end(refunds.pending()[0]["id"], "succeeded")

    return new_events(story, happen)


def test_in_whatever_order_a_payment_and_its_dispute_are_told_they_end_the_same(story: Story) -> None:
    orders = [(0, *rest) for rest in itertools.permutations((1, 2, 3))]
    orders += [(3, 0, 2, 1), (1, 2, 3, 0)]  # that a card was declined changes nothing, wherever it comes
    for one in told_in_each_order(story, declined_paid_disputed_and_won, orders):
        assert (one.state, one.books()) == (State.CONFIRMED, (PRICE, 0, 0))
        with one.practice.app.app_context():
            assert [dispute.state for dispute in find_disputes(one.held.reference)] == [DisputeStatus.WON]
    assert story.practice.breaches() == []


def test_in_whatever_order_a_refund_is_told_it_ends_the_same(story: Story) -> None:
    for one in told_in_each_order(story, refunded_by_a_slow_bank, itertools.permutations(range(3))):
        assert (one.state, one.books()) == (State.CANCELLED, (PRICE, PRICE, 0))
        assert one.counter.refunds(one.held) == [(RefundState.SUCCEEDED, PRICE)]
    assert story.practice.breaches() == []
