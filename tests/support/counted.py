"""Many people whose answers and sessions are counted: rows as the product writes them, without any pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.queries import get_offer
from practice.database import add_if_absent
from practice.intake.actions import start_draft
from practice.intake.models import Intake
from practice.intake.storing import write_section
from practice.people import Contact, add_person, save_contact
from practice.pulse.documents import current_document, current_questions
from practice.pulse.models import PulseAnswer, PulseQuestions
from practice.sealing import vault
from practice.tokens import reference
from practice.work import Work

SESSION = timedelta(minutes=50)


def ask(work: Work, sent: datetime, *, breaches: Sequence[str] = ("lying_omission",), goal: str = "repair") -> Intake:
    """Somebody asked for a session then, and chose these answers."""
    person = add_person(work, "America/New_York")
    save_contact(person, Contact(first_name="Robin", email=f"{reference('e')}@mail.example"))
    intake = start_draft(work, person, "America/New_York")
    write_section(work, intake, "trust", {"trust_role": "hurt", "breach_types": list(breaches)})
    write_section(work, intake, "goals", {"goal_direction": goal})
    intake.submitted_at = sent
    work.session.flush()
    return intake


def come(work: Work, intake: Intake, starts: datetime, state: State = State.ATTENDED) -> Booking:
    """They had a session then, or missed it; it was taken a minute after they asked."""
    offer = get_offer("ada-lindqvist", "couple-50")
    asked = intake.submitted_at
    assert asked is not None
    booking = Booking(
        reference=reference("b"),
        uid=reference("uid"),
        therapist_id=offer.therapist_id,
        offering_id=offer.offering_id,
        person_id=intake.person_id,
        state=state,
        starts_at=starts,
        ends_at=starts + SESSION,
        blocked_from=starts,
        blocked_until=starts + SESSION,
        price_minor=0,
        currency="USD",
        held_at=asked + timedelta(minutes=1),
        confirmed_at=asked + timedelta(minutes=2),
        updated_at=starts,
    )
    work.session.add(booking)
    work.session.flush()
    return booking


def trust(work: Work, intake: Intake, day: date, value: int) -> None:
    """They answered the short page of this day, and said how much they trust."""
    current = current_questions()
    add_if_absent(work.session, PulseQuestions, hash=current.hash, version=current.version, document=current_document())
    own = reference("u")
    plain = json.dumps({"pulse_trust": str(value)})
    sealed = vault().seal(intake.person_id, plain, table="pulse_answer", row=own, column="answers")
    row = PulseAnswer(reference=own, person_id=intake.person_id, due_on=day, questions_hash=current.hash)
    row.sealed, row.saved_at = sealed, work.now
    work.session.add(row)
    work.session.flush()
