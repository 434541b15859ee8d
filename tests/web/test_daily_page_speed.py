"""The pages of every day: with more sessions, drafts or openings on them they ask no more of the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.intake.models import Intake
from practice.notes import actions as notes
from practice.people import Person
from practice.review.answered import what_came_back
from practice.review.deciding import take_step
from practice.review.glass_actions import break_glass
from practice.review.glass_forms import ONE
from practice.review.glass_showing import what_was_opened
from practice.review.lifecycle import Step
from practice.review.note_actions import list_own_drafts
from practice.review.queries import list_sessions
from practice.review.today import list_lapsing
from practice.staff.models import StaffAccount
from practice.work import begin_work
from tests.support.clock import MONDAY_NINE
from tests.support.staff import booked, hire, send_request
from tests.support.statements import statements
from tests.support.story import Practice


def seat(practice: Practice, number: int) -> str:
    """Somebody with a request and a session."""
    found = send_request(practice, preferred_name=f"Robin {number}", email=f"r{number}@mail.example")
    held = practice.hold(MONDAY_NINE + timedelta(days=number // 3, hours=2 * (number % 3)))
    booked(practice, found, held.reference)
    practice.confirm(held)
    return found


def asked_by(practice: Practice, actor: str) -> dict[str, tuple[int, int]]:
    """How many lines each list has, and how many statements it takes."""
    found = {}
    now, until = MONDAY_NINE - timedelta(days=1), MONDAY_NINE + timedelta(days=14)
    lists = {
        "sessions": lambda account: list_sessions(account, now, until),
        "drafts": list_own_drafts,
        "opened": lambda account: what_was_opened(account, practice.clock.now()),
        "lapsing": lambda account: list_lapsing(account, until),
        "came back": lambda account: what_came_back(account, now),
    }
    for name, read in lists.items():
        with practice.app.test_request_context():
            [account] = [one for one in _accounts() if one.actor == actor]
            with statements() as asked:
                lines = read(account)
        found[name] = (len(lines), len(asked))
    return found


def _accounts() -> list[StaffAccount]:
    with begin_work() as work:
        return list(work.session.scalars(select(StaffAccount)))


def test_each_list_takes_as_many_statements_for_six_as_for_two(practice: Practice) -> None:
    reader = hire(practice, "clinician", email="reader@practice.example")
    colleague = hire(practice, "clinician", email="colleague@practice.example")
    taken = {}
    for number in range(6):
        found = seat(practice, number)
        with practice.app.test_request_context(), begin_work() as work:
            accounts = {one.actor: one for one in work.session.scalars(select(StaffAccount))}
            intake = work.session.scalars(select(Intake).where(Intake.reference == found)).one()
            notes.begin(work, accounts[reader.actor], work.session.get_one(Person, intake.person_id), "A draft.")
            intake.owner = reader.actor
            work.session.flush()
            for step in (Step.TAKE, Step.ASK, Step.ANSWER):
                take_step(work, intake, reader.actor, step, {})
            for one in work.session.scalars(select(Booking).where(Booking.person_id == intake.person_id)):
                one.state, one.deadline_at = State.IN_REVIEW, work.now
            break_glass(work, accounts[colleague.actor], found, ONE, "They rang, and nobody was there.")
        taken[number + 1] = asked_by(practice, reader.actor)
    for name, (lines, asked) in taken[6].items():
        assert (lines, asked) == (6, taken[2][name][1]), f"{name}: {taken}"
