"""Refunds: never more than was paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from practice.sandbox.balance import Balance
from practice.sandbox.errors import Refusal, missing
from practice.sandbox.store import Body, Store, new_id
from practice.sandbox.webhooks import Webhooks

SHAPE = {"payment_intent": str, "charge": str, "amount": int, "reason": str, "metadata": "metadata"}
REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


class Refunds:
    """Gives the sandbox's money back."""

    def __init__(self, store: Store, webhooks: Webhooks, now: Callable[[], datetime]) -> None:
        self._store = store
        self._webhooks = webhooks
        self._now = now
        self._balance = Balance(store, now)

    def create(self, values: dict[str, Any]) -> Body:
        """Give back an amount, or what is left.

        :raises Refusal: when nothing was paid, or less is left than is asked for.
        """
        if values.get("reason", "duplicate") not in REASONS:
            raise Refusal(400, f"Invalid reason: must be one of {', '.join(sorted(REASONS))}", param="reason")
        with self._store.change():
            charge = self._charge_of(values)
            if not charge["captured"]:
                raise Refusal(400, f"Charge {charge['id']} has not been captured.", code="charge_not_refundable")
            if charge["disputed"]:
                message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
                raise Refusal(400, message, code="charge_disputed")
            left = charge["amount"] - charge["amount_refunded"]
            amount = values.get("amount", left)
            if left == 0:
                message = f"Charge {charge['id']} has already been refunded."
                raise Refusal(400, message, code="charge_already_refunded")
            if not 0 < amount <= left:
                message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
                raise Refusal(400, message, param="amount")
            refund = self._refund(charge, amount, values)
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
            refund["balance_transaction"] = self._balance.add("refund", refund, -amount)
            self._store.put(charge)
            self._store.put(refund)
            self._webhooks.emit("refund.created", refund)
            self._webhooks.emit("charge.refunded", charge)
            return refund

    def of_payment(self, payment: str | None) -> list[Body]:
        """The refunds of a payment intent (or all), newest first."""
        everything = self._store.newest_first("refund")
        return [refund for refund in everything if payment in (None, refund["payment_intent"])]

    def _charge_of(self, values: dict[str, Any]) -> Body:
        payment = values.get("payment_intent")
        if not payment and not values.get("charge"):
            raise Refusal(400, "One of payment_intent or charge is required.", code="parameter_missing")
        intent = self._store.find("payment_intent", payment) if payment else None
        if payment and intent is None:
            raise missing("payment_intent", payment)
        wanted = intent["latest_charge"] if intent else values["charge"]
        if wanted is None:
            raise Refusal(400, f"This PaymentIntent ({payment}) does not have a successful charge to refund.")
        charge = self._store.find("charge", wanted)
        if charge is None:
            raise missing("charge", wanted)
        return charge

    def _refund(self, charge: Body, amount: int, values: dict[str, Any]) -> Body:
        return {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": int(self._now().timestamp()),
            "currency": charge["currency"],
            "metadata": values.get("metadata", {}),
            "payment_intent": charge["payment_intent"],
            "reason": values.get("reason"),
            "status": "succeeded",
        }
