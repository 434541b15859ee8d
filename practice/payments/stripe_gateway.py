"""Stripe behind our protocol: the only file of the product that imports stripe.

Privacy: what Stripe gets, stripe_asking.py says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import stripe

from practice.languages import DEFAULT
from practice.payments.gateway import (
    ExpiryRefused,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    IdempotencyMismatch,
    KeyRefused,
    NotAuthorised,
    NotOpen,
    UnknownCustomer,
    UnknownDispute,
    UnknownSession,
    UntrustedEvent,
)
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
from practice.payments.stripe_asking import charge_params, refund_params, seconds, session_params
from practice.payments.stripe_reading import (
    charge_of,
    dispute_of,
    endpoint_of,
    event_of,
    movement_of,
    payout_of,
    refund_of,
    refused_charge,
    session_of,
)
from practice.speaking import translations

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, RefundCreateParams
    from stripe.params.checkout import SessionCreateParams

STRIPE_CHECKOUT = "https://checkout.stripe.com"
TIMEOUT = (3, 10)  # seconds to connect and to read; the SDK's own default is 80
RETRIES = 2  # of connection errors, 409 and 5xx; every write carries a key
PAGE = 100
CHARGE = "payment_intent.latest_charge"  # tells what is authorised, and until when it can be taken
OVER = ("payment_intent_unexpected_state", "charge_expired_for_capture", "charge_already_captured")
WRITTEN_FOR = "2026-10-28.endive"  # the version of Stripe's API that this was written for and tried with

stripe.enable_telemetry = False  # Stripe needs no measurements of our requests


class StripeGateway:
    """Hosted Stripe Checkout, cards only. `api_base` points it at another Stripe-compatible server."""

    def __init__(
        self, api_key: str, webhook_secret: str, api_base: str | None = None, *, retries: int = RETRIES
    ) -> None:
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=retries,
        )
        self._webhook_secret = webhook_secret
        self._checkout_origin = checkout_origin_of(api_base)
        self._livemode = api_key.startswith(("sk_live_", "rk_live_"))

    @property
    def checkout_origin(self) -> str:
        return self._checkout_origin

    @property
    def livemode(self) -> bool:
        return self._livemode

    def create_checkout(self, parameters: CheckoutParameters, key: str) -> CheckoutSession:
        params = cast("SessionCreateParams", session_params(parameters, _in(parameters.language)))
        with _our_errors():
            try:
                made = self._client.v1.checkout.sessions.create(params=params, options={"idempotency_key": key})
            except stripe.InvalidRequestError as refusal:
                if refusal.param == "expires_at":
                    raise ExpiryRefused("expires_at") from None
                raise
        return session_of(made.to_dict())

    def retrieve(self, session_id: str) -> CheckoutSession:
        with _our_errors(missing=UnknownSession):
            found = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": [CHARGE]})
            return session_of(found.to_dict())

    def expire(self, session_id: str) -> CheckoutSession:
        with _our_errors(missing=UnknownSession):
            try:
                return session_of(self._client.v1.checkout.sessions.expire(session_id).to_dict())
            except stripe.InvalidRequestError as refusal:
                if refusal.http_status == 400:
                    raise NotOpen(session_id) from None
                raise

    def capture(self, payment: str, key: str) -> None:
        with _our_errors(), _unless_over(payment):
            self._client.v1.payment_intents.capture(payment, options={"idempotency_key": key})

    def void(self, payment: str, key: str) -> None:
        with _our_errors(), _unless_over(payment):
            self._client.v1.payment_intents.cancel(payment, options={"idempotency_key": key})

    def charge(self, order: ChargeOrder, key: str) -> ChargeSnapshot:
        params = cast("PaymentIntentCreateParams", charge_params(order, _in(order.language)))
        with _our_errors():
            try:
                made = self._client.v1.payment_intents.create(params=params, options={"idempotency_key": key})
            except stripe.CardError as refusal:  # what was tried stands in it, and never moves any money
                return refused_charge(order, refusal.code)
        return charge_of(made.to_dict())

    def find_charge(self, customer: str, attempt: str) -> ChargeSnapshot | None:
        try:
            with _our_errors(missing=UnknownCustomer):
                listed = self._client.v1.payment_intents.list({"customer": customer, "limit": PAGE})
                charges = (charge_of(found.to_dict()) for found in listed.auto_paging_iter())
                return next((charge for charge in charges if charge.attempt == attempt), None)
        except UnknownCustomer:
            return None

    def forget_card(self, customer: str) -> None:
        with suppress(UnknownCustomer), _our_errors(missing=UnknownCustomer):
            self._client.v1.customers.delete(customer)

    def refund(self, order: RefundOrder, key: str) -> RefundSnapshot:
        params = cast("RefundCreateParams", refund_params(order))
        with _our_errors():
            made = self._client.v1.refunds.create(params=params, options={"idempotency_key": key})
        return refund_of(made.to_dict())

    def find_refund(self, payment: str, reference: str) -> RefundSnapshot | None:
        with _our_errors():
            listed = self._client.v1.refunds.list({"payment_intent": payment, "limit": PAGE})
            for found in listed.auto_paging_iter():
                refund = refund_of(found.to_dict())
                if refund.reference == reference:
                    return refund
        return None

    def find_dispute(self, dispute_id: str) -> DisputeSnapshot | None:
        try:
            with _our_errors(missing=UnknownDispute):
                found = self._client.v1.disputes.retrieve(dispute_id).to_dict()
        except UnknownDispute:
            return None
        return dispute_of(found)

    def list_sessions(self, since: datetime) -> list[CheckoutSession]:
        with _our_errors():
            listed = self._client.v1.checkout.sessions.list({"created": {"gte": seconds(since)}, "limit": PAGE})
            return [session_of(found.to_dict()) for found in listed.auto_paging_iter()]

    def list_events(self, since: datetime) -> list[Event]:
        with _our_errors():
            listed = self._client.v1.events.list(
                {"created": {"gte": seconds(since)}, "delivery_success": False, "limit": PAGE}
            )
            return [event_of(found.to_dict()) for found in listed.auto_paging_iter()]

    def list_movements(self, since: datetime) -> list[MovementSnapshot]:
        with _our_errors():
            listed = self._client.v1.balance_transactions.list(
                {"created": {"gte": seconds(since)}, "expand": ["data.source"], "limit": PAGE}
            )
            return [movement_of(found.to_dict()) for found in listed.auto_paging_iter()]

    def list_payouts(self, since: datetime) -> list[PayoutSnapshot]:
        with _our_errors():
            listed = self._client.v1.payouts.list({"created": {"gte": seconds(since)}, "limit": PAGE})
            return [payout_of(found.to_dict()) for found in listed.auto_paging_iter()]

    def list_payout_lines(self, payout_id: str) -> list[MovementSnapshot]:
        with _our_errors():
            listed = self._client.v1.balance_transactions.list(
                {"payout": payout_id, "expand": ["data.source"], "limit": PAGE}
            )
            return [movement_of(found.to_dict(), payout_id) for found in listed.auto_paging_iter()]

    def list_webhook_endpoints(self) -> list[WebhookEndpoint]:
        with _our_errors():
            listed = self._client.v1.webhook_endpoints.list({"limit": PAGE})
            return [endpoint_of(found.to_dict()) for found in listed.auto_paging_iter()]

    def read_event(self, body: bytes, headers: Mapping[str, str]) -> Event:
        try:
            signed = stripe.Webhook.construct_event(body, headers.get("Stripe-Signature"), self._webhook_secret)
            event = event_of(signed.to_dict())
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError, AttributeError):
            raise UntrustedEvent from None  # the vendor's message quotes the body
        if event.livemode != self._livemode:
            raise UntrustedEvent("mode")
        return event


def _in(language: str | None) -> Callable[[str], str]:
    """How a sentence is said in a language, whoever asks: a page, or a worker that nobody waits for."""
    return translations(language or DEFAULT).gettext


def spoken_version() -> str:
    """The version of the API that the installed library speaks."""
    return str(stripe.api_version)


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
        raise KeyRefused("key") from None  # says nothing of what was asked before: keep it, and ask again
    except stripe.StripeError as error:
        raise GatewayUnavailable(type(error).__name__) from None


@contextmanager
def _unless_over(payment: str) -> Iterator[None]:
    """Say so where a payment is captured, voided or lapsed already.

    :raises NotAuthorised: then.
    """
    try:
        yield
    except stripe.InvalidRequestError as refusal:
        if refusal.code in OVER:
            raise NotAuthorised(payment) from None
        raise


def checkout_origin_of(api_base: str | None) -> str:
    """Scheme, host and port of the checkout pages of whoever answers at this address; None: of Stripe itself."""
    if not api_base:
        return STRIPE_CHECKOUT
    parts = urlsplit(api_base)
    return f"{parts.scheme}://{parts.netloc}"
