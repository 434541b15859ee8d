"""Fresh databases for tests: the schema is made once for each worker, then every test gets it empty."""

from __future__ import annotations

import shutil
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, text

import practice.wiring  # noqa: F401 - knows every package, and so every table
from practice.database import Model, engine_options

WRITTEN = text(
    """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
    """
)
COUNT_ANEW = text(
    """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
    """
)
LOCK_PATIENCE = "10s"  # for a test that left a transaction open: an error then, instead of a run that hangs


def wait_for_no_disk() -> None:
    """From now on, in this process, SQLite is as quick as the tests' PostgreSQL: no commit waits for the disk."""
    event.listen(Engine, "connect", _wait_for_no_disk)


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")  # after the product's own listener, which says FULL


def make_schema(url: str) -> None:
    """Create every table in an empty database."""
    engine = create_engine(url, **engine_options(url))
    Model.metadata.create_all(engine)
    engine.dispose()


def sqlite_template(folder: Path) -> Path:
    """A database file with every table and no row, to be copied."""
    template = folder / "template.db"
    make_schema(f"sqlite:///{template}")
    return template


def sqlite_copy(template: Path, folder: Path) -> str:
    """The address of a fresh copy in this folder."""
    fresh = folder / "practice.db"
    shutil.copyfile(template, fresh)
    return f"sqlite:///{fresh}"


def empty(address: URL) -> None:
    """Delete every row of every table, and begin the numbers anew.

    Only of what was written to: making all tables anew, as TRUNCATE does, takes longer than most tests. VACUUM leaves a
    table without a page, as TRUNCATE would, so that the next row stands first again.
    """
    with keeper(address).begin() as connection:
        written = ", ".join(connection.scalars(WRITTEN))
        if written:
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'"))
            connection.execute(text(f"LOCK TABLE {written} IN ACCESS EXCLUSIVE MODE"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, no foreign keys
            for table in written.split(", "):
                connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(COUNT_ANEW)
    if written:
        with keeper(address).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM {written}"))


@cache
def keeper(address: URL) -> Engine:
    """For work between tests, on a connection that stays; one that was ended is replaced (practice.database)."""
    return create_engine(address, pool_size=1)
