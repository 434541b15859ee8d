"""What the database is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event


@contextmanager
def statements() -> Iterator[list[tuple[str, object]]]:
    """Every statement that is sent meanwhile, with its parameters."""
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def transactions() -> Iterator[list[bool]]:
    """Of every statement that is sent meanwhile, whether the database has a transaction open after it."""
    open_after: list[bool] = []

    def note(_connection, cursor, _statement, _parameters, _context, _many):
        connection = cursor.connection
        if isinstance(connection, sqlite3.Connection):
            open_after.append(connection.in_transaction)
        else:
            open_after.append(connection.info.transaction_status != TransactionStatus.IDLE)

    event.listen(Engine, "after_cursor_execute", note)
    try:
        yield open_after
    finally:
        event.remove(Engine, "after_cursor_execute", note)
