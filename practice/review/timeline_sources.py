"""Where a timeline's entries come from: one function for each room, each with a fixed number of queries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from practice.audit import AuditEntry
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.models import FOR_TWO, Offering
from practice.clearing.models import Clearance, Conversion, FlagDecision
from practice.consents.models import Consent
from practice.couples import Couple
from practice.database import db
from practice.intake.models import AnswerCorrection, Intake
from practice.intake.queries import SENT
from practice.notes.models import Note
from practice.partners.models import Invitation, Pause
from practice.review.lifecycle import Step
from practice.review.models import ReviewStep
from practice.speaking import gettext as _

ENDED = {
    "session_moved": "session_moved",
    "session_cancelled": "session_ended",
    "session_called_off": "session_called_off",
    "session_let_go": "time_let_go",
    "time_reserved": "time_kept",
}
DECIDED = {one: one for one in ("accepted", "declined", "referred_out", "withdrawn")}
READ = {"accepted": "answers_read"}  # an invited partner's: nothing else is decided of them
ASKED = {
    Step.ASK.value: "asked",
    Step.ANSWER.value: "asked_answered",
    Step.OFFER_CALL.value: "call_offered",
    Step.CALLED.value: "call_noted",
}
CAME = ("attendance_marked", "attendance_assumed")
OVER = (State.CANCELLED, State.EXPIRED, State.DECLINED)


@dataclass(frozen=True)
class Circle:
    """Whose timeline it is: the ids of one person or of two, and the couple that they are or were."""

    ids: tuple[int, ...]
    couple: Couple | None

    @property
    def members(self) -> tuple[int, ...]:
        """Both of the couple, also where one of them alone is looked at."""
        return tuple(one.person_id for one in self.couple.members) if self.couple is not None else self.ids


@dataclass(frozen=True)
class Happening:
    """One thing that happened: its kind in timeline_kinds.py, whom it is about, and what the page says besides.

    `session` is when the session begins that it is about; `by` names an account as the audit log does.
    """

    at: datetime
    kind: str
    people: tuple[int, ...]
    detail: str = ""
    session: datetime | None = None
    by: str = ""


def gather(circle: Circle) -> list[Happening]:
    """Everything that a timeline knows of, in no order."""
    return [one for source in SOURCES for one in source(circle)]


def bookings_of(circle: Circle) -> Sequence[Booking]:
    """What these people booked, and what stands or stood for them beside whoever booked it."""
    whose: ColumnElement[bool] = Booking.person_id.in_(circle.ids)
    if circle.couple is not None:
        joint = and_(
            Booking.person_id.in_(circle.members),
            Offering.attendance == FOR_TWO,
            Booking.ends_at > circle.couple.formed_at,
            Booking.confirmed_at.is_not(None),
        )
        whose = or_(whose, joint)
    found = select(Booking).join(Booking.offering).where(whose).order_by(Booking.id)
    return db.session.scalars(found.options(joinedload(Booking.offering), joinedload(Booking.therapist))).all()


def who_comes(circle: Circle, booking: Booking) -> tuple[int, ...]:
    """Whom a session is about: both where it is for two and wasn't over before the two came together."""
    couple = circle.couple
    for_two = booking.offering.attendance == FOR_TWO and booking.person_id in circle.members
    if couple is None or not for_two or booking.ends_at <= couple.formed_at:
        return (booking.person_id,)
    left = couple.ended_at is not None and booking.held_at > couple.ended_at
    return (booking.person_id,) if left else circle.members


def _requests(circle: Circle) -> Iterator[Happening]:
    for one in db.session.scalars(select(Intake).where(Intake.person_id.in_(circle.ids), SENT)):
        whose, partner = (one.person_id,), one.audience == "partner"
        if one.submitted_at is not None:
            yield Happening(one.submitted_at, "answers_sent" if partner else "request_sent", whose)
        if one.completed_at is not None and not partner:
            yield Happening(one.completed_at, "part_sent", whose)
        kind = (READ if partner else DECIDED).get(one.review_state)
        if one.decided_at is not None and kind is not None:
            yield Happening(one.decided_at, kind, whose, by=_staff(one.decided_by or ""))


def _steps(circle: Circle) -> Iterator[Happening]:
    found = select(ReviewStep.step, ReviewStep.taken_at, ReviewStep.taken_by, Intake.person_id).join(
        Intake, Intake.id == ReviewStep.intake_id
    )
    asked = found.where(Intake.person_id.in_(circle.ids), ReviewStep.step.in_(ASKED))
    for step, at, by, person_id in db.session.execute(asked):
        yield Happening(at, ASKED[step], (person_id,), by=_staff(by))


def _corrections(circle: Circle) -> Iterator[Happening]:
    found = select(AnswerCorrection.corrected_at, AnswerCorrection.corrected_by, Intake.person_id).join(
        Intake, Intake.id == AnswerCorrection.intake_id
    )
    for at, by, person_id in db.session.execute(found.where(Intake.person_id.in_(circle.ids))):
        themselves = by.startswith("client:")
        yield Happening(at, "corrected" if themselves else "corrected_for", (person_id,), by="" if themselves else by)


def _invitations(circle: Circle) -> Iterator[Happening]:
    for one in db.session.scalars(select(Invitation).where(Invitation.person_id.in_(circle.ids))):
        whose = (one.person_id,)
        yield Happening(
            one.made_at, "invited", whose, _("by mail") if one.way == "mail" else _("by a code to hand over")
        )
        if one.withdrawn_at is not None:
            yield Happening(one.withdrawn_at, "invitation_withdrawn", whose)
        if one.declined_at is not None:
            yield Happening(one.declined_at, "invitation_declined", whose)


