"""What documents read: those of a booking, what one says, and whom and what they are made from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from practice.booking.models import Booking
from practice.database import among, db
from practice.errors import NotFound
from practice.intake.models import IntakeAnswers
from practice.intake.queries import find_request, open_section, questionnaire_of
from practice.languages import DEFAULT, N_
from practice.own_words import told_in
from practice.papers.kinds import Kind
from practice.papers.layout import Sheet, Stamp, Voice, from_plain
from practice.papers.models import (
    Diagnosis,
    Paper,
    PracticeRegistration,
    ServiceCode,
    TherapistRegistration,
)
from practice.people import Person, contact_of
from practice.profile import ONLY, profile
from practice.sealing import DocumentKey, vault
from practice.speaking import gettext, speaking

NAME, BORN = "legal_name", "date_of_birth"


@dataclass(frozen=True)
class Patient:
    """Whom a document names. What they never told us is empty."""

    name: str
    born: date | None


@dataclass(frozen=True)
class Registration:
    """Every number that a document of one session may carry; empty where none is set."""

    tin: str
    practice_npi: str
    therapist_npi: str
    licence: str
    credentials: str
    service_code: str


@dataclass(frozen=True)
class Registered:
    """What is set: the practice's tax ID, NPI and whether it writes estimates; by id, each therapist's NPI, licence and
    credentials; by id, each offering's service code."""

    practice: tuple[str, str, bool]
    therapists: dict[int, tuple[str, str, str]]
    codes: dict[int, str]

    def therapist(self, number: int) -> tuple[str, str, str]:
        return self.therapists.get(number, ("", "", ""))

    def code(self, number: int) -> str:
        return self.codes.get(number, "")


def find_papers(booking: Booking) -> list[Paper]:
    """Every document of a booking, the newest first."""
    return list(db.session.scalars(select(Paper).where(Paper.booking_id == booking.id).order_by(Paper.id.desc())))


def find_with(kind: Kind, bookings: Iterable[int]) -> set[int]:
    """Those of these bookings, by id, of which there is a document of this kind."""
    return set(
        db.session.scalars(select(Paper.booking_id).where(Paper.kind == kind, among(Paper.booking_id, bookings)))
    )


def find_newest(kind: Kind, source: str) -> Paper | None:
    """The last document of this kind about a payment or a booking."""
    found = select(Paper).where(Paper.kind == kind, Paper.source == source).order_by(Paper.id.desc()).limit(1)
    return db.session.scalars(found).one_or_none()


def get_paper(booking: Booking, reference: str) -> Paper:
    """A document of this booking.

    :raises NotFound: when it has none of this reference.
    """
    found = select(Paper).join(Paper.booking).options(contains_eager(Paper.booking))
    found = found.where(Paper.reference == reference, Paper.booking_id == booking.id)
    paper = db.session.scalars(found).one_or_none()
    if paper is None:
        raise NotFound
    return paper


def is_readable(paper: Paper) -> bool:
    """Whether somebody may still read what it says: not once its person is forgotten, or its own time is over."""
    return vault().has_key(paper.key_owner)


def sheet_of(paper: Paper) -> Sheet:
    """What it says.

    :raises CannotOpen: once it can't be read any more.
    """
    return from_plain(read_content(paper)["sheet"])


def basis_of(paper: Paper) -> dict[str, Any]:
    """The facts that it was made from.

    :raises CannotOpen: once it can't be read any more.
    """
    basis: dict[str, Any] = read_content(paper)["basis"]
    return basis


def stamp_of(paper: Paper, sheet: Sheet | None = None) -> Stamp:
    """Its number and its day, in the language of what it says, where that can still be read."""
    voice = voice_of(sheet.language if sheet is not None else DEFAULT)
    return Stamp(paper.name, voice.day(paper.issued_on), voice)


def voice_of(language: str) -> Voice:
    """How a document speaks this language, whatever the answer speaks that it is made for."""

    def say(message: str, **values: object) -> str:
        with speaking(language):
            return gettext(message, **values)

    return Voice(language, say)


def read_patient(person: Person) -> Patient:
    """Whom documents about this person name. No answer but these two is opened: not even their neighbours' section."""
    if person.contact_sealed is None:
        return Patient("", None)  # forgotten
    said: dict[str, str] = {}
    intake = find_request(person)
    if intake is not None:
        sections = [one.id for one in questionnaire_of(intake).sections if {NAME, BORN} & {f.name for f in one.fields}]
        rows = select(IntakeAnswers).where(IntakeAnswers.intake_id == intake.id, IntakeAnswers.section.in_(sections))
        for row in db.session.scalars(rows):
            answers = open_section(intake, row, vault())
            said |= {name: str(answers[name]) for name in (NAME, BORN) if answers.get(name)}
    contact = contact_of(person)
    name = said.get(NAME, "").strip() or (contact.first_name if contact is not None else "")
    return Patient(name, date.fromisoformat(said[BORN]) if BORN in said else None)


