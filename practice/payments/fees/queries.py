"""What is known of fees: who agreed to what, what may be charged for a session, and how a fee stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.policy import left_of_fee
from practice.database import db
from practice.errors import NotFound
from practice.money import Money
from practice.payments.fees.models import STANDING, Fee, FeeConsent
from practice.payments.fees.policy import FeeKind, FeeTerms
from practice.payments.models import PaymentAttempt
from practice.payments.settlement import LIVE, AttemptState
from practice.people import Person
from practice.profile import profile

NO_FEES = FeeTerms(None, None)


class NoFee(StrEnum):
    """Why no fee can be charged for a session."""

    NOT_DUE = "not_due"  # it took place, or was cancelled in time, or by us
    SPARED = "spared"  # for somebody's safety
    DECIDED = "decided"
    NOT_AGREED = "not_agreed"
    COVERED = "covered"  # what was paid is as much as the fee, or more


class FeeStand(StrEnum):
    """How a fee stands, as its payments tell."""

    CHARGING = "charging"
    DECLINED = "declined"  # the bank said no, and the client was not asked yet
    ASKED = "asked"  # the client is to pay it themselves
    PAID = "paid"
    QUESTIONED = "questioned"  # it isn't what was asked for: a person looks
    DROPPED = "dropped"


@dataclass(frozen=True)
class Due:
    """A fee that staff may decide on: at most `most`, since `agreed` was agreed to and `kept` was paid already."""

    kind: FeeKind
    agreed: Money
    kept: Money
    consent: FeeConsent

    @property
    def most(self) -> Money:
        return left_of_fee(self.agreed, self.kept)


@dataclass(frozen=True)
class Fees:
    """Everything about the fee of one session: how it stands, or what it could be, or why there is none."""

    fee: Fee | None
    stand: FeeStand | None
    paid: PaymentAttempt | None
    due: Due | NoFee


def terms_now(currency: str) -> FeeTerms:
    """What the practice charges at most for sessions that are paid in this currency."""
    practice = profile()
    if practice.currency != currency:
        return NO_FEES
    late, missed = (
        Money(minor, currency) if minor else None for minor in (practice.late_fee_minor, practice.missed_fee_minor)
    )
    return FeeTerms(late, missed)


def find_standing(person: Person | None) -> FeeConsent | None:
    """The consent with which a person's card is kept, if they have one."""
    found = select(FeeConsent).where(*STANDING, FeeConsent.person_id == (person.id if person is not None else None))
    return db.session.scalars(found).one_or_none()


def find_given(person: Person | None) -> FeeConsent | None:
    """What a person agreed to last: with a card that is kept, or that will be once they have paid or we say yes."""
    found = select(FeeConsent).where(
        FeeConsent.person_id == (person.id if person is not None else None), FeeConsent.withdrawn_at.is_(None)
    )
    waiting = found.join(Booking, Booking.id == FeeConsent.booking_id).where(
        FeeConsent.kept_at.is_(None), Booking.state.in_((State.HELD, State.RELEASING, State.IN_REVIEW))
    )
    newest = waiting.order_by(FeeConsent.id.desc()).limit(1)
    return db.session.scalars(newest).one_or_none() or find_standing(person)


def count_standing() -> int:
    """How many clients let us keep a card."""
    return db.session.scalar(select(func.count(FeeConsent.id)).where(*STANDING)) or 0


def find_fee(booking: Booking) -> Fee | None:
    """The fee that stands for a session."""
    found = select(Fee).where(Fee.booking_id == booking.id, Fee.dropped_at.is_(None))
    return db.session.scalars(found).one_or_none()


def get_fee(booking: Booking) -> Fee:
    """The same.

    :raises NotFound: when there is none.
    """
    fee = find_fee(booking)
    if fee is None:
        raise NotFound
    return fee


def read_fees(booking: Booking) -> Fees:
    """Everything about the fee of a session."""
    fee = find_fee(booking)
    attempts = _attempts(fee) if fee is not None else []
    paid = next((one for one in attempts if one.state is AttemptState.PAID and one.ended_at is None), None)
    return Fees(fee, stand_of(fee) if fee is not None else None, paid, find_due(booking))


