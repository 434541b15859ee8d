"""What we keep of the objects that we wrote, before and after each word with a server. Runs in its caller's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.calendars.appointments import STANDING
from practice.calendars.caldav import standing
from practice.calendars.caldav.actions import close_question
from practice.calendars.caldav.deciding import Found, Known, Ours, Step, decide
from practice.calendars.caldav.messages import PushSession, QuestionOpened
from practice.calendars.caldav.models import AccountCalendar, Answer, CalendarQuestion, Kind, PushedSession
from practice.calendars.caldav.objects import content_of, digest_of, href_in
from practice.calendars.caldav.queries import appointment_of, find_written
from practice.tokens import reference
from practice.work import Work

Key = tuple[int, int]
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
REFUSED_IS_TOLD_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Task:
    """One object to write or to remove. `content` is None to remove it; `revision` that of the row it came from.

    `left`: its calendar isn't the written one any more.
    """

    key: Key
    account_id: int
    href: str
    etag: str | None
    known: Known
    content: bytes | None
    revision: int
    left: bool


@dataclass(frozen=True, slots=True)
class Remembered:
    """An object that was there as its session says, when we last knew. `asked`: it was found otherwise since."""

    key: Key
    href: str
    etag: str | None
    known: Known
    revision: int
    asked: bool


def plan(work: Work, booking_reference: str) -> list[Task]:
    """What is left to do for a session, noted as meant before anybody does it. Writing comes before removing.

    While a question is open nothing is written, unless the session changed: then the session wins.
    """
    found = select(Booking).where(Booking.reference == booking_reference).execution_options(populate_existing=True)
    booking = work.session.scalars(found).one_or_none()
    if booking is None:
        return []
    rows = {row.calendar_id: row for row in _rows(work, booking.id)}
    target = find_written(work.session, booking.therapist_id) if booking.state in STANDING else None
    question = open_question(work, booking.id)
    if question is not None and (target is None or target.id not in rows or question.sequence != booking.sequence):
        close_question(work, question, Answer.SESSION_CHANGED, "worker")
        question = None
    tasks = []
    if target is not None and question is None and (target.id in rows or booking.ends_at > work.now):
        row = _mean(work, rows.get(target.id), booking, target)
        if not row.settled:
            tasks.append(_task(row, content_of(appointment_of(booking))))
    for calendar_id, row in sorted(rows.items()):
        if target is not None and calendar_id != target.id and row.href == href_in(target.href, booking.uid):
            work.session.delete(row)  # the same calendar by another connection: the object stays
        elif target is None or calendar_id != target.id:
            row.revision += 1
            tasks.append(_task(row, None))
    work.session.flush()
    return tasks


def settle(work: Work, task: Task, etag: str) -> None:
    """Note that it is there as the session says. A row that changed meanwhile is another task's."""
    row = _same(work, task.key, task.revision)
    if row is not None:
        row.etag, row.known_digest = etag, row.digest
        row.not_ours_since = row.refused_since = None
        row.known_starts_at, row.known_ends_at = row.starts_at, row.ends_at


def drop(work: Work, task: Task) -> None:
    """Note that it isn't there any more."""
    row = _same(work, task.key, task.revision)
    if row is not None:
        work.session.delete(row)


def note_not_ours(work: Work, task: Task) -> None:
    """Note that something is in its place that we didn't write, and don't touch."""
    row = _same(work, task.key, task.revision)
    if row is not None:
        row.not_ours_since = row.not_ours_since or work.now


def note_refused(work: Work, task: Task) -> timedelta | None:
    """Note that it changes there at every try: how long until the next, or None once that has been so for a day.

    Then it waits for its therapist, who is told, and for the night.
    """
    row = _same(work, task.key, task.revision)
    if row is None:
        return SHORTEST_PAUSE
    row.refused_since = row.refused_since or work.now
    lasted = work.now - row.refused_since
    if lasted < REFUSED_IS_TOLD_AFTER:
        return min(max(lasted, SHORTEST_PAUSE), LONGEST_PAUSE)
    if row.not_ours_since is None:
        row.not_ours_since = work.now
        standing.tell(work, row.calendar.account)
    return None


def ask_about(work: Work, task: Task, found: Found) -> None:
    """Ask what is meant by an object that was moved before we knew that it had arrived."""
    row = _same(work, task.key, task.revision)
    if row is not None:
        row.etag, row.known_digest = found.etag, row.digest
        _ask(work, row, Kind.MOVED, found)


def remember(work: Work, calendar: AccountCalendar) -> list[Remembered]:
    """What should be in a calendar as we left it. What is on its way is not among it."""
    rows = select(PushedSession).where(PushedSession.calendar_id == calendar.id, PushedSession.not_ours_since.is_(None))
    asked = set(work.session.scalars(select(CalendarQuestion.booking_id).where(CalendarQuestion.answered_at.is_(None))))
    return [
        Remembered(
            (row.booking_id, row.calendar_id), row.href, row.etag, _known(row), row.revision, row.booking_id in asked
        )
        for row in work.session.scalars(rows.order_by(PushedSession.booking_id))
        if row.settled
    ]


