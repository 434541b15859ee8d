"""The API as the SDK speaks it: /v1/…, form-encoded in, JSON out, idempotent by key."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from practice.sandbox import cards as cards_module
from practice.sandbox import listing
from practice.sandbox import refunds as refunds_module
from practice.sandbox import sessions as sessions_module
from practice.sandbox.authorisations import Authorisations
from practice.sandbox.balance import Balance
from practice.sandbox.cards import Cards
from practice.sandbox.errors import Declined, Refusal, missing
from practice.sandbox.faults import Faults, hit_by_error, server_error
from practice.sandbox.forms import decode, read
from practice.sandbox.refunds import Refunds
from practice.sandbox.sessions import Sessions
from practice.sandbox.store import Body, Store
from practice.sandbox.webhooks import Webhooks

CHARGE = "payment_intent.latest_charge"
EXPANDABLE = ("payment_intent", CHARGE)
KEY_LIFE = 24 * 60 * 60  # seconds for which a key is remembered
RANGE = {"gt": int, "gte": int, "lt": int, "lte": int}
PAGING = {"limit": int, "starting_after": str, "created": RANGE}
Observer = Callable[[str, str, dict[str, Any]], None]


class Api:
    """The endpoints. `faults` is what goes wrong with the next requests, in order (practice/sandbox/faults.py)."""

    def __init__(
        self,
        store: Store,
        sessions: Sessions,
        refunds: Refunds,
        webhooks: Webhooks,
        *,
        authorisations: Authorisations,
        cards: Cards,
        now: Callable[[], datetime],
        api_key: str,
        observe: Observer | None,
    ) -> None:
        self._store, self._sessions, self._refunds, self._webhooks = store, sessions, refunds, webhooks
        self._authorisations, self._cards = authorisations, cards
        self._now = now
        self._api_key = api_key
        self._observe = observe
        self._faults = Faults()
        self.faults = self._faults.waiting
        self.blueprint = self._routes()

    def _routes(self) -> Blueprint:
        bp = Blueprint("api", __name__, url_prefix="/v1")
        bp.before_request(self._authenticate)
        bp.before_request(self._faults.strike)
        bp.after_request(self._faults.spoil)
        bp.register_error_handler(Refusal, lambda refusal: self._answer(refusal.status, refusal.body))
        routes: tuple[tuple[str, str, Callable[..., ResponseReturnValue]], ...] = (
            ("POST", "/checkout/sessions", self._create_session),
            ("GET", "/checkout/sessions", self._list_sessions),
            ("GET", "/checkout/sessions/<identity>", self._get_session),
            ("POST", "/checkout/sessions/<identity>/expire", self._expire_session),
            ("POST", "/refunds", self._create_refund),
            ("GET", "/refunds", self._list_refunds),
            ("GET", "/refunds/<identity>", self._get("refund")),
            ("POST", "/payment_intents", self._create_charge),
            ("GET", "/payment_intents", self._list_charges),
            ("DELETE", "/customers/<identity>", self._forget_customer),
            ("GET", "/payment_intents/<identity>", self._get("payment_intent")),
            ("POST", "/payment_intents/<identity>/capture", self._capture),
            ("POST", "/payment_intents/<identity>/cancel", self._cancel),
            ("GET", "/charges/<identity>", self._get("charge")),
            ("GET", "/disputes/<identity>", self._get("dispute")),
            ("GET", "/balance_transactions", self._list_movements),
            ("GET", "/payouts", self._list_payouts),
            ("GET", "/payouts/<identity>", self._get("payout")),
            ("GET", "/webhook_endpoints", self._list_endpoints),
            ("GET", "/events", self._list_events),
            ("GET", "/events/<identity>", self._get("event")),
        )
        for method, path, view in routes:
            bp.add_url_rule(path, f"{method.lower()}{path}".replace(".", "-"), view, methods=[method])
        return bp

    def _authenticate(self) -> None:
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(sent.encode(), self._api_key.encode()):
            raise Refusal(401, "Invalid API Key provided")

    def _create_session(self) -> Response:
        return self._once(lambda sent: self._sessions.create(read(sent, sessions_module.SHAPE)))

    def _get_session(self, identity: str) -> Response:
        asked = self._query({"expand": [str]})
        self._authorisations.settle_due()
        return self._answer(200, self._expanded(self._sessions.get(identity), asked.get("expand", [])))

    def _expanded(self, session: Body, wanted: list[str]) -> Body:
        """The session with its payment, and that with its charge, whole instead of by their ids."""
        if unknown := [path for path in wanted if path not in EXPANDABLE]:
            raise Refusal(400, f"This property cannot be expanded ({unknown[0]}).", param="expand")
        intent = self._store.find("payment_intent", session["payment_intent"] or "") if wanted else None
        if intent is None:
            return session
        if CHARGE in wanted:
            intent["latest_charge"] = self._store.find("charge", intent["latest_charge"])
        return session | {"payment_intent": intent}

    def _capture(self, identity: str) -> Response:
        return self._once(lambda sent: self._end(self._authorisations.capture, identity, read(sent, {})))

    def _cancel(self, identity: str) -> Response:
        return self._once(lambda sent: self._end(self._authorisations.cancel, identity, read(sent, {})))

    def _end(self, end: Callable[[str], Body], identity: str, _nothing: dict[str, Any]) -> Body:
        return end(identity)

    def _expire_session(self, identity: str) -> Response:
        return self._once(lambda sent: self._expire(identity, read(sent, {})))

    def _expire(self, identity: str, _nothing: dict[str, Any]) -> Body:
        return self._sessions.expire(identity)

    def _list_sessions(self) -> Response:
        asked = self._query({**PAGING, "payment_intent": str, "status": str})
        self._sessions.settle_due()
        found = self._store.newest_first("checkout.session")
        for name in ("payment_intent", "status"):
            found = [one for one in found if asked.get(name) in (None, one[name])]
        return self._page(found, asked)

    def _create_charge(self) -> Response:
        return self._once(lambda sent: self._cards.charge(read(sent, cards_module.SHAPE)))

    def _list_charges(self) -> Response:
        asked = self._query({**PAGING, "customer": str})
        return self._page(self._cards.charges_of(asked.get("customer")), asked)

    def _forget_customer(self, identity: str) -> Response:
        if self._observe is not None:
            self._observe("DELETE", request.path, {})
        return self._answer(200, self._cards.forget(identity))

    def _create_refund(self) -> Response:
        return self._once(lambda sent: self._refunds.create(read(sent, refunds_module.SHAPE)))

    def _list_refunds(self) -> Response:
        asked = self._query({**PAGING, "payment_intent": str})
        return self._page(self._refunds.of_payment(asked.get("payment_intent")), asked)

    def _list_movements(self) -> Response:
        asked = self._query({**PAGING, **listing.MOVEMENTS})
        return self._page(listing.movements(self._store, Balance(self._store, self._now), asked), asked)

    def _list_payouts(self) -> Response:
        return self._page(self._store.newest_first("payout"), self._query(PAGING))

    def _list_endpoints(self) -> Response:
        return self._page(self._webhooks.endpoints(), self._query(PAGING))

    def _list_events(self) -> Response:
        asked = self._query({**PAGING, "delivery_success": bool, "type": str, "types": [str]})
        found = self._store.newest_first("event")
        wanted = {*asked.get("types", ()), *([asked["type"]] if "type" in asked else ())}
        if wanted:
            found = [event for event in found if event["type"] in wanted]
        if "delivery_success" in asked:
            found = [event for event in found if self._webhooks.delivered(event["id"]) == asked["delivery_success"]]
        return self._page(found, asked)

    def _get(self, kind: str) -> Callable[[str], Response]:
        def view(identity: str) -> Response:
            found = self._store.find(kind, identity)
            if found is None:
                raise missing(kind, identity)
            return self._answer(200, found)

        return view

    def _once(self, act: Callable[[dict[str, Any]], Body]) -> Response:
        """Act once for each Idempotency-Key, and replay the first answer. A refusal of the parameters keeps no key."""
        encoded = request.get_data(as_text=True)
        sent = decode(encoded)
        if self._observe is not None:
            self._observe("POST", request.path, sent)
        key = request.headers.get("Idempotency-Key")
        fingerprint = hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
        with self._store.change():
            replay = self._replay(key, fingerprint) if key else None
            if replay is not None:
                return replay
            status, body = (500, server_error()) if hit_by_error() else _acted(act, sent)
            if key:
                self._store.execute(
                    "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
                    *(key, request.path, fingerprint, status, json.dumps(body), self._now().timestamp()),
                )
        return self._answer(status, body)

    def _replay(self, key: str, fingerprint: str) -> Response | None:
        row = self._store.row("SELECT * FROM idempotency WHERE key = ?", key)
        if row is None or row["created"] + KEY_LIFE < self._now().timestamp():
            return None
        if (row["path"], row["fingerprint"]) != (request.path, fingerprint):
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            raise Refusal(400, message, kind="idempotency_error")
        return self._answer(row["status"], json.loads(row["body"]), {"Idempotent-Replayed": "true"})

    def _query(self, shape: dict[str, Any]) -> dict[str, Any]:
        sent = decode(request.query_string.decode())
        if self._observe is not None:
            self._observe("GET", request.path, sent)
        return read(sent, shape)

    def _page(self, found: Iterable[Body], asked: dict[str, Any]) -> Response:
        bounds = asked.get("created", {})
        listed = [one for one in found if _within(one["created"], bounds)]
        if after := asked.get("starting_after"):
            ids = [one["id"] for one in listed]
            if after not in ids:
                raise missing("object", after)
            listed = listed[ids.index(after) + 1 :]
        limit = asked.get("limit", 10)
        if not 1 <= limit <= 100:
            raise Refusal(400, "Invalid limit: between 1 and 100", param="limit")
        body = {"object": "list", "data": listed[:limit], "has_more": len(listed) > limit, "url": request.path}
        return self._answer(200, body)

    def _answer(self, status: int, body: Body, headers: dict[str, str] | None = None) -> Response:
        response = Response(json.dumps(body), status, content_type="application/json")
        response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
        if status == 500:
            response.headers["Stripe-Should-Retry"] = "false"  # the key would replay it
        response.headers.update(headers or {})
        return response


def _within(created: int, bounds: dict[str, int]) -> bool:
    return bounds.get("gte", created) <= created <= bounds.get("lte", created) and bounds.get(
        "gt", created - 1
    ) < created < bounds.get("lt", created + 1)


def _acted(act: Callable[[dict[str, Any]], Body], sent: dict[str, Any]) -> tuple[int, Body]:
    """What came of it. What a bank declined is kept and replayed as what went through."""
    try:
        return 200, act(sent)
    except Declined as declined:
        return declined.status, declined.body
