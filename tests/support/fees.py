"""Words for stories about fees: agreeing while paying, missing a session, cancelling late, deciding."""

from __future__ import annotations

from datetime import datetime, timedelta

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import Trigger
from practice.booking.queries import find_booking
from practice.database import db
from practice.money import Money
from practice.payments import checkout
from practice.payments.fees import actions, consents
from practice.payments.fees.models import FeeConsent
from practice.payments.fees.policy import FeeTerms, agreement
from practice.payments.fees.queries import Due, Fees, NoFee, find_due, find_standing, read_fees
from practice.payments.models import PaymentAttempt
from practice.payments.queries import find_attempts
from practice.people import Person
from practice.work import begin_work
from tests.support.paying import PRICE, Till
from tests.support.story import Client, Held, Practice

LATE, MISSED = Money(80_00, "USD"), Money(200_00, "USD")  # the second above the price of couple-50, 160
LEFT = Money(MISSED.minor_units - PRICE, "USD")  # of the fee for missing, once the session is paid
TERMS = FeeTerms(LATE, MISSED)
STAFF = {"actor": "staff:1", "reason": "They did not come"}


class FeeDesk:
    """The money's side of stories about fees."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.practice: Practice = till.practice
        self.service = till.service
        with self.practice.app.app_context(), begin_work() as work:
            actions.set_terms(work, "staff:1", TERMS)

    def agree(self, held: Held, terms: FeeTerms = TERMS) -> None:
        """The client ticks the box on the payment page."""
        with self.practice.app.app_context(), begin_work() as work:
            booking = booking_actions.lock(work, held.reference)
            consents.agree(work, booking, terms, agreement("$80", "$200"))

    def pay_keeping(self, held: Held) -> None:
        """Agree, and pay with a card that is kept; the session stands."""
        self.agree(held)
        with self.practice.app.app_context():
            address = checkout.open_checkout(held.reference)
        assert self.service.pay(address.rsplit("/", 1)[-1])
        self.till.settle(held)
        self.practice.work_until_idle()

    def book(self, start: datetime, client: Client | None = None) -> Held:
        held = self.practice.hold(start, client)
        self.pay_keeping(held)
        return held

    def miss(self, held: Held) -> None:
        """The session passes, and nobody comes."""
        with self.practice.app.app_context():
            booking = find_booking(held.reference)
            assert booking is not None
            ahead = booking.blocked_until - self.practice.clock.now()
        self.practice.clock.advance(seconds=max(0.0, ahead.total_seconds()))
        with self.practice.app.app_context(), begin_work() as work:
            booking_actions.mark(work, booking_actions.lock(work, held.reference), Trigger.NO_SHOW)

    def cancel_late(self, held: Held, hours: int = 3) -> None:
        """The client cancels a few hours before."""
        with self.practice.app.app_context():
            booking = find_booking(held.reference)
            assert booking is not None
            ahead = booking.starts_at - self.practice.clock.now() - timedelta(hours=hours)
        self.practice.clock.advance(seconds=ahead.total_seconds())
        self.till.cancel(held)
        self.practice.work_until_idle()

    def charge(self, held: Held, amount: Money | None = None) -> None:
        """Staff decide on the fee, all of what may be charged when no amount is named."""
        due = self.due(held)
        assert isinstance(due, Due), due
        with self.practice.app.app_context(), begin_work() as work:
            actions.charge(work, held.reference, amount or due.most, most=due.most, **STAFF)

    def decide(self, act, held: Held) -> None:  # type: ignore[no-untyped-def]
        """One of the actions that take a reference and a reason."""
        with self.practice.app.app_context(), begin_work() as work:
            act(work, held.reference, **STAFF)

    def due(self, held: Held) -> Due | NoFee:
        with self.practice.app.app_context():
            booking = find_booking(held.reference)
            assert booking is not None
            found = find_due(booking)
            db.session.expunge_all()
            return found

    def fees(self, held: Held) -> Fees:
        with self.practice.app.app_context():
            booking = find_booking(held.reference)
            assert booking is not None
            found = read_fees(booking)
            db.session.expunge_all()
            return found

    def consent(self, client: Client) -> FeeConsent | None:
        """The consent with which the client's card is kept."""
        with self.practice.app.app_context():
            found = find_standing(db.session.get(Person, client.person_id))
            db.session.expunge_all()
            return found

    def withdraw(self, client: Client) -> None:
        with self.practice.app.app_context(), begin_work() as work:
            consents.withdraw(work, work.session.get_one(Person, client.person_id))

    def attempts(self, held: Held) -> list[PaymentAttempt]:
        """Every attempt to pay for a session or its fee, newest first."""
        with self.practice.app.app_context():
            found = find_attempts(held.reference)
            db.session.expunge_all()
            return found

    def quiet(self) -> None:
        """Everything is heard and done, and every promise holds."""
        self.till.deliver()
        self.practice.work_until_idle()
        assert self.practice.breaches() == []

    def payment_of_fee(self, held: Held) -> PaymentAttempt | None:
        return self.fees(held).paid
