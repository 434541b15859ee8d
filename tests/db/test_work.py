"""A work happens whole or not at all, and nothing else commits."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import StatementError

from practice import work as work_module
from practice.booking import messages
from practice.database import db, reading
from practice.errors import Contended
from practice.outbox import OutboxMessage
from practice.people import Person, add_person
from practice.work import begin_work, in_work
from tests.support.clock import FrozenClock

PATIENCE = 20  # seconds that a thread of these tests may take


class ClockThatCounts(FrozenClock):
    """Counts how often it is read."""

    readings = 0

    def now(self) -> datetime:
        self.readings += 1
        return super().now()


@pytest.fixture
def clock():
    return ClockThatCounts()


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Person)) or 0


def test_what_a_work_wrote_stands_after_it(app):
    with app.app_context(), begin_work() as work:
        add_person(work, "UTC")

    with app.app_context():
        assert people() == 1


def test_a_work_is_rolled_back_whole_on_a_connection_that_was_read_with_before(app):
    with app.app_context():
        with reading() as connection:
            connection.execute(select(func.count()).select_from(Person))
            lent = connection.connection.dbapi_connection

        with pytest.raises(LookupError), begin_work() as work:
            assert work.session.connection().connection.dbapi_connection is lent
            add_person(work, "UTC")
            work.session.flush()
            raise LookupError

        assert people() == 0


def test_a_work_that_raises_leaves_nothing_behind_not_even_its_messages(app):
    def hold_and_fail():
        with begin_work() as work:
            add_person(work, "UTC")
            work.post(messages.CheckoutDeadline("b_1", "soon"))
            raise LookupError

    with app.app_context(), pytest.raises(LookupError):
        hold_and_fail()

    with app.app_context():
        assert people() == 0
        assert db.session.scalars(select(OutboxMessage)).all() == []


def test_a_work_reads_the_clock_once(app, clock):
    with app.app_context(), begin_work() as work:
        assert work.now == work.now

    assert clock.readings == 1


def test_works_do_not_nest_and_the_outer_one_is_lost(app):
    def nest():
        with begin_work() as work:
            add_person(work, "UTC")
            with begin_work():
                pass

    with app.app_context():
        with pytest.raises(RuntimeError, match="already open"):
            nest()
        assert not in_work()
        assert people() == 0


def test_another_work_may_follow_one_that_failed(app):
    with app.app_context():
        with pytest.raises(LookupError), begin_work():
            raise LookupError
        with begin_work() as work:
            add_person(work, "UTC")
        assert people() == 1


def test_nobody_else_commits(app):
    with app.app_context():
        db.session.add(Person(reference="p_1", zone="UTC", created_at=datetime(2027, 1, 1, tzinfo=UTC)))
        with pytest.raises(RuntimeError, match="only begin_work"):
            db.session.commit()
        db.session.rollback()
        assert people() == 0


def test_the_staff_library_may_commit_its_own_tables(app):
    with app.app_context():
        db.session.add(Person(reference="p_1", zone="UTC", created_at=datetime(2027, 1, 1, tzinfo=UTC)))
        work_module.commit_for_flask_security()
    with app.app_context():
        assert people() == 1
        with pytest.raises(RuntimeError, match="only begin_work"):
            db.session.commit()


def test_a_work_sees_what_others_committed_since_the_page_was_read(app):
    with app.app_context(), begin_work() as work:
        person_id = add_person(work, "UTC").id

    with app.app_context():
        person = db.session.get_one(Person, person_id)
        _in_a_thread(app, lambda: _move_to(person_id, "Europe/Oslo"))
        with begin_work() as work:
            assert work.session.get_one(Person, person_id).zone == "Europe/Oslo"
            assert person.zone == "Europe/Oslo"


def test_a_time_without_a_zone_is_refused(app):
    with app.app_context(), pytest.raises(StatementError, match="naive"), begin_work() as work:
        work.session.add(Person(reference="p_1", zone="UTC", created_at=datetime(2027, 1, 1)))  # noqa: DTZ001
        work.session.flush()


def test_an_instant_comes_back_in_utc_whatever_zone_it_went_in_with(app):
    west = datetime(2027, 1, 1, 9, tzinfo=UTC).astimezone(tz=None)
    with app.app_context(), begin_work() as work:
        work.session.add(Person(reference="p_1", zone="UTC", created_at=west))
    with app.app_context():
        back = db.session.scalars(select(Person.created_at)).one()
        assert back == west
        assert back.utcoffset() == timedelta(0)


@pytest.mark.databases("sqlite")
def test_a_lock_held_for_longer_than_our_patience_is_contention_not_a_fault(app, monkeypatch):
    monkeypatch.setattr("practice.database.BUSY_PATIENCE", 0.05)
    with app.app_context():
        other = sqlite3.connect(db.engine.url.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Contended), begin_work():
            pass
        other.execute("ROLLBACK")
        other.close()
        with begin_work() as work:
            add_person(work, "UTC")


@pytest.mark.databases("postgresql")
def test_a_deadlock_is_contention_and_rolls_the_whole_work_back(app):
    with app.app_context(), begin_work() as work:
        first, second = add_person(work, "UTC").id, add_person(work, "UTC").id
    both_hold_one = threading.Barrier(2, timeout=PATIENCE)
    outcomes: list[str] = []

    def cross(mine: int, theirs: int) -> None:
        try:
            with begin_work() as work:
                work.session.execute(text("SET LOCAL deadlock_timeout = '50ms'"))
                _touch(work.session, mine)
                both_hold_one.wait()
                _touch(work.session, theirs)
        except Contended:
            outcomes.append("contended")
        else:
            outcomes.append("done")

    threads = [
        threading.Thread(target=_with_context, args=(app, lambda pair=pair: cross(*pair)))
        for pair in ((first, second), (second, first))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert sorted(outcomes) == ["contended", "done"]


@pytest.mark.databases("postgresql")
def test_a_connection_that_the_database_ended_is_replaced_before_anybody_notices(app):
    with app.app_context():
        ended = db.session.scalar(text("SELECT pg_backend_pid()"))
        db.session.rollback()
        with psycopg.connect(_plain(app)) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])

        assert people() == 0
        assert db.session.scalar(text("SELECT pg_backend_pid()")) != ended


def _plain(app: Flask) -> str:
    """The address of the app's database as psycopg itself takes it."""
    return db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _touch(session, person_id: int) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(zone="Europe/Oslo"))


def _move_to(person_id: int, zone: str) -> None:
    with begin_work() as work:
        work.session.get_one(Person, person_id).zone = zone


def _with_context(app: Flask, act: Callable[[], None]) -> None:
    with app.app_context():
        act()


def _in_a_thread(app: Flask, act: Callable[[], None]) -> None:
    thread = threading.Thread(target=_with_context, args=(app, act))
    thread.start()
    thread.join(PATIENCE)
