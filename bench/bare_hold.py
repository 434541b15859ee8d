"""The limit of a hold over HTTP: a POST that reads its form and writes the same rows in one transaction.

It runs on the same server, and on a practice of its own, so the tables have the same indexes and foreign keys: what
those cost is the database's work, and no hold could be had without it. There is no client, no rule and no read in it,
and its statements go straight to the driver, the claims all in one.
"""

import itertools
import os
import random
import re
import sqlite3
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from flask import Flask, request
from flask.typing import ResponseReturnValue

TICKS = 12
HOUR = timedelta(hours=1)
CHUNK = 100_000  # ticks that one process may claim
BOOKING = """
INSERT INTO booking (reference, uid, sequence, therapist_id, offering_id, person_id, state, starts_at, ends_at,
  blocked_from, blocked_until, price_minor, currency, given_back_minor, held_at, held_from, deadline_at,
  review_first, payable, updated_at)
VALUES (:named, :uid, 0, :therapist, 1, 1, 'held', :start, :end, :start, :end, 18000, 'USD', 0, :start, :from, :end,
  :no, :no, :start) RETURNING id
"""
CLAIMS = """
INSERT INTO slot_claim (resource_id, tick, booking_id)
WITH RECURSIVE claimed (tick) AS (
  SELECT CAST(:first AS INTEGER) UNION ALL SELECT tick + 1 FROM claimed WHERE tick < CAST(:final AS INTEGER)
)
SELECT CAST(:resource AS INTEGER), tick, CAST(:booking AS INTEGER) FROM claimed
"""
MESSAGE = """
INSERT INTO outbox_message (key, kind, handler, payload, state, due_at, posted_at, fence, tries)
VALUES (:named, 'checkout_deadline', 'payments.handlers.on_checkout_deadline', '{}', 'waiting', :end, :start, 0, 0)
"""


IN_PSYCOPG = {statement: re.sub(r":(\w+)", r"%(\1)s", statement) for statement in (BOOKING, CLAIMS, MESSAGE)}


def make_app() -> Flask:
    """The app; its database is DATABASE_URL, a practice with therapists, an offering and a person."""
    app = Flask(__name__)
    url = os.environ["DATABASE_URL"]
    local = threading.local()
    numbers = itertools.count()
    base = os.getpid() % 10_000 * CHUNK  # so that the processes claim distinct ticks
    asking = _connect(url)
    therapists = asking.execute("SELECT id, resource_id FROM therapist ORDER BY id").fetchall()
    asking.close()

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        return "", 204

    @app.post("/bookings")
    def hold() -> ResponseReturnValue:
        if not hasattr(local, "connection"):
            local.connection = _connect(url)
        number = next(numbers)
        therapist, resource = therapists[number % len(therapists)]
        first, now, booking = base + number * TICKS, datetime.now(UTC).replace(tzinfo=None), str(uuid.uuid4())
        values = {"named": booking[:20], "uid": booking, "therapist": therapist, "from": request.form["therapist"]}
        values |= {"start": str(now), "end": str(now + HOUR), "no": False}
        _begin(local.connection)
        row = _run(local.connection, BOOKING, values).fetchone()
        claimed = {"first": first, "final": first + TICKS - 1, "resource": resource, "booking": row[0]}
        _run(local.connection, CLAIMS, claimed)
        _run(local.connection, MESSAGE, values)
        local.connection.execute("COMMIT")
        return "", 302, {"Location": f"/bookings/{booking}"}

    return app


def _connect(url: str) -> Any:
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=0")  # we wait ourselves, see _begin
        return connection
    return psycopg.connect(url, autocommit=True)


def _run(connection: Any, statement: str, values: Mapping[str, object]) -> Any:
    if isinstance(connection, sqlite3.Connection):
        return connection.execute(statement, values)
    return connection.execute(IN_PSYCOPG[statement], values)


def _begin(connection: Any) -> None:
    """Take the write lock, with short tries, as the product does."""
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE" if isinstance(connection, sqlite3.Connection) else "BEGIN")
            return
        except sqlite3.OperationalError:
            time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - spreads the tries
