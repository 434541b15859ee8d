"""Words for stories about what comes again and again: the short page, and who is joined with whom."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import select

from practice.booking import actions as booking_actions
from practice.booking.lifecycle import Trigger
from practice.couples import form_couple
from practice.intake.actions import start_draft, start_partner_draft
from practice.intake.models import Intake
from practice.people import Person
from practice.work import begin_work
from tests.support.story import Client, Held, Practice

STOP_LINK = re.compile(r"https://practice\.example(/stop/[\w-]{43})")
BACK_LINK = re.compile(r"https://practice\.example(/return/[\w-]{43})")


def link_in(pattern: re.Pattern[str], text: str) -> str:
    """The one address of this kind in a letter."""
    [found] = set(pattern.findall(text))
    return found


def join(practice: Practice, one: Client, other: Client) -> None:
    """Join two clients as a couple."""
    with practice.app.app_context(), begin_work() as work:
        form_couple(work, practice.person(one), practice.person(other))


def leave_open(practice: Practice, client: Client, *, partner: bool = False) -> None:
    """This client has begun the questions, and not sent those before the session."""
    with practice.app.test_request_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        intake = start_partner_draft(work, person) if partner else start_draft(work, person, person.zone)
        if not partner:
            intake.submitted_at = work.now


def complete(practice: Practice, client: Client) -> None:
    """This client sends the questions before the session."""
    with practice.app.app_context(), begin_work() as work:
        for intake in work.session.scalars(select(Intake).where(Intake.person_id == client.person_id)):
            intake.completed_at = intake.submitted_at = work.now


def take_place(practice: Practice, held: Held, trigger: Trigger = Trigger.COMPLETE) -> None:
    """Note whether somebody came to a session that is over."""
    with practice.app.app_context(), begin_work() as work:
        booking_actions.mark(work, booking_actions.lock(work, held.reference), trigger)


def days(*spelled: str) -> list[date]:
    """Dates, from their ISO form."""
    return [date.fromisoformat(one) for one in spelled]
