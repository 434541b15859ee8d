"""What changes busy times. The only writer of their tables; each action runs in its caller's work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import delete, insert, select

from practice.booking.busy.messages import SessionCollides
from practice.booking.busy.models import BusyCalendar, BusyTime, Collision
from practice.booking.busy.queries import LONGEST, find_met
from practice.booking.offers.models import Resource, Therapist
from practice.spans import EPOCH, Span, merge
from practice.tokens import reference
from practice.work import Work

LONGEST_NAME = 60  # characters
AT_ONCE = 500  # rows that one statement deletes
NOT_IN_MEMORY = {"synchronize_session": False}


def add_busy_calendar(work: Work, therapist: Therapist, name: str) -> BusyCalendar:
    """A calendar of a therapist's own, which says nothing yet."""
    calendar = BusyCalendar(reference=reference("y"), therapist_id=therapist.id, name=name)
    work.session.add(calendar)
    work.session.flush()
    return calendar


def keep_busy_times(work: Work, calendar_id: int, spans: Iterable[Span]) -> None:
    """Have a calendar say these times and no others. Whatever session they meet stays, and its therapist hears of it.

    :raises sqlalchemy.exc.NoResultFound: when the calendar is gone.
    """
    calendar = _lock(work, calendar_id)
    wanted = {span.start: span.end for span in _pieces(spans)}
    found = select(BusyTime.starts_at, BusyTime.ends_at).where(BusyTime.calendar_id == calendar_id)
    kept = {row.starts_at: row.ends_at for row in work.session.execute(found)}
    gone = [start for start, end in kept.items() if wanted.get(start) != end]
    added = [(start, end) for start, end in wanted.items() if kept.get(start) != end]
    for number in range(0, len(gone), AT_ONCE):
        these = BusyTime.starts_at.in_(gone[number : number + AT_ONCE])
        work.session.execute(
            delete(BusyTime).where(BusyTime.calendar_id == calendar_id, these).execution_options(**NOT_IN_MEMORY)
        )
    if added:
        rows = [{"calendar_id": calendar_id, "starts_at": start, "ends_at": end} for start, end in added]
        work.session.execute(insert(BusyTime), rows)
    if gone or added:
        notice_collisions(work, calendar.therapist_id)


def forget_busy_calendar(work: Work, calendar_id: int) -> None:
    """Take a calendar away, with all that it says: from now on it keeps nothing from being booked."""
    calendar = _lock(work, calendar_id)
    work.session.execute(delete(Collision).where(Collision.calendar_id == calendar_id))
    work.session.execute(delete(BusyTime).where(BusyTime.calendar_id == calendar_id))
    work.session.delete(calendar)
    work.session.flush()


def notice_collisions(work: Work, therapist_id: int) -> None:
    """Note where sessions stand while a calendar of their therapist is busy, and have them told of what is new.

    New is a session that met nothing, that has moved since, or of which more is taken than was noticed. What meets no
    more is forgotten.
    """
    _take_turns(work, therapist_id)
    met = find_met(work.session, therapist_id, work.now)
    theirs = select(Collision).join(BusyCalendar, BusyCalendar.id == Collision.calendar_id)
    noticed = {
        (one.booking_id, one.calendar_id): one
        for one in work.session.scalars(theirs.where(BusyCalendar.therapist_id == therapist_id))
    }
    for key, one in noticed.items():
        if key not in met:
            work.session.delete(one)
    for (booking_id, calendar_id), meeting in met.items():
        known = noticed.get((booking_id, calendar_id))
        if known is None:
            known = Collision(booking_id=booking_id, calendar_id=calendar_id)
            work.session.add(known)
        elif known.sequence == meeting.booking.sequence and _is_within(meeting.shared, known):
            known.met_from, known.met_until = meeting.shared.start, meeting.shared.end
            continue
        known.reference, known.sequence = reference("z"), meeting.booking.sequence
        known.met_from, known.met_until = meeting.shared.start, meeting.shared.end
        known.noticed_at, known.left_at = work.now, None
        work.post(SessionCollides(known.reference))
    work.session.flush()


def leave_so(work: Work, collision: Collision) -> None:
    """Note that a therapist means both: the session stands, and the time in their calendar too."""
    collision.left_at = work.now


def _is_within(shared: Span, known: Collision) -> bool:
    return known.met_from <= shared.start and shared.end <= known.met_until


def _lock(work: Work, calendar_id: int) -> BusyCalendar:
    """The calendar, locked: two who read it at once write one after the other."""
    found = select(BusyCalendar).where(BusyCalendar.id == calendar_id).with_for_update(of=BusyCalendar, key_share=True)
    return work.session.scalars(found.execution_options(populate_existing=True)).one()


def _take_turns(work: Work, therapist_id: int) -> None:
    """Whoever notices collisions of one therapist does so one after the other; bookings needn't wait for them."""
    whose = select(Therapist.resource_id).where(Therapist.id == therapist_id).scalar_subquery()
    work.session.execute(select(Resource.id).where(Resource.id == whose).with_for_update(key_share=True))


def _pieces(spans: Iterable[Span]) -> Iterator[Span]:
    """The same time, in pieces that end at midnight UTC."""
    for span in merge(spans):
        start = span.start
        while start < span.end:
            end = min(span.end, EPOCH + ((start - EPOCH) // LONGEST + 1) * LONGEST)
            yield Span(start, end)
            start = end
