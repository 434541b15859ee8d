"""What the sandbox remembers: one SQLite file, so that a restart loses nothing."""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Body = dict[str, Any]

TABLES = """
CREATE TABLE IF NOT EXISTS object (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
  created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, created);
CREATE TABLE IF NOT EXISTS plan (session TEXT PRIMARY KEY, intent TEXT, pay_at REAL, fault TEXT);
CREATE TABLE IF NOT EXISTS authorisation (intent TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS kept_card (card TEXT PRIMARY KEY, later TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, due REAL NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting');
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, path TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL,
  body TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS refund_fate (intent TEXT PRIMARY KEY, fate TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refund_return (refund TEXT PRIMARY KEY, due REAL NOT NULL);
CREATE TABLE IF NOT EXISTS paid_out (movement TEXT PRIMARY KEY, payout TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payday (one INTEGER PRIMARY KEY, day INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS event (
  id TEXT PRIMARY KEY, title TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS mail (
  id INTEGER PRIMARY KEY AUTOINCREMENT, received TEXT NOT NULL, sender TEXT NOT NULL,
  recipients TEXT NOT NULL, source BLOB NOT NULL);
"""


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


class Store:
    """One connection that the threads share in turns. Objects are JSON, as the API shows them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._turn = threading.RLock()
        self._connection = sqlite3.connect(folder / "sandbox.db", check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(TABLES)
        self._depth = 0

    def close(self) -> None:
        with self._turn:
            self._connection.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Everything inside happens, or nothing does; one thread at a time. May be nested: the outermost decides."""
        with self._turn:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._turn:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def execute(self, sql: str, *values: object) -> int:
        """Run one statement; the id of the row that it inserted."""
        with self._turn:
            return self._connection.execute(sql, values).lastrowid or 0

    def find(self, kind: str, identity: str) -> Body | None:
        """The object of this kind and id, or None."""
        row = self.row("SELECT body FROM object WHERE id = ? AND kind = ?", identity, kind)
        return json.loads(row["body"]) if row else None

    def put(self, body: Body) -> None:
        """Store an object, or its newer version."""
        self.execute(
            "INSERT INTO object (id, kind, created, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            body["id"],
            body["object"],
            body["created"],
            json.dumps(body),
        )

    def newest_first(self, kind: str) -> list[Body]:
        """All objects of a kind."""
        rows = self.rows("SELECT body FROM object WHERE kind = ? ORDER BY number DESC", kind)
        return [json.loads(row["body"]) for row in rows]
