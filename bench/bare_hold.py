"""The limit of a hold over HTTP: the same rows in one transaction, with no form, rule or client around them.

It runs on the same server, and on a database of its own with the same tables.
"""

import itertools
import os
import random
import sqlite3
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg
from flask import Flask
from flask.typing import ResponseReturnValue

BOOKING = (
    "INSERT INTO bare_booking (id, reference, person_id, state, starts_at, blocked_from, blocked_until) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
CLAIM = "INSERT INTO bare_claim (resource_id, tick, booking_id) VALUES (?, ?, ?)"
MESSAGE = "INSERT INTO bare_message (key, kind, payload, due_at) VALUES (?, ?, ?, ?)"
TABLES = (
    "CREATE TABLE bare_booking (id VARCHAR(40) PRIMARY KEY, reference VARCHAR(40) UNIQUE, person_id INTEGER, "
    "state VARCHAR(12), starts_at VARCHAR(40), blocked_from VARCHAR(40), blocked_until VARCHAR(40))",
    "CREATE TABLE bare_claim (resource_id INTEGER, tick INTEGER, booking_id VARCHAR(40), "
    "PRIMARY KEY (resource_id, tick))",
    "CREATE TABLE bare_message (key VARCHAR(80) PRIMARY KEY, kind VARCHAR(40), payload TEXT, due_at VARCHAR(40))",
)
TICKS = 12


def make_tables(url: str) -> None:
    """Add the bare tables to the database."""
    connection = _connect(url)
    for statement in TABLES:
        connection.execute(statement)
    connection.close()


def make_app() -> Flask:
    """The app; its database is DATABASE_URL."""
    app = Flask(__name__)
    url = os.environ["DATABASE_URL"]
    local = threading.local()
    ticks = itertools.count(0, TICKS)
    resource = os.getpid()  # so that the processes claim distinct ticks

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        return "", 204

    @app.post("/bookings")
    def hold() -> ResponseReturnValue:
        if not hasattr(local, "connection"):
            local.connection = _connect(url)
        first = next(ticks)
        booking, now = str(uuid.uuid4()), datetime.now(UTC).isoformat()
        _begin(local.connection)
        write = local.connection.cursor()
        write.execute(_marked(url, BOOKING), (booking, booking, 1, "held", now, now, now))
        write.executemany(_marked(url, CLAIM), [(resource, tick, booking) for tick in range(first, first + TICKS)])
        write.execute(_marked(url, MESSAGE), (booking, "CheckoutDeadline", "{}", now))
        local.connection.execute("COMMIT")
        return "", 302, {"Location": f"/bookings/{booking}"}

    return app


def _connect(url: str) -> Any:
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=0")  # we wait ourselves, see _begin
        return connection
    return psycopg.connect(url, autocommit=True)


def _begin(connection: Any) -> None:
    """Take the write lock, with short tries, as the product does."""
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE" if isinstance(connection, sqlite3.Connection) else "BEGIN")
            return
        except sqlite3.OperationalError:
            time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - spreads the tries


def _marked(url: str, statement: str) -> str:
    return statement if url.startswith("sqlite") else statement.replace("?", "%s")
