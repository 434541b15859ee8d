"""What numbers are counted from: rows of other rooms, and answers that are opened to be counted and go nowhere."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from practice.audit import AuditEntry
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.database import db
from practice.intake.documents import current_questionnaire, read_questionnaire
from practice.intake.models import Intake, IntakeAnswers, QuestionnaireCopy
from practice.intake.queries import open_section
from practice.intake.questions import BOOKER, SESSION, chosen_codes
from practice.numbers.answers import Said, Trust
from practice.numbers.counting import Flow, Request, Session
from practice.numbers.periods import Period, local_day, span_of
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.settlement import RefundState
from practice.pulse.models import PulseAnswer
from practice.pulse.parsing import TRUST
from practice.pulse.queries import codes_of
from practice.sealing import CannotOpen, PersonKey, vault
from practice.staff.models import CLINICIAN, StaffAccount, StaffRole

Span = tuple[datetime, datetime]
FIRST_OPENED = "intake_viewed"


class _Place(NamedTuple):
    """Where a question's answers are kept, and whether they are sent with the part before the session."""

    section: str
    before_session: bool


def read_requests(span: Span) -> list[Request]:
    """Every request that was sent within this time, of those too who were erased since."""
    whose = select(Intake.person_id).where(*_sent(span))
    sent: dict[int, list[datetime]] = defaultdict(list)
    theirs = select(Intake.person_id, Intake.submitted_at).where(
        Intake.person_id.in_(whose), Intake.audience == BOOKER, Intake.submitted_at.is_not(None)
    )
    for row in db.session.execute(theirs.order_by(Intake.submitted_at)):
        sent[row.person_id].append(row.submitted_at)
    became = {
        (person, moment) for person, held in _held(whose) if (moment := _request_of(sent[person], held)) is not None
    }
    looks = _first_looks(span)
    found = select(Intake.reference, Intake.person_id, Intake.submitted_at, Intake.looked_at, Intake.decided_at)
    return [
        Request(
            sent=row.submitted_at,
            looked=min(
                (one for one in (looks.get(row.reference), row.looked_at, row.decided_at) if one is not None),
                default=None,
            ),
            became=(row.person_id, row.submitted_at) in became,
        )
        for row in db.session.execute(found.where(*_sent(span)))
    ]


def read_sessions(span: Span, now: datetime) -> list[Session]:
    """The sessions of this time that somebody came to, missed or cancelled late, and those that nobody marked."""
    found = select(Booking.starts_at, Booking.state).where(
        Booking.starts_at >= span[0],
        Booking.starts_at < span[1],
        or_(
            Booking.state.in_((State.ATTENDED, State.MISSED)),
            (Booking.state == State.CONFIRMED) & (Booking.ends_at <= now),
            (Booking.state == State.CANCELLED) & Booking.late_cancelled_at.is_not(None),
        ),
    )
    how = {State.CONFIRMED: "unmarked", State.CANCELLED: "late"}
    return [Session(row.starts_at, how.get(row.state, str(row.state))) for row in db.session.execute(found)]


def read_flows(span: Span) -> dict[str, list[Flow]]:
    """What was paid and what went back within this time, by currency, as the page Money counts it."""
    flows: dict[str, list[Flow]] = defaultdict(list)
    paid = select(PaymentAttempt).where(PaymentAttempt.paid_at >= span[0], PaymentAttempt.paid_at < span[1])
    for attempt in db.session.scalars(paid):
        if attempt.paid_at is not None:
            flows[attempt.paid.currency].append(Flow(attempt.paid_at, attempt.paid.minor_units, back=False))
    back = select(Refund.created_at, Refund.amount_minor, Refund.currency).where(
        Refund.created_at >= span[0],
        Refund.created_at < span[1],
        or_(Refund.state != RefundState.FAILED, Refund.by_hand),
    )
    for row in db.session.execute(back):
        flows[row.currency].append(Flow(row.created_at, row.amount_minor, back=True))
    return flows


def read_options(name: str) -> dict[str, str]:
    """The answers to a question as it is asked now: words by code, in their order and in the language of the answer."""
    asked = (field for field in current_questionnaire().fields() if field.name == name)
    return {option.code: option.label for field in asked for option in field.options}


