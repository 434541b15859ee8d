"""The parts of an export: one function each, from a person and a scope to plain values.

What only one scope has is left out of the others here and in export_care.py, and nowhere else. Nothing of a partner is
read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from practice.booking.models import Booking, Waiver, WithdrawalRequest
from practice.booking.prices.models import PriceAgreement
from practice.booking.queries import find_bookings_of
from practice.booking.waiting.models import PlaceWish, Wish
from practice.couples import CoupleMember
from practice.database import db
from practice.intake.lanes import default_lane
from practice.intake.models import Intake
from practice.intake.queries import codes_of, lanes_of, questionnaire_of, sent_codes_of
from practice.intake.questions import chosen_codes
from practice.papers.queries import find_diagnoses, find_papers_of, open_diagnosis
from practice.partners.messages import INVITE
from practice.payments.fees.models import Fee, FeeConsent
from practice.payments.fees.queries import stand_of
from practice.payments.models import PaymentAttempt, Refund
from practice.payments.settlement import AttemptState
from practice.people import LINK_LIFE, MailedLink, Person, contact_of
from practice.profile import profile
from practice.regions import region_name
from practice.rights.export_corrections import corrections
from practice.rights.models import ErasureRequest
from practice.rights.queries import answer_to
from practice.rights.scope import Scope

Rows = list[dict[str, Any]]


def contact(person: Person, _scope: Scope) -> dict[str, Any]:
    """How they are reached. Whether mails carry a calendar follows from a question that is never shown again."""
    known = contact_of(person)
    return {
        "first_name": known.first_name if known else None,
        "email": known.email if known else None,
        "phone": (known.phone or None) if known else None,
        "channels": list(known.channels) if known else [],
        "zone": person.zone,
        "language": person.language,
        "known_since": person.created_at,
    }


def intakes(person: Person, scope: Scope) -> Rows:
    """What they answered, with the questions of the version that they were asked."""
    kept = select(Intake).where(Intake.person_id == person.id, Intake.erased_at.is_(None)).order_by(Intake.id)
    return [
        {
            "reference": intake.reference,
            "version": intake.questionnaire.version,
            "started_at": intake.started_at,
            "sent_at": intake.submitted_at,
            "completed_at": intake.completed_at,
            "answers": _answers(intake, scope),
            "corrections": corrections(intake, scope),
        }
        for intake in db.session.scalars(kept)
    ]


def couples(person: Person, _scope: Scope) -> Rows:
    """From when until when they came with somebody. With whom is not theirs to take along."""
    seats = select(CoupleMember).where(CoupleMember.person_id == person.id).order_by(CoupleMember.couple_id)
    return [{"from": seat.couple.formed_at, "until": seat.left_at} for seat in db.session.scalars(seats)]


def bookings(person: Person, _scope: Scope) -> Rows:
    """Every appointment that they made, or that was kept for them."""
    mine = sorted(find_bookings_of(person), key=lambda one: one.starts_at)
    waived = set(db.session.scalars(select(Waiver.booking_id).where(Waiver.person_id == person.id)))
    asked = set(
        db.session.scalars(select(WithdrawalRequest.booking_id).where(WithdrawalRequest.person_id == person.id))
    )
    return [
        {
            "reference": one.reference,
            "therapist": one.therapist.name,
            "session": str(one.offering.name),
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "state": one.state.value,
            "price_minor": one.price_minor,
            "currency": one.currency,
            "made_at": one.held_at,
            "late_cancellation_waived": one.id in waived,
            "asked_for_within_time_of_withdrawal": one.id in asked,
        }
        for one in mine
    ]


def waiting_list(person: Person, _scope: Scope) -> Rows:
    """What they wait or waited for."""
    wishes = select(Wish).where(Wish.person_id == person.id).order_by(Wish.id)
    found: Rows = [
        {"for": str(one.offering.name), "state": one.state.value, "made_at": one.made_at, "until": one.runs_out_at}
        for one in db.session.scalars(wishes)
    ]
    place = db.session.get(PlaceWish, person.id)
    if place is not None:
        found.append({"for": region_name(place.region), "state": "place", "made_at": place.asked_at, "until": None})
    return found


def documents(person: Person, _scope: Scope) -> Rows:
    """Their documents by number; each is had from the page of its appointment."""
    return [
        {
            "number": one.name,
            "kind": one.kind.value,
            "day": one.issued_on,
            "amount_minor": one.amount_minor,
            "currency": one.currency,
        }
        for one in find_papers_of(person.id)
    ]


def payments(person: Person, _scope: Scope) -> Rows:
    """What they paid, and what went back of it."""
    mine = select(PaymentAttempt).join(PaymentAttempt.booking).where(Booking.person_id == person.id)
    paid = mine.where(PaymentAttempt.state.in_((AttemptState.PAID, AttemptState.AUTHORISED)))
    return [
        {
            "booking": one.booking.reference,
            "state": one.state.value,
            "amount_minor": one.amount_minor,
            "currency": one.currency,
            "begun_at": one.created_at,
            "refunds": [
                {"amount_minor": back.amount_minor, "state": back.state.value, "since": back.created_at}
                for back in db.session.scalars(select(Refund).where(Refund.attempt_id == one.id).order_by(Refund.id))
            ],
        }
        for one in db.session.scalars(paid.order_by(PaymentAttempt.id))
    ]


def fees(person: Person, _scope: Scope) -> Rows:
    """Fees that the practice decided on."""
    mine = select(Fee).join(Fee.booking).where(Booking.person_id == person.id).order_by(Fee.id)
    return [
        {
            "booking": one.booking.reference,
            "kind": one.kind.value,
            "state": stand_of(one).value,
            "amount_minor": one.amount_minor,
            "currency": one.currency,
            "decided_at": one.decided_at,
        }
        for one in db.session.scalars(mine)
    ]


def fee_agreements(person: Person, _scope: Scope) -> Rows:
    """Which fees they agreed to, in which words."""
    mine = select(FeeConsent).where(FeeConsent.person_id == person.id).order_by(FeeConsent.id)
    return [
        {
            "late_minor": one.late_minor,
            "missed_minor": one.missed_minor,
            "currency": one.currency,
            "wording": one.wording,
            "text_sha256": one.text_sha256,
            "given_at": one.given_at,
            "withdrawn_at": one.withdrawn_at,
        }
        for one in db.session.scalars(mine)
    ]


def prices(person: Person, _scope: Scope) -> Rows:
    """Which prices were agreed with them. Why is the practice's own note."""
    mine = select(PriceAgreement).where(PriceAgreement.person_id == person.id).order_by(PriceAgreement.number)
    return [
        {
            "session": str(one.offering.name) if one.offering else None,
            "step": one.step.name if one.step else None,
            "price_minor": one.price_minor,
            "currency": one.currency,
            "first_day": one.first_day,
            "last_day": one.last_day,
            "agreed_at": one.made_at,
        }
        for one in db.session.scalars(mine)
    ]


