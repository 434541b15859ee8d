"""Whether somebody came: staff mark it, and nothing marks it by itself unless the practice has said so."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from practice import cli
from practice.audit import AuditEntry
from practice.booking import attendance
from practice.booking.actions import TooEarly
from practice.booking.claims import SlotTaken
from practice.booking.handlers import on_attendance_sweep
from practice.booking.lifecycle import IllegalTransition, State, Trigger
from practice.booking.messages import AttendanceSweep
from practice.database import db
from practice.outbox import OutboxMessage, handler_name
from practice.profile import profile
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.offers import broken, cancel, claimed_ticks, confirmed, keep_for, mark, resource_of, see, work_in

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OURS = handler_name(on_attendance_sweep)
OVER = MONDAY_NINE + timedelta(minutes=60)  # with the buffer behind it


def set_days(practice, days):
    with work_in(practice):
        profile().attended_after_days = days


def sweep(practice):
    with practice.app.app_context():
        on_attendance_sweep(AttendanceSweep(practice.clock.now().date().isoformat()))


def assumed(practice):
    with practice.app.app_context():
        found = select(AuditEntry.actor, AuditEntry.subject).where(AuditEntry.action == "attendance_assumed")
        return [tuple(row) for row in db.session.execute(found)]


def nights(practice):
    """The nights that wait for this room, or are over; others look at the same nights for themselves."""
    with practice.app.app_context():
        found = select(OutboxMessage.payload, OutboxMessage.state, OutboxMessage.due_at)
        ours = found.where(OutboxMessage.kind == AttendanceSweep.KIND, OutboxMessage.handler == OURS)
        rows = db.session.execute(ours.order_by(OutboxMessage.id))
        return [tuple(row) for row in rows]


def test_staff_mark_who_came_and_correct_it_later(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(OVER)

    mark(practice, held, Trigger.NO_SHOW)
    assert see(practice, held).state is State.MISSED
    mark(practice, held, Trigger.COMPLETE)
    mark(practice, held, Trigger.COMPLETE)

    assert see(practice, held).state is State.ATTENDED
    assert see(practice, held).sequence == 0  # nothing in a calendar has changed
    practice.work_until_idle()
    assert broken(practice) == []


@pytest.mark.parametrize("into", [timedelta(minutes=-1), timedelta(minutes=2), timedelta(minutes=59)])
def test_nothing_is_noted_of_a_session_that_is_not_over_and_its_time_stays_its_own(practice, clock, into):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(MONDAY_NINE + into)

    for trigger in (Trigger.COMPLETE, Trigger.NO_SHOW):
        with pytest.raises(TooEarly):
            mark(practice, held, trigger)
    if into < timedelta(minutes=30):
        with pytest.raises(SlotTaken):
            keep_for(practice, practice.new_client(), MONDAY_NINE + timedelta(minutes=30), until=timedelta(minutes=5))


def test_what_was_cancelled_is_never_marked(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    cancel(practice, held)
    clock.set(OVER)

    with pytest.raises(IllegalTransition):
        mark(practice, held, Trigger.COMPLETE)


def test_nothing_is_marked_by_itself_without_a_setting(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(OVER + 400 * DAY)

    sweep(practice)

    assert see(practice, held).state is State.CONFIRMED
    assert assumed(practice) == []


def test_with_a_setting_a_session_counts_as_attended_after_so_many_days(practice, clock):
    set_days(practice, 3)
    held, later = confirmed(practice, MONDAY_NINE), confirmed(practice, MONDAY_TEN)
    clock.set(OVER + 3 * DAY - timedelta(seconds=1))
    sweep(practice)
    assert see(practice, held).state is State.CONFIRMED

    clock.advance(seconds=1)
    sweep(practice)

    assert see(practice, held).state is State.ATTENDED
    assert see(practice, later).state is State.CONFIRMED
    assert assumed(practice) == [("worker", held.reference)]
    sweep(practice)
    assert len(assumed(practice)) == 1
    assert broken(practice) == []


def test_what_staff_have_marked_stays_marked(practice, clock):
    set_days(practice, 0)
    held, cancelled = confirmed(practice, MONDAY_NINE), confirmed(practice, MONDAY_TEN)
    cancel(practice, cancelled)
    clock.set(OVER)
    mark(practice, held, Trigger.NO_SHOW)
    clock.advance(days=10)

    sweep(practice)

    assert see(practice, held).state is State.MISSED
    assert see(practice, cancelled).state is State.CANCELLED


def test_a_session_that_was_marked_or_moved_since_it_was_listed_is_left_alone(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(OVER)

    with work_in(practice) as work:
        assert not attendance.count_as_attended(work, held.reference, OVER - timedelta(seconds=1))
    mark(practice, held, Trigger.NO_SHOW)
    with work_in(practice) as work:
        assert not attendance.count_as_attended(work, held.reference, OVER)

    assert see(practice, held).state is State.MISSED


def test_each_night_is_looked_at_once_and_sees_to_the_next(practice, clock):
    set_days(practice, 1)
    held = confirmed(practice, MONDAY_NINE)
    for _ in range(2):  # two workers that start, or one that starts again
        with work_in(practice) as work:
            attendance.post_next_sweep(work)
    assert len(nights(practice)) == 1

    for _ in range(7):
        clock.advance(days=1)
        practice.work_until_idle()

    found = nights(practice)
    assert len(found) == 8
    assert [state for _, state, _ in found] == ["done"] * 7 + ["waiting"]
    assert {later[2] - earlier[2] for earlier, later in pairwise(found)} == {DAY}
    assert see(practice, held).state is State.ATTENDED
    assert broken(practice) == []


def test_a_worker_that_starts_sees_to_the_coming_night_once(practice, monkeypatch):
    monkeypatch.setattr(cli, "_app", lambda: practice.app)

    for _ in range(2):
        assert CliRunner().invoke(cli.run_worker, ["--until-idle"]).exit_code == 0

    [(_, state, due)] = nights(practice)
    assert (state, due) == ("waiting", practice.clock.now().replace(hour=attendance.NIGHT_HOUR) + DAY)


def test_what_is_marked_claims_no_time_any_more(practice, clock):
    held = confirmed(practice, MONDAY_NINE)
    clock.set(OVER)

    mark(practice, held, Trigger.COMPLETE)

    assert claimed_ticks(practice, resource_of(practice), see(practice, held).blocked) == 0
