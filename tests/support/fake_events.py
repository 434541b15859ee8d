"""How the fake payment service signs what it says, and how that is proven."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from practice.payments.gateway import UntrustedEvent
from practice.payments.snapshots import Event

STALE = timedelta(seconds=300)


def sign(event: Event, secret: str, now: datetime) -> tuple[bytes, dict[str, str]]:
    """The body and headers with which an event arrives."""
    body = json.dumps({**asdict(event), "created_at": event.created_at.isoformat()}).encode()
    at = str(int(now.timestamp()))
    return body, {"Stripe-Signature": f"t={at},v1={digest_of(secret, at, body)}", "Content-Type": "application/json"}


def read(body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> Event:
    """The event, once its signature is proven.

    :raises UntrustedEvent: when it proves nothing.
    """
    sent, _, digest = headers.get("Stripe-Signature", "").partition(",v1=")
    at = sent.removeprefix("t=")
    if not hmac.compare_digest(digest, digest_of(secret, at, body)):
        raise UntrustedEvent
    if now - datetime.fromtimestamp(int(at), now.tzinfo) > STALE:
        raise UntrustedEvent
    try:
        fields = json.loads(body)
        return Event(**{**fields, "created_at": datetime.fromisoformat(fields["created_at"])})
    except (ValueError, KeyError, TypeError):
        raise UntrustedEvent from None


def digest_of(secret: str, at: str, body: bytes) -> str:
    """The signature of a body that is sent at a moment, in seconds since the epoch."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
