"""Somebody changes how a calendar is read, or takes it away, while what it says is being kept: they take turns.

Each is also run without the lock, where what was read by the old rule is kept after all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, NoResultFound

from practice.calendars.reading import actions
from practice.calendars.reading.looking import Plan, Seen
from practice.calendars.reading.models import Reading
from practice.calendars.reading.outcome import AllDay, BusyReading, ReadOccurrence
from practice.database import db
from practice.work import Work, begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.readings import busy, hour, subscribe
from tests.support.story import Practice

pytestmark = pytest.mark.databases("postgresql")  # SQLite lets one write at a time, whatever they lock

PATIENCE = 30  # seconds for what must come; a run that hangs fails instead
Change = Callable[[Work, int], None]


def ignore_whole_days(work: Work, calendar_id: int) -> None:
    actions.change_reading(work, calendar_id, name="Private", all_day=AllDay.IGNORE)


def take_away(work: Work, calendar_id: int) -> None:
    actions.take_away(work, calendar_id)


def keep_while(practice: Practice, reference: str, change: Change) -> list[Exception]:
    """Keep a look in one thread while another has changed something and not committed; what the first ran into."""
    changed, go_on = threading.Event(), threading.Event()
    trouble: list[Exception] = []
    with practice.app.app_context():
        calendar_id = db.session.scalars(select(Reading.calendar_id).join(Reading.calendar)).one()
        now = practice.clock.now()
        db.session.rollback()
    read = BusyReading((ReadOccurrence("other", hour(MONDAY_NINE)),), (), 1)
    plan = Plan("America/New_York", AllDay.BLOCK, hour(MONDAY_NINE), "", lambda *_: pytest.fail("nobody looks"))

    def changer() -> None:
        with practice.app.app_context(), begin_work() as work:
            change(work, calendar_id)
            work.session.flush()
            changed.set()
            assert go_on.wait(PATIENCE)

    def keeper() -> None:
        assert changed.wait(PATIENCE)
        try:
            with practice.app.app_context(), begin_work() as work:
                actions.keep_look(work, calendar_id, plan, Seen(now, 10, read, "", ()))
        except (IntegrityError, NoResultFound) as error:
            trouble.append(error)

    threads = [threading.Thread(target=changer), threading.Thread(target=keeper)]
    for thread in threads:
        thread.start()
    assert changed.wait(PATIENCE)
    pause = threading.Event()
    while threads[1].is_alive() and not _somebody_waits(practice):
        pause.wait(0.01)
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    return trouble


def _somebody_waits(practice: Practice) -> bool:
    with practice.app.app_context(), db.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) > 0


def without_lock(work: Work, calendar_id: int) -> Reading | None:
    return work.session.get(Reading, calendar_id, populate_existing=True)


@pytest.mark.parametrize("locked", [True, False])
def test_what_was_read_by_another_rule_is_dropped(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    reference = subscribe(practice, "https://calendar.example/private.ics")
    if not locked:
        monkeypatch.setattr(actions, "_lock", without_lock)

    assert keep_while(practice, reference, ignore_whole_days) == []

    assert busy(practice, reference) == ([] if locked else [hour(MONDAY_NINE)])


def test_nothing_is_kept_of_what_is_being_taken_away(practice: Practice) -> None:
    reference = subscribe(practice, "https://calendar.example/private.ics")

    assert keep_while(practice, reference, take_away) == []

    assert busy(practice, reference) == []
    with practice.app.app_context():
        assert db.session.scalars(select(Reading)).all() == []
