"""Things to do later: letters, deadlines, retries. One row for each handler of a message, in the writer's own work.

Delivery is at least once. A worker leases a row, runs its handler outside any transaction and completes the row
only while the lease is still its own (the fence). What keeps failing ends as a dead letter that the desk and
`practice invariants` show, never as silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from flask import current_app
from sqlalchemy import Index, String, Table, Text, and_, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from practice.database import Model
from practice.message import Message

EXTENSION = "practice.handlers"
LEASE = timedelta(minutes=2)
MOST_TRIES = 12
LONGEST_PAUSE = timedelta(hours=1)

Handler = Callable[[Any], None]
Handlers = Mapping[type[Message], tuple[Handler, ...]]

log = structlog.get_logger()


class Retry(Exception):
    """Raised by a handler: not now, but after a while. It does not count as a failure."""

    def __init__(self, after: timedelta, why: str) -> None:
        super().__init__(why)
        self.after = after


class OutboxMessage(Model):
    """One message for one handler. States: waiting → leased → done, or dead after MOST_TRIES failures in a row."""

    __tablename__ = "outbox_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    handler: Mapped[str] = mapped_column(String(120))
    payload: Mapped[str] = mapped_column(Text)
    stream: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    due_at: Mapped[datetime]
    posted_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)  # failures in a row
    trouble: Mapped[str | None] = mapped_column(String(120))  # the class of the last error; never its text
    done_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "state", "due_at"),
        Index(None, "stream", "id"),
    )


# Almost every work posts something: built once, and without objects, it costs a quarter of the time.
ADD_ONCE = {
    dialect.dialect.name: dialect.insert(cast(Table, OutboxMessage.__table__)).on_conflict_do_nothing(
        index_elements=["key"]
    )
    for dialect in (postgresql, sqlite)
}


def handler_name(handler: Handler) -> str:
    """The name under which a row finds its handler again, after a restart and in another process."""
    return f"{handler.__module__.removeprefix('practice.')}.{handler.__name__}"


def registry() -> Handlers:
    """Which handlers each message has, in the current app."""
    return cast(Handlers, current_app.extensions[EXTENSION])


def enqueue(session: Session, message: Message, *, now: datetime, due: datetime) -> None:
    """Store one row for each handler; a row whose key exists already is left as it is."""
    rows = [
        {
            "key": f"{message.key}>{handler_name(handler)}",
            "kind": message.KIND,
            "handler": handler_name(handler),
            "payload": json.dumps(message.payload()),
            "stream": message.stream,
            "state": "waiting",
            "due_at": due,
            "posted_at": now,
            "fence": 0,
            "tries": 0,
        }
        for handler in registry()[type(message)]
    ]
    if not rows:
        return
    connection = session.connection()
    connection.execute(ADD_ONCE[connection.dialect.name], rows)


@dataclass(frozen=True)
class Leased:
    """A row that this worker may deliver until its lease runs out."""

    id: int
    fence: int
    handler: str
    kind: str
    payload: str
    tries: int


def lease_next(session: Session, now: datetime) -> Leased | None:
    """Take the oldest due row that is free and first in its stream, background last; call inside a work."""
    earlier = aliased(OutboxMessage)
    blocked = exists().where(
        earlier.stream == OutboxMessage.stream, earlier.id < OutboxMessage.id, earlier.state.in_(("waiting", "leased"))
    )
    free = or_(
        OutboxMessage.state == "waiting",
        and_(OutboxMessage.state == "leased", OutboxMessage.lease_until < now),
    )
    background = OutboxMessage.kind.in_([kind.KIND for kind in registry() if kind.BACKGROUND])
    row = session.scalars(
        select(OutboxMessage)
        .where(free, OutboxMessage.due_at <= now, or_(OutboxMessage.stream.is_(None), ~blocked))
        .order_by(background, OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    row.state = "leased"
    row.fence += 1
    row.lease_until = now + LEASE
    session.flush()
    return Leased(row.id, row.fence, row.handler, row.kind, row.payload, row.tries)


def complete(session: Session, leased: Leased, now: datetime) -> bool:
    """Mark it done; False when the lease went to somebody else meanwhile."""
    return _settle(session, leased, state="done", done_at=now, trouble=None)


def postpone(session: Session, leased: Leased, due: datetime, why: str) -> bool:
    """Put it back for `due`, as its handler says. That is no failure, and whatever failed before is made good."""
    return _settle(session, leased, state="waiting", due_at=due, tries=0, trouble=why[:120])


def put_back(session: Session, leased: Leased, due: datetime, why: str) -> bool:
    """Put it back for `due`, as if it had not been tried."""
    return _settle(session, leased, state="waiting", due_at=due, trouble=why[:120])


def fail(session: Session, leased: Leased, now: datetime, error: BaseException) -> bool:
    """Put it back with a growing pause, or bury it after MOST_TRIES in a row."""
    tries = leased.tries + 1
    if tries >= MOST_TRIES:
        return _settle(session, leased, state="dead", tries=tries, trouble=type(error).__name__)
    pause = min(timedelta(seconds=2**tries), LONGEST_PAUSE)
    return _settle(session, leased, state="waiting", tries=tries, due_at=now + pause, trouble=type(error).__name__)


def _settle(session: Session, leased: Leased, **values: object) -> bool:
    changed = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == leased.id, OutboxMessage.fence == leased.fence, OutboxMessage.state == "leased")
        .values(lease_until=None, **values)
    )
    return cast(int, getattr(changed, "rowcount", 0)) == 1
