"""Stripe behind our protocol: the only file of the product that imports stripe.

Privacy: Stripe gets opaque references, an amount and the word "Appointment".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import stripe

from practice.payments.gateway import (
    ExpiryRefused,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    IdempotencyMismatch,
    NotOpen,
    UnknownDispute,
    UnknownSession,
    UntrustedEvent,
)
from practice.payments.snapshots import (
    CheckoutParameters,
    CheckoutSession,
    DisputeSnapshot,
    DisputeStatus,
    Event,
    RefundOrder,
    RefundSnapshot,
    RefundStatus,
    SessionStatus,
)

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

STRIPE_CHECKOUT = "https://checkout.stripe.com"
TIMEOUT = (3, 10)  # seconds to connect and to read; the SDK's own default is 80
RETRIES = 2  # of connection errors, 409 and 5xx; every write carries a key
PAGE = 100
WORD = "Appointment"
DISPUTES = {
    "needs_response": DisputeStatus.OPEN,
    "warning_needs_response": DisputeStatus.OPEN,
    "appeal_needs_response": DisputeStatus.OPEN,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
}  # and whatever else there is, or will be: somebody else is looking at it

stripe.enable_telemetry = False  # Stripe needs no measurements of our requests


class StripeGateway:
    """Hosted Stripe Checkout, cards only. `api_base` points it at another Stripe-compatible server."""

    def __init__(self, api_key: str, webhook_secret: str, api_base: str | None = None) -> None:
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=RETRIES,
        )
        self._webhook_secret = webhook_secret
        self._checkout_origin = _origin(api_base) if api_base else STRIPE_CHECKOUT
        self._livemode = api_key.startswith(("sk_live_", "rk_live_"))

    @property
    def checkout_origin(self) -> str:
        return self._checkout_origin

    @property
    def livemode(self) -> bool:
        return self._livemode

    def create_checkout(self, parameters: CheckoutParameters, key: str) -> CheckoutSession:
        with _our_errors():
            try:
                made = self._client.v1.checkout.sessions.create(
                    params=_session_params(parameters), options={"idempotency_key": key}
                )
            except stripe.InvalidRequestError as refusal:
                if refusal.param == "expires_at":
                    raise ExpiryRefused("expires_at") from None
                raise
        return _session(made.to_dict())

    def retrieve(self, session_id: str) -> CheckoutSession:
        with _our_errors(missing=UnknownSession):
            return _session(self._client.v1.checkout.sessions.retrieve(session_id).to_dict())

    def expire(self, session_id: str) -> CheckoutSession:
        with _our_errors(missing=UnknownSession):
            try:
                return _session(self._client.v1.checkout.sessions.expire(session_id).to_dict())
            except stripe.InvalidRequestError as refusal:
                if refusal.http_status == 400:
                    raise NotOpen(session_id) from None
                raise

    def refund(self, order: RefundOrder, key: str) -> RefundSnapshot:
        params: RefundCreateParams = {
            "payment_intent": order.payment,
            "amount": order.amount.minor_units,
            "reason": "requested_by_customer",
            "metadata": {"refund_id": order.reference},
        }
        with _our_errors():
            made = self._client.v1.refunds.create(params=params, options={"idempotency_key": key})
        return _refund(made.to_dict())

    def find_refund(self, payment: str, reference: str) -> RefundSnapshot | None:
        with _our_errors():
            listed = self._client.v1.refunds.list({"payment_intent": payment, "limit": PAGE})
            for found in listed.auto_paging_iter():
                refund = _refund(found.to_dict())
                if refund.reference == reference:
                    return refund
        return None

    def find_dispute(self, dispute_id: str) -> DisputeSnapshot | None:
        try:
            with _our_errors(missing=UnknownDispute):
                found = self._client.v1.disputes.retrieve(dispute_id).to_dict()
        except UnknownDispute:
            return None
        return _dispute(found)

    def list_sessions(self, since: datetime) -> list[CheckoutSession]:
        with _our_errors():
            listed = self._client.v1.checkout.sessions.list({"created": {"gte": _seconds(since)}, "limit": PAGE})
            return [_session(found.to_dict()) for found in listed.auto_paging_iter()]

    def list_events(self, since: datetime) -> list[Event]:
        with _our_errors():
            listed = self._client.v1.events.list(
                {"created": {"gte": _seconds(since)}, "delivery_success": False, "limit": PAGE}
            )
            return [_event(found.to_dict()) for found in listed.auto_paging_iter()]

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        try:
            signed = stripe.Webhook.construct_event(body, headers.get("Stripe-Signature"), self._webhook_secret)
            event = _event(signed.to_dict())
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError):
            raise UntrustedEvent from None  # the vendor's message quotes the body
        if event.livemode != self._livemode:
            raise UntrustedEvent("mode")
        return event


@contextmanager
def _our_errors(missing: type[GatewayError] = GatewayRefused) -> Iterator[None]:
    """Turn Stripe's errors into ours; a 404 becomes `missing`. The vendor's text stays out: it may quote what we sent.

    :raises GatewayError: the kind that fits.
    """
    try:
        yield
    except stripe.IdempotencyError:
        raise IdempotencyMismatch from None
    except stripe.RateLimitError:
        raise GatewayUnavailable("rate limit") from None
    except (stripe.InvalidRequestError, stripe.CardError) as refusal:
        raise (missing if refusal.http_status == 404 else GatewayRefused)(refusal.code or "refused") from None
    except (stripe.AuthenticationError, stripe.PermissionError):
        raise GatewayUnavailable("key") from None  # says nothing of what was asked before: keep it, and ask again
    except stripe.StripeError as error:
        raise GatewayUnavailable(type(error).__name__) from None


def _session_params(parameters: CheckoutParameters) -> SessionCreateParams:
    references = {"booking": parameters.reference, "attempt": parameters.attempt}
    return {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},  # what is paid is what we asked for, in the same currency
        "client_reference_id": parameters.reference,
        "metadata": references,
        "payment_intent_data": {"description": WORD, "metadata": references},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": parameters.amount.currency.lower(),
                    "unit_amount": parameters.amount.minor_units,
                    "product_data": {"name": WORD},
                },
            }
        ],
        "expires_at": _seconds(parameters.expires_at),
        "success_url": parameters.success_url,
        "cancel_url": parameters.cancel_url,
    }


def _session(fields: Mapping[str, Any]) -> CheckoutSession:
    metadata = fields.get("metadata") or {}
    return CheckoutSession(
        id=fields["id"],
        url=fields.get("url"),
        status=SessionStatus(fields["status"]),
        paid=fields["payment_status"] != "unpaid",
        amount_minor=fields.get("amount_total") or 0,
        currency=(fields.get("currency") or "").upper(),
        livemode=fields["livemode"],
        reference=fields.get("client_reference_id"),
        attempt=metadata.get("attempt"),
        payment=_id_of(fields.get("payment_intent")),
        created_at=_instant(fields["created"]),
        expires_at=_instant(fields["expires_at"]),
    )


def _refund(fields: Mapping[str, Any]) -> RefundSnapshot:
    return RefundSnapshot(
        id=fields["id"],
        status=RefundStatus(fields["status"]),
        amount_minor=fields["amount"],
        currency=fields["currency"].upper(),
        payment=_id_of(fields.get("payment_intent")),
        reference=(fields.get("metadata") or {}).get("refund_id"),
    )


def _dispute(fields: Mapping[str, Any]) -> DisputeSnapshot:
    due_by = (fields.get("evidence_details") or {}).get("due_by")
    return DisputeSnapshot(
        id=fields["id"],
        status=DISPUTES.get(fields["status"], DisputeStatus.UNDER_REVIEW),
        amount_minor=fields["amount"],
        currency=fields["currency"].upper(),
        payment=_id_of(fields.get("payment_intent")),
        due_by=_instant(due_by) if due_by else None,
        created_at=_instant(fields["created"]),
    )


def _event(fields: Mapping[str, Any]) -> Event:
    thing = fields["data"]["object"]
    metadata = thing.get("metadata") or {}
    is_session = thing.get("object") == "checkout.session"
    return Event(
        id=fields["id"],
        kind=fields["type"],
        created_at=_instant(fields["created"]),
        livemode=fields["livemode"],
        session_id=thing["id"] if is_session else None,
        attempt=metadata.get("attempt") if is_session else None,
        refund=metadata.get("refund_id") if thing.get("object") == "refund" else None,
        dispute=thing["id"] if thing.get("object") == "dispute" else None,
    )


def _id_of(expandable: Any) -> str | None:
    """Stripe names a related object by its id, or puts the whole object there."""
    if isinstance(expandable, Mapping):
        return str(expandable["id"])
    return expandable if expandable is None else str(expandable)


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