def _couple(circle: Circle) -> Iterator[Happening]:
    if circle.couple is not None:
        yield Happening(circle.couple.formed_at, "joined", circle.members)
        if circle.couple.ended_at is not None:
            yield Happening(circle.couple.ended_at, "parted", circle.members)


def _pauses(circle: Circle) -> Iterator[Happening]:
    for one in db.session.scalars(select(Pause).where(Pause.person_id.in_(circle.ids))):
        yield Happening(one.paused_at, "paused", (one.person_id,))
        if one.ended_at is not None:
            yield Happening(one.ended_at, "resumed", (one.person_id,))


def _sessions(circle: Circle) -> Iterator[Happening]:
    bookings = {one.reference: one for one in bookings_of(circle)}
    told = select(AuditEntry).where(AuditEntry.subject.in_(bookings), AuditEntry.action.in_((*ENDED, *CAME)))
    entries = db.session.scalars(told.order_by(AuditEntry.number)).all()
    kept = {entry.subject for entry in entries if entry.action == "time_reserved"}
    ended = {entry.subject for entry in entries if entry.action in ENDED} - kept
    for entry in entries:
        yield _of_booking(circle, bookings[entry.subject], entry.at, _kind_of(entry), by=_staff(entry.actor))
    for reference, booking in bookings.items():
        if reference not in kept:
            yield _of_booking(circle, booking, booking.held_at, "time_taken")
        if booking.confirmed_at is not None:
            yield _of_booking(circle, booking, booking.confirmed_at, "session_booked")
        if booking.state in OVER and reference not in ended:
            stood = booking.confirmed_at is not None
            yield _of_booking(circle, booking, booking.updated_at, "session_ended" if stood else "time_let_go")


def _of_booking(circle: Circle, booking: Booking, at: datetime, kind: str, by: str = "") -> Happening:
    alone = kind in ("time_taken", "time_kept", "time_let_go")  # a time that is merely held is its holder's
    people = (booking.person_id,) if alone else who_comes(circle, booking)
    what = _("%(offering)s with %(name)s", offering=booking.offering.name, name=booking.therapist.name)
    return Happening(at, kind, people, what, booking.starts_at, by)


def _kind_of(entry: AuditEntry) -> str:
    if entry.action not in CAME:
        return ENDED[entry.action]
    missed = json.loads(entry.detail).get("as") == State.MISSED.value
    return "session_missed" if missed else "session_attended"


def _consents(circle: Circle) -> Iterator[Happening]:
    for one in db.session.scalars(select(Consent).where(Consent.person_id.in_(circle.ids))):
        whose = (one.person_id,)
        what = _("%(title)s, version %(version)s", title=one.shown.title, version=one.version)
        given = what
        if one.method == "paper":
            given = _("%(title)s, version %(version)s, on paper", title=one.shown.title, version=one.version)
        yield Happening(one.given_at, "agreed", whose, given, by=one.noted_by or "")
        if one.withdrawn_at is not None:
            yield Happening(one.withdrawn_at, "agreement_withdrawn", whose, what)


def _clearing(circle: Circle) -> Iterator[Happening]:
    of_one = select(FlagDecision, Intake.person_id).join(Intake, Intake.id == FlagDecision.intake_id)
    for flag, person_id in db.session.execute(of_one.where(Intake.person_id.in_(circle.ids))):
        yield Happening(flag.decided_at, "flag_cleared", (person_id,), by=flag.decided_by)
    couple = circle.couple
    if couple is None:
        return
    both = circle.members
    for flag in db.session.scalars(select(FlagDecision).where(FlagDecision.couple_id == couple.id)):
        yield Happening(flag.decided_at, "flag_cleared", both, by=flag.decided_by)
    for one in db.session.scalars(select(Clearance).where(Clearance.couple_id == couple.id)):
        yield Happening(one.cleared_at, "joint_time_cleared", both, by=one.cleared_by)
        if one.withdrawn_at is not None:
            yield Happening(one.withdrawn_at, "clearing_taken_back", both, by=one.withdrawn_by or "")
    off = select(Conversion, Booking.starts_at).join(Booking, Booking.id == Conversion.booking_id)
    for converted, starts_at in db.session.execute(off.where(Conversion.couple_id == couple.id)):
        yield Happening(converted.decided_at, "session_converted", both, session=starts_at, by=converted.decided_by)


def _notes(circle: Circle) -> Iterator[Happening]:
    about: ColumnElement[bool] = Note.person_id.in_(circle.ids)
    if circle.couple is not None:
        about = or_(about, Note.couple_id == circle.couple.id)
    for note in db.session.scalars(select(Note).where(about)):
        whose = circle.members if note.person_id is None else (note.person_id,)
        signed = note.signed_at is not None
        yield Happening(note.written_at, "note_signed" if signed else "note_drafted", whose, by=note.author.actor)
        for one in note.addenda:
            yield Happening(one.signed_at, "note_added_to", whose, by=one.author.actor)


def _staff(actor: str) -> str:
    return actor if actor.startswith("staff:") else ""


SOURCES: tuple[Callable[[Circle], Iterator[Happening]], ...] = (
    *(_requests, _steps, _corrections, _invitations, _couple, _pauses),
    *(_sessions, _consents, _clearing, _notes),
)
