"""What makes receipts, invoices, credit notes and superbills. Asking twice gives the same while nothing changed."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from practice.billing import queries
from practice.billing.words import (
    GOES_BACK,
    IS_CORRECTED,
    Frame,
    Invoiced,
    write_credit_note,
    write_invoice,
    write_receipt,
    write_superbill,
)
from practice.booking import actions as booking_actions
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.errors import NotFound, Refused
from practice.languages import N_
from practice.money import Money
from practice.papers import estimates
from practice.papers.actions import Draft, Forgotten, issue, lock_series
from practice.papers.kinds import Kind
from practice.papers.layout import ENGLISH
from practice.papers.models import Paper
from practice.papers.queries import basis_of, find_newest, is_readable
from practice.payments.models import PaymentAttempt
from practice.payments.queries import find_attempts
from practice.payments.settlement import AttemptState
from practice.work import Work

ENDED = frozenset({State.CANCELLED, State.DECLINED})


class NotYet(Refused):
    """Something is missing for a superbill; the page says what."""

    title = N_("There can be no statement for insurance yet")
    way_out = N_("The page says what is missing, and what to do.")


class NothingKept(Refused):
    """All of it goes back, and it was never invoiced."""

    title = N_("All of this payment goes back")
    way_out = N_("So there is nothing to invoice. A receipt says what was paid and what goes back.")


class BeingDecided(Refused):
    """The session ended a moment ago."""

    title = N_("What goes back is being worked out")
    way_out = N_("Try again in a minute.")


def make(work: Work, actor: str, booking_reference: str, kind: Kind, about: str) -> Paper:
    """The document of this kind; `about` is the reference of a payment, or of the booking.

    :raises NotFound: where there is nothing to make it of.
    :raises Refused: with the reason, where it can't be made yet.
    """
    booking = booking_actions.lock(work, booking_reference)
    if booking.person.contact_sealed is None:
        raise Forgotten
    match kind:
        case Kind.ESTIMATE:
            return estimates.make(work, booking, actor)
        case Kind.RECEIPT:
            return _receipt(work, actor, queries.get_payment(booking, about))
        case Kind.INVOICE:
            return _invoice(work, actor, queries.get_payment(booking, about))
        case Kind.SUPERBILL:
            return _superbill(work, actor, booking)
        case _:
            raise NotFound  # a credit note follows from what goes back, and nobody asks for it


def credit(work: Work, booking: Booking) -> list[Paper]:
    """Credit what went back of each payment since it was invoiced. The booking is locked; safe to call twice."""
    paid = [one for one in find_attempts(booking.reference) if one.state is AttemptState.PAID]
    return [note for attempt in paid if (note := _credit_note(work, attempt)) is not None]


def _receipt(work: Work, actor: str, attempt: PaymentAttempt) -> Paper:
    frame = queries.frame_of(attempt.booking)
    before = find_newest(Kind.RECEIPT, attempt.reference)
    basis = _plain(queries.read_paid(attempt, ENGLISH), frame)
    if before is not None and _says(before, basis):
        return before
    paid = queries.read_paid(attempt, frame.voice)
    sheet = write_receipt(paid, frame, before.name if before is not None else None)
    draft = Draft(Kind.RECEIPT, attempt.booking, attempt.reference, basis, sheet, paid.money, paid.tax_percent, before)
    return issue(work, actor, draft)


def _invoice(work: Work, actor: str, attempt: PaymentAttempt) -> Paper:
    """The invoice of what is left of a payment. One before it is credited in full, so that the sums add up to that."""
    if not attempt.confirms:
        raise NotFound  # it all goes back, and nothing was supplied
    before, booking = find_newest(Kind.INVOICE, attempt.reference), attempt.booking
    frame = queries.frame_of(booking)
    basis = _plain(queries.read_billed(attempt, ENGLISH), frame)
    if before is not None and (not attempt.kept or _says(before, basis)):
        return before
    if booking.state in ENDED and attempt.ended_at is None:
        raise BeingDecided
    if not attempt.kept:
        raise NothingKept
    rate = attempt.tax_percent
    if before is not None:
        lock_series(work, Kind.CREDIT_NOTE, Kind.INVOICE)
        rate = before.tax_percent  # an invoice is never corrected for a rate that came later
        _credit(work, attempt, before, Money(queries.in_force(attempt.reference), attempt.currency), IS_CORRECTED)
    billed = queries.read_billed(attempt, frame.voice)
    sheet = write_invoice(billed, frame, attempt.kept, rate, before.name if before is not None else None)
    return issue(work, actor, Draft(Kind.INVOICE, booking, attempt.reference, basis, sheet, attempt.kept, rate, before))


def _credit_note(work: Work, attempt: PaymentAttempt) -> Paper | None:
    invoice = find_newest(Kind.INVOICE, attempt.reference)
    if invoice is None or not is_readable(invoice) or attempt.booking.person.contact_sealed is None:
        return None  # nothing new can name somebody who was erased
    above = Money(queries.in_force(attempt.reference), attempt.currency)
    return _credit(work, attempt, invoice, above - attempt.kept, GOES_BACK) if attempt.kept < above else None


def _credit(work: Work, attempt: PaymentAttempt, invoice: Paper, money: Money, why: str) -> Paper | None:
    """Take so much of an invoice back; nothing where that is nothing."""
    if not money:
        return None
    frame = queries.frame_of(attempt.booking)
    billed = queries.read_billed(attempt, frame.voice)
    about = Invoiced(invoice.name, invoice.issued_on, invoice.tax_percent)
    sheet = write_credit_note(billed, frame, money, about, why)
    basis = {"credits": invoice.reference, "amount": money.minor_units}
    rate, source = invoice.tax_percent, attempt.reference
    return issue(work, "worker", Draft(Kind.CREDIT_NOTE, attempt.booking, source, basis, sheet, money, rate, invoice))


def _superbill(work: Work, actor: str, booking: Booking) -> Paper:
    if queries.missing_for_superbill(booking):
        raise NotYet
    frame = queries.frame_of(booking)
    before = find_newest(Kind.SUPERBILL, booking.reference)
    basis = _plain(queries.read_treated(booking, ENGLISH), frame)
    if before is not None and _says(before, basis):
        return before
    treated = queries.read_treated(booking, frame.voice)
    sheet = write_superbill(treated, frame, before.name if before is not None else None)
    draft = Draft(Kind.SUPERBILL, booking, booking.reference, basis, sheet, treated.charged, supersedes=before)
    return issue(work, actor, draft)


def _says(before: Paper, basis: dict[str, Any]) -> bool:
    return is_readable(before) and basis_of(before) == basis


def _plain(facts: Any, frame: Frame) -> dict[str, Any]:
    """As it comes back from JSON, to compare with what was kept. In English: a language is no reason for another."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(facts) | {"tin": frame.tin}, default=date.isoformat))
    return plain
