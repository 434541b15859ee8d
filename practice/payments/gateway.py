"""The payment service behind a protocol of ours. Nothing of the vendor's passes this line, neither types nor errors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, cast

from flask import current_app

from practice.payments.snapshots import (
    ChargeOrder,
    ChargeSnapshot,
    CheckoutParameters,
    CheckoutSession,
    DisputeSnapshot,
    Event,
    MovementSnapshot,
    PayoutSnapshot,
    RefundOrder,
    RefundSnapshot,
    WebhookEndpoint,
)

EXTENSION = "practice.payments"


class GatewayError(Exception):
    """The service did not do what was asked. The text never carries client data."""


class GatewayUnavailable(GatewayError):
    """No answer, or none to rely on: what was asked may or may not have happened."""


class KeyRefused(GatewayUnavailable):
    """The service does not take our key, or the key may not ask for this."""


class GatewayRefused(GatewayError):
    """The service says no, and nothing happened."""


class ExpiryRefused(GatewayRefused):
    """The session was not made, because `expires_at` is too near by now."""


class IdempotencyMismatch(GatewayError):
    """The key was used before with other parameters: something may exist that we don't know."""


class NotOpen(GatewayError):
    """The session is complete or expired already; retrieve it to see which."""


class NotAuthorised(GatewayError):
    """The payment is captured, voided or lapsed already; retrieve its session to see which."""


class UnknownSession(GatewayError):
    """The service knows no session of this id."""


class UnknownCustomer(GatewayError):
    """The service keeps no card under this id, or no longer."""


class UnknownDispute(GatewayError):
    """The service knows no dispute of this id."""


class UntrustedEvent(GatewayError):
    """The event is unsigned, forged, stale, unreadable or of the other mode (live or test)."""


class PaymentGateway(Protocol):
    """Hosted checkout and refunds.

    Every method that goes over the network raises GatewayUnavailable when there is no answer to rely on, and
    GatewayRefused when the service says no; what else each raises stands beside it.
    """

    @property
    def checkout_origin(self) -> str:
        """Scheme, host and port of the checkout pages, for the form-action of our content policy."""

    @property
    def livemode(self) -> bool:
        """Whether real money moves."""

    def create_checkout(self, parameters: CheckoutParameters, key: str) -> CheckoutSession:
        """Make a session. The same key and parameters again give the same session, never a second one.

        :raises ExpiryRefused: when expires_at is too near; no session was made under this key.
        :raises IdempotencyMismatch: when the key was used with other parameters.
        """

    def retrieve(self, session_id: str) -> CheckoutSession:
        """The session as it is now.

        :raises UnknownSession: when there is none.
        """

    def expire(self, session_id: str) -> CheckoutSession:
        """Close a session, so that it can't be paid any more.

        :raises NotOpen: when it is complete or expired already.
        :raises UnknownSession: when there is none.
        """

    def capture(self, payment: str, key: str) -> None:
        """Take what a payment only authorised. The same key again takes it once.

        :raises NotAuthorised: when nothing is authorised any more, or it was taken before.
        """

    def void(self, payment: str, key: str) -> None:
        """Give up what a payment only authorised, so that it can never be taken.

        :raises NotAuthorised: when nothing is authorised any more, or it was taken.
        """

    def charge(self, order: ChargeOrder, key: str) -> ChargeSnapshot:
        """Charge a kept card without its holder. The same key again charges it once; a refusal by the bank is no error.

        :raises GatewayRefused: when the card isn't kept any more.
        """

    def find_charge(self, customer: str, attempt: str) -> ChargeSnapshot | None:
        """The charge of a kept card that carries our attempt's reference, or None."""

    def forget_card(self, customer: str) -> None:
        """Keep a card, and whatever else the service knows of whose it is, no longer. Again changes nothing."""

    def refund(self, order: RefundOrder, key: str) -> RefundSnapshot:
        """Give money back. The same key again gives the same refund, for as long as the service remembers keys."""

    def find_refund(self, payment: str, reference: str) -> RefundSnapshot | None:
        """The refund of this payment that carries our reference, or None."""

    def find_dispute(self, dispute_id: str) -> DisputeSnapshot | None:
        """The dispute as it is now, or None when the service knows none of this id."""

    def list_sessions(self, since: datetime) -> list[CheckoutSession]:
        """Every session made at or after `since`, newest first."""

    def list_events(self, since: datetime) -> list[Event]:
        """Every event at or after `since` that was not delivered to us, newest first."""

    def list_movements(self, since: datetime) -> list[MovementSnapshot]:
        """Every change of our balance at or after `since`, newest first."""

    def list_payouts(self, since: datetime) -> list[PayoutSnapshot]:
        """Every payout made at or after `since`, newest first."""

    def list_payout_lines(self, payout_id: str) -> list[MovementSnapshot]:
        """The movements that an itemised payout holds, however old, newest first; perhaps the payout itself too."""

    def list_webhook_endpoints(self) -> list[WebhookEndpoint]:
        """Where the service tells of events: ours, and whatever else the account has."""

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """The event in a request to our webhook, once its signature is proven. No network.

        :raises UntrustedEvent: when it proves nothing.
        """


def payments() -> PaymentGateway:
    """The payment gateway of the current app."""
    return cast(PaymentGateway, current_app.extensions[EXTENSION])
