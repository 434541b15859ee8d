"""Everything that leaves for a payment service in a test's process: Stripe's own library is listened to, and the fake.

What is sent is held against outgoing_shapes.py at once, and what Stripe is sent against stripe_shapes.py too; whatever
may not be so fails the test (conftest.py). A process that a test starts listens as well and writes down what it sends
(`listen(notes=…)`); whoever started it takes that in.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pydantic
import stripe

from practice.payments.gateway import PaymentGateway
from practice.sandbox.forms import decode
from practice.sandbox.store import Store
from tests.support import outgoing_shapes, stripe_shapes
from tests.support.fake_payments import FakePayments

KEPT = 5_000  # of the newest things sent, for whoever wants to read them
NO_NETWORK = ("read_event",)

wrong: list[str] = []
sent: deque[str] = deque(maxlen=KEPT)
_made_up = False
_notes: Path | None = None


def listen(notes: Path | None = None) -> None:
    """Listen from now on, for as long as this process lives; `notes` is a file in which another process reads."""
    global _notes
    _notes = notes
    for client in stripe.HTTPClient.__subclasses__():
        for name in {"request", "request_stream", "request_async", "request_stream_async"} & vars(client).keys():
            setattr(client, name, _heard_request(getattr(client, name)))
    for name, asked in inspect.getmembers(PaymentGateway, inspect.isfunction):
        if not name.startswith("_") and name not in NO_NETWORK and hasattr(FakePayments, name):
            setattr(FakePayments, name, _heard_call(name, inspect.signature(asked), getattr(FakePayments, name)))


def begin(*, made_up: bool) -> None:
    """A test begins. Its values are `made_up` where it calls a gateway by itself."""
    global _made_up
    _made_up = made_up
    wrong.clear()
    sent.clear()


def take_in(notes: Path) -> int:
    """Hold what another process noted against the shapes; how many requests that were."""
    lines = notes.read_text().splitlines() if notes.exists() else []
    for line in lines:
        note_request(*json.loads(line))
    return len(lines)


def note_request(method: str, url: str, headers: dict[str, str], body: str) -> None:
    """Look at one request as it leaves."""
    parts = urlsplit(url)
    fields = parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True)
    sent.append(json.dumps([method, parts.path, fields, headers]))
    wrong.extend(outgoing_shapes.wrong_request(method, parts.path, fields, headers, made_up=_made_up))
    try:
        stripe_shapes.check(method, parts.path, decode(body or parts.query))
    except (pydantic.ValidationError, stripe_shapes.TooLong, LookupError) as misunderstood:
        wrong.append(f"Stripe would not understand {method} {parts.path}: {misunderstood}")


def check_store(folder: Path) -> Iterator[str]:
    """What a sandbox keeps of what it was told, and may not: for processes that nobody listens to."""
    store = Store(folder)
    try:
        for kind in [row["kind"] for row in store.rows("SELECT DISTINCT kind FROM object")]:
            for body in store.newest_first(kind):
                for name, value in outgoing_shapes.flatten(kind, _told_by_us(body)):
                    if said := outgoing_shapes.telling(value):
                        yield f"the sandbox keeps {said!r} in {name}"
    finally:
        store.close()


def _told_by_us(body: dict[str, Any]) -> dict[str, Any]:
    """An object without what the sandbox says by itself; of an event, the same of what it tells of."""
    ours = ("client_reference_id", "metadata", "success_url", "cancel_url", "description", "custom_text")
    if "data" in body:
        return _told_by_us(body["data"]["object"])
    return {name: body[name] for name in ours if name in body}


@contextmanager
def unheard() -> Iterator[list[str]]:
    """For a test that leaks on purpose: what was found wrong inside, and nothing of it fails the test."""
    before = list(wrong)
    found: list[str] = []
    try:
        yield found
    finally:
        found += wrong[len(before) :]
        wrong[:] = before


def _heard_request(ask: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(ask)
    def request(self: Any, method: str, url: str, headers: Any, post_data: Any = None, **others: Any) -> Any:
        body = post_data.decode() if isinstance(post_data, bytes) else (post_data or "")
        noted = [method.upper(), url, dict(headers or {}), body]
        if _notes is None:
            note_request(*noted)
        else:
            with _notes.open("a") as notes:
                notes.write(json.dumps(noted) + "\n")
        return ask(self, method, url, headers, post_data, **others)

    return request


def _heard_call(name: str, signature: inspect.Signature, ask: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(ask)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        bound = signature.bind(self, *given, **named).arguments
        fields = [
            one for field, value in bound.items() if field != "self" for one in outgoing_shapes.flatten(field, value)
        ]
        sent.append(json.dumps([name, fields]))
        wrong.extend(outgoing_shapes.wrong_call(name, fields, made_up=_made_up))
        return ask(self, *given, **named)

    return call