def find_due(booking: Booking) -> Due | NoFee:
    """What may be charged for a session that was missed, or cancelled too late by its client; else why nothing may."""
    kind = _kind(booking)
    if kind is None:
        return NoFee.NOT_DUE
    if booking.spared_at is not None:
        return NoFee.SPARED
    if find_fee(booking) is not None or _is_being_ended(booking):
        return NoFee.DECIDED
    consent = find_standing(booking.person)
    happened = booking.late_cancelled_at or booking.starts_at
    if consent is None or consent.currency != booking.currency or consent.given_at > happened:
        return NoFee.NOT_AGREED
    agreed = consent.terms.most(kind)
    if agreed is None:
        return NoFee.NOT_AGREED
    due = Due(kind, agreed, _kept(booking), consent)
    return due if due.most else NoFee.COVERED


def stand_of(fee: Fee) -> FeeStand:
    """How a fee stands."""
    if fee.dropped_at is not None:
        return FeeStand.DROPPED
    states = {attempt.state: attempt for attempt in _attempts(fee) if attempt.ended_at is None}
    if AttemptState.PAID in states:
        return FeeStand.PAID
    if (quarantined := states.get(AttemptState.QUARANTINED)) is not None and fee.asked_at is None:
        return FeeStand.QUESTIONED if quarantined.resolved_at is None else FeeStand.DECLINED
    if fee.asked_at is not None:
        return FeeStand.ASKED
    return FeeStand.DECLINED if fee.declined_at is not None else FeeStand.CHARGING


def list_declined() -> list[Fee]:
    """Every fee that a bank refused and that waits for staff, oldest first."""
    found = select(Fee).where(Fee.declined_at.is_not(None), Fee.asked_at.is_(None), Fee.dropped_at.is_(None))
    return list(db.session.scalars(found.order_by(Fee.id)))


def is_charge(attempt_reference: str) -> bool:
    """Whether an attempt charges a kept card; ends the read."""
    found = select(PaymentAttempt.off_session).where(PaymentAttempt.reference == attempt_reference)
    charge = bool(db.session.scalar(found))
    db.session.rollback()
    return charge


def list_live_sessions(fee_reference: str) -> list[str]:
    """The checkouts at which a fee could still be paid; ends the read."""
    found = (
        select(PaymentAttempt.reference)
        .join(PaymentAttempt.fee)
        .where(Fee.reference == fee_reference, PaymentAttempt.state.in_(LIVE), ~PaymentAttempt.off_session)
    )
    live = list(db.session.scalars(found))
    db.session.rollback()
    return live


def is_being_charged(customer: str) -> bool:
    """Whether a kept card is being charged, or may be; ends the read."""
    found = (
        select(PaymentAttempt.id)
        .join(PaymentAttempt.fee)
        .join(Fee.consent)
        .where(FeeConsent.customer == customer, PaymentAttempt.off_session, PaymentAttempt.state.in_(LIVE))
    )
    charged = db.session.scalar(found.limit(1)) is not None
    db.session.rollback()
    return charged


def _is_being_ended(booking: Booking) -> bool:
    """Whether an earlier fee that was dropped may still be paid at this moment."""
    live = select(PaymentAttempt.id).where(
        PaymentAttempt.booking_id == booking.id, PaymentAttempt.fee_id.is_not(None), PaymentAttempt.state.in_(LIVE)
    )
    return db.session.scalar(live.limit(1)) is not None


def _kind(booking: Booking) -> FeeKind | None:
    if booking.state is State.MISSED:
        return FeeKind.MISSED
    late = booking.state is State.CANCELLED and booking.late_cancelled_at is not None
    return FeeKind.LATE if late else None


def _attempts(fee: Fee) -> list[PaymentAttempt]:
    return list(db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.fee_id == fee.id)))


def _kept(booking: Booking) -> Money:
    """What was paid for a session and stays with us."""
    found = select(PaymentAttempt).where(
        PaymentAttempt.booking_id == booking.id, PaymentAttempt.confirms, PaymentAttempt.state == AttemptState.PAID
    )
    attempt = db.session.scalars(found).one_or_none()
    return attempt.kept if attempt is not None else Money(0, booking.currency)
