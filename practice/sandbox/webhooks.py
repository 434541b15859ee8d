"""Signed events, delivered at least once: repeated with growing pauses until somebody answers 2xx, for three days."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime

import structlog

from practice.sandbox.listing import API_VERSION, endpoint
from practice.sandbox.store import Body, Store

PAUSES = (2, 5, 15, 60, 300, 1800, 3600, 3 * 3600, 6 * 3600)  # seconds; the last one repeats
GIVE_UP = 3 * 24 * 3600
PATIENCE = 10  # seconds for an answer
SOON, LATE = 5, 60  # seconds by which a fault holds an event back

log = structlog.get_logger()


class Webhooks:
    """The events of the sandbox. `url` None keeps them undelivered, for whoever reads the list."""

    def __init__(self, store: Store, now: Callable[[], datetime], *, url: str | None, secret: str) -> None:
        self._store = store
        self._now = now
        self._url = url
        self._secret = secret
        # No proxies: the webhook of a demo is on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def emit(self, kind: str, thing: Body, fault: str | None = None) -> Body:
        """Say that something happened. Faults: drop (never sent), duplicate, delay (a minute), soon (some seconds)."""
        now = self._now().timestamp()
        event: Body = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "api_version": API_VERSION,
            "created": int(now),
            "data": {"object": thing},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self._store.put(event)
        dues = {"drop": (), "duplicate": (now, now), "delay": (now + LATE,), "soon": (now + SOON,)}
        for due in dues.get(fault or "", (now,)):
            self._store.execute("INSERT INTO delivery (event, due) VALUES (?, ?)", event["id"], due)
        return event

    def endpoints(self) -> list[Body]:
        """Where events go, as the API lists it."""
        return [endpoint(self._url)] if self._url else []

    def delivered(self, event_id: str) -> bool:
        """Whether an event was delivered successfully."""
        return self._store.row("SELECT 1 FROM delivery WHERE event = ? AND state = 'done'", event_id) is not None

    def sign(self, event: Body) -> tuple[bytes, dict[str, str]]:
        """The body and the headers with which an event goes out."""
        body = json.dumps(event).encode()
        sent = str(int(self._now().timestamp()))
        digest = hmac.new(self._secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()
        return body, {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": f"t={sent},v1={digest}"}

    def deliver_due(self) -> None:
        """Send every event whose time has come."""
        if self._url is None:
            return
        now = self._now().timestamp()
        for row in self._store.rows(
            "SELECT * FROM delivery WHERE state = 'waiting' AND due <= ? ORDER BY due, number", now
        ):
            self._deliver(row["number"], row["event"], row["tries"])

    def _deliver(self, number: int, event_id: str, tries: int) -> None:
        # Taken first, so that the request that paid and the background thread don't both send it.
        with self._store.change():
            waiting = self._store.row("SELECT 1 FROM delivery WHERE number = ? AND state = 'waiting'", number)
            self._store.execute("UPDATE delivery SET state = 'sending' WHERE number = ?", number)
        event = self._store.find("event", event_id)
        if waiting is None or event is None:
            return
        fine = self._send(event)
        now = self._now().timestamp()
        pause = PAUSES[min(tries, len(PAUSES) - 1)]
        state = "done" if fine else "waiting" if now - event["created"] < GIVE_UP else "given up"
        self._store.execute(
            "UPDATE delivery SET state = ?, tries = ?, due = ? WHERE number = ?", state, tries + 1, now + pause, number
        )

    def resume(self) -> None:
        """After a restart: what was being sent is sent again."""
        self._store.execute("UPDATE delivery SET state = 'waiting' WHERE state = 'sending'")

    def _send(self, event: Body) -> bool:
        body, headers = self.sign(event)
        request = urllib.request.Request(self._url or "", data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return bool(200 <= answer.status < 300)
        except (urllib.error.URLError, OSError) as error:
            log.debug("webhook_not_delivered", kind=event["type"], error=type(error).__name__)
            return False
