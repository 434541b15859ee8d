"""What receipts, invoices and superbills are made from, and who may have which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from practice.billing.words import OFFICE, VIDEO, Billed, Frame, Given, Paid, Supply, Treated
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.queries import find_booking
from practice.database import db
from practice.errors import NotFound
from practice.languages import N_
from practice.papers.kinds import Kind
from practice.papers.layout import Voice
from practice.papers.models import Paper
from practice.papers.queries import (
    day_of,
    diagnosis_for,
    find_papers,
    minutes_of,
    paper_size,
    read_patient,
    read_provider,
    read_service,
    registration_of,
    sender_lines,
    voice_of,
)
from practice.payments.disputes import TAKEN_BACK
from practice.payments.fees.policy import FeeKind
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.queries import find_attempts, find_disputes, find_refunds
from practice.payments.settlement import AttemptState, RefundState
from practice.people import contact_of
from practice.profile import profile
from practice.review.seeing import roles_of, sees_clinically, ties_to
from practice.review.sight import clears
from practice.speaking import gettext as _
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, THERAPIST, StaffAccount

ABOUT_MONEY = frozenset({Kind.ESTIMATE, Kind.RECEIPT, Kind.INVOICE, Kind.CREDIT_NOTE})
FEES = {FeeKind.LATE: N_("Fee for a late cancellation"), FeeKind.MISSED: N_("Fee for a missed session")}
CLINICAL = frozenset({Kind.SUPERBILL})


class Missing(NamedTuple):
    """What a superbill waits for (marked words): as a client reads it, and as staff do."""

    to_client: str
    to_staff: str


NOT_ATTENDED = Missing(
    N_("The session has not taken place yet, or the practice has not noted that it did."),
    N_("Nobody has noted that they came."),
)
_UNPAID = N_("It is not paid, or all that was paid was given back.")
NOT_PAID = Missing(_UNPAID, _UNPAID)
NO_PATIENT = Missing(
    N_("The patient’s full name and date of birth are missing. Ask the practice to add them."),
    N_("The patient’s full name and date of birth are missing."),
)
NO_CODE = Missing(
    N_("This kind of session has no service code yet. The practice’s owner adds it."),
    N_("This kind of session has no service code yet. The owner adds it under Setting up, Documents."),
)
NO_DIAGNOSIS = Missing(
    N_("Insurers want a diagnosis, and none is entered. Ask your therapist whether one applies."),
    N_("No diagnosis is entered."),
)


@dataclass(frozen=True)
class Folder:
    """The documents of one booking as somebody sees them, and what can be made.

    `doubts` says of which document, by its reference, why it must not be used; `missing`, why there is no superbill.
    """

    booking: Booking
    papers: list[Paper]
    doubts: dict[str, str]
    payments: list[PaymentAttempt]
    kinds: frozenset[Kind]
    missing: list[Missing]


def read_folder(booking: Booking, kinds: frozenset[Kind]) -> Folder:
    """What somebody who may have these kinds of documents sees."""
    papers = [one for one in find_papers(booking) if one.kind in kinds]
    return Folder(
        booking=booking,
        papers=papers,
        doubts={one.reference: doubt for one in papers if (doubt := find_doubt(booking, one))},
        payments=find_payments(booking) if Kind.RECEIPT in kinds else [],
        kinds=kinds,
        missing=missing_for_superbill(booking) if Kind.SUPERBILL in kinds else [],
    )


def get_booking(reference: str) -> Booking:
    """Any booking.

    :raises NotFound: when there is none of this reference.
    """
    booking = find_booking(reference) if reference.isprintable() else None
    if booking is None:
        raise NotFound
    return booking


def kinds_for(account: StaffAccount, booking: Booking) -> frozenset[Kind]:
    """Which documents of a booking somebody on the staff may see and make.

    Those about money are the desk's; the one that holds a diagnosis is whose who read the intake; else there are none.
    """
    found: frozenset[Kind] = frozenset()
    if account.is_any_of(OWNER, COORDINATOR):
        found |= ABOUT_MONEY
    reads = account.is_any_of(CLINICIAN) and sees_clinically(account, booking.person_id)
    if account.is_any_of(OWNER) or reads or diagnoses(account, booking):
        found |= CLINICAL
    return found


def diagnoses(account: StaffAccount, booking: Booking) -> bool:
    """Whether somebody enters diagnoses for whoever has this booking."""
    treats = account.is_any_of(THERAPIST) and account.therapist_id == booking.therapist_id
    return treats or clears(roles_of(account), ties_to(account, booking.person_id))


def find_payments(booking: Booking) -> list[PaymentAttempt]:
    """The payments of a booking that documents may speak of, the oldest first.

    Not what came otherwise than asked for, nor what a bank has taken back, or may.
    """
    doubted = {one.attempt_id for one in find_disputes(booking.reference) if one.state in TAKEN_BACK}
    return [
        one
        for one in reversed(find_attempts(booking.reference))
        if one.state is AttemptState.PAID and one.id not in doubted
    ]


def get_payment(booking: Booking, reference: str) -> PaymentAttempt:
    """One of those payments.

    :raises NotFound: when there is none such.
    """
    found = next((one for one in find_payments(booking) if one.reference == reference), None)
    if found is None:
        raise NotFound
    return found


def frame_of(booking: Booking) -> Frame:
    """What is the same on every document of a booking: it speaks the language of its letters."""
    return Frame(sender_lines(), registration_of(booking).tin, paper_size(), voice_of(booking.person.language))


def read_paid(attempt: PaymentAttempt, voice: Voice) -> Paid:
    """A payment as documents say it."""
    booking, zone = attempt.booking, ZoneInfo(profile().zone)
    paid_at = attempt.paid_at or attempt.updated_at
    return Paid(
        payer=read_patient(booking.person).name,
        service=_service(attempt, voice),
        service_day=day_of(booking),
        paid_day=paid_at.astimezone(zone).date(),
        money=attempt.amount,
        back=tuple(
            Given(one.created_at.astimezone(zone).date(), one.amount, _how(one, voice))
            for one in find_refunds(booking.reference)
            if one.attempt_id == attempt.id and (one.state is not RefundState.FAILED or one.by_hand)
        ),
        tax_percent=attempt.tax_percent,
    )


def read_billed(attempt: PaymentAttempt, voice: Voice) -> Billed:
    """The same as an invoice says it."""
    paid = read_paid(attempt, voice)
    return Billed(paid.payer, _supply(attempt.booking), paid.service, paid.service_day, paid.paid_day)


def missing_for_superbill(booking: Booking) -> list[Missing]:
    """Why there can be no superbill of a booking, and what to do; nothing when there can."""
    numbers, patient = registration_of(booking), read_patient(booking.person)
    found = []
    if booking.state is not State.ATTENDED:
        found.append(NOT_ATTENDED)
    if _paid_for(booking) is None:
        found.append(NOT_PAID)
    if not patient.name or patient.born is None:
        found.append(NO_PATIENT)
    if not numbers.service_code:
        found.append(NO_CODE)
    if not diagnosis_for(booking.person, booking.ends_at):
        found.append(NO_DIAGNOSIS)
    return found


def read_treated(booking: Booking, voice: Voice) -> Treated:
    """A session as an insurer asks for it; call where nothing is missing."""
    numbers, patient = registration_of(booking), read_patient(booking.person)
    paid = _paid_for(booking)
    if patient.born is None or paid is None:
        raise LookupError(f"nobody knows who {booking.reference} is for, or what was paid")
    return Treated(
        patient=patient.name,
        born=patient.born,
        provider=read_provider(booking, voice),
        licence=numbers.licence,
        npi=numbers.therapist_npi,
        practice_npi=numbers.practice_npi,
        day=day_of(booking),
        service=read_service(booking, voice),
        place=VIDEO if booking.offering.place == "video" else OFFICE,
        code=numbers.service_code,
        diagnosis=diagnosis_for(booking.person, booking.ends_at),
        charged=paid.kept,
    )


def find_doubt(booking: Booking, paper: Paper) -> str:
    """Why a statement for insurance must not be used any more; empty for other documents, and while it holds."""
    if paper.kind is not Kind.SUPERBILL:
        return ""
    if booking.state is not State.ATTENDED:
        return N_("The session is no longer noted as attended. This statement must not be used.")
    if _paid_for(booking) is None:
        return N_("What was paid for the session did not stay with us. This statement must not be used.")
    return ""


def name_of(booking: Booking) -> str:
    """The first name of whoever booked, as long as it is kept."""
    contact = contact_of(booking.person)
    return contact.first_name if contact is not None else _("Somebody")


def staff_names() -> dict[str, str]:
    """Everybody on the staff, as the audit log names them, and as pages do."""
    return {account.actor: account.name for account in db.session.scalars(select(StaffAccount))}


def in_force(source: str) -> int:
    """Minor units that the invoices of a payment come to, without what credit notes took back of them."""
    signed = case((Paper.kind == Kind.INVOICE, Paper.amount_minor), else_=-Paper.amount_minor)
    asked = select(func.coalesce(func.sum(signed), 0))
    booked = asked.where(Paper.kind.in_((Kind.INVOICE, Kind.CREDIT_NOTE)), Paper.source == source)
    return int(db.session.scalar(booked) or 0)


def _supply(booking: Booking) -> Supply:
    late = booking.late_cancelled_at is not None
    ended = {
        State.ATTENDED: Supply.ATTENDED,
        State.MISSED: Supply.MISSED,
        State.CANCELLED: Supply.LATE if late else Supply.CANCELLED,
        State.DECLINED: Supply.CANCELLED,
    }
    return ended.get(booking.state, Supply.AHEAD)


def _paid_for(booking: Booking) -> PaymentAttempt | None:
    """The payment that the session stands on, while something of it is left."""
    return next((one for one in find_payments(booking) if one.confirms and one.kept), None)


def _how(refund: Refund, voice: Voice) -> str:
    if refund.by_hand:
        return voice.say(N_("Went back another way"))
    if refund.state is RefundState.SUCCEEDED:
        return voice.say(N_("Went back to the card"))
    return voice.say(N_("Goes back to the card"))


def _service(attempt: PaymentAttempt, voice: Voice) -> str:
    if attempt.fee is not None:
        return voice.say(FEES[attempt.fee.kind])
    return voice.say(N_("Session, %(minutes)s minutes"), minutes=minutes_of(attempt.booking))
