"""How a therapist's server is left in peace: while it is away, and while somebody has to say what is meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from practice.calendars.caldav.actions import check_now
from practice.calendars.caldav.models import CalendarAccount, PushedSession
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.fake_calendars import connect_fake

pytestmark = pytest.mark.databases("sqlite")
HOUR = timedelta(hours=1)


def book(practice, start):
    held = practice.hold(start)
    practice.confirm(held)
    practice.work_until_idle()
    return held


def test_a_server_that_is_away_is_asked_once_for_all_sessions(practice):
    fake = connect_fake(practice)
    fake.away, before = True, fake.asked

    for hour in range(5):
        book(practice, MONDAY_NINE + hour * HOUR)
    assert fake.asked - before == 1
    practice.clock.advance(seconds=31)
    practice.work_until_idle()
    assert fake.asked - before == 2

    fake.away = False
    practice.clock.advance(hours=1)
    practice.work_until_idle()
    assert len(fake.objects) == 5


def test_what_waits_for_an_answer_is_not_written_over_even_when_we_write_otherwise_by_now(practice):
    fake = connect_fake(practice)
    book(practice, MONDAY_NINE)
    [(href, stored)] = fake.objects.items()
    fake.store(href, stored.content.replace(b"20270510T13", b"20270510T15"))
    moved = fake.objects[href]
    practice.clock.advance(minutes=16)
    practice.work_until_idle()

    with practice.app.app_context(), begin_work() as work:
        work.session.execute(update(PushedSession).values(digest="another form", known_digest="another form"))
        check_now(work, work.session.scalars(select(CalendarAccount)).one())
    practice.work_until_idle()

    assert fake.objects == {href: moved}
