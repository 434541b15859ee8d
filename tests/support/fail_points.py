"""The named instants at which a process of the product is killed, and how it dies there.

The product knows nothing of them: in a process that shall die, one function is wrapped before the product's own main
runs. Each point says between which two steps the process ends; a name that the product doesn't have any more is an
error when it is armed, and so a test that fails.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

Die = Callable[[], NoReturn]


class When(StrEnum):
    """On which side of a function a process dies. COMMITTED: after a work that the module opened was committed."""

    BEFORE = "before"
    AFTER = "after"
    COMMITTED = "committed"


@dataclass(frozen=True)
class FailPoint:
    """One instant: a function of the product, as module:name, and on which side of it.

    `handler` narrows the worker's delivery to one handler, named as in its outbox row.
    """

    where: str
    when: When
    process: str  # web, worker or command
    handler: str | None = None

    def resolve(self) -> tuple[Any, str]:
        """What holds the function, and its name there.

        :raises AttributeError: when the product has no such function.
        """
        module, _, path = self.where.partition(":")
        owner: Any = importlib.import_module(module)
        *outer, name = path.split(".")
        for part in outer:
            owner = getattr(owner, part)
        getattr(owner, name)
        return owner, name

    def arm(self, die: Die) -> None:
        """From now on, `die` at this point."""
        owner, name = self.resolve()
        setattr(owner, name, self._deadly(getattr(owner, name), die))

    def _deadly(self, call: Callable[..., Any], die: Die) -> Callable[..., Any]:
        def wrapped(*args: Any, **named: Any) -> Any:
            if self.handler is not None and args[0].handler != self.handler:
                return call(*args, **named)
            if self.when is When.BEFORE:
                die()
            call(*args, **named)
            return die()

        @contextmanager
        def committed(*args: Any, **named: Any) -> Iterator[Any]:
            with call(*args, **named) as work:
                yield work
            die()

        return committed if self.when is When.COMMITTED else wrapped


def kill(marker: Path, point: str) -> NoReturn:
    """End this process and all of its group at once, as a power cut would; the marker says where it was."""
    marker.write_text(point, encoding="utf-8")
    os.killpg(os.getpgrp(), signal.SIGKILL)
    while True:
        signal.pause()


WEB, WORKER, COMMAND = "web", "worker", "command"
GATEWAY = "practice.payments.stripe_gateway:StripeGateway"
ACTIONS, BOOKING = "practice.payments.actions", "practice.booking.actions"
FEES = "practice.payments.fees.charges"
DELIVERY = "practice.worker:_run_handler"


def _delivered(handler: str, room: str = "payments") -> FailPoint:
    """After everything that a handler does, and before its row is marked as done."""
    return FailPoint(DELIVERY, When.AFTER, WORKER, f"{room}.handlers.{handler}")


OPEN = {
    "open: before the attempt is committed": FailPoint("practice.payments.opening:begin_attempt", When.AFTER, WEB),
    "open: before the service is asked": FailPoint(f"{GATEWAY}.create_checkout", When.BEFORE, WEB),
    "open: before the answer is committed": FailPoint(f"{GATEWAY}.create_checkout", When.AFTER, WEB),
    "open: before the redirect": FailPoint("practice.payments.checkout:open_checkout", When.AFTER, WEB),
}
WEBHOOK = {
    "webhook: before the event is committed": FailPoint("practice.payments.webhook:take_in", When.AFTER, WEB),
    "webhook: before the answer": FailPoint("practice.payments.webhook:begin_work", When.COMMITTED, WEB),
}
RETURN = {
    "return: before anything is decided": FailPoint(f"{GATEWAY}.retrieve", When.AFTER, WEB),
    "return: before it is committed": FailPoint(f"{ACTIONS}:settle", When.AFTER, WEB),
    "return: before the page": FailPoint("practice.payments.checkout:settle", When.AFTER, WEB),
}
SETTLE = {
    "settle: before anything is decided": FailPoint(f"{GATEWAY}.retrieve", When.AFTER, WORKER),
    "settle: before it is committed": FailPoint(f"{ACTIONS}:settle", When.AFTER, WORKER),
    "settle: before the message is done": _delivered("on_settle_attempt"),
}
RELEASE_BEGINS = {
    "release: before its begin is committed": FailPoint(f"{BOOKING}:begin_release", When.AFTER, WORKER),
    "release: begun, before the message is done": _delivered("on_checkout_deadline"),
}
STILL_PAYABLE = {
    "release: before the checkout is closed": FailPoint(f"{GATEWAY}.expire", When.BEFORE, WORKER),
}
CLOSED = {
    "release: closed, before it is known": FailPoint(f"{GATEWAY}.expire", When.AFTER, WORKER),
    "release: before the freed time is committed": FailPoint(f"{BOOKING}:expire", When.AFTER, WORKER),
    "release: freed, before the message is done": _delivered("on_booking_releasing"),
}
REFUND = {
    "refund: before it is owed": FailPoint(f"{ACTIONS}:owe_share", When.AFTER, WORKER),
    "refund: owed, before the message is done": _delivered("on_booking_cancelled"),
    "refund: before the try is committed": FailPoint("practice.payments.refunds:_begin", When.AFTER, WORKER),
    "refund: before the service is asked": FailPoint("practice.payments.refunds:_give_back", When.BEFORE, WORKER),
    "refund: given, before it is committed": FailPoint(f"{GATEWAY}.refund", When.AFTER, WORKER),
    "refund: noted, before it is committed": FailPoint("practice.payments.refunds:_note", When.AFTER, WORKER),
    "refund: before the message is done": _delivered("on_send_refund"),
}
CAPTURE = {
    "capture: before the service is asked": FailPoint(f"{GATEWAY}.capture", When.BEFORE, WORKER),
    "capture: taken, before it is known": FailPoint(f"{GATEWAY}.capture", When.AFTER, WORKER),
    "capture: before it is committed": FailPoint(f"{ACTIONS}:settle", When.AFTER, WORKER),
    "capture: before the message is done": _delivered("on_capture_payment"),
}
VOID = {
    "void: before it is asked for": _delivered("on_review_ended"),
    "void: before the service is asked": FailPoint(f"{GATEWAY}.void", When.BEFORE, WORKER),
    "void: given up, before it is known": FailPoint(f"{GATEWAY}.void", When.AFTER, WORKER),
    "void: before it is committed": FailPoint(f"{ACTIONS}:settle", When.AFTER, WORKER),
    "void: before the message is done": _delivered("on_void_payment"),
}
FEE = {
    "fee: before the try is committed": FailPoint(f"{FEES}:note_try", When.AFTER, WORKER),
    "fee: before the service is asked": FailPoint(f"{GATEWAY}.charge", When.BEFORE, WORKER),
    "fee: charged, before it is known": FailPoint(f"{GATEWAY}.charge", When.AFTER, WORKER),
    "fee: before it is committed": FailPoint(f"{FEES}:note_charge", When.AFTER, WORKER),
    "fee: before the message is done": _delivered("on_charge_card", "payments.fees"),
}
RECONCILE = {
    "reconcile: before it is committed": FailPoint(f"{GATEWAY}.list_events", When.AFTER, WORKER),
    "reconcile: before the message is done": _delivered("on_reconcile"),
    "reconcile: between two that it settles": _delivered("on_settle_attempt"),
}
INTAKE = "practice.intake"
BOOKING_PART = {
    "intake: sealed, before the page is saved": FailPoint(f"{INTAKE}.actions:write_section", When.AFTER, WEB),
    "intake: saved, before it is committed": FailPoint(f"{INTAKE}.actions:save_page", When.AFTER, WEB),
}
BOOKING_PART_SAVED = {
    "intake: committed, before the answer": FailPoint(f"{INTAKE}.routes:begin_work", When.COMMITTED, WEB),
}
SESSION_PART = {
    "more: saved, before who may speak of it": FailPoint(f"{INTAKE}.actions:write_lanes", When.BEFORE, WEB),
    "more: saved, before it is committed": FailPoint(f"{INTAKE}.actions:save_page", When.AFTER, WEB),
}
SESSION_PART_SAVED = {
    "more: committed, before the answer": FailPoint(f"{INTAKE}.more_routes:begin_work", When.COMMITTED, WEB),
}
ROTATION = "practice.rights.rotation"
ROTATE = {
    "rotate: before the new key is in the file": FailPoint("practice.keys_file:replace", When.BEFORE, COMMAND),
    "rotate: in the file, before anything is wrapped": FailPoint("practice.keys_file:replace", When.AFTER, COMMAND),
    "rotate: one is wrapped, before its batch is committed": FailPoint(f"{ROTATION}:_rewrap", When.AFTER, COMMAND),
    "rotate: a batch is committed": FailPoint(f"{ROTATION}:begin_work", When.COMMITTED, COMMAND),
}
RETIRE = {
    "retire: noted, before it is committed": FailPoint(f"{ROTATION}:_note_retired", When.AFTER, COMMAND),
    "retire: committed, before the file": FailPoint("practice.keys_file:replace", When.BEFORE, COMMAND),
    "retire: out of the file": FailPoint("practice.keys_file:replace", When.AFTER, COMMAND),
}
FAIL_POINTS: dict[str, FailPoint] = {
    **BOOKING_PART,
    **BOOKING_PART_SAVED,
    **SESSION_PART,
    **SESSION_PART_SAVED,
    **ROTATE,
    **RETIRE,
    **OPEN,
    **WEBHOOK,
    **RETURN,
    **SETTLE,
    **RELEASE_BEGINS,
    **STILL_PAYABLE,
    **CLOSED,
    **REFUND,
    **CAPTURE,
    **VOID,
    **FEE,
    **RECONCILE,
}