def read_said(name: str, quarters: tuple[Period, ...], zone: str) -> list[Said]:
    """What everybody chose whose request of this time became a session: of each person what they sent last.

    Opens one sealed section a person. Whoever was erased has no key, and falls out.
    """
    span = span_of(quarters, zone)
    places = _places(name)
    stands = select(Booking.person_id).where(Booking.confirmed_at.is_not(None))
    found = (
        select(Intake, IntakeAnswers, PersonKey)
        .join(IntakeAnswers, IntakeAnswers.intake_id == Intake.id)
        .join(PersonKey, PersonKey.person_id == Intake.person_id)
        .where(
            *_sent(span),
            Intake.erased_at.is_(None),
            Intake.person_id.in_(stands),
            IntakeAnswers.section.in_({place.section for place in places.values()}),
        )
        .order_by(Intake.submitted_at, Intake.id)
    )
    said: dict[int, Said] = {}
    keys = vault()
    for intake, answers, _key in db.session.execute(found):
        place = places.get(intake.questionnaire_hash)
        unsent = place is not None and place.before_session and intake.completed_at is None
        if place is None or place.section != answers.section or unsent:
            continue
        try:
            codes = chosen_codes(open_section(intake, answers, keys), name)
        except CannotOpen:  # erased since
            continue
        if codes and intake.submitted_at is not None:
            said[intake.person_id] = Said(local_day(intake.submitted_at, zone), codes)
    return list(said.values())


def read_trust(months: tuple[Period, ...]) -> list[Trust]:
    """What was answered about trust on the short pages of this time; whoever was erased falls out."""
    found = (
        select(PulseAnswer, PersonKey)
        .join(PersonKey, PersonKey.person_id == PulseAnswer.person_id)
        .where(PulseAnswer.due_on >= months[0].first, PulseAnswer.due_on < months[-1].end)
    )
    read = []
    for answer, _key in db.session.execute(found):
        try:
            said = codes_of(answer).get(TRUST)
        except CannotOpen:
            continue
        if said:
            read.append(Trust(answer.person_id, answer.due_on, int(str(said))))
    return read


def _sent(span: Span) -> tuple[ColumnElement[bool], ...]:
    return Intake.audience == BOOKER, Intake.submitted_at >= span[0], Intake.submitted_at < span[1]


def _held(whose: Select[int]) -> list[tuple[int, datetime]]:
    """Of these people: when the times were taken that came to stand."""
    found = select(Booking.person_id, Booking.held_at).where(
        Booking.confirmed_at.is_not(None), Booking.person_id.in_(whose)
    )
    return [(row.person_id, row.held_at) for row in db.session.execute(found)]


def _request_of(sent: list[datetime], held: datetime) -> datetime | None:
    """Which of somebody's requests, the oldest first, a time was taken by."""
    before = bisect_right(sent, held)
    return sent[before - 1] if before else None


def _first_looks(span: Span) -> dict[str, datetime]:
    """When a clinician first opened each request of this time. The audit log has it; `looked_at` is the latest look."""
    clinicians = select(StaffAccount.id).where(StaffAccount.roles.any(StaffRole.name == CLINICIAN))
    actors = [f"staff:{one}" for one in db.session.scalars(clinicians)]
    found = select(AuditEntry.subject, func.min(AuditEntry.at).label("at")).where(
        AuditEntry.action == FIRST_OPENED,
        AuditEntry.actor.in_(actors),
        AuditEntry.subject.in_(select(Intake.reference).where(*_sent(span))),
    )
    return {row.subject: row.at for row in db.session.execute(found.group_by(AuditEntry.subject))}


def _places(name: str) -> dict[str, _Place]:
    """Where each questionnaire that was ever asked keeps the answers to a question, by the questionnaire's hash."""
    copies = db.session.execute(select(QuestionnaireCopy.hash, QuestionnaireCopy.document))
    return {row.hash: place for row in copies if (place := _place_in(row.document, name)) is not None}


def _place_in(document: str, name: str) -> _Place | None:
    for section in read_questionnaire(document).sections:
        for field in section.fields:
            if field.name == name:
                return _Place(section.id, field.moment == SESSION)
    return None