def minutes_of(booking: Booking) -> int:
    """How long the session takes."""
    return round((booking.ends_at - booking.starts_at).total_seconds() / 60)


def day_of(booking: Booking) -> date:
    """The day of the session, where its therapist is."""
    return booking.starts_at.astimezone(ZoneInfo(booking.therapist.zone)).date()


def read_service(booking: Booking, voice: Voice) -> str:
    """What the session is called where a provider is named."""
    return voice.say(N_("Psychotherapy session, %(minutes)s minutes"), minutes=minutes_of(booking))


def read_provider(booking: Booking, voice: Voice) -> str:
    """Whoever gives the session, with what stands behind their name, as a document in this language calls them."""
    credentials = registration_of(booking).credentials
    title = told_in(booking.therapist.in_languages("title"), voice.language)
    return f"{booking.therapist.name}{f', {credentials}' if credentials else ''}, {title}"


def registration_of(booking: Booking) -> Registration:
    """Under which numbers this session is billed."""
    session = db.session
    practice = session.get(PracticeRegistration, ONLY)
    therapist = session.get(TherapistRegistration, booking.therapist_id)
    service = session.get(ServiceCode, booking.offering_id)
    return Registration(
        tin=practice.tin if practice else "",
        practice_npi=practice.npi if practice else "",
        therapist_npi=therapist.npi if therapist else "",
        licence=therapist.licence if therapist else "",
        credentials=therapist.credentials if therapist else "",
        service_code=service.code if service else "",
    )


def find_registered() -> Registered:
    """All that is set, to show it and to compare it."""
    session = db.session
    practice = session.get(PracticeRegistration, ONLY)
    return Registered(
        practice=(practice.tin, practice.npi, practice.estimates_since is not None) if practice else ("", "", False),
        therapists={
            one.therapist_id: (one.npi, one.licence, one.credentials)
            for one in session.scalars(select(TherapistRegistration))
        },
        codes={one.offering_id: one.code for one in session.scalars(select(ServiceCode))},
    )


def diagnosis_for(person: Person, ended: datetime) -> str:
    """The code for a session that ended then; empty where there is none.

    That is what stood when it ended; where nothing did, the first that was entered afterwards.
    """
    history = find_diagnoses(person)
    stood = next((open_diagnosis(one) for one in history if one.entered_at <= ended), "")
    later = (open_diagnosis(one) for one in reversed(history) if one.entered_at > ended)
    return stood or next(filter(None, later), "")


def find_diagnoses(person: Person) -> list[Diagnosis]:
    """What was entered for this person, the newest first; nothing once they are forgotten."""
    if person.contact_sealed is None:
        return []
    found = select(Diagnosis).where(Diagnosis.person_id == person.id).order_by(Diagnosis.id.desc())
    return list(db.session.scalars(found))


def open_diagnosis(entered: Diagnosis) -> str:
    """The code; empty where it was taken back."""
    return vault().open(entered.person_id, entered.code_sealed, table="diagnosis", row=entered.reference, column="code")


def find_papers_of(person_id: int) -> list[Paper]:
    """Every document of a person, the oldest first."""
    return list(db.session.scalars(select(Paper).where(Paper.person_id == person_id).order_by(Paper.id)))


def find_out_of_time(day: date) -> list[str]:
    """The references of the documents with a key of their own that were issued on this day or before."""
    found = select(Paper.reference).join(DocumentKey, DocumentKey.document == Paper.reference)
    return list(db.session.scalars(found.where(Paper.own_key, Paper.issued_on <= day).order_by(Paper.id)))


def sender_lines() -> tuple[str, ...]:
    """Who writes a document."""
    practice = profile()
    return tuple(line for line in (practice.name, practice.address, practice.phone, practice.email) if line)


def paper_size() -> str:
    """What the practice's country prints on."""
    return "letter" if profile().help_region in ("US", "CA") else "a4"


def read_content(paper: Paper) -> dict[str, Any]:
    """All that is sealed of it: the sheet, and the facts that it was made from.

    :raises CannotOpen: once it can't be read any more.
    """
    plain = vault().open(paper.key_owner, paper.content_sealed, table="paper", row=paper.reference, column="content")
    content: dict[str, Any] = json.loads(plain)
    return content
