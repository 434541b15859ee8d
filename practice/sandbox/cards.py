"""Cards that a customer lets us keep, and what their banks say when they are charged without their holder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from practice.sandbox.authorisations import charge_of
from practice.sandbox.balance import Balance, fee_of
from practice.sandbox.errors import Declined, Refusal, missing
from practice.sandbox.store import Body, Store, new_id

LEAST, MOST = 50, 99_999_999  # minor units of a charge
PAYS, ASKS, DECLINES = "pays", "authentication_required", "card_declined"
"""What a bank says of a later charge: yes, that it wants to ask its card holder, or no."""

SHAPE = {
    "amount": int,
    "currency": str,
    "customer": str,
    "payment_method": str,
    "allowed_payment_method_types": [str],
    "confirm": bool,
    "off_session": bool,
    "description": str,
    "metadata": "metadata",
}


class Cards:
    """Customers with one card each, made at checkout, charged later, and forgotten."""

    def __init__(self, store: Store, balance: Balance, now: Callable[[], datetime]) -> None:
        self._store = store
        self._balance = balance
        self._now = now

    def keep(self, session: Body, intent: Body, later: str) -> None:
        """Keep the card that paid, where its checkout was asked to; `later` is what its bank will say."""
        if not intent.get("setup_future_usage"):
            return
        created = int(self._now().timestamp())
        customer = {"id": new_id("cus"), "object": "customer", "created": created, "livemode": False, "metadata": {}}
        card = {
            "id": new_id("pm"),
            "object": "payment_method",
            "created": created,
            "customer": customer["id"],
            "livemode": False,
            "type": "card",
        }
        for body in (customer, card):
            self._store.put(body)
        self._store.execute("INSERT INTO kept_card (card, later) VALUES (?, ?)", card["id"], later)
        session["customer"] = intent["customer"] = customer["id"]
        intent["payment_method"] = card["id"]

    def charge(self, values: dict[str, Any]) -> Body:
        """Charge a kept card without its holder.

        :raises Declined: when its bank doesn't say yes; what was tried stays.
        :raises Refusal: as Stripe does, for whatever it would not take.
        """
        self._check(values)
        intent: Body = {
            "id": new_id("pi"),
            "object": "payment_intent",
            "amount": values["amount"],
            "amount_received": 0,
            "capture_method": "automatic_async",
            "created": int(self._now().timestamp()),
            "currency": values["currency"],
            "customer": values["customer"],
            "description": values.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": values.get("metadata", {}),
            "payment_method": values["payment_method"],
            "payment_method_types": ["card"],
            "status": "requires_payment_method",
        }
        later = self._store.row("SELECT later FROM kept_card WHERE card = ?", values["payment_method"])
        code = later["later"] if later is not None else PAYS
        if code != PAYS:
            intent |= {"last_payment_error": {"type": "card_error", "code": code}, "payment_method": None}
            self._store.put(intent)
            raise Declined(code, intent)
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        charge = charge_of(intent, intent["created"])
        charge["balance_transaction"] = self._balance.add("charge", charge, charge["amount"], fee_of(charge["amount"]))
        intent["latest_charge"] = charge["id"]
        for body in (charge, intent):
            self._store.put(body)
        return intent

    def charges_of(self, customer: str | None) -> list[Body]:
        """Every payment, or those of one customer, the newest first.

        :raises Refusal: when there is no such customer.
        """
        if customer is None:
            return self._store.newest_first("payment_intent")
        if self._store.find("customer", customer) is None:
            raise missing("customer", customer)
        return [one for one in self._store.newest_first("payment_intent") if one.get("customer") == customer]

    def forget(self, customer: str) -> Body:
        """Delete a customer with their card.

        :raises Refusal: when there is none.
        """
        with self._store.change():
            if self._store.find("customer", customer) is None:
                raise missing("customer", customer)
            mine = [one["id"] for one in self._store.newest_first("payment_method") if one["customer"] == customer]
            for identity in (customer, *mine):
                self._store.execute("DELETE FROM object WHERE id = ?", identity)
        return {"id": customer, "object": "customer", "deleted": True}

    def _check(self, values: dict[str, Any]) -> None:
        for name in ("amount", "currency", "customer", "payment_method"):
            if not values.get(name):
                raise Refusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
        if not (values.get("confirm") and values.get("off_session")):
            raise Refusal(400, "The sandbox charges kept cards at once and off session only.", param="off_session")
        if not LEAST <= values["amount"] <= MOST:
            raise Refusal(400, "The amount is too small or too large.", code="amount_too_small", param="amount")
        if self._store.find("customer", values["customer"]) is None:
            raise missing("customer", values["customer"])
        card = self._store.find("payment_method", values["payment_method"])
        if card is None or card["customer"] != values["customer"]:
            raise missing("PaymentMethod", values["payment_method"])
