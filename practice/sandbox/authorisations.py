"""Cards that are authorised and not charged: captured, voided, or let go by the bank, by Stripe's rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from practice.sandbox.balance import Balance, fee_of
from practice.sandbox.errors import Refusal, missing
from practice.sandbox.store import Body, Store, new_id

KEPT = 7 * 24 * 60 * 60  # seconds for which a bank keeps a sum for us


def is_manual(intent: Body) -> bool:
    """Whether a payment is only authorised at checkout."""
    return bool(intent["capture_method"] == "manual")


def charge_of(intent: Body, created: int) -> Body:
    """The charge of a payment that went through."""
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "captured": True,
        "created": created,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
        "refunded": False,
        "status": "succeeded",
    }


class Authorisations:
    """What banks keep for us. Time lets go of what nobody captures."""

    def __init__(self, store: Store, balance: Balance, now: Callable[[], datetime]) -> None:
        self._store = store
        self._balance = balance
        self._now = now

    def authorise(self, intent: Body) -> Body:
        """The charge of a payment whose sum is kept; the intent says so too."""
        now = int(self._now().timestamp())
        charge = charge_of(intent, now)
        charge |= {"captured": False, "amount_captured": 0}
        charge["payment_method_details"]["card"]["capture_before"] = now + KEPT
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        self._store.execute("INSERT INTO authorisation (intent, until) VALUES (?, ?)", intent["id"], now + KEPT)
        return charge

    def lapse_later(self, intent: str, after: float) -> None:
        """Let the bank change its mind in `after` seconds."""
        self._store.execute(
            "UPDATE authorisation SET until = ? WHERE intent = ?", self._now().timestamp() + after, intent
        )

    def capture(self, identity: str) -> Body:
        """Take the sum.

        :raises Refusal: when it isn't kept any more.
        """
        with self._store.change():
            intent = self._kept(identity, "captured", "requires_capture")
            charge = self._store.find("charge", intent["latest_charge"]) or {}
            intent |= {"status": "succeeded", "amount_received": intent["amount"], "amount_capturable": 0}
            charge |= {"captured": True, "amount_captured": intent["amount"]}
            charge["balance_transaction"] = self._balance.add(
                "charge", charge, intent["amount"], fee_of(intent["amount"])
            )
            return self._end(intent, charge)

    def cancel(self, identity: str) -> Body:
        """Give the sum up.

        :raises Refusal: when it isn't kept any more.
        """
        with self._store.change():
            intent = self._kept(identity, "canceled", "requires_payment_method, requires_capture")
            charge = self._store.find("charge", intent["latest_charge"]) or {}
            intent |= {"status": "canceled", "amount_capturable": 0, "canceled_at": int(self._now().timestamp())}
            charge |= {"refunded": True, "amount_refunded": intent["amount"]}
            return self._end(intent, charge)

    def settle_due(self) -> None:
        """Let time do its work: what nobody captured is let go."""
        now = self._now().timestamp()
        for row in self._store.rows("SELECT intent FROM authorisation WHERE until <= ?", now):
            self.cancel(row["intent"])

    def _kept(self, identity: str, wanted: str, allowed: str) -> Body:
        intent = self._store.find("payment_intent", identity)
        if intent is None:
            raise missing("payment_intent", identity)
        if intent["status"] != "requires_capture":
            message = (
                f"This PaymentIntent could not be {wanted} because it has a status of {intent['status']}. "
                f"Only a PaymentIntent with one of the following statuses may be {wanted}: {allowed}."
            )
            raise Refusal(400, message, code="payment_intent_unexpected_state")
        return intent

    def _end(self, intent: Body, charge: Body) -> Body:
        self._store.execute("DELETE FROM authorisation WHERE intent = ?", intent["id"])
        self._store.put(charge)
        self._store.put(intent)
        return intent