def follow(work: Work, remembered: Remembered, found: Found | None) -> bool:
    """Draw the consequence of how an object was found outside; False when it changed meanwhile, so look again."""
    row = _same(work, remembered.key, remembered.revision)
    if row is None:
        return False
    booking = work.session.get_one(Booking, row.booking_id, populate_existing=True)
    if booking.state is not State.CONFIRMED or booking.sequence != row.sequence:
        return True  # whatever changed it has its own message on its way
    step = decide(remembered.known, found)
    over = booking.ends_at <= work.now
    if step is Step.ASK_DELETED and not over:
        _ask(work, row, Kind.DELETED, found)
    elif step is Step.ASK_MOVED and not over:
        _ask(work, row, Kind.MOVED, found)
    elif found is None:
        work.session.delete(row)  # it is over: they tidied up
    elif step is Step.LEAVE:
        row.not_ours_since, row.known_digest = work.now, None
    else:
        row.etag = found.etag
        question = open_question(work, row.booking_id)
        if question is not None and step is Step.ADOPT:
            close_question(work, question, Answer.BACK, "worker")
    return True


def open_question(work: Work, booking_id: int) -> CalendarQuestion | None:
    """The question of a session that nobody answered, locked."""
    unanswered = select(CalendarQuestion).where(
        CalendarQuestion.booking_id == booking_id, CalendarQuestion.answered_at.is_(None)
    )
    locked = unanswered.with_for_update(of=CalendarQuestion).execution_options(populate_existing=True)
    return work.session.scalars(locked).one_or_none()


def close_what_is_over(work: Work) -> None:
    """Close the questions that nobody answered before their session was over."""
    over = (
        select(CalendarQuestion)
        .join(CalendarQuestion.booking)
        .where(CalendarQuestion.answered_at.is_(None), Booking.ends_at <= work.now)
    )
    for question in work.session.scalars(over.with_for_update(of=CalendarQuestion)):
        close_question(work, question, Answer.OVER, "worker")


def put_back(work: Work, question: CalendarQuestion, actor: str) -> None:
    """Have the object written again as the session stands, over what its therapist made of it."""
    close_question(work, question, Answer.PUT_BACK, actor)
    for row in _rows(work, question.booking_id):
        row.etag, row.known_digest = question.etag, None
        row.known_starts_at, row.known_ends_at = question.seen_starts_at, question.seen_ends_at
        row.revision += 1
    work.session.flush()
    work.post(PushSession(question.booking.reference, question.reference))


def _ask(work: Work, row: PushedSession, kind: Kind, found: Found | None) -> None:
    span = found.span if found is not None and kind is Kind.MOVED else None
    etag = found.etag if found is not None else None
    question = open_question(work, row.booking_id)
    if question is None:
        question = CalendarQuestion(
            reference=reference("cq"), booking_id=row.booking_id, sequence=row.sequence, opened_at=work.now
        )
        work.session.add(question)
        work.post(QuestionOpened(question.reference))
    question.kind, question.etag = kind, etag
    question.seen_starts_at = span.start if span is not None else None
    question.seen_ends_at = span.end if span is not None else None
    work.session.flush()


def _mean(work: Work, row: PushedSession | None, booking: Booking, calendar: AccountCalendar) -> PushedSession:
    """The row, saying what the session says now."""
    appointment = appointment_of(booking)
    if row is None:
        row = PushedSession(
            booking_id=booking.id, calendar_id=calendar.id, href=href_in(calendar.href, booking.uid), revision=0
        )
        work.session.add(row)
    elif row.known_digest is None and row.sequence != booking.sequence:
        row.known_digest = (
            row.digest
        )  # a write whose answer was lost may have arrived: what is there is older than this
    row.digest, row.sequence = digest_of(appointment), booking.sequence
    row.starts_at, row.ends_at = booking.starts_at, booking.ends_at
    row.revision += 1
    work.session.flush()
    return row


def _task(row: PushedSession, content: bytes | None) -> Task:
    key = (row.booking_id, row.calendar_id)
    left = not row.calendar.written
    return Task(key, row.calendar.account_id, row.href, row.etag, _known(row), content, row.revision, left)


def _known(row: PushedSession) -> Known:
    unsettled = Ours.NEW if row.known_digest is None else Ours.CHANGED
    ours = Ours.SETTLED if row.settled else unsettled
    return Known(row.booking.uid, ours, row.meant, row.known)


def _rows(work: Work, booking_id: int) -> list[PushedSession]:
    found = select(PushedSession).where(PushedSession.booking_id == booking_id).with_for_update(of=PushedSession)
    return list(work.session.scalars(found.execution_options(populate_existing=True)))


def _same(work: Work, key: Key, revision: int) -> PushedSession | None:
    """The row, locked and counted on, if nobody changed it since."""
    row = work.session.get(PushedSession, key, with_for_update={"of": PushedSession}, populate_existing=True)
    if row is None or row.revision != revision:
        return None
    row.revision += 1
    return row
