"""What the desk reads. Who may read it is decided here, once, by review/sight.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking
from practice.booking.offers.queries import find_therapists
from practice.booking.queries import find_bookings_of
from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import (
    SENT,
    Answered,
    answers_of,
    codes_of,
    flags_of,
    questionnaire_of,
)
from practice.intake.safety import Band, Flag, explain, worst_band
from practice.outbox import OutboxMessage
from practice.payments.queries import Unsettled, find_unsettled
from practice.people import Contact, contact_of
from practice.regions import region_name
from practice.review.models import IntakeNote
from practice.review.sight import Sight, sight_of
from practice.sealing import vault
from practice.staff.models import StaffAccount

TREATED = (State.IN_REVIEW, State.CONFIRMED, State.ATTENDED, State.MISSED)
DECIDED_SHOWN = 100
COMING = timedelta(days=14)
GRAVITY = {Band.RED: 0, Band.AMBER: 1, None: 2}
# What a reviewer reads first, under short words; in this order.
ESSENCE = {
    "trust_role": "Their side",
    "breach_main": "Weighs most",
    "breach_types": "What touched trust",
    "breach_pattern": "Pattern",
    "breach_known_since": "In the open",
    "breach_ongoing": "Still going on",
}
GOALS = {
    "goal_direction": "Wants most",
    "lean": "Right now",
    "goals_concrete": "Would matter most",
    "goals_own_words": "In three months",
}
# Shown by the contact rule, or of no use once answered.
NEVER_LISTED = frozenset(
    {"age_18_plus", "preferred_name", "email", "phone", "contact_ok", "private_now", "session_location"}
)


@dataclass(frozen=True)
class Waiting:
    """One line of the queue. `band` is None for the coordinator, whatever was answered."""

    reference: str
    name: str
    state: str
    submitted_at: datetime
    waited: timedelta
    place: str
    band: Band | None
    booking: Booking | None


@dataclass(frozen=True)
class Reach:
    """How to reach somebody, without why: an empty address or number means that this way is not to be used."""

    email: str
    phone: str
    voicemail: bool


@dataclass(frozen=True)
class Raised:
    """A flag as a clinician reads it: what it says, by which rule, from which questions."""

    flag: Flag
    says: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One intake, as far as this reader sees it. For the coordinator everything clinical is empty."""

    intake: Intake
    sight: Sight
    name: str
    reach: Reach
    place: str
    licensed: list[str]
    waited: timedelta
    bookings: list[Booking]
    logistics: list[Answered]
    band: Band | None
    flags: list[Raised]
    essence: list[tuple[str, str]]
    goals: list[tuple[str, str]]
    rest: list[Answered]
    notes: list[tuple[IntakeNote, str]]


def roles_of(account: StaffAccount) -> set[str]:
    """The names of somebody's roles."""
    return {role.name for role in account.roles}


def find_sight(account: StaffAccount, intake: Intake) -> Sight | None:
    """How much of this intake this account sees; None when for them it doesn't exist."""
    return find_sight_of(account, intake.person_id)


def find_sight_of(account: StaffAccount, person_id: int) -> Sight | None:
    """The same for whatever else is this person's."""
    treats = False
    if account.therapist_id is not None:
        found = select(Booking.id).where(Booking.person_id == person_id, *_treated_by(account))
        treats = db.session.scalar(found.limit(1)) is not None
    return sight_of(roles_of(account), treats=treats)


def list_waiting(account: StaffAccount, now: datetime) -> list[Waiting]:
    """The intakes that nobody has decided: the riskiest first, or, for the coordinator, the oldest."""
    found = _visible(account).where(Intake.review_state == "new").order_by(Intake.submitted_at, Intake.id)
    lines = _lines(account, db.session.scalars(found).all(), now)
    return sorted(lines, key=lambda line: GRAVITY[line.band])  # stable: the older first within a band


def list_decided(account: StaffAccount, now: datetime) -> list[Waiting]:
    """The intakes that were decided last."""
    found = _visible(account).where(Intake.review_state != "new").order_by(Intake.decided_at.desc(), Intake.id.desc())
    return _lines(account, db.session.scalars(found.limit(DECIDED_SHOWN)).all(), now)


