"""What the API lists of the balance, of payouts and of webhook endpoints."""

from __future__ import annotations

from typing import Any

from practice.sandbox.balance import Balance
from practice.sandbox.errors import Refusal
from practice.sandbox.store import Body, Store

API_VERSION = "2026-10-28.endive"
MOVEMENTS = {"payout": str, "expand": [str]}
SOURCES = ("charge", "refund", "dispute", "payout")
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
    "payment_intent.payment_failed",
)


def movements(store: Store, balance: Balance, asked: dict[str, Any]) -> list[Body]:
    """Balance transactions, newest first, with their sources in them where that is asked for."""
    if unknown := set(asked.get("expand", ())) - {"data.source"}:
        raise Refusal(400, f"This property cannot be expanded ({sorted(unknown)[0]}).", param="expand")
    found = store.newest_first("balance_transaction")
    if "payout" in asked:
        held = balance.held_by(asked["payout"])
        found = [one for one in found if one["id"] in held]
    if "expand" in asked:
        for one in found:
            one["source"] = next((it for kind in SOURCES if (it := store.find(kind, one["source"]))), one["source"])
    return found


def endpoint(address: str) -> Body:
    """The one endpoint that the sandbox tells of events."""
    return {
        "id": "we_sandbox",
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "created": 1,
        "description": None,
        "enabled_events": list(EVENTS),
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": address,
    }
