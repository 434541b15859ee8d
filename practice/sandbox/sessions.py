"""Checkout sessions and what becomes of them: made, paid, declined, expired, by Stripe's rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from practice.sandbox.authorisations import Authorisations, charge_of, is_manual
from practice.sandbox.balance import Balance, fee_of
from practice.sandbox.cards import LEAST, MOST, PAYS, Cards
from practice.sandbox.errors import Refusal, missing
from practice.sandbox.store import Body, Store, new_id
from practice.sandbox.webhooks import Webhooks

SOONEST, LATEST = 30 * 60, 24 * 60 * 60  # seconds from now to expires_at
LAPSES = 15  # seconds after which a bank lets an authorisation go that shall lapse
LONGEST_URL, LONGEST_REFERENCE = 5000, 200

SHAPE = {
    "mode": str,
    "allowed_payment_method_types": [str],
    "adaptive_pricing": {"enabled": bool},
    "client_reference_id": str,
    "customer_creation": str,
    "metadata": "metadata",
    "payment_intent_data": {
        "capture_method": str,
        "description": str,
        "metadata": "metadata",
        "setup_future_usage": str,
    },
    "custom_text": {"submit": {"message": str}},
    "line_items": [
        {
            "quantity": int,
            "price_data": {"currency": str, "unit_amount": int, "product_data": {"name": str}},
        }
    ],
    "expires_at": int,
    "locale": str,
    "success_url": str,
    "cancel_url": str,
}


class Sessions:
    """Makes, pays and expires sessions. An expired session is never paid, and a paid one never expires."""

    def __init__(
        self,
        store: Store,
        webhooks: Webhooks,
        authorisations: Authorisations,
        now: Callable[[], datetime],
        address: str,
        *,
        cards: Cards,
    ) -> None:
        self._authorisations = authorisations
        self._cards = cards
        self._store = store
        self._webhooks = webhooks
        self._now = now
        self._address = address
        self._balance = Balance(store, now)

    def create(self, values: dict[str, Any]) -> Body:
        """A new open session.

        :raises Refusal: as Stripe does, for whatever it would not take.
        """
        now = int(self._now().timestamp())
        expires_at = values.get("expires_at", now + LATEST)
        amount, currency = _check(values)
        if not now + SOONEST <= expires_at <= now + LATEST:
            raise Refusal(
                400,
                "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from now.",
                param="expires_at",
            )
        identity = new_id("cs_test")
        session: Body = {
            "id": identity,
            "object": "checkout.session",
            "adaptive_pricing": values.get("adaptive_pricing"),
            "allowed_payment_method_types": values.get("allowed_payment_method_types"),
            "amount_subtotal": amount,
            "amount_total": amount,
            "cancel_url": values.get("cancel_url"),
            "client_reference_id": values.get("client_reference_id"),
            "created": now,
            "currency": currency,
            "custom_text": values.get("custom_text"),
            "customer": None,
            "customer_creation": values.get("customer_creation", "if_required"),
            "expires_at": expires_at,
            "livemode": False,
            "locale": values.get("locale"),
            "metadata": values.get("metadata", {}),
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": ["card"],
            "payment_status": "unpaid",
            "status": "open",
            "success_url": values["success_url"],
            "ui_mode": "hosted_page",
            "url": f"{self._address}/checkout/{identity}",
        }
        intent = self._intent(session, values.get("payment_intent_data", {}))
        with self._store.change():
            self._store.put(session)
            self._store.put(intent)
            self._store.execute("INSERT INTO plan (session, intent) VALUES (?, ?)", identity, intent["id"])
        return session

    def get(self, identity: str) -> Body:
        """The session as it is now; one whose time is over has expired.

        :raises Refusal: when there is none.
        """
        with self._store.change():
            session = self._store.find("checkout.session", identity)
            if session is None:
                raise missing("checkout.session", identity)
            if session["status"] == "open" and session["expires_at"] <= self._now().timestamp():
                self._close(session)
            return session

    def expire(self, identity: str) -> Body:
        """Close an open session.

        :raises Refusal: when it is not open.
        """
        with self._store.change():
            session = self.get(identity)
            if session["status"] == "open":
                return self._close(session)
        # Outside the change, so that a session found to be over stays so.
        raise Refusal(
            400,
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`.",
        )

    def pay(self, identity: str, fault: str | None = None, later: str = PAYS) -> Body | None:
        """Pay an open session; None when it is not open any more.

        `fault` says what goes wrong with its event, `later` what the bank will say where the card is kept.
        """
        with self._store.change():
            session = self.get(identity)
            if session["status"] != "open":
                return None
            if fault == "reorder":
                self.decline(identity, late=True)
            intent = self.intent_of(identity)
            charged = self._authorisations.authorise if is_manual(intent) else self._charge
            charge = charged(intent)
            intent |= {"latest_charge": charge["id"]}
            session |= {
                "status": "complete",
                "payment_status": "unpaid" if is_manual(intent) else "paid",
                "payment_intent": intent["id"],
                "url": None,
            }
            self._cards.keep(session, intent, later)
            for body in (charge, intent, session):
                self._store.put(body)
            if fault == "lapse":
                self._authorisations.lapse_later(intent["id"], LAPSES)
            self._webhooks.emit("checkout.session.completed", session, fault)
            return session

    def decline(self, identity: str, *, late: bool = False) -> None:
        """The card was refused; the session stays open. A late event is delivered after what follows it."""
        intent = self.intent_of(identity)
        intent |= {"status": "requires_payment_method"}
        self._store.put(intent)
        self._webhooks.emit("payment_intent.payment_failed", intent, "soon" if late else None)

    def pay_later(self, identity: str, after: float, fault: str | None = None) -> None:
        """Let the payment go through in `after` seconds, if the session is still open then."""
        due = self._now().timestamp() + after
        self._store.execute("UPDATE plan SET pay_at = ?, fault = ? WHERE session = ?", due, fault, identity)

    def settle_due(self) -> None:
        """Let time do its work: late payments go through, sessions that are over expire."""
        now = self._now().timestamp()
        for row in self._store.rows("SELECT session, fault FROM plan WHERE pay_at <= ?", now):
            with self._store.change():
                self._store.execute("UPDATE plan SET pay_at = NULL WHERE session = ?", row["session"])
                self.pay(row["session"], row["fault"])
        over = (
            "SELECT id FROM object WHERE kind = 'checkout.session'"
            " AND body ->> 'status' = 'open' AND body ->> 'expires_at' <= ?"
        )
        for row in self._store.rows(over, now):
            self.get(row["id"])
        self._authorisations.settle_due()

    def intent_of(self, identity: str) -> Body:
        """The payment intent behind a session."""
        row = self._store.row("SELECT intent FROM plan WHERE session = ?", identity)
        intent = self._store.find("payment_intent", row["intent"]) if row else None
        if intent is None:
            raise missing("payment_intent", identity)
        return intent

    def _close(self, session: Body) -> Body:
        session |= {"status": "expired", "url": None}
        self._store.put(session)
        self._webhooks.emit("checkout.session.expired", session)
        return session

    def _intent(self, session: Body, asked: Body) -> Body:
        return {
            "id": new_id("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_received": 0,
            "capture_method": asked.get("capture_method", "automatic_async"),
            "created": session["created"],
            "currency": session["currency"],
            "description": asked.get("description"),
            "latest_charge": None,
            "livemode": False,
            "metadata": asked.get("metadata", {}),
            "payment_method_types": ["card"],
            "setup_future_usage": asked.get("setup_future_usage"),
            "status": "requires_payment_method",
        }

    def _charge(self, intent: Body) -> Body:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        charge = charge_of(intent, int(self._now().timestamp()))
        charge["balance_transaction"] = self._balance.add("charge", charge, charge["amount"], fee_of(charge["amount"]))
        return charge


def _check(values: dict[str, Any]) -> tuple[int, str]:
    """The amount and currency of what a session is asked for."""
    for name in ("mode", "success_url", "line_items"):
        if not values.get(name):
            raise Refusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    if values["mode"] != "payment":
        raise Refusal(400, "The sandbox takes single payments only: mode must be payment.", param="mode")
    if set(values.get("allowed_payment_method_types", ["card"])) != {"card"}:
        raise Refusal(400, "The sandbox takes cards only.", param="allowed_payment_method_types")
    for name in ("success_url", "cancel_url"):
        if name in values and not _is_web_address(values[name]):
            raise Refusal(400, "Not a valid URL", code="url_invalid", param=name)
    if len(values.get("client_reference_id", "")) > LONGEST_REFERENCE:
        raise Refusal(400, f"Invalid string: longer than {LONGEST_REFERENCE}", param="client_reference_id")
    return _total(values["line_items"])


def _total(items: list[dict[str, Any]]) -> tuple[int, str]:
    currencies = {item.get("price_data", {}).get("currency", "") for item in items}
    amounts = [item.get("quantity", 0) * item.get("price_data", {}).get("unit_amount", 0) for item in items]
    currency = currencies.pop()
    if currencies or len(currency) != 3 or not currency.islower():
        raise Refusal(400, "Line items need one currency, a lowercase ISO code.", param="line_items")
    if not all(item["price_data"].get("product_data", {}).get("name") for item in items):
        raise Refusal(400, "Missing required param: line_items[0][price_data][product_data][name].", param="line_items")
    if not LEAST <= sum(amounts) <= MOST:
        raise Refusal(400, "The total amount is too small or too large.", code="amount_too_small", param="line_items")
    return sum(amounts), currency


def _is_web_address(address: str) -> bool:
    parts = urlsplit(address)
    return len(address) <= LONGEST_URL and parts.scheme in ("http", "https") and bool(parts.hostname)