def links(person: Person, _scope: Scope) -> Rows:
    """Links that we mailed to them and that have not run out for long."""
    # The way in of whom they invited is none that they got, and would tell when it was used.
    mine = select(MailedLink).where(MailedLink.person_id == person.id, MailedLink.purpose != INVITE)
    mine = mine.order_by(MailedLink.expires_at)
    return [
        {"purpose": one.purpose, "sent_at": one.expires_at - LINK_LIFE, "until": one.revoked_at or one.expires_at}
        for one in db.session.scalars(mine)
    ]


def erasure_requests(person: Person, _scope: Scope) -> Rows:
    """What they asked for here, and what we answered."""
    mine = select(ErasureRequest).where(ErasureRequest.person_id == person.id).order_by(ErasureRequest.id)
    return [
        {"asked_at": one.asked_at, "state": one.state, "decided_at": one.decided_at, "answer": answer_to(one) or None}
        for one in db.session.scalars(mine)
    ]


def diagnoses(person: Person, _scope: Scope) -> Rows:
    """What was entered, the newest first; an empty code took the one before it back."""
    return [{"entered_at": one.entered_at, "code": open_diagnosis(one)} for one in find_diagnoses(person)]


def _answers(intake: Intake, scope: Scope) -> Rows:
    sent, questionnaire = sent_codes_of(intake), questionnaire_of(intake)
    answers, lanes = codes_of(intake) if scope.is_own else sent, lanes_of(intake)
    if intake.completed_at is not None:
        default = default_lane(profile().secrets_policy)
        lanes = {field.name: default for field in questionnaire.fields() if field.may_be_shared} | lanes
    return [
        {
            "section": section.title,
            "field": field.name,
            "question": field.question,
            "codes": list(chosen_codes(answers, field.name)),
            "answer": questionnaire.said(field, answers),
            "sent": field.name in sent,
            "lane": lanes.get(field.name),
            "never_shown_again": field.write_only,
        }
        for section in questionnaire.sections
        for field in section.fields
        if field.name in answers and (scope.is_whole or not field.write_only)
    ]
