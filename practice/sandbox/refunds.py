"""Refunds: never more than was paid. Some banks take their time, and some send the money back."""

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
WAITS, COMES_BACK = "waits", "comes_back"
"""What a bank does with refunds, where it isn't taking them at once: keep them pending, or send them back soon."""
RETURNS = 15  # seconds after which a refund comes back that shall
ENDS = {"succeeded": "refund.updated", "failed": "refund.failed"}
"""How a pending refund can end, and what tells of it."""


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
            self._let_the_bank_act(refund)
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
            refund["balance_transaction"] = self._balance.add("refund", refund, -amount)
            self._store.put(charge)
            self._store.put(refund)
            self._webhooks.emit("refund.created", refund)
            self._webhooks.emit("charge.refunded", charge)
            return refund

    def expect(self, payment: str, fate: str) -> None:
        """Have the bank of a payment do so with its refunds: WAITS or COMES_BACK."""
        self._store.execute("INSERT OR REPLACE INTO refund_fate VALUES (?, ?)", payment, fate)

    def pending(self) -> list[Body]:
        """The refunds that a bank has not taken yet, newest first."""
        return [refund for refund in self._store.newest_first("refund") if refund["status"] == "pending"]

    def end(self, identity: str, status: str) -> Body:
        """The bank takes a refund, or sends it back: one of ENDS. What has failed stays so.

        :raises Refusal: when there is no such refund, or no such end.
        """
        with self._store.change():
            refund = self._store.find("refund", identity)
            if refund is None or status not in ENDS:
                raise missing("refund", identity)
            if refund["status"] in (status, "failed"):
                return refund
            refund["status"] = status
            if status == "failed":
                self._come_back(refund)
            self._store.put(refund)
            self._webhooks.emit(ENDS[status], refund)
            return refund

    def settle_due(self) -> None:
        """Let time do its work: what shall come back does."""
        for row in self._store.rows("SELECT refund FROM refund_return WHERE due <= ?", self._now().timestamp()):
            with self._store.change():
                self._store.execute("DELETE FROM refund_return WHERE refund = ?", row["refund"])
                self.end(row["refund"], "failed")

    def _let_the_bank_act(self, refund: Body) -> None:
        row = self._store.row("SELECT fate FROM refund_fate WHERE intent = ?", refund["payment_intent"])
        fate = row["fate"] if row else None
        if fate == WAITS:
            refund["status"] = "pending"
        elif fate == COMES_BACK:
            due = self._now().timestamp() + RETURNS
            self._store.execute("INSERT INTO refund_return (refund, due) VALUES (?, ?)", refund["id"], due)

    def _come_back(self, refund: Body) -> None:
        refund["failure_reason"] = "unknown"
        refund["failure_balance_transaction"] = self._balance.add("refund_failure", refund, refund["amount"])
        charge = self._store.find("charge", refund["charge"])
        if charge is not None:
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
            self._store.put(charge)

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
