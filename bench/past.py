"""A practice with a long past: built once, kept in var/bench for as long as the tables stay as they are."""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateTable

import practice.wiring  # noqa: F401 - knows every package, and so every table
from bench.databases import another_database, folder_for_a_while, postgres
from bench.practice_under_load import make_practice
from practice.database import Model, db
from practice.work import begin_work

KEPT = Path("var/bench")
THERAPISTS = 200
BOOKINGS = 1_000_000
AT_ONCE = 50_000
PEOPLE = 20_000
# One after the other, each therapist eight a day, back from yesterday; confirmed for ever, as where nobody marks who
# came. Their claims, twelve times as many rows, are left out: no page reads them, and a hold looks at its own alone.
PEOPLE_BEFORE = """
INSERT INTO person (reference, zone, created_at)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :people)
SELECT 'p_before_' || i, 'America/New_York', CAST(:now AS {time}) FROM n
"""
BOOKINGS_BEFORE = """
INSERT INTO booking (reference, uid, sequence, therapist_id, offering_id, person_id, state, starts_at, ends_at,
  blocked_from, blocked_until, price_minor, currency, given_back_minor, held_at, review_first, payable,
  confirmed_at, updated_at)
WITH RECURSIVE n (i) AS (SELECT CAST(:first AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < :final)
SELECT 'b_before_' || i, 'before-' || i || '@appointments', 0, 1 + i % :therapists, 1, 1 + i % :people, 'confirmed',
  {start}, {end}, {start}, {end}, 18000, 'USD', 0, {start}, {no}, {no}, {start}, {start}
FROM n
"""
HOURS_AGO = "(24 + i / :therapists / 8 * 24 + i / :therapists % 8)"
SPOKEN = {
    "sqlite": {
        "time": "TEXT",
        "start": f"strftime('%Y-%m-%d %H:00:00.000000', :now, '-' || {HOURS_AGO} || ' hours')",
        "end": f"strftime('%Y-%m-%d %H:55:00.000000', :now, '-' || {HOURS_AGO} || ' hours')",
        "no": "0",
    },
    "postgresql": {
        "time": "timestamptz",
        "start": f"date_trunc('hour', CAST(:now AS timestamptz)) - {HOURS_AGO} * INTERVAL '1h'",
        "end": f"date_trunc('hour', CAST(:now AS timestamptz)) - {HOURS_AGO} * INTERVAL '1h' + INTERVAL '55min'",
        "no": "FALSE",
    },
}


def sqlite_with_a_past(folder: Path) -> str:
    """The address of a copy in this folder, which may be written to."""
    kept = _kept_folder() / "sqlite"
    if not (kept / "done").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        make_practice(kept, f"sqlite:///{kept.resolve()}/past.db", holds=0, therapists=THERAPISTS, fill=add_past)
        (kept / "done").touch()
    shutil.copyfile(kept / "past.db", folder / "past.db")
    os.sync()  # else the first holds wait for the copy to reach the disk
    return f"sqlite:///{folder}/past.db"


@contextmanager
def postgres_with_a_past() -> Iterator[str]:
    """The address of a copy on the PostgreSQL of var/bench, which runs meanwhile."""
    kept = (_kept_folder() / "postgresql").resolve()
    kept.mkdir(parents=True, exist_ok=True)
    with postgres(kept) as url:
        if not (kept / "done").exists():
            with folder_for_a_while() as folder:
                past = another_database(url, "past")
                make_practice(folder, past, holds=0, therapists=THERAPISTS, fill=add_past)
            (kept / "done").touch()
        yield another_database(url, "copy", like="past")


def add_past() -> None:
    """Add the people and the bookings of the past, in the current app."""
    engine = db.session.connection().dialect.name
    db.session.rollback()
    with begin_work() as work:
        values = {"people": PEOPLE, "therapists": THERAPISTS, "now": str(work.now.replace(tzinfo=None))}
        _run(work.session.connection(), PEOPLE_BEFORE, SPOKEN[engine], values)
    for first in range(0, BOOKINGS, AT_ONCE):
        with begin_work() as work:
            some = {**values, "first": first, "final": first + AT_ONCE - 1}
            _run(work.session.connection(), BOOKINGS_BEFORE, SPOKEN[engine], some)
        sys.stderr.write(f"\rmaking a past on {engine}: {first + AT_ONCE:,} of {BOOKINGS:,} bookings")
    sys.stderr.write("\n")
    if engine == "postgresql":
        with begin_work() as work:
            work.session.connection().execute(text("ANALYZE"))


def _run(connection: Connection, statement: str, spoken: dict[str, str], values: dict[str, object]) -> None:
    ready = statement.format(**spoken)
    connection.execute(text(ready), {name: value for name, value in values.items() if f":{name}" in ready})


def _kept_folder() -> Path:
    """One for each shape of the tables, so that none is ever older than they are."""
    tables = "".join(str(CreateTable(table)) for table in Model.metadata.sorted_tables)
    return KEPT / hashlib.sha256(f"{tables}{BOOKINGS_BEFORE}{SPOKEN}{BOOKINGS}{THERAPISTS}".encode()).hexdigest()[:12]
