"""What rights reads: what stops an erasure, what has run out, what was asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, select

from practice.booking.lifecycle import CLAIMING, State
from practice.booking.models import Booking
from practice.booking.queries import find_bookings_of
from practice.database import db
from practice.erasing import Erasure, find_hold
from practice.errors import NotFound
from practice.intake.models import Intake
from practice.languages import N_
from practice.papers.models import Paper
from practice.payments.fees.models import Fee
from practice.payments.models import Dispute, PaymentAttempt, Refund
from practice.payments.settlement import UNFINISHED, AttemptState, RefundState
from practice.payments.snapshots import DisputeStatus
from practice.people import Person
from practice.profile import ONLY
from practice.rights.models import ASKED, ErasureRequest, RetentionTerms
from practice.rights.rules import Terms, years_before
from practice.sealing import DocumentKey, PersonKey, vault

FIGHTING = (DisputeStatus.OPEN, DisputeStatus.UNDER_REVIEW)
ON_THEIR_WAY = (RefundState.DUE, RefundState.SENT)


class Stop(NamedTuple):
    """Something that an erasure waits for: what it is (marked words), what it is about, and which session that is."""

    what: str
    about: str
    booking: Booking | None = None


def get_person(reference: str) -> Person:
    """Somebody who is not erased.

    :raises NotFound: when there is nobody of this reference, or not any more.
    """
    person = db.session.scalars(select(Person).where(Person.reference == reference)).one_or_none()
    if person is None or not vault().has_key(person.id):
        raise NotFound
    return person


def is_known(person: Person) -> bool:
    """Whether anything is left of somebody that an erasure takes: their key, how to reach them, or answers."""
    answers = select(Intake.id).where(Intake.person_id == person.id, Intake.erased_at.is_(None)).limit(1)
    left = (person.contact_sealed, person.email_index, person.code_hash, db.session.scalar(answers))
    return vault().has_key(person.id) or any(one is not None for one in left)


def find_stops(person: Person, now: datetime) -> list[Stop]:
    """Everything that stops erasing this person now; empty when nothing does. Nothing of why a hold stands."""
    hold = find_hold(person.id)
    stops = [Stop(N_("a legal hold"), hold.reference)] if hold is not None else []
    for booking in find_bookings_of(person):
        if booking.state in CLAIMING and (booking.ends_at > now or booking.state is not State.CONFIRMED):
            stops.append(Stop(N_("an appointment that stands"), booking.reference, booking))
    attempts = select(PaymentAttempt).join(PaymentAttempt.booking).where(Booking.person_id == person.id)
    for attempt in db.session.scalars(attempts.order_by(PaymentAttempt.id)):
        unclear = attempt.state is AttemptState.QUARANTINED and attempt.resolved_at is None
        if attempt.state in UNFINISHED or unclear:
            stops.append(Stop(N_("a payment on its way"), attempt.reference, attempt.booking))
    theirs = select(PaymentAttempt.id).join(PaymentAttempt.booking).where(Booking.person_id == person.id)
    refunds = select(Refund).where(Refund.attempt_id.in_(theirs), Refund.resolved_at.is_(None)).order_by(Refund.id)
    for refund in db.session.scalars(refunds):
        if refund.state in ON_THEIR_WAY or refund.state is RefundState.FAILED:
            stops.append(Stop(N_("money on its way back"), refund.reference, refund.attempt.booking))
    disputes = select(Dispute).where(Dispute.attempt_id.in_(theirs), Dispute.state.in_(FIGHTING)).order_by(Dispute.id)
    stops += [
        Stop(N_("a dispute at the bank"), one.attempt.reference, one.attempt.booking)
        for one in db.session.scalars(disputes)
    ]
    paid = exists().where(PaymentAttempt.fee_id == Fee.id, PaymentAttempt.state == AttemptState.PAID)
    owed = select(Fee).join(Fee.booking).where(Booking.person_id == person.id, Fee.dropped_at.is_(None), ~paid)
    return stops + [
        Stop(N_("a fee that is not paid"), one.reference, one.booking)
        for one in db.session.scalars(owed.order_by(Fee.id))
    ]


def read_terms() -> Terms:
    """How long the practice keeps what it keeps."""
    row = db.session.get(RetentionTerms, ONLY)
    return Terms(row.records_years, row.documents_years) if row is not None else Terms()


def find_waiting(person_id: int) -> ErasureRequest | None:
    """What somebody asked for and nobody has decided."""
    found = select(ErasureRequest).where(ErasureRequest.person_id == person_id, ErasureRequest.state == ASKED)
    return db.session.scalars(found).one_or_none()


def find_last_request(person_id: int) -> ErasureRequest | None:
    """What somebody asked for last, decided or not."""
    found = select(ErasureRequest).where(ErasureRequest.person_id == person_id)
    return db.session.scalars(found.order_by(ErasureRequest.id.desc()).limit(1)).one_or_none()


def list_waiting() -> list[ErasureRequest]:
    """Every request that nobody has decided, the oldest first."""
    known = exists().where(PersonKey.person_id == ErasureRequest.person_id)
    found = select(ErasureRequest).where(ErasureRequest.state == ASKED, known).order_by(ErasureRequest.id)
    return list(db.session.scalars(found))


def answer_to(request: ErasureRequest) -> str:
    """Why it was refused, in the words that its person reads; empty otherwise."""
    if request.answer_sealed is None or not vault().has_key(request.person_id):
        return ""
    place = {"table": "erasure_request", "row": request.reference, "column": "answer"}
    return vault().open(request.person_id, request.answer_sealed, **place)


def list_erasures(since: datetime | None = None) -> list[Erasure]:
    """The log of what was erased, the newest first; all of it, or that since a moment."""
    found = select(Erasure).order_by(Erasure.id.desc())
    return list(db.session.scalars(found.where(Erasure.at >= since) if since is not None else found))


def find_unkeyed() -> list[ErasureRequest]:
    """Requests that wait of people who were erased meanwhile."""
    gone = ~exists().where(PersonKey.person_id == ErasureRequest.person_id)
    return list(db.session.scalars(select(ErasureRequest).where(ErasureRequest.state == ASKED, gone)))


def documents_kept(person: Person) -> list[tuple[Paper, date]]:
    """The documents that outlive an erasure of this person, each with the day until which it is kept."""
    years = read_terms().documents_years
    found = select(Paper).join(DocumentKey, DocumentKey.document == Paper.reference)
    papers = db.session.scalars(found.where(Paper.person_id == person.id).order_by(Paper.id))
    return [(one, years_before(one.issued_on, -years)) for one in papers]
