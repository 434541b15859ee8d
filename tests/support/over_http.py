"""A story's money over HTTP: the product speaks to the sandbox with Stripe's own library, and clients pay on its pages.

The counterpart of `Till` (paying.py) for stories in which the other side is real. Webhooks are not sent by themselves:
a test delivers them, in whatever order.
"""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from practice.booking import actions as booking_actions
from practice.payments import checkout
from practice.payments.queries import find_attempts, find_refunds
from practice.payments.settlement import AttemptState, RefundState
from practice.sandbox.checkout import GOOD
from practice.sandbox.server import Sandbox
from practice.work import begin_work
from tests.support.story import Held, Practice

PATIENCE = 30  # seconds for a page of the sandbox
Body = dict[str, Any]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def press(address: str, **sent: str) -> int:
    """Send a form of a page of the sandbox; the status of its answer."""
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, urllib.parse.urlencode(sent).encode(), timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@dataclass
class Counter:
    """Where clients pay, and what the service then says."""

    practice: Practice
    sandbox: Sandbox

    def open(self, held: Held) -> str:
        """The client goes on to pay; the address of their checkout."""
        with self.practice.app.app_context():
            return checkout.open_checkout(held.reference)

    def pay(self, held: Held, card: str = GOOD) -> None:
        """Open and pay; nothing is told to us yet."""
        assert press(self.open(held), card=card) == HTTPStatus.SEE_OTHER

    def cancel(self, held: Held) -> None:
        """The client gives a time back, whether it is paid or not."""
        with self.practice.app.app_context(), begin_work() as work:
            booking_actions.cancel(work, booking_actions.lock(work, held.reference))

    def events(self) -> list[Body]:
        """Everything that the service has to say, oldest first."""
        return self.sandbox.store.newest_first("event")[::-1]

    def deliver(self, events: Iterable[Body] | None = None) -> set[int]:
        """Deliver these events (or all of them) to the webhook; the statuses of the answers."""
        answers = set()
        for event in self.events() if events is None else events:
            body, headers = self.sandbox.webhooks.sign(event)
            with self.practice.browser() as browser:
                answers.add(browser.post("/webhooks/stripe", data=body, headers=headers).status_code)
        return answers

    def attempts(self, held: Held) -> list[AttemptState]:
        """The states of a booking's attempts, oldest first."""
        with self.practice.app.app_context():
            return [attempt.state for attempt in reversed(find_attempts(held.reference))]

    def refunds(self, held: Held) -> list[tuple[RefundState, int]]:
        """Every refund of a booking: how it stands, and how much."""
        with self.practice.app.app_context():
            return [(refund.state, refund.amount_minor) for refund in find_refunds(held.reference)]

    # The service's own books, which our database never sees

    def payments_of(self, held: Held) -> list[Body]:
        """What was ever paid or authorised for a booking."""
        found = self.sandbox.store.newest_first("payment_intent")
        return [one for one in found if one["metadata"]["booking"] == held.reference and one["latest_charge"]]

    def taken(self, held: Held) -> int:
        """Minor units that were charged for a booking."""
        return sum(one["amount_received"] for one in self.payments_of(held))

    def returned(self, held: Held) -> int:
        """Minor units that went back."""
        payments = {one["id"] for one in self.payments_of(held)}
        refunds = self.sandbox.store.newest_first("refund")
        return sum(one["amount"] for one in refunds if one["payment_intent"] in payments and one["status"] != "failed")

    def payable(self, held: Held) -> int:
        """How many sessions of a booking could be paid now."""
        found = self.sandbox.store.newest_first("checkout.session")
        return sum(one["client_reference_id"] == held.reference and one["status"] == "open" for one in found)
