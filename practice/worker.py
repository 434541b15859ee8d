"""The worker: one loop that delivers what is due."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import structlog
from flask import Flask
from sqlalchemy import select

from practice import outbox
from practice.clock import clock
from practice.database import db
from practice.errors import Contended
from practice.outbox import Leased, OutboxMessage, Retry
from practice.work import begin_work

IDLE_PAUSE = 0.5  # seconds between looks when nothing is due
BUSY_PAUSE = timedelta(seconds=1)

log = structlog.get_logger()


def deliver_next(app: Flask) -> bool:
    """Deliver one due message, if there is one; True when there was."""
    with app.app_context():
        if not _anything_due():  # a plain read, so that an idle worker never takes SQLite's write lock
            return False
        with begin_work() as work:
            leased = outbox.lease_next(work.session, work.now)
        if leased is None:
            return False
        _deliver(leased)
    return True


def run_until_idle(app: Flask, limit: int = 10_000) -> int:
    """Deliver until nothing is due; the number of deliveries.

    :raises RuntimeError: after `limit` deliveries, because then messages beget messages without end.
    """
    for count in range(limit):
        if not deliver_next(app):
            return count
    raise RuntimeError(f"the outbox is not idle after {limit} deliveries")


def run_forever(app: Flask, stop: threading.Event) -> None:
    """Deliver until `stop` is set; a database that is away is waited for."""
    while not stop.is_set():
        try:
            busy = deliver_next(app)
        except Exception as error:
            log.warning("worker_fault", error=type(error).__name__)
            busy = False
        if not busy:
            stop.wait(IDLE_PAUSE)


def _anything_due() -> bool:
    free = OutboxMessage.state.in_(("waiting", "leased"))
    due = db.session.scalar(select(OutboxMessage.id).where(free, OutboxMessage.due_at <= clock().now()).limit(1))
    db.session.rollback()
    return due is not None


def _deliver(leased: Leased) -> None:
    trouble: Exception | None = None
    try:
        _run_handler(leased)
    except Exception as error:
        trouble = error
        tell = log.info if isinstance(error, Retry) else log.warning
        tell("message_not_delivered", kind=leased.kind, handler=leased.handler, error=type(error).__name__)
    with begin_work() as work:
        match trouble:
            case None:
                outbox.complete(work.session, leased, work.now)
            case Retry():
                outbox.postpone(work.session, leased, work.now + trouble.after, str(trouble))
            case Contended():
                outbox.put_back(work.session, leased, work.now + BUSY_PAUSE, "Contended")
            case _:
                outbox.fail(work.session, leased, work.now, trouble)


def _run_handler(leased: Leased) -> None:
    for kind, handlers in outbox.registry().items():
        for handler in handlers:
            if leased.kind == kind.KIND and outbox.handler_name(handler) == leased.handler:
                handler(kind(**json.loads(leased.payload)))
                return
    raise LookupError(f"nobody handles {leased.kind} as {leased.handler}")
