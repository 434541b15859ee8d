"""An honest payment service in memory: it refuses what the real one refuses, and breaks only when it is told to."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from practice.clock import Clock
from practice.database import db
from practice.payments.gateway import (
    ExpiryRefused,
    GatewayRefused,
    GatewayUnavailable,
    IdempotencyMismatch,
    NotAuthorised,
    NotOpen,
    UnknownSession,
    UntrustedEvent,
)
from practice.payments.snapshots import (
    ChargeOrder,
    ChargeSnapshot,
    ChargeStatus,
    CheckoutParameters,
    CheckoutSession,
    DisputeSnapshot,
    DisputeStatus,
    Event,
    KeptCard,
    MovementKind,
    MovementSnapshot,
    PayoutSnapshot,
    RefundOrder,
    RefundSnapshot,
    RefundStatus,
    SessionStatus,
    WebhookEndpoint,
)
from tests.support import fake_events
from tests.support.fake_balance import DISPUTE_FEE, FakeBalance, fee_of

T = TypeVar("T")

ORIGIN = "https://checkout.fake.example"
SOONEST, LATEST = timedelta(minutes=30), timedelta(hours=24)
KEY_LIFE = timedelta(hours=24)
AUTHORISED_FOR = timedelta(days=7)


@dataclass
class FakePayments:
    """Implements PaymentGateway.

    `faults` is what goes wrong with the next calls, in order: "unavailable" (nothing happens, no answer), "lost" (it
    happens, the answer is lost), or "fine". Events gather in `mailbag` until a test delivers, repeats, shuffles or
    drops them.
    """

    clock: Clock
    livemode: bool = False
    secret: str = "whsec_fake"
    faults: list[str] = field(default_factory=list)
    sessions: dict[str, CheckoutSession] = field(default_factory=dict)
    refunds: list[RefundSnapshot] = field(default_factory=list)
    authorising: set[str] = field(default_factory=set)  # sessions that take nothing yet
    keeping: set[str] = field(default_factory=set)  # sessions whose card is kept
    cards: dict[str, KeptCard] = field(default_factory=dict)  # by customer
    charges: list[ChargeSnapshot] = field(default_factory=list)  # of kept cards
    charge_status: ChargeStatus = ChargeStatus.PAID  # what banks say of the next ones
    disputes: dict[str, DisputeSnapshot] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    mailbag: list[Event] = field(default_factory=list)
    refund_status: RefundStatus = RefundStatus.SUCCEEDED
    asked: int = 0  # calls that went over the network
    outside_transactions: bool = False  # then a call that is made inside one fails
    _keys: dict[str, tuple[object, object, datetime]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    checkout_origin = ORIGIN

    def __post_init__(self) -> None:
        self.balance = FakeBalance(self.clock)
        self.endpoints: list[WebhookEndpoint] = []

    # What the practice may ask.

    def create_checkout(self, parameters: CheckoutParameters, key: str) -> CheckoutSession:
        lost = self._fail_perhaps()
        made = self._replay(key, parameters)
        if not isinstance(made, CheckoutSession):
            away = parameters.expires_at - self._now()
            if not SOONEST <= away <= LATEST:
                raise ExpiryRefused("expires_at")
            made = self._make(parameters)
            self._keys[key] = (parameters, made, self._now())
        return self._answer(made, lost)

    def retrieve(self, session_id: str) -> CheckoutSession:
        return self._answer(self._get(session_id), self._fail_perhaps())

    def expire(self, session_id: str) -> CheckoutSession:
        lost = self._fail_perhaps()
        session = self._get(session_id)
        if session.status is not SessionStatus.OPEN:
            raise NotOpen(session_id)
        return self._answer(self._close(session), lost)

    def capture(self, payment: str, key: str) -> None:
        self._end_authorisation(payment, key, paid=True)

    def void(self, payment: str, key: str) -> None:
        self._end_authorisation(payment, key, voided=True)

    def charge(self, order: ChargeOrder, key: str) -> ChargeSnapshot:
        lost = self._fail_perhaps()
        made = self._replay(key, order)
        if not isinstance(made, ChargeSnapshot):
            if self.cards.get(order.kept.customer) != order.kept:
                raise GatewayRefused("resource_missing")
            made = self._charge(order)
            self._keys[key] = (order, made, self._now())
        return self._answer(made, lost)

    def find_charge(self, customer: str, attempt: str) -> ChargeSnapshot | None:
        lost = self._fail_perhaps()
        found = [one for one in self.charges if one.attempt == attempt and customer in self.cards]
        return self._answer(found[0] if found else None, lost)

    def forget_card(self, customer: str) -> None:
        lost = self._fail_perhaps()
        self.cards.pop(customer, None)
        self._answer(None, lost)

    def refund(self, order: RefundOrder, key: str) -> RefundSnapshot:
        lost = self._fail_perhaps()
        made = self._replay(key, order)
        if not isinstance(made, RefundSnapshot):
            if order.amount.minor_units > self.paid_minor(order.payment) - self.refunded_minor(order.payment):
                raise GatewayRefused("charge_already_refunded")
            made = RefundSnapshot(
                f"re_{next(self._numbers)}",
                self.refund_status,
                order.amount.minor_units,
                order.amount.currency,
                order.payment,
                order.reference,
            )
            self.refunds.append(made)
            self._keys[key] = (order, made, self._now())
            self._say("refund.created", refund=order.reference)
            amount, tags = order.amount, {"payment": order.payment, "refund": order.reference}
            self.balance.add(MovementKind.REFUND, -amount.minor_units, amount.currency, **tags)
        return self._answer(made, lost)

    def find_refund(self, payment: str, reference: str) -> RefundSnapshot | None:
        self._fail_perhaps()
        found = [one for one in self.refunds if (one.payment, one.reference) == (payment, reference)]
        return found[0] if found else None

    def find_dispute(self, dispute_id: str) -> DisputeSnapshot | None:
        return self._answer(self.disputes.get(dispute_id), self._fail_perhaps())

    def list_sessions(self, since: datetime) -> list[CheckoutSession]:
        self._fail_perhaps()
        found = [self._get(session_id) for session_id in self.sessions]
        return [session for session in reversed(found) if session.created_at >= since]

    def list_events(self, since: datetime) -> list[Event]:
        self._fail_perhaps()
        return [event for event in reversed(self.events) if event.created_at >= since]

    def list_movements(self, since: datetime) -> list[MovementSnapshot]:
        return self._answer(self.balance.list_movements(since), self._fail_perhaps())

    def list_payouts(self, since: datetime) -> list[PayoutSnapshot]:
        return self._answer(self.balance.list_payouts(since), self._fail_perhaps())

    def list_payout_lines(self, payout_id: str) -> list[MovementSnapshot]:
        return self._answer(self.balance.list_lines(payout_id), self._fail_perhaps())

    def list_webhook_endpoints(self) -> list[WebhookEndpoint]:
        return self._answer(self.endpoints, self._fail_perhaps())

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        event = fake_events.read(body, headers, self.secret, self._now())
        if event.livemode != self.livemode:
            raise UntrustedEvent
        return event

    # What a client does on the checkout page, and what tests arrange.

    def pay(self, session_id: str) -> bool:
        """Pay an open session; False when it is not open: an honest service takes no money for it."""
        session = self._get(session_id)
        if session.status is not SessionStatus.OPEN:
            return False
        payment = f"pi_{next(self._numbers)}"
        kept = session_id in self.authorising
        paid = replace(
            session, status=SessionStatus.COMPLETE, paid=not kept, authorised=kept, url=None, payment=payment
        )
        if kept:
            paid = replace(paid, capture_before=self._now() + AUTHORISED_FOR)
        if session_id in self.keeping:
            card = KeptCard(f"cus_{next(self._numbers)}", f"pm_{next(self._numbers)}")
            self.cards[card.customer] = card
            paid = replace(paid, kept=card)
        self.sessions[session_id] = paid
        if paid.paid:
            self._take(paid)
        self._say("checkout.session.completed", paid)
        return True

    def decide_charge(self, attempt: str, status: ChargeStatus) -> None:
        """The bank makes up its mind about a charge that was under way."""
        for index, one in enumerate(self.charges):
            if one.attempt == attempt and one.status is ChargeStatus.UNDER_WAY:
                self.charges[index] = replace(one, status=status)

    def lapse(self, payment: str) -> None:
        """The bank lets an authorisation go, whether its time is over or not."""
        (session,) = [one for one in self.sessions.values() if one.payment == payment]
        if self._get(session.id).authorised:
            self._let_go(session)

    def decline(self, session_id: str) -> None:
        """The card is refused; the session stays open."""
        assert self._get(session_id).status is SessionStatus.OPEN
        self._say("payment_intent.payment_failed")

    def only_session(self) -> CheckoutSession:
        """The one session that was ever made."""
        (session_id,) = self.sessions
        return self._get(session_id)

    def open_sessions(self, reference: str) -> list[CheckoutSession]:
        """What could still be paid for a booking."""
        found = [self._get(session_id) for session_id in self.sessions]
        return [one for one in found if one.reference == reference and one.status is SessionStatus.OPEN]

    def change_refund(self, reference: str, status: RefundStatus) -> None:
        """The bank makes up its mind about a refund."""
        self.refunds = [replace(one, status=status) if one.reference == reference else one for one in self.refunds]
        self._say("refund.updated", refund=reference)

    def dispute(self, payment: str, status: DisputeStatus = DisputeStatus.OPEN) -> str:
        """The card holder doesn't want a payment any more, or the bank goes on about it; the dispute's id."""
        known = next((one for one in self.disputes.values() if one.payment == payment), None)
        made = known or DisputeSnapshot(
            id=f"du_{next(self._numbers)}",
            status=status,
            amount_minor=self.paid_minor(payment),
            currency="USD",
            payment=payment,
            due_by=self._now() + timedelta(days=7),
            created_at=self._now(),
        )
        self.disputes[made.id] = replace(made, status=status)
        minor, tags = made.amount_minor, {"currency": made.currency, "payment": payment}
        if known is None:
            self.balance.add(MovementKind.DISPUTE, -minor, fee=DISPUTE_FEE, **tags)
        elif status is DisputeStatus.WON:
            self.balance.add(MovementKind.DISPUTE, minor, **tags)
        over = status in (DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.CLOSED)
        self._say("charge.dispute.closed" if over else "charge.dispute.created", dispute=made.id)
        return made.id

    def paid_minor(self, payment: str) -> int:
        paid = [one for one in self.sessions.values() if one.payment == payment and one.paid]
        charged = [one for one in self.charges if one.payment == payment and one.status is ChargeStatus.PAID]
        return sum(one.amount_minor for one in (*paid, *charged))

    def refunded_minor(self, payment: str) -> int:
        gone = (RefundStatus.FAILED, RefundStatus.CANCELED)
        return sum(one.amount_minor for one in self.refunds if one.payment == payment and one.status not in gone)

    def sign(self, event: Event) -> tuple[bytes, dict[str, str]]:
        """The body and headers with which an event arrives at the webhook now."""
        return fake_events.sign(event, self.secret, self._now())

    def _now(self) -> datetime:
        return self.clock.now()

    def _fail_perhaps(self) -> bool:
        self.asked += 1
        if self.outside_transactions:
            assert not db.session().in_transaction(), "the network was called inside a transaction"
        fault = self.faults.pop(0) if self.faults else "fine"
        if fault == "unavailable":
            raise GatewayUnavailable("told to be")
        return fault == "lost"

    def _answer(self, thing: T, lost: bool) -> T:
        if lost:
            raise GatewayUnavailable("the answer was lost")
        return thing

    def _replay(self, key: str, asked: object) -> object:
        before, made, at = self._keys.get(key, (asked, None, self._now()))
        if self._now() - at > KEY_LIFE:
            return None
        if before != asked:
            raise IdempotencyMismatch
        return made

    def _make(self, parameters: CheckoutParameters) -> CheckoutSession:
        session_id = f"cs_test_{next(self._numbers)}"
        made = CheckoutSession(
            id=session_id,
            url=f"{ORIGIN}/c/{session_id}",
            status=SessionStatus.OPEN,
            paid=False,
            amount_minor=parameters.amount.minor_units,
            currency=parameters.amount.currency,
            livemode=self.livemode,
            reference=parameters.reference,
            attempt=parameters.attempt,
            payment=None,
            created_at=self._now(),
            expires_at=parameters.expires_at,
        )
        self.sessions[session_id] = made
        if parameters.authorises:
            self.authorising.add(session_id)
        if parameters.keeps_card:
            self.keeping.add(session_id)
        return made

    def _charge(self, order: ChargeOrder) -> ChargeSnapshot:
        made = ChargeSnapshot(
            self.charge_status,
            f"pi_{next(self._numbers)}",
            order.amount.minor_units,
            order.amount.currency,
            livemode=self.livemode,
            reference=order.reference,
            attempt=order.attempt,
        )
        self.charges.append(made)
        if made.status is ChargeStatus.PAID:
            minor, fee = made.amount_minor, fee_of(made.amount_minor)
            self.balance.add(MovementKind.CHARGE, minor, made.currency, fee=fee, payment=made.payment)
        return made

    def _get(self, session_id: str) -> CheckoutSession:
        session = self.sessions.get(session_id)
        if session is None:
            raise UnknownSession(session_id)
        if session.status is SessionStatus.OPEN and session.expires_at <= self._now():
            return self._close(session)
        if session.authorised and session.capture_before is not None and session.capture_before <= self._now():
            return self._let_go(session)
        return session

    def _end_authorisation(self, payment: str, key: str, *, paid: bool = False, voided: bool = False) -> None:
        lost = self._fail_perhaps()
        if self._replay(key, payment) is None:
            (session,) = [one for one in self.sessions.values() if one.payment == payment]
            if not self._get(session.id).authorised:
                raise NotAuthorised(payment)
            self.sessions[session.id] = over = replace(session, authorised=False, paid=paid, voided=voided)
            if paid:
                self._take(over)
            self._keys[key] = (payment, True, self._now())
        self._answer(None, lost)

    def _take(self, session: CheckoutSession) -> None:
        minor, fee = session.amount_minor, fee_of(session.amount_minor)
        self.balance.add(MovementKind.CHARGE, minor, session.currency, fee=fee, payment=session.payment)

    def _let_go(self, session: CheckoutSession) -> CheckoutSession:
        over = replace(session, authorised=False, voided=True)
        self.sessions[session.id] = over
        return over

    def _close(self, session: CheckoutSession) -> CheckoutSession:
        closed = replace(session, status=SessionStatus.EXPIRED, url=None)
        self.sessions[session.id] = closed
        self._say("checkout.session.expired", closed)
        return closed

    def _say(
        self,
        kind: str,
        session: CheckoutSession | None = None,
        refund: str | None = None,
        dispute: str | None = None,
    ) -> None:
        event = Event(
            id=f"evt_{next(self._numbers)}",
            kind=kind,
            created_at=self._now(),
            livemode=self.livemode,
            session_id=session.id if session else None,
            attempt=session.attempt if session else None,
            refund=refund,
            dispute=dispute,
        )
        self.events.append(event)
        self.mailbag.append(event)
