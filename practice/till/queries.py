"""What the desk reads about money: what waits for a person, the payments of a month, and those of one booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.queries import find_booking
from practice.database import db
from practice.errors import NotFound
from practice.languages import N_
from practice.money import Money
from practice.payments.disputes import TAKEN_BACK
from practice.payments.fees import queries as fees
from practice.payments.models import Dispute, MoneyDecision, PaymentAttempt, Refund, StripeEvent
from practice.payments.queries import find_attempts, find_disputes, find_refunds
from practice.payments.settlement import UNFINISHED, AttemptState, Cause, RefundState
from practice.payments.snapshots import DisputeStatus
from practice.people import contact_of
from practice.sealing import vault
from practice.speaking import gettext as _
from practice.staff.models import StaffAccount

MISMATCHES = {
    "reference": N_("It names another booking than the one that it was opened for."),
    "mode": N_("It was made in the other mode of the payment service, live or test."),
    "currency": N_("It came in another currency than asked for."),
    "amount": N_("The amount paid differs from what we asked for."),
}
CAUSES = {
    Cause.LATE: N_("came too late to book"),
    Cause.CANCELLED: N_("the session ended"),
    Cause.STAFF: N_("decided by staff"),
    Cause.NOT_AS_ASKED: N_("not what was asked for"),
}
DECIDED = {
    "given_back": N_("Given back"),
    "returned": N_("Returned in full"),
    "sent_again": N_("Sent again"),
    "by_hand": N_("Settled by hand"),
    "fee": N_("Fee charged"),
    "fee_asked": N_("Client asked to pay the fee"),
    "fee_dropped": N_("Fee dropped"),
    "spared": N_("Nothing charged, for safety"),
}


@dataclass(frozen=True)
class Waiting:
    """Money that waits for a person. `booking` is None where we know of none."""

    kind: str  # quarantined, failed, stray, dispute or fee
    reference: str
    amount: Money | None
    booking: Booking | None
    why: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Line:
    """A payment of a month."""

    attempt: PaymentAttempt
    name: str
    back: Money


@dataclass(frozen=True)
class Decided:
    """A decision of staff, with its reason as far as it can still be read."""

    at: datetime
    what: str
    amount: Money
    by: str
    reason: str


@dataclass(frozen=True)
class Purse:
    """The money of one booking. `kept` is what could still be given back."""

    booking: Booking
    name: str
    attempts: list[PaymentAttempt]
    refunds: list[Refund]
    disputes: list[Dispute]
    decisions: list[Decided]
    kept: Money

    @property
    def unfinished(self) -> bool:
        """Whether a payment may still come, or still be taken."""
        return any(one.state in UNFINISHED for one in self.attempts)

    @property
    def may_spare(self) -> bool:
        """Whether staff can still say that nothing is charged, for somebody's safety."""
        return self.booking.state in (State.CANCELLED, State.MISSED) and self.booking.spared_at is None

    @property
    def may_have_fee(self) -> bool:
        """Whether there is a fee, or could be one."""
        return self.booking.fee is not None or fees.find_due(self.booking) is not fees.NoFee.NOT_DUE

    @property
    def taken_back(self) -> bool:
        """Whether a bank has the money, or may take it."""
        return any(one.state in TAKEN_BACK and one.attempt.confirms for one in self.disputes)


