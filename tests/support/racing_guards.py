"""What keeps rivals apart, taken away: a race that no guard has to decide proves nothing.

Each is a context in which a rival process lacks one guard. `meet` lets all rivals wait for one another between what
they read and what they write, so that what goes wrong goes wrong in each run.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest import mock

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite

from practice.booking.claims import SlotTaken
from practice.booking.models import Booking, SlotClaim, Waiver
from practice.spans import Span, ticks
from practice.work import Work

Meet = Callable[[], None]

ROW_LOCK = re.compile(r"\s+FOR (NO KEY )?UPDATE( OF \w+)?\s*$")
OF_DIALECT = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def _nothing(*_args: object, **_others: object) -> None:
    return None


@contextmanager
def without_claims(_meet: Meet) -> Iterator[None]:
    """No claims: the rows say what is booked, and nothing keeps two of them apart."""
    with _other_claims(_nothing), mock.patch("practice.booking.placing.is_free", return_value=True):
        yield


@contextmanager
def without_locks(write: str, meet: Meet) -> Iterator[None]:
    """Nobody waits for a row, or on SQLite for the one write lock; all meet at the first statement that begins so."""
    with mock.patch("practice.work.begin_immediate", _nothing), _meeting_before(write, meet, lock_rows=False):
        yield


@contextmanager
def without_claims_or_locks(write: str, meet: Meet) -> Iterator[None]:
    """Neither of them: all meet before they write, and nothing refuses what they do."""
    with without_claims(meet), without_locks(write, meet):
        yield


@contextmanager
def with_a_deferred_begin(write: str, meet: Meet) -> Iterator[None]:
    """On SQLite, a transaction that takes the write lock when it first writes, as the driver's own would."""
    with mock.patch("practice.work.begin_immediate", _begin_deferred), _meeting_before(write, meet):
        yield


@contextmanager
def with_claims_looked_for_first(meet: Meet) -> Iterator[None]:
    """The usual mistake: ask whether the time is free, then take it, with nothing that refuses a second time."""

    def look_then_write(connection: Connection, blocked: Span, resource_ids: list[int], **owner: int) -> None:
        wanted = [{"resource_id": one, "tick": tick, **owner} for one in resource_ids for tick in ticks(blocked)]
        claimed = SlotClaim.resource_id.in_(resource_ids), SlotClaim.tick.in_([one["tick"] for one in wanted])
        if connection.execute(SlotClaim.__table__.select().where(*claimed)).first():
            raise SlotTaken
        meet()
        connection.execute(OF_DIALECT[connection.dialect.name](SlotClaim).on_conflict_do_nothing(), wanted)

    with mock.patch("practice.work.begin_immediate", _nothing), _other_claims(look_then_write):
        yield


@contextmanager
def without_the_waivers_row(meet: Meet) -> Iterator[None]:
    """All see that the one waiver is there, and nobody is refused who notes that they used it."""

    def use(work: Work, booking: Booking) -> None:
        meet()
        connection = work.session.connection()
        used = OF_DIALECT[connection.dialect.name](Waiver).on_conflict_do_nothing()
        connection.execute(used, {"person_id": booking.person_id, "booking_id": booking.id, "used_at": work.now})

    actions = "practice.booking.actions"
    with (
        mock.patch("practice.work.begin_immediate", _nothing),
        mock.patch(f"{actions}.lock_with_partner", _nothing),
        mock.patch(f"{actions}._use_waiver", use),
    ):
        yield


GUARDS: dict[str, Callable[[Meet], Any]] = {
    "claims": without_claims,
    "claims that refuse": with_claims_looked_for_first,
    "claims and locks before a booking is added": partial(without_claims_or_locks, "INSERT INTO booking "),
    "locks before a booking is added": partial(without_locks, "INSERT INTO booking "),
    "locks before a booking is changed": partial(without_locks, "UPDATE booking "),
    "locks before a document is added": partial(without_locks, "UPDATE paper_series "),
    "locks before a grant is added": partial(without_locks, "INSERT INTO eligibility "),
    "locks before an intake is changed": partial(without_locks, "UPDATE intake "),
    "locks before a waiver is used": partial(without_locks, f"INSERT INTO {Waiver.__tablename__} "),
    "the write lock before a booking is added": partial(with_a_deferred_begin, "INSERT INTO booking "),
    "the write lock before a booking is changed": partial(with_a_deferred_begin, "UPDATE booking "),
    "the waiver's row": without_the_waivers_row,
}


@contextmanager
def _other_claims(insert_claims: Callable[..., None]) -> Iterator[None]:
    with ExitStack() as stack:
        for where in ("practice.booking.placing.insert_claims", "practice.booking.claims.insert_claims"):
            stack.enter_context(mock.patch(where, insert_claims))
        yield


@contextmanager
def _meeting_before(write: str, meet: Meet, *, lock_rows: bool = True) -> Iterator[None]:
    met = threading.local()

    def hear(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        if statement.lstrip().startswith(write) and not hasattr(met, "others"):
            met.others = True
            meet()
        return statement if lock_rows else ROW_LOCK.sub("", statement), parameters

    event.listen(Engine, "before_cursor_execute", hear, retval=True)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def _begin_deferred(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection) and not raw.in_transaction:
        raw.execute("BEGIN")
