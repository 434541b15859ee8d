"""What keeps money and time together, taken away in one process; and watchers that act when Stripe is asked something.

Both run in processes of their own (fleet.py).
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select

from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.holding import hold_slot
from practice.booking.models import Booking
from practice.booking.offers.models import Therapist
from practice.booking.offers.queries import get_offer
from practice.database import db
from practice.payments import actions, checkout, ledger, queries
from practice.payments.gateway import NotOpen, payments
from practice.payments.snapshots import CheckoutSession, Event, RefundOrder, RefundSnapshot, SessionStatus
from practice.payments.stripe_gateway import StripeGateway
from practice.people import add_person
from practice.sandbox.checkout import GOOD
from practice.sandbox.server import Sandbox
from practice.tokens import new_token
from practice.work import Work, begin_work

MEETING = 20  # seconds that two wait for each other
LOOK = 0.002  # seconds between two looks at a session

# Guards


@contextmanager
def without_closing_first() -> Iterator[None]:
    """Release a time, let somebody else have it, and close its checkout only then."""

    def close(reference: str) -> None:
        seen = queries.look_at(reference)
        over = replace(payments().retrieve(str(seen.session_id)), status=SessionStatus.EXPIRED, paid=False)
        with begin_work() as work:
            actions.settle(work, reference, over)
        _take_what_is_free(seen.parameters.reference)
        with suppress(NotOpen):
            payments().expire(over.id)

    with mock.patch.object(checkout, "close", close):
        yield


def _take_what_is_free(reference: str) -> None:
    """Somebody else takes the time of a booking."""
    found = select(Booking.starts_at, Therapist.slug).join(Therapist, Therapist.id == Booking.therapist_id)
    starts_at, therapist = db.session.execute(found.where(Booking.reference == reference)).one()
    offer = get_offer(therapist, "couple-50")
    with begin_work() as work:
        rival = add_person(work, "America/New_York")
        grant_eligibility(work, rival, Grant(("couple",), ("video",), "US-NY"))
        work.session.flush()
        hold_slot(work, rival.id, offer, starts_at)


@contextmanager
def without_asking_whether_it_is_paid() -> Iterator[None]:
    """Take whatever is heard of a session for its payment."""
    ask = StripeGateway.retrieve

    def retrieve(self: StripeGateway, session_id: str) -> CheckoutSession:
        found = ask(self, session_id)
        return replace(found, status=SessionStatus.COMPLETE, paid=True, payment=found.payment or "pi_none")

    with mock.patch.object(StripeGateway, "retrieve", retrieve):
        yield


@contextmanager
def without_the_ledger() -> Iterator[None]:
    """Take each delivery of an event for a new one."""

    def take_in(work: Work, event: Event) -> bool:
        return ledger.take_in(work, replace(event, id=f"{event.id}-{new_token()[:8]}"))

    with mock.patch("practice.payments.webhook.take_in", take_in):
        yield


@contextmanager
def standing_still(*, before: bool) -> Iterator[None]:
    """Be held still by the machine once, right before or right after a refund is sent."""
    ask = StripeGateway.refund
    first = itertools.count()

    def refund(self: StripeGateway, order: RefundOrder, key: str) -> RefundSnapshot:
        stops = next(first) == 0
        if stops and before:
            os.kill(os.getpid(), signal.SIGSTOP)
        made = ask(self, order, key)
        if stops and not before:
            os.kill(os.getpid(), signal.SIGSTOP)
        return made

    with mock.patch.object(StripeGateway, "refund", refund):
        yield


GUARDS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "closing first": without_closing_first,
    "asking whether it is paid": without_asking_whether_it_is_paid,
    "the ledger": without_the_ledger,
    "going on before a refund": lambda: standing_still(before=True),
    "going on after a refund": lambda: standing_still(before=False),
}

# Watchers: called in the sandbox with each request, before it is done

Watcher = Callable[[Sandbox, str, str], None]


def nothing() -> Watcher:
    return lambda _sandbox, _method, _path: None


def payers(notes: Path) -> Watcher:
    """Clients who press Pay in the very moment in which their checkout is closed.

    Of three, one is a moment earlier, one has sent the form at the same time, and one comes when it is closed already.
    `notes` gets a line for each: when, and what the page answered.
    """
    return Payers(notes).watch


class Payers:
    """One client for each session, the first time that it is to be closed."""

    def __init__(self, notes: Path) -> None:
        self._notes = notes
        self._seen: set[str] = set()
        self._turn = threading.Lock()
        self._when = itertools.cycle(("before", "at once", "after"))

    def watch(self, sandbox: Sandbox, _method: str, path: str) -> None:
        if not path.endswith("/expire"):
            return
        session = path.split("/")[-2]
        with self._turn:
            if session in self._seen:
                return
            self._seen.add(session)
            when = next(self._when)
        sent = threading.Event()
        pay = threading.Thread(target=self._pay, args=(sandbox, session, when, sent), daemon=True)
        pay.start()
        if when == "before":
            pay.join(MEETING)
        elif when == "at once":
            sent.wait(MEETING)

    def _pay(self, sandbox: Sandbox, session: str, when: str, sent: threading.Event) -> None:
        if when == "after":
            _wait_until_closed(sandbox, session)
        line = http.client.HTTPConnection(str(urlsplit(sandbox.address).netloc), timeout=MEETING)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", f"/checkout/{session}", urlencode({"card": GOOD}), form)
        sent.set()
        answer = line.getresponse().status
        line.close()
        with self._turn, self._notes.open("a") as notes:
            notes.write(json.dumps({"session": session, "when": when, "answer": answer}) + "\n")


def _wait_until_closed(sandbox: Sandbox, session: str) -> None:
    pause = threading.Event()
    for _ in range(int(MEETING / LOOK)):
        found: dict[str, Any] = sandbox.store.find("checkout.session", session) or {}
        if found.get("status") != "open":
            return
        pause.wait(LOOK)


WATCHERS: dict[str, Callable[..., Watcher]] = {"nothing": nothing, "payers": payers}
