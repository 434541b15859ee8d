"""Fresh databases for tests: the schema is made once for each worker, then every test gets it empty."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import URL, create_engine, text

import practice.wiring  # noqa: F401 - knows every package, and so every table
from practice.database import Model, engine_options

LOCK_PATIENCE = "10s"  # for a test that left a transaction open: an error then, instead of a run that hangs


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
    """Delete every row of every table, and begin the numbers anew."""
    engine = create_engine(address)
    tables = ", ".join(f'"{table.name}"' for table in Model.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'"))
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()
