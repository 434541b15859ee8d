"""The database: one base class, aware times only, and what each engine needs to keep its promises."""

from __future__ import annotations

import json
import random
import select
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Engine,
    Integer,
    MetaData,
    SQLColumnExpression,
    Text,
    TypeDecorator,
    bindparam,
    event,
    inspect,
    literal_column,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from practice.errors import Contended

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
BUSY_PATIENCE = 5.0  # seconds that a write waits for another writer on SQLite


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware going in, aware UTC coming out. A naive value is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


# hide_parameters: a failing statement must not carry client data into an error message or a log.
db = SQLAlchemy(metadata=Model.metadata, engine_options={"hide_parameters": True})


def engine_options(url: str) -> dict[str, Any]:
    """What create_engine needs for this database, besides its address."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_PATIENCE}}
    return {"pool_size": 8, "max_overflow": 8}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own is deferred, and loses races
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "checkout")
def _replace_lost_connections(connection: Any, _record: Any, _proxy: Any) -> None:
    """Take no connection that the server has ended meanwhile, and ask it nothing: an idle one has nothing to say.

    A ping would cost each request two round trips, and see no more.
    """
    if isinstance(connection, psycopg.Connection) and (connection.closed or _has_something_to_say(connection)):
        raise DisconnectionError


def _has_something_to_say(connection: psycopg.Connection[Any]) -> bool:
    ear = select.poll()
    ear.register(connection.fileno(), select.POLLIN)
    return bool(ear.poll(0))


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection of its own for a read whose statements each stand for themselves. A write would commit at once.

    Elsewhere BEGIN and ROLLBACK would be two of three round trips; SQLite begins nothing for a read, and a level
    there would undo what _prepare_sqlite says.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level="AUTOCOMMIT")  # until it goes back to the pool
        yield connection


def begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock now; on other databases do nothing, since they lock rows.

    Short jittered tries instead of SQLite's own busy wait, whose long steps starve some writers for seconds.

    :raises Contended: when the lock is not to be had within BUSY_PATIENCE.
    """
    if connection.dialect.name != "sqlite":
        return
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection) or raw.in_transaction:
        return
    raw.execute("PRAGMA busy_timeout=0")
    give_up = time.monotonic() + BUSY_PATIENCE
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as busy:
                if busy.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY):
                    raise
                if time.monotonic() > give_up:
                    raise Contended from busy
                time.sleep(random.uniform(0.0002, 0.002))  # noqa: S311 - spreads the tries, guards nothing
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(BUSY_PATIENCE * 1000)}")


def empty_write_ahead_log() -> bool:
    """On SQLite, take what was erased out of its write-ahead log too; elsewhere do nothing. Outside of any work.

    False where somebody was reading all the while: then it is still there, and the next night tries again.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    raw = db.engine.raw_connection()
    try:
        busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        raw.close()
    return bool(busy == 0)


def is_contention(error: OperationalError) -> bool:
    """Whether the same transaction may well succeed when it is run again."""
    original = error.orig
    if isinstance(original, sqlite3.OperationalError):
        return (original.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(original, "sqlstate", None) in ("40001", "40P01", "55P03")


def add_if_absent(session: Session, table: type[Model], **values: object) -> bool:
    """Insert a row unless one with its key stands already; whether it was inserted.

    Of several who do it at once one inserts, and the others wait for that one's work. Each dialect has this statement
    of its own.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    key = list(inspect(table).primary_key)
    row = dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=key)
    return session.execute(row.returning(literal_column("1"))).first() is not None


class _Ids(TypeDecorator[Sequence[int]]):
    """Numbers as a database takes them in one value: an array, or on SQLite, which has none, JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Integer))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


def among(column: SQLColumnExpression[int | None], ids: Iterable[int]) -> ColumnElement[bool]:
    """That a column is one of these ids, however many: the statement reads the same, and takes them as one value.

    `column.in_(ids)` has a parameter for each, and is written and read anew every time. With hundreds of ids that
    takes longer than their rows do; for a handful it is plainer.
    """
    # As a comparison: a function would be compared with 1 where there are no booleans, and no index serves that.
    return _Among(column, bindparam(None, list(ids), type_=_Ids, unique=True)).as_comparison(1, 2)


@compiles(_Among)
def _in_an_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(one, **how) for one in element.clauses)
    return f"({column} = ANY ({ids}))"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(one, **how) for one in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"  # noqa: S608 - both are compiled
