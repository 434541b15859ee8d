"""What therapists' own calendars keep from being booked, and what becomes of a session that such a time meets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from practice.booking.busy.actions import forget_busy_calendar, leave_so
from practice.booking.busy.models import Collision
from practice.booking.busy.queries import find_busy_spans, list_collisions
from practice.booking.claims import SlotTaken
from practice.booking.explaining import explain_day, explain_lines
from practice.booking.holding import hold_with_any
from practice.booking.lifecycle import State
from practice.booking.offers.queries import get_staff_offer, get_therapist, offers_of
from practice.database import db
from practice.outbox import OutboxMessage
from practice.spans import Span
from tests.support.clock import MONDAY_NINE, MONDAY_TEN
from tests.support.fake_mail import FakeMailer
from tests.support.offers import ADA, COUPLE, NOOR, confirmed, keep_for, move, move_by_staff, open_starts, see, work_in
from tests.support.own_calendars import add_calendar, hours, kept_times, says
from tests.support.story import Held, Practice

MONDAY = date(2027, 5, 10)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def collisions(practice: Practice, therapist: str = ADA) -> list[str]:
    """The references of the sessions that collide now."""
    with practice.app.app_context():
        found = list_collisions([get_therapist(therapist).id], practice.clock.now())
        return [one.booking.reference for one in found]


def told(practice: Practice) -> int:
    """How often the therapist was told of a collision."""
    practice.work_until_idle()
    with practice.app.app_context():
        posted = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == "session_collides")
        return db.session.scalar(posted) or 0


# What is offered


def test_a_busy_time_is_not_offered_and_what_touches_it_is(practice: Practice) -> None:
    before = open_starts(practice, MONDAY)
    add_calendar(practice, [hours(MONDAY_TEN)])

    after = open_starts(practice, MONDAY)

    # A session of 50 minutes with ten more behind it: 9:00 ends, buffer and all, when the busy time begins.
    assert set(before) - set(after) == {MONDAY_TEN - HOUR / 2, MONDAY_TEN, MONDAY_TEN + HOUR / 2}
    assert MONDAY_NINE in after
    assert MONDAY_TEN + HOUR in after


def test_times_need_not_lie_on_five_minutes(practice: Practice) -> None:
    add_calendar(practice, [Span(MONDAY_TEN + 7 * MINUTE, MONDAY_TEN + 8 * MINUTE)])

    assert MONDAY_TEN not in open_starts(practice, MONDAY)
    assert MONDAY_TEN + HOUR / 2 in open_starts(practice, MONDAY)


def test_another_therapist_is_not_busy(practice: Practice) -> None:
    add_calendar(practice, [hours(MONDAY_TEN)], therapist=NOOR)

    assert MONDAY_TEN in open_starts(practice, MONDAY)


def test_a_long_time_keeps_every_day_of_it_closed_and_is_one_again_where_it_is_shown(practice: Practice) -> None:
    away = Span(MONDAY_NINE - timedelta(days=9), MONDAY_NINE + timedelta(days=9))
    calendar_id = add_calendar(practice, [away])

    assert open_starts(practice, MONDAY) == []
    pieces = kept_times(practice, calendar_id)
    assert len(pieces) == 19
    assert all(piece.length <= timedelta(days=1) for piece in pieces)
    with practice.app.app_context():
        ada = get_therapist(ADA).id
        shown = find_busy_spans([ada], away)[ada]
        assert [one.span for one in shown] == [away]
        inside = find_busy_spans([ada], hours(MONDAY_TEN))[ada]
        assert len(inside) == 1


def test_what_a_calendar_says_replaces_what_it_said(practice: Practice) -> None:
    calendar_id = add_calendar(practice, [hours(MONDAY_NINE), hours(MONDAY_TEN + 2 * HOUR)])
    says(practice, calendar_id, [hours(MONDAY_NINE, 30), hours(MONDAY_TEN + 4 * HOUR)])

    assert kept_times(practice, calendar_id) == [hours(MONDAY_NINE, 30), hours(MONDAY_TEN + 4 * HOUR)]


def test_the_same_again_writes_nothing(practice: Practice) -> None:
    calendar_id = add_calendar(practice, [hours(MONDAY_NINE), hours(MONDAY_TEN)])
    written: list[str] = []

    with practice.app.app_context():
        engine = db.engine
        event.listen(engine, "before_cursor_execute", _note := (lambda *seen: written.append(seen[2])))
    says(practice, calendar_id, [hours(MONDAY_TEN), hours(MONDAY_NINE)])
    event.remove(engine, "before_cursor_execute", _note)

    assert [one for one in written if "busy_time" in one]
    assert not [one for one in written if one.lstrip().startswith(("INSERT", "DELETE", "UPDATE"))]


def test_two_calendars_count_both_and_one_that_is_taken_away_counts_no_more(practice: Practice) -> None:
    add_calendar(practice, [hours(MONDAY_NINE)], name="Home")
    work_calendar = add_calendar(practice, [hours(MONDAY_TEN)], name="Clinic")
    assert not {MONDAY_NINE, MONDAY_TEN} & set(open_starts(practice, MONDAY))

    with work_in(practice) as work:
        forget_busy_calendar(work, work_calendar)

    assert MONDAY_NINE not in open_starts(practice, MONDAY)
    assert MONDAY_TEN in open_starts(practice, MONDAY)


# Taking a time


def test_a_time_that_became_busy_since_the_page_was_read_is_not_held(practice: Practice) -> None:
    add_calendar(practice, [hours(MONDAY_TEN + 55 * MINUTE, 5)])  # in the ten minutes behind the session

    with pytest.raises(SlotTaken):
        practice.hold(MONDAY_TEN)
    assert practice.hold(MONDAY_NINE)


def test_with_anybody_it_goes_to_whoever_is_free(practice: Practice) -> None:
    noon = MONDAY_NINE + 3 * HOUR
    add_calendar(practice, [hours(noon)], therapist=ADA)
    client = practice.new_client()

    with practice.app.app_context():
        offers = offers_of(COUPLE)
        with work_in(practice) as work:
            named = hold_with_any(work, client.person_id, offers, noon)

    assert see(practice, Held(named, client)).therapist_id == _id_of(practice, NOOR)


def test_a_client_moves_nothing_into_a_busy_time_and_staff_may(practice: Practice) -> None:
    held = confirmed(practice, MONDAY_NINE)
    add_calendar(practice, [hours(MONDAY_TEN + HOUR)])

    with pytest.raises(SlotTaken):
        move(practice, held, MONDAY_TEN + HOUR)
    assert see(practice, held).starts_at == MONDAY_NINE

    move_by_staff(practice, held, MONDAY_TEN + HOUR)
    assert see(practice, held).starts_at == MONDAY_TEN + HOUR


def test_staff_keep_a_busy_time_for_somebody(practice: Practice) -> None:
    add_calendar(practice, [hours(MONDAY_TEN)])

    kept = keep_for(practice, practice.new_client(), MONDAY_TEN)

    assert practice.state_of(kept) is State.RESERVED


# Collisions


def test_a_busy_time_that_comes_later_changes_no_session_and_its_therapist_hears_once(
    practice: Practice, mailer: FakeMailer
) -> None:
    held = confirmed(practice, MONDAY_TEN)
    mailer.sent.clear()
    calendar_id = add_calendar(practice, [hours(MONDAY_TEN + HOUR / 2)])
    says(practice, calendar_id, [hours(MONDAY_TEN + HOUR / 2), hours(MONDAY_NINE)])
    says(practice, calendar_id, [hours(MONDAY_TEN + HOUR / 2, 20)])

    assert told(practice) == 1
    assert practice.state_of(held) is State.CONFIRMED
    assert collisions(practice) == [held.reference]
    [letter] = mailer.sent
    assert letter.to == "ada@practice.example"
    assert letter.subject == "Two things at one time"
    assert "/staff/schedule/collisions/" in letter.text
    assert "Private" not in letter.text


def test_what_only_touches_a_session_or_its_pause_does_not_collide(practice: Practice) -> None:
    confirmed(practice, MONDAY_TEN)
    add_calendar(practice, [hours(MONDAY_NINE), hours(MONDAY_TEN + 50 * MINUTE, 10)])

    assert collisions(practice) == []
    assert told(practice) == 0


def test_it_is_gone_once_the_calendar_says_otherwise_and_then_no_letter_tells_of_it(
    practice: Practice, mailer: FakeMailer
) -> None:
    confirmed(practice, MONDAY_TEN)
    mailer.sent.clear()
    calendar_id = add_calendar(practice, [hours(MONDAY_TEN)])
    says(practice, calendar_id, [])

    assert collisions(practice) == []
    practice.work_until_idle()
    assert mailer.sent == []


def test_left_so_it_is_shown_no_more_until_the_session_moves_into_it_anew(practice: Practice) -> None:
    held = confirmed(practice, MONDAY_TEN)
    add_calendar(practice, [hours(MONDAY_TEN, 240)])
    with work_in(practice) as work:
        leave_so(work, list_collisions([_id_of(practice, ADA)], work.now)[0])
    assert collisions(practice) == []

    move_by_staff(practice, held, MONDAY_TEN + HOUR)
    practice.work_until_idle()

    assert collisions(practice) == [held.reference]
    assert told(practice) == 2


@pytest.mark.parametrize("meanwhile", [[], [hours(MONDAY_TEN, 20)]])
def test_left_so_it_is_told_of_anew_where_more_of_the_session_is_taken(
    practice: Practice, mailer: FakeMailer, meanwhile: list[Span]
) -> None:
    held = confirmed(practice, MONDAY_TEN)
    calendar_id = add_calendar(practice, [hours(MONDAY_TEN, 20)])
    with work_in(practice) as work:
        leave_so(work, list_collisions([_id_of(practice, ADA)], work.now)[0])
    says(practice, calendar_id, meanwhile)
    says(practice, calendar_id, [hours(MONDAY_TEN, 10)])
    assert (collisions(practice) == []) is bool(meanwhile)  # less of it is nothing new
    mailer.sent.clear()

    says(practice, calendar_id, [hours(MONDAY_TEN)])

    assert collisions(practice) == [held.reference]
    practice.work_until_idle()
    assert [letter.subject for letter in mailer.sent][-1] == "Two things at one time"


def test_a_letter_that_waits_is_sent_though_somebody_left_it_so_meanwhile(
    practice: Practice, mailer: FakeMailer
) -> None:
    confirmed(practice, MONDAY_TEN)
    mailer.sent.clear()
    add_calendar(practice, [hours(MONDAY_TEN)])
    with work_in(practice) as work:
        leave_so(work, list_collisions([_id_of(practice, ADA)], work.now)[0])

    practice.work_until_idle()

    assert [letter.subject for letter in mailer.sent] == ["Two things at one time"]


def test_two_calendars_of_one_name_are_shown_each_with_its_own_times(practice: Practice) -> None:
    for start in (MONDAY_NINE, MONDAY_TEN):
        add_calendar(practice, [hours(start)], name="Private")
    with practice.app.app_context():
        ada = get_therapist(ADA).id
        shown = find_busy_spans([ada], Span(MONDAY_NINE, MONDAY_TEN + HOUR))[ada]

    assert [one.span for one in shown] == [hours(MONDAY_NINE), hours(MONDAY_TEN)]


def test_a_hold_is_not_told_of_and_is_once_it_is_a_session(practice: Practice) -> None:
    held = practice.hold(MONDAY_TEN)
    add_calendar(practice, [hours(MONDAY_TEN)])
    assert told(practice) == 0

    practice.confirm(held)

    assert told(practice) == 1
    assert collisions(practice) == [held.reference]


def test_a_session_that_is_over_or_cancelled_collides_with_nothing(practice: Practice) -> None:
    confirmed(practice, MONDAY_TEN)
    add_calendar(practice, [hours(MONDAY_TEN)])
    practice.clock.set(MONDAY_TEN + 50 * MINUTE)

    assert collisions(practice) == []


def test_two_calendars_are_two_collisions_and_go_with_their_calendar(practice: Practice) -> None:
    confirmed(practice, MONDAY_TEN)
    add_calendar(practice, [hours(MONDAY_TEN)], name="Home")
    clinic = add_calendar(practice, [hours(MONDAY_TEN)], name="Clinic")
    assert len(collisions(practice)) == 2

    with work_in(practice) as work:
        forget_busy_calendar(work, clinic)

    assert len(collisions(practice)) == 1
    with practice.app.app_context():
        assert len(db.session.scalars(select(Collision)).all()) == 1


# Why


def test_explaining_names_the_calendar_and_not_what_is_in_it(practice: Practice) -> None:
    add_calendar(practice, [hours(MONDAY_TEN)], name="Family")

    with practice.app.app_context():
        explained = explain_day(get_staff_offer(ADA, COUPLE), MONDAY, MONDAY_NINE - timedelta(days=5))
        lines = list(explain_lines(explained))

    assert "  10:00 EDT  not offered, busy: busy (Family), 10:00 am to 11:00 am" in lines
    assert "  09:00 EDT  offered" in lines


def test_a_calendar_reaches_over_midnight_utc(practice: Practice) -> None:
    evening = datetime(2027, 5, 10, 23, 30, tzinfo=UTC)
    calendar_id = add_calendar(practice, [hours(evening)])

    assert kept_times(practice, calendar_id) == [hours(evening, 30), hours(evening + HOUR / 2, 30)]


def _id_of(practice: Practice, slug: str) -> int:
    with practice.app.app_context():
        return get_therapist(slug).id
