"""What every test begins with: each table, no row, and numbers that begin at one, whatever the test before it did."""

from __future__ import annotations

import subprocess
import sys
from datetime import time

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from practice.booking.offers.models import WeeklyHours
from practice.database import Model, db
from practice.work import begin_work
from tests.support import databases, world
from tests.support.staff import desk, send_request


@pytest.mark.databases("sqlite")
def test_only_the_tests_do_not_wait_for_the_disk_and_the_product_does(app, settings):
    with app.app_context():
        assert db.session.scalar(text("PRAGMA synchronous")) == 0

    asked = "from practice.database import *; from sqlalchemy import create_engine, text; import sys; "
    asked += "print(create_engine(sys.argv[1]).connect().scalar(text('PRAGMA synchronous')))"
    ran = [sys.executable, "-W", "ignore", "-c", asked, settings.database_url]
    assert subprocess.run(ran, check=True, capture_output=True, text=True).stdout == "2\n"


@pytest.fixture
def address(_postgres_database):
    """The database that this worker's tests share."""
    return _postgres_database


def pages(address) -> set[str]:
    """The tables that have any."""
    with databases.keeper(address).connect() as connection:
        sizes = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0")
        return set(connection.scalars(sizes)) & Model.metadata.tables.keys()


@pytest.mark.databases("postgresql")
def test_after_a_story_every_table_is_empty_and_has_no_page(practice, address):
    send_request(practice)
    desk(practice, "owner")
    assert len(pages(address)) > 15

    databases.empty(address)

    assert pages(address) == set()
    with practice.app.app_context():
        assert [
            one.name for one in Model.metadata.sorted_tables if db.session.scalar(select(func.count()).select_from(one))
        ] == []


@pytest.mark.databases("postgresql")
def test_numbers_begin_anew_also_where_nothing_was_kept(app, address):
    def numbers() -> list[int]:
        with app.app_context(), begin_work() as work:
            world.build(work)
            return sorted(work.session.scalars(text("SELECT id FROM offering")))

    first = numbers()
    databases.empty(address)
    with app.app_context(), pytest.raises(ZeroDivisionError), begin_work() as work:
        world.build(work)
        raise ZeroDivisionError
    databases.empty(address)

    assert numbers() == first == [1, 2, 3]


@pytest.mark.databases("postgresql")
def test_triggers_and_keys_count_again_when_it_is_done(practice, address):
    databases.empty(address)

    with databases.keeper(address).connect() as connection:
        assert connection.scalar(text("SHOW session_replication_role")) == "origin"
        with pytest.raises(IntegrityError, match="fk_weekly_hours_therapist_id"):
            connection.execute(insert(WeeklyHours).values(therapist_id=1, weekday=1, opens=time(9), closes=time(10)))


@pytest.mark.databases("postgresql")
def test_whoever_left_a_transaction_open_is_told(app, address, monkeypatch):
    monkeypatch.setattr(databases, "LOCK_PATIENCE", "50ms")
    with app.app_context():
        with begin_work() as work:
            world.build(work)
        db.session.execute(text("SELECT 1 FROM offering"))

        with pytest.raises(OperationalError, match="lock timeout"):
            databases.empty(address)


@pytest.mark.databases("postgresql")
def test_a_connection_that_was_ended_is_replaced(app, address):
    databases.empty(address)
    with databases.keeper(address).connect() as connection:
        number = connection.scalar(text("SELECT pg_backend_pid()"))
    with app.app_context():
        assert db.session.scalar(text("SELECT pg_terminate_backend(:number, 10000)"), {"number": number})

    databases.empty(address)
