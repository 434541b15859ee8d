"""Paying in a story: open the checkout, pay on the other side, deliver what the payment service says, or don't."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.database import db
from practice.payments import checkout
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.queries import find_attempts, find_refunds
from practice.payments.settlement import AttemptState, RefundState
from practice.payments.snapshots import CheckoutSession, Event
from practice.work import begin_work
from tests.support.fake_payments import FakePayments
from tests.support.story import Held, Practice

PRICE = 160_00  # of couple-50, the offering that stories hold


class Till:
    """The money's side of a story."""

    def __init__(self, practice: Practice, service: FakePayments) -> None:
        self.practice = practice
        self.service = service

    def open(self, held: Held) -> CheckoutSession:
        """The client goes on to pay; the session that they see."""
        with self.practice.app.app_context():
            address = checkout.open_checkout(held.reference)
        return self.service.sessions[address.rsplit("/", 1)[-1]]

    def pay(self, held: Held) -> CheckoutSession:
        """Open and pay; the webhook is in the mailbag."""
        session = self.open(held)
        assert self.service.pay(session.id)
        return session

    def settle(self, held: Held) -> None:
        """Look at every attempt of a booking, as a return to our page does."""
        with self.practice.app.app_context():
            for reference in [attempt.reference for attempt in find_attempts(held.reference)]:
                checkout.settle(reference)

    def deliver(self, events: Iterable[Event] | None = None) -> list[int]:
        """Deliver these events (else the mailbag, and empty it) to the webhook; the answers' statuses."""
        if events is None:
            events, self.service.mailbag = self.service.mailbag, []
        return [self.post(*self.service.sign(event)) for event in events]

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """One request to the webhook, from a machine that knows nothing of cookies."""
        with self.practice.browser() as browser:
            return browser.post("/webhooks/stripe", data=body, headers=headers).status_code

    def free_by_hand(self, held: Held) -> None:
        """Somebody frees a time although its checkout is open: what the protocol never does, and a person can."""
        with self.practice.app.app_context(), begin_work() as work:
            booking = booking_actions.lock(work, held.reference)
            booking_actions.let_go(work, booking)
            booking_actions.expire(work, booking)

    def cancel(self, held: Held) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            booking_actions.cancel(work, booking_actions.lock(work, held.reference))

    def decline(self, held: Held) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            booking_actions.decline(work, booking_actions.lock(work, held.reference))

    def attempts(self, held: Held) -> list[AttemptState]:
        """The states of a booking's attempts, oldest first."""
        with self.practice.app.app_context():
            return [attempt.state for attempt in reversed(find_attempts(held.reference))]

    def attempt(self, held: Held) -> PaymentAttempt:
        """The newest attempt."""
        with self.practice.app.app_context():
            attempt = find_attempts(held.reference)[0]
            db.session.expunge(attempt)
            return attempt

    def refunds(self, held: Held) -> list[tuple[RefundState, int]]:
        """Every refund of a booking: how it stands, and how much."""
        with self.practice.app.app_context():
            return [(refund.state, refund.amount_minor) for refund in find_refunds(held.reference)]

    def refund_reference(self) -> str:
        """The only refund there is."""
        with self.practice.app.app_context():
            return db.session.scalars(select(Refund.reference)).one()

    def returned(self) -> int:
        """Minor units that the payment service has given back."""
        payments = {session.payment for session in self.service.sessions.values() if session.payment}
        payments |= {charge.payment for charge in self.service.charges if charge.payment}
        return sum(self.service.refunded_minor(payment) for payment in payments)
