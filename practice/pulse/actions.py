"""What changes the pulse. The only writer of its tables; each action runs in its caller's work."""

from __future__ import annotations

import json
from datetime import date, datetime

from sqlalchemy import delete, select

from practice.audit import record
from practice.database import add_if_absent
from practice.errors import Conflict, NotFound
from practice.intake.questions import Answers
from practice.languages import N_
from practice.people import Person
from practice.pulse import timing
from practice.pulse.documents import current_document, current_questions
from practice.pulse.messages import CallWished, PulseDue, PulseOpened
from practice.pulse.models import PulseAnswer, PulseCourse, PulseQuestions
from practice.pulse.parsing import ALONE
from practice.pulse.queries import YES, codes_of, find_answer, find_open_day, is_quiet, own_zone
from practice.reminding.messages import Topic
from practice.reminding.queries import is_stopped
from practice.sealing import vault
from practice.tokens import reference
from practice.work import Work


class PageClosed(Conflict):
    """The page that was filled in is not the one that is open now."""

    title = N_("This page is from an earlier fortnight")
    way_out = N_("Nothing was stored. Open your page again: the one of these two weeks is there.")


def begin(work: Work, person: Person, session_ended: datetime) -> None:
    """Ask this person every two weeks from now on, on the days that they had before, or a week after this session.

    Somebody who is asked already, or who wants no letters about it, is left as they are.
    """
    course = _lock(work, person.id)
    if course is None:
        _add_once(work, person, timing.first_day_after(session_ended, own_zone(person)))
        course = _lock(work, person.id)
    if course is not None:
        course.ended_at = None
        post_next(work, course)


def post_next(work: Work, course: PulseCourse) -> None:
    """Have the next page opened when it is due. However often: it is one message for each due day."""
    zone = own_zone(course.person)
    day = timing.next_day(course.first_day, zone, work.now)
    work.post(PulseDue(course.person.reference, day.isoformat()), due=timing.due_at(day, zone))


def go_on(work: Work, person: Person) -> None:
    """Somebody wants the short page again: the next one comes on its day. Nothing, where it has ended by itself."""
    course = _lock(work, person.id)
    if course is not None and course.ended_at is None:
        post_next(work, course)


def open_page(work: Work, person: Person, day: date) -> None:
    """A page is due: its person is to hear of it, and the next one is planned; unless they stopped, or it has ended.

    A page whose time is over, since this ran late, is not told of any more.
    """
    course = _lock(work, person.id)
    if course is None or course.ended_at is not None or is_stopped(person.id, Topic.PULSE):
        return
    if is_quiet(person, work.now):
        course.ended_at = work.now
        return
    post_next(work, course)
    zone = own_zone(person)
    if timing.current_day(course.first_day, zone, work.now) == day:
        due = timing.due_at(day, zone)
        work.post(PulseOpened(person.reference, day.isoformat(), due.isoformat()))


def save_answers(work: Work, person: Person, day: date, answers: Answers) -> PulseAnswer:
    """Store what this person answered on the page of a due day, in place of what they answered on it before.

    :raises PageClosed: when the page of that day isn't open (any more).
    """
    _lock(work, person.id)  # two tabs of one person take turns
    if find_open_day(person, work.now) != day:
        raise PageClosed
    asked, answer = _keep_questions(work), find_answer(person.id, day)
    before = codes_of(answer) if answer is not None else {}
    own = answer.reference if answer is not None else reference("u")
    plain = json.dumps(dict(answers), ensure_ascii=False)
    sealed = vault().seal(person.id, plain, table="pulse_answer", row=own, column="answers")
    if answer is None:
        answer = PulseAnswer(reference=own, person_id=person.id, due_on=day)
        work.session.add(answer)
    answer.questions_hash, answer.sealed, answer.saved_at = asked, sealed, work.now
    work.session.flush()
    if answers.get(ALONE) == YES and before.get(ALONE) != YES:
        answer.spoken_at = answer.spoken_by = None
        work.post(CallWished(answer.reference, work.now.isoformat()))
    return answer


def note_spoken(work: Work, actor: str, found: str) -> None:
    """A clinician has spoken with whoever wished so. Twice is as good as once.

    :raises NotFound: when there is no such answer.
    """
    locked = select(PulseAnswer).where(PulseAnswer.reference == found).with_for_update(of=PulseAnswer)
    answer = work.session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if answer is None:
        raise NotFound
    if answer.spoken_at is None:
        answer.spoken_at, answer.spoken_by = work.now, actor
        record(work, actor, "pulse_call_noted", answer.reference)


def forget_pulse(work: Work, person_id: int) -> None:
    """Erase all that somebody answered, and ask them no more."""
    for table in (PulseAnswer, PulseCourse):
        work.session.execute(delete(table).where(table.person_id == person_id))


def _lock(work: Work, person_id: int) -> PulseCourse | None:
    found = select(PulseCourse).where(PulseCourse.person_id == person_id).with_for_update(of=PulseCourse)
    return work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def _add_once(work: Work, person: Person, first_day: date) -> None:
    add_if_absent(work.session, PulseCourse, person_id=person.id, first_day=first_day, begun_at=work.now)


def _keep_questions(work: Work) -> str:
    current = current_questions()
    kept = {"hash": current.hash, "version": current.version, "document": current_document()}
    add_if_absent(work.session, PulseQuestions, **kept)
    return current.hash
