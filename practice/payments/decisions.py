"""Keeping what staff decided about money, and why. Part of what changes payments."""

from __future__ import annotations

from practice.audit import record
from practice.booking.models import Booking
from practice.money import Money
from practice.payments.models import MoneyDecision
from practice.sealing import vault
from practice.work import Work


def decide(work: Work, booking: Booking, subject: str, kind: str, amount: Money, *, actor: str, reason: str) -> None:
    """Keep what was decided about `subject`, the reference of an attempt, a refund, a fee or the booking itself.

    The reason is sealed with the key of the person who paid, and goes when they are forgotten.
    """
    sealed = None
    if booking.person.contact_sealed is not None:  # else they are forgotten, and so is their key
        sealed = vault().seal(booking.person_id, reason, table="money_decision", row=subject, column="reason")
    work.session.add(
        MoneyDecision(
            booking_id=booking.id,
            subject=subject,
            kind=kind,
            amount_minor=amount.minor_units,
            currency=amount.currency,
            actor=actor,
            reason_sealed=sealed,
            at=work.now,
        )
    )
    record(work, actor, f"money_{kind}", booking.reference, {"minor_units": amount.minor_units})
