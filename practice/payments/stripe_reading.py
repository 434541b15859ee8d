"""What Stripe's objects say, in our own words: plain mappings in, snapshots out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from practice.payments.snapshots import (
    ChargeOrder,
    ChargeSnapshot,
    ChargeStatus,
    CheckoutSession,
    DisputeSnapshot,
    DisputeStatus,
    Event,
    KeptCard,
    MovementKind,
    MovementSnapshot,
    PayoutSnapshot,
    PayoutStatus,
    RefundSnapshot,
    RefundStatus,
    SessionStatus,
    WebhookEndpoint,
)

DISPUTES = {
    "needs_response": DisputeStatus.OPEN,
    "warning_needs_response": DisputeStatus.OPEN,
    "appeal_needs_response": DisputeStatus.OPEN,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "warning_closed": DisputeStatus.CLOSED,
    "prevented": DisputeStatus.CLOSED,
}  # and whatever else there is, or will be: somebody else is looking at it
MOVEMENTS = {
    "charge": MovementKind.CHARGE,
    "payment": MovementKind.CHARGE,
    "refund": MovementKind.REFUND,
    "payment_refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND,
    "payment_failure_refund": MovementKind.REFUND,
    "payment_reversal": MovementKind.REFUND,
    "stripe_fee": MovementKind.FEE,
    "stripe_fx_fee": MovementKind.FEE,
    "tax_fee": MovementKind.FEE,
    "payout": MovementKind.PAYOUT,
    "payout_cancel": MovementKind.RETURNED_PAYOUT,
    "payout_failure": MovementKind.RETURNED_PAYOUT,
}  # of an adjustment its source says what it is
CHARGES = {"succeeded": ChargeStatus.PAID, "processing": ChargeStatus.UNDER_WAY, "requires_action": ChargeStatus.ASKS}
ASKING = "authentication_required"
SOURCES_OF_PAYMENTS = ("charge", "refund", "dispute")


def session_of(fields: Mapping[str, Any]) -> CheckoutSession:
    """A checkout session. What is authorised shows only where its charge was asked for with it."""
    metadata = fields.get("metadata") or {}
    intent = _expanded(fields.get("payment_intent"))
    card = (_expanded(intent.get("latest_charge")).get("payment_method_details") or {}).get("card") or {}
    capture_before = card.get("capture_before")
    return CheckoutSession(
        id=fields["id"],
        url=fields.get("url"),
        status=SessionStatus(fields["status"]),
        paid=fields["payment_status"] != "unpaid" or intent.get("status") == "succeeded",
        amount_minor=fields.get("amount_total") or 0,
        currency=(fields.get("currency") or "").upper(),
        livemode=fields["livemode"],
        reference=fields.get("client_reference_id"),
        attempt=metadata.get("attempt"),
        payment=_id_of(fields.get("payment_intent")),
        created_at=instant_of(fields["created"]),
        expires_at=instant_of(fields["expires_at"]),
        authorised=intent.get("status") == "requires_capture",
        voided=intent.get("status") == "canceled",
        capture_before=instant_of(capture_before) if capture_before else None,
        kept=_kept_card(fields, intent),
    )


def charge_of(fields: Mapping[str, Any]) -> ChargeSnapshot:
    """A payment from a kept card."""
    metadata = fields.get("metadata") or {}
    return ChargeSnapshot(
        status=CHARGES.get(fields["status"]) or _refusal((fields.get("last_payment_error") or {}).get("code")),
        payment=fields["id"],
        amount_minor=fields["amount"],
        currency=fields["currency"].upper(),
        livemode=fields["livemode"],
        reference=metadata.get("booking"),
        attempt=metadata.get("attempt"),
    )


def refused_charge(order: ChargeOrder, code: str | None) -> ChargeSnapshot:
    """A charge that the bank refused at once: nothing of it is to be had."""
    amount = order.amount
    return ChargeSnapshot(
        _refusal(code), None, amount.minor_units, amount.currency, False, order.reference, order.attempt
    )


def refund_of(fields: Mapping[str, Any]) -> RefundSnapshot:
    """A refund."""
    return RefundSnapshot(
        id=fields["id"],
        status=RefundStatus(fields["status"]),
        amount_minor=fields["amount"],
        currency=fields["currency"].upper(),
        payment=_id_of(fields.get("payment_intent")),
        reference=(fields.get("metadata") or {}).get("refund_id"),
    )


def dispute_of(fields: Mapping[str, Any]) -> DisputeSnapshot:
    """A dispute."""
    due_by = (fields.get("evidence_details") or {}).get("due_by")
    return DisputeSnapshot(
        id=fields["id"],
        status=DISPUTES.get(fields["status"], DisputeStatus.UNDER_REVIEW),
        amount_minor=fields["amount"],
        currency=fields["currency"].upper(),
        payment=_id_of(fields.get("payment_intent")),
        due_by=instant_of(due_by) if due_by else None,
        created_at=instant_of(fields["created"]),
    )


def event_of(fields: Mapping[str, Any]) -> Event:
    """An event: what it speaks of, and nothing of what it says."""
    thing = fields["data"]["object"]
    metadata = thing.get("metadata") or {}
    is_session = thing.get("object") == "checkout.session"
    return Event(
        id=fields["id"],
        kind=fields["type"],
        created_at=instant_of(fields["created"]),
        livemode=fields["livemode"],
        session_id=thing["id"] if is_session else None,
        attempt=metadata.get("attempt") if is_session else None,
        refund=metadata.get("refund_id") if thing.get("object") == "refund" else None,
        dispute=thing["id"] if thing.get("object") == "dispute" else None,
    )


def movement_of(fields: Mapping[str, Any], payout: str | None = None) -> MovementSnapshot:
    """A balance transaction with its source in it; `payout` is whose line it is."""
    source = fields.get("source")
    source = source if isinstance(source, Mapping) else {}
    what = source.get("object")
    kind = MOVEMENTS.get(fields["type"], MovementKind.DISPUTE if what == "dispute" else MovementKind.OTHER)
    return MovementSnapshot(
        id=fields["id"],
        kind=kind,
        payment=_id_of(source.get("payment_intent")) if what in SOURCES_OF_PAYMENTS else None,
        refund=(source.get("metadata") or {}).get("refund_id") if what == "refund" else None,
        gross_minor=fields["amount"],
        fee_minor=fields["fee"],
        net_minor=fields["net"],
        currency=fields["currency"].upper(),
        created_at=instant_of(fields["created"]),
        available_at=instant_of(fields["available_on"]),
        payout=_id_of(fields.get("source")) if kind is MovementKind.PAYOUT else payout,
    )


def payout_of(fields: Mapping[str, Any]) -> PayoutSnapshot:
    """A payout."""
    return PayoutSnapshot(
        id=fields["id"],
        status=PayoutStatus(fields["status"]),
        amount_minor=fields["amount"],
        currency=fields["currency"].upper(),
        automatic=fields["automatic"],
        itemised=fields["reconciliation_status"] == "completed",
        arrives_on=instant_of(fields["arrival_date"]).date(),  # midnight UTC of a date, in whatever zone the bank is
        created_at=instant_of(fields["created"]),
    )


def endpoint_of(fields: Mapping[str, Any]) -> WebhookEndpoint:
    """Where the service sends its events."""
    return WebhookEndpoint(
        address=fields["url"],
        enabled=fields["status"] == "enabled",
        events=tuple(fields["enabled_events"]),
        api_version=fields.get("api_version"),
    )


def _refusal(code: str | None) -> ChargeStatus:
    return ChargeStatus.ASKS if code == ASKING else ChargeStatus.DECLINED


def _kept_card(fields: Mapping[str, Any], intent: Mapping[str, Any]) -> KeptCard | None:
    """The card that was kept at checkout; none where that wasn't asked for, or nobody has used it yet."""
    customer, card = _id_of(fields.get("customer")), _id_of(intent.get("payment_method"))
    return KeptCard(customer, card) if intent.get("setup_future_usage") and customer and card else None


def _expanded(related: Any) -> Mapping[str, Any]:
    """A related object, where it was asked for whole."""
    return related if isinstance(related, Mapping) else {}


def _id_of(expandable: Any) -> str | None:
    """Stripe names a related object by its id, or puts the whole object there."""
    if isinstance(expandable, Mapping):
        return str(expandable["id"])
    return expandable if expandable is None else str(expandable)


def instant_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