def read_sheet(account: StaffAccount, intake: Intake, sight: Sight, now: datetime) -> Sheet:
    """One intake for its page. `sight` is what find_sight said of this account."""
    clinical = sight is Sight.CLINICAL
    answered = [one for one in answers_of(intake) if not one.field.write_only and one.field.name not in NEVER_LISTED]
    flags = flags_of(intake) if clinical else ()
    open_answers = [one for one in answered if clinical and one.field.visibility == "own"]
    told = {one.field.name: one for one in open_answers}
    contact = contact_of(intake.person)
    region = str(codes_of(intake).get("session_location", ""))
    return Sheet(
        intake=intake,
        sight=sight,
        name=contact.first_name if contact else "",
        reach=reach_of(contact),
        place=region_name(region),
        licensed=[therapist.name for therapist in find_therapists() if region in therapist.licence_places],
        waited=now - (intake.submitted_at or now),
        bookings=find_bookings_of(intake.person),
        logistics=[one for one in answered if one.field.visibility == "admin" and one.field.kind != "checkbox"],
        band=worst_band(flags),
        flags=_explained(intake, flags),
        essence=[(label, told[name].said) for name, label in ESSENCE.items() if name in told],
        goals=[(label, told[name].said) for name, label in GOALS.items() if name in told],
        rest=[one for one in open_answers if one.field.name not in (*ESSENCE, *GOALS)],
        notes=_notes_on(intake) if clinical else [],
    )


def read_private(intake: Intake) -> list[Answered]:
    """What somebody answered just for themselves, and whatever else only clinicians read."""
    return [one for one in answers_of(intake) if one.field.write_only]


def reach_of(contact: Contact | None) -> Reach:
    """The ways that somebody allowed, and nothing of why the others are closed."""
    if contact is None:
        return Reach("", "", voicemail=False)
    voicemail = "voicemail" in contact.channels
    by_phone = voicemail or "call" in contact.channels
    return Reach(
        email=contact.email if "email" in contact.channels else "",
        phone=contact.phone if by_phone else "",
        voicemail=voicemail,
    )


def list_sessions(account: StaffAccount, first: datetime, until: datetime) -> list[tuple[Booking, str, str | None]]:
    """The sessions that begin in [first, until): each with the client's first name and their intake's reference.

    A therapist without the desk sees their own. The reference is None where the intake isn't theirs to open.
    """
    found = select(Booking).where(Booking.starts_at >= first, Booking.starts_at < until, Booking.state.in_(CLAIMING))
    if sight_of(roles_of(account), treats=False) is None:
        found = found.where(Booking.therapist_id == account.therapist_id)
    listed = []
    for booking in db.session.scalars(found.order_by(Booking.starts_at, Booking.id)):
        contact = contact_of(booking.person)
        intake = db.session.scalars(_submitted().where(Intake.person_id == booking.person_id).limit(1)).first()
        seen = intake is not None and find_sight(account, intake) is not None
        listed.append((booking, contact.first_name if contact else "", intake.reference if intake and seen else None))
    return listed


def count_undelivered() -> int:
    """How many things to tell somebody could not be delivered."""
    dead = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "dead")
    return db.session.scalar(dead) or 0


def list_unsettled() -> list[Unsettled]:
    """Payments and refunds that only a person can bring to an end."""
    return find_unsettled(db.session())


def _submitted() -> Select[Intake]:
    return select(Intake).where(SENT).order_by(Intake.submitted_at.desc())


def _visible(account: StaffAccount) -> Select[Intake]:
    found = select(Intake).where(SENT)
    if sight_of(roles_of(account), treats=False) is not None:
        return found
    return found.where(Intake.person_id.in_(select(Booking.person_id).where(*_treated_by(account))))


def _treated_by(account: StaffAccount) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Booking.therapist_id == account.therapist_id, Booking.state.in_(TREATED)


def _lines(account: StaffAccount, intakes: Sequence[Intake], now: datetime) -> list[Waiting]:
    lines = []
    for intake in intakes:
        sight = find_sight(account, intake)
        if sight is None or intake.submitted_at is None:
            continue
        contact = contact_of(intake.person)
        bookings = [booking for booking in find_bookings_of(intake.person) if booking.state in CLAIMING]
        lines.append(
            Waiting(
                reference=intake.reference,
                name=contact.first_name if contact else "",
                state=intake.review_state,
                submitted_at=intake.submitted_at,
                waited=now - intake.submitted_at,
                place=region_name(str(codes_of(intake).get("session_location", ""))),
                band=worst_band(flags_of(intake)) if sight is Sight.CLINICAL else None,
                booking=bookings[0] if bookings else None,
            )
        )
    return lines


def _explained(intake: Intake, flags: Sequence[Flag]) -> list[Raised]:
    questions = {field.name: field.question for field in questionnaire_of(intake).fields()}
    return [
        Raised(flag, explain(flag), tuple(questions.get(source, source) for source in flag.sources)) for flag in flags
    ]


def _notes_on(intake: Intake) -> list[tuple[IntakeNote, str]]:
    found = select(IntakeNote).where(IntakeNote.intake_id == intake.id).order_by(IntakeNote.id.desc())
    return [
        (note, vault().open(intake.person_id, note.sealed, table="intake_note", row=note.reference, column="text"))
        for note in db.session.scalars(found)
    ]
