"""Disputes: a card holder takes a payment back, and the bank decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from practice.sandbox.balance import DISPUTE_FEE, Balance
from practice.sandbox.errors import missing
from practice.sandbox.store import Body, Store, new_id
from practice.sandbox.webhooks import Webhooks

ANSWER_WITHIN = 7 * 24 * 3600  # seconds
DECISIONS = ("won", "lost")


class Disputes:
    """Takes the sandbox's money back, as banks do."""

    def __init__(self, store: Store, webhooks: Webhooks, now: Callable[[], datetime]) -> None:
        self._store = store
        self._webhooks = webhooks
        self._now = now
        self._balance = Balance(store, now)

    def open(self, payment: str) -> Body:
        """The card holder doesn't want a payment that went through.

        :raises Refusal: when there is no such payment.
        """
        with self._store.change():
            intent = self._store.find("payment_intent", payment)
            charge = self._store.find("charge", intent["latest_charge"]) if intent and intent["latest_charge"] else None
            if charge is None:
                raise missing("payment_intent", payment)
            now = int(self._now().timestamp())
            dispute: Body = {
                "id": new_id("du"),
                "object": "dispute",
                "amount": charge["amount"],
                "charge": charge["id"],
                "created": now,
                "currency": charge["currency"],
                "evidence_details": {"due_by": now + ANSWER_WITHIN, "has_evidence": False, "submission_count": 0},
                "is_charge_refundable": False,
                "livemode": False,
                "metadata": {},
                "payment_intent": payment,
                "reason": "fraudulent",
                "status": "needs_response",
            }
            self._balance.add("adjustment", dispute, -charge["amount"], DISPUTE_FEE)
            charge["disputed"] = True
            self._store.put(charge)
            self._store.put(dispute)
            self._webhooks.emit("charge.dispute.created", dispute)
            return dispute

    def decide(self, identity: str, decision: str) -> Body:
        """The bank decides: one of DECISIONS.

        :raises Refusal: when there is no such dispute.
        """
        with self._store.change():
            dispute = self._store.find("dispute", identity)
            if dispute is None or decision not in DECISIONS:
                raise missing("dispute", identity)
            if decision == "won" and dispute["status"] not in DECISIONS:
                self._balance.add("adjustment", dispute, dispute["amount"])
            dispute["status"] = decision
            self._store.put(dispute)
            self._webhooks.emit("charge.dispute.closed", dispute)
            return dispute