def list_waiting() -> list[Waiting]:
    """Everything that only a person can bring to an end, the oldest first. Normally empty."""
    quarantined = select(PaymentAttempt).where(
        PaymentAttempt.state == AttemptState.QUARANTINED, PaymentAttempt.resolved_at.is_(None)
    )
    found = [
        Waiting(
            "quarantined",
            one.reference,
            one.paid if one.paid_minor else None,
            one.booking,
            _(MISMATCHES[str(one.mismatch)]),
            one.updated_at,
        )
        for one in db.session.scalars(quarantined)
    ]
    failed = select(Refund).where(Refund.state == RefundState.FAILED, Refund.resolved_at.is_(None))
    found += [
        Waiting(
            "failed",
            one.reference,
            one.amount,
            one.attempt.booking,
            _("It could not be given back to the card."),
            one.updated_at,
        )
        for one in db.session.scalars(failed)
    ]
    stray = select(StripeEvent).where(StripeEvent.stray, StripeEvent.resolved_at.is_(None))
    found += [
        Waiting("stray", one.id, None, None, _("It carries our mark, and we know no such payment."), one.received_at)
        for one in db.session.scalars(stray)
    ]
    disputed = select(Dispute).where(Dispute.state == DisputeStatus.OPEN)
    asks = _("The card holder doesn’t want it, and the bank asks why.")
    found += [
        Waiting("dispute", one.id, one.amount, one.attempt.booking, asks, one.opened_at, one.due_by)
        for one in db.session.scalars(disputed)
    ]
    found += [
        Waiting("fee", one.reference, one.amount, one.booking, _("The bank declined the card."), one.decided_at)
        for one in fees.list_declined()
    ]
    return sorted(found, key=lambda one: one.since)


def list_going_back() -> list[Refund]:
    """Every refund that is due, or with a bank, the oldest first."""
    found = select(Refund).where(Refund.state.in_((RefundState.DUE, RefundState.SENT)))
    return list(db.session.scalars(found.order_by(Refund.id)))


def list_payments(month: date, zone: str) -> list[Line]:
    """What was paid in a month (named by its first day) of the practice's calendar, the newest first."""
    first, following = (datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC) for day in (month, after(month)))
    paid = (
        select(PaymentAttempt)
        .join(PaymentAttempt.booking)
        .options(contains_eager(PaymentAttempt.booking))
        .where(PaymentAttempt.paid_at >= first, PaymentAttempt.paid_at < following)
        .order_by(PaymentAttempt.paid_at.desc(), PaymentAttempt.id.desc())
    )
    attempts = list(db.session.scalars(paid))
    back: dict[int, int] = {}
    sent = select(Refund).where(Refund.attempt_id.in_([one.id for one in attempts]))
    for refund in db.session.scalars(sent):
        if refund.state is not RefundState.FAILED or refund.by_hand:
            back[refund.attempt_id] = back.get(refund.attempt_id, 0) + refund.amount_minor
    return [Line(one, name_of(one.booking), Money(back.get(one.id, 0), one.paid.currency)) for one in attempts]


def read_purse(booking_reference: str) -> Purse:
    """The money of one booking.

    :raises NotFound: when there is no such booking.
    """
    booking = find_booking(booking_reference) if booking_reference.isprintable() else None
    if booking is None:
        raise NotFound
    attempts = list(reversed(find_attempts(booking.reference)))
    standing = next((one for one in attempts if one.confirms), None)
    return Purse(
        booking=booking,
        name=name_of(booking),
        attempts=attempts,
        refunds=find_refunds(booking.reference),
        disputes=find_disputes(booking.reference),
        decisions=_decisions(booking),
        kept=standing.kept if standing is not None else Money(0, booking.currency),
    )


def name_of(booking: Booking) -> str:
    """The first name of whoever booked, as long as it is kept."""
    contact = contact_of(booking.person)
    return contact.first_name if contact is not None else _("Somebody")


def after(month: date) -> date:
    """The first day of the month behind this one."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def before(month: date) -> date:
    """The first day of the month in front of this one."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _decisions(booking: Booking) -> list[Decided]:
    found = db.session.scalars(
        select(MoneyDecision).where(MoneyDecision.booking_id == booking.id).order_by(MoneyDecision.id)
    ).all()
    names = {account.actor: account.name for account in db.session.scalars(select(StaffAccount))} if found else {}
    return [
        Decided(
            at=one.at,
            what=_(DECIDED[one.kind]),
            amount=Money(one.amount_minor, one.currency),
            by=names.get(one.actor, ""),
            reason=_reason(booking, one),
        )
        for one in found
    ]


def _reason(booking: Booking, decision: MoneyDecision) -> str:
    if booking.person.contact_sealed is None or decision.reason_sealed is None:  # forgotten: their key is gone
        return ""
    return vault().open(
        booking.person_id,
        decision.reason_sealed,
        table="money_decision",
        row=decision.subject,
        column="reason",
    )
