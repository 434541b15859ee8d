"""The demo's couple: three months of sessions, and the short pages of both, each with one left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Flask

from practice import clock
from practice.booking import actions as booking
from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.lifecycle import Trigger
from practice.booking.queries import find_bookings_of
from practice.clock import SystemClock
from practice.couples import form_couple
from practice.demo.stories import CODE, STORIES, ShiftedClock, answer_before_paying, hold_time, pay, tell_as_of
from practice.intake.questions import Answer
from practice.people import Contact, Person, add_person, find_by_email, hash_code, save_contact
from practice.pulse import actions, timing
from practice.pulse.queries import own_zone
from practice.work import begin_work
from practice.worker import run_until_idle

WHO, PARTNER = "Noemi", "Silas"
LATER = (-64, -36, -8)  # days from today, of their further sessions; the middle one was missed
MISSED = -36
TRUST: dict[str, Sequence[int | None]] = {WHO: (2, 3, 3, None, 5, 6), PARTNER: (4, 3, None, 5, 5, 7)}
READ_LATE = timedelta(hours=3)  # after the page was due


def tell(app: Flask) -> None:
    """Let the two have their sessions, and answer; call after the stories, while the sandbox runs."""
    moved = ShiftedClock()
    app.extensions[clock.EXTENSION] = moved
    try:
        with app.app_context():
            one = _find(WHO)
            first = find_bookings_of(one)[-1]
            other, ended = _join(one, first.starts_at - SystemClock().now(), moved), first.ends_at
            for day in LATER:
                _meet(one.id, day, moved)
            for person_id, name in ((one.id, WHO), (other, PARTNER)):
                _answer(person_id, TRUST[name], ended, moved)
    finally:
        app.extensions[clock.EXTENSION] = SystemClock()
    run_until_idle(app)


def _find(name: str) -> Person:
    [person] = find_by_email(next(story.email for story in STORIES if story.name == name))
    return person


def _join(one: Person, when: timedelta, moved: ShiftedClock) -> int:
    moved.shift = when - timedelta(days=1)
    code_hash = hash_code(CODE)  # slow on purpose, so before the work
    with begin_work() as work:
        other = add_person(work, one.zone)
        save_contact(other, Contact(first_name=PARTNER, email=f"{PARTNER.lower()}@mail.example"))
        other.code_hash = code_hash
        form_couple(work, work.session.get_one(Person, one.id), other)
        return other.id


def _meet(person_id: int, day: int, moved: ShiftedClock) -> None:
    """A session, held in the past and paid in the present, as those of the stories are."""
    story = replace(next(one for one in STORIES if one.name == WHO), session=day)
    moved.shift = timedelta(days=day - 7)
    with begin_work() as work:
        grant_eligibility(
            work, work.session.get_one(Person, person_id), Grant(("couple", "individual"), ("video",), story.region)
        )
    reference = hold_time(story, person_id)
    held_at, moved.shift = moved.shift, timedelta()
    answer_before_paying(story, person_id, reference)
    pay(reference)
    with begin_work() as work:
        row = tell_as_of(work, reference, work.now + held_at)
        if row.blocked_until < work.now:
            booking.mark(work, row, Trigger.NO_SHOW if day == MISSED else Trigger.COMPLETE)


def _answer(person_id: int, trust: Sequence[int | None], ended: datetime, moved: ShiftedClock) -> None:
    """Open one page after the other, a while after it was due, and answer it or leave it out."""
    present = SystemClock().now()
    moved.shift = ended - present
    with begin_work() as work:
        person = work.session.get_one(Person, person_id)
        actions.begin(work, person, ended)
        zone, first = own_zone(person), timing.first_day_after(ended, own_zone(person))
    for number, value in enumerate(trust):
        day = first + timing.EVERY * number
        moved.shift = timing.due_at(day, zone) + READ_LATE - present
        if value is not None and moved.shift < timedelta():
            with begin_work() as work:
                actions.save_answers(work, work.session.get_one(Person, person_id), day, _said(value))


def _said(trust: int) -> dict[str, Answer]:
    step = str(min(trust // 2 + 1, 4))
    return {
        "pulse_trust": str(trust), "pulse_kept": step, "pulse_kept_self": step, "pulse_heard": step,
        "pulse_defensive": str(4 - int(step)), "pulse_alone": "no",
    }  # fmt: skip
