"""Good faith estimates: made before payment, and anew whenever time or price change. None is made afterwards."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.models import Eligibility as Granted
from practice.database import db
from practice.errors import Refused
from practice.languages import N_
from practice.papers.actions import Draft, issue
from practice.papers.estimate_words import Expected, write_estimate
from practice.papers.kinds import Kind
from practice.papers.layout import ENGLISH, Voice
from practice.papers.messages import EstimateMade
from practice.papers.models import Paper, PracticeRegistration
from practice.papers.queries import (
    basis_of,
    day_of,
    find_newest,
    is_readable,
    paper_size,
    read_patient,
    read_provider,
    read_service,
    registration_of,
    sender_lines,
    voice_of,
)
from practice.profile import ONLY
from practice.regions import region_name
from practice.work import Work

IN_PERSON = "in_person"


class NotKnownWhose(Refused):
    """An estimate names its patient and their date of birth."""

    title = N_("We need your full name and date of birth first")
    way_out = N_("The payment page of the appointment asks for both. Where it is paid already, the practice adds them.")


class NothingAhead(Refused):
    """An estimate is made before a session, by a practice that writes them."""

    title = N_("There is nothing to estimate")
    way_out = N_("An estimate says beforehand what a session is expected to cost. A receipt says what was paid.")


def are_on(session: Session | None = None) -> bool:
    """Whether the practice writes estimates."""
    row = (session or db.session()).get(PracticeRegistration, ONLY)
    return row is not None and row.estimates_since is not None


def can_be_made(booking: Booking, now: datetime, session: Session | None = None) -> bool:
    """Whether the session costs something and is still ahead, at a practice that writes estimates."""
    ahead = booking.state in CLAIMING and now < booking.starts_at
    return ahead and bool(booking.price_minor) and are_on(session)


def ensure_before_payment(work: Work, booking: Booking) -> Paper | None:
    """The estimate that is shown before this booking is paid; None where none is due. The booking is locked."""
    if not can_be_made(booking, work.now, work.session):
        return None
    return make(work, booking, f"client:{booking.person.reference}")


def make(work: Work, booking: Booking, actor: str) -> Paper:
    """The estimate of a booking as it stands: the newest while nothing changed, else another that replaces it.

    Once the session has begun or the booking has ended, the newest stays what it is. The booking is locked already.

    :raises NotKnownWhose: before somebody said their name and date of birth.
    :raises NothingAhead: where there is none, and none can be made any more, or ever.
    """
    before = find_newest(Kind.ESTIMATE, booking.reference)
    readable = before is not None and is_readable(before)
    if not can_be_made(booking, work.now, work.session):
        if before is not None and readable:
            return before
        raise NothingAhead
    basis = _facts(_expect(booking, ENGLISH))
    if before is not None and readable and basis_of(before) == basis:
        return before
    voice = voice_of(booking.person.language)
    replaces = before.name if before is not None else None
    sheet = write_estimate(_expect(booking, voice), sender_lines(), paper_size(), replaces, voice)
    draft = Draft(Kind.ESTIMATE, booking, booking.reference, basis, sheet, booking.price, supersedes=before)
    paper = issue(work, actor, draft)
    work.post(EstimateMade(booking.reference, paper.reference))
    return paper


def renew(work: Work, booking: Booking) -> Paper | None:
    """After a move: another estimate, where there was one and the session is still ahead. The booking is locked."""
    if find_newest(Kind.ESTIMATE, booking.reference) is None or not can_be_made(booking, work.now, work.session):
        return None
    return make(work, booking, "worker")


def _expect(booking: Booking, voice: Voice) -> Expected:
    patient = read_patient(booking.person)
    if not patient.name or patient.born is None:
        raise NotKnownWhose
    numbers = registration_of(booking)
    granted = db.session.get(Granted, booking.person_id)
    return Expected(
        patient=patient.name,
        born=voice.day(patient.born),
        service=read_service(booking, voice),
        day=day_of(booking),
        code=numbers.service_code,
        price=booking.price,
        provider=read_provider(booking, voice),
        npi=numbers.therapist_npi or numbers.practice_npi,
        tin=numbers.tin,
        place=_place(booking, voice),
        state=region_name(granted.region) if granted is not None else "",
    )


def _facts(expected: Expected) -> dict[str, Any]:
    """As JSON takes them. They are compared in English: another language is no reason for another estimate."""
    return asdict(expected) | {"day": expected.day.isoformat()}


def _place(booking: Booking, voice: Voice) -> str:
    if booking.offering.place != IN_PERSON:
        return voice.say(N_("By video (telehealth)"))
    return booking.room.address if booking.room is not None else booking.therapist.office
