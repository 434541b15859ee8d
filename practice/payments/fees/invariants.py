"""Promises about fees and kept cards, checked against the live database."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.lifecycle import State
from practice.booking.messages import CameAfterAll
from practice.booking.models import AgreedFees
from practice.invariants import Invariant
from practice.money import Money
from practice.outbox import OutboxMessage
from practice.payments.fees.messages import FeeDropped, ForgetCard
from practice.payments.fees.models import Fee, FeeConsent
from practice.payments.invariants import UNDER_WAY, is_at_work, refunded
from practice.payments.models import PaymentAttempt
from practice.payments.settlement import LIVE, AttemptState

WAITING = ("waiting", "leased")
ENDED = (State.CANCELLED, State.MISSED)


def check_fees_were_agreed_to(session: Session) -> Iterator[str]:
    """I3: no fee above what that person had agreed to before, less what they paid; none where somebody was spared."""
    for fee in session.scalars(select(Fee).where(Fee.dropped_at.is_(None))):
        consent, booking = fee.consent, fee.booking
        if booking.state not in ENDED and not _waits(session, CameAfterAll.KIND, booking.reference):
            yield f"fee {fee.reference} is asked for, and booking {booking.reference} is {booking.state}"
        agreed = consent.terms.most(fee.kind)
        if consent.person_id != booking.person_id or consent.kept_at is None or agreed is None:
            yield f"fee {fee.reference} was never agreed to"
            continue
        kept = _kept(session, fee)
        if agreed.minor_units < kept:
            yield f"with fee {fee.reference} {kept} minor units are kept, more than {agreed.minor_units}"
        if booking.spared_at is not None and not _is_paid(session, fee):
            yield f"fee {fee.reference} is asked for, and booking {booking.reference} was spared"


def check_fees_are_paid_once(session: Session) -> Iterator[str]:
    """I2, I4: each fee is paid once, and what is owed of it went back; what came for a dropped one did so in full."""
    paid = select(PaymentAttempt).where(PaymentAttempt.state == AttemptState.PAID, PaymentAttempt.fee_id.is_not(None))
    seen: set[int] = set()
    for attempt in session.scalars(paid.order_by(PaymentAttempt.id)):
        if is_at_work(session, attempt) or attempt.fee is None:
            continue
        if attempt.ended_at is None and attempt.fee.id in seen:
            yield f"fee {attempt.fee.reference} is paid twice"
        seen.add(attempt.fee.id)
        if attempt.ended_at is not None and attempt.refund_due_minor != attempt.amount_minor:
            yield f"attempt {attempt.reference} came for a fee that was dropped, and is not refunded in full"
        if (back := refunded(session, attempt, UNDER_WAY)) != (attempt.refund_due_minor or 0):
            yield f"of attempt {attempt.reference} {back} went back, not {attempt.refund_due_minor} minor units"


def check_nobody_pays_a_dropped_fee(session: Session) -> Iterator[str]:
    """I3: a fee that isn't asked for can't be paid, once quiet."""
    dropped = select(Fee).where(Fee.dropped_at.is_not(None))
    for fee in session.scalars(dropped):
        live = select(PaymentAttempt.id).where(
            PaymentAttempt.fee_id == fee.id, PaymentAttempt.state.in_(LIVE), ~PaymentAttempt.off_session
        )
        if session.scalar(live.limit(1)) and not _waits(session, FeeDropped.KIND, fee.reference):
            yield f"fee {fee.reference} was dropped and can still be paid"


def check_pages_say_what_was_agreed(session: Session) -> Iterator[str]:
    """I3: booking knows of the very fees that somebody agreed to and that can be charged, and of no others."""
    standing = select(FeeConsent).where(FeeConsent.kept_at.is_not(None), FeeConsent.withdrawn_at.is_(None))
    agreed = {one.person_id: (one.late_minor, one.missed_minor, one.currency) for one in session.scalars(standing)}
    known = {
        one.person_id: (one.late_minor, one.missed_minor, one.currency) for one in session.scalars(select(AgreedFees))
    }
    for person_id in sorted(agreed.keys() | known.keys()):
        if agreed.get(person_id) != known.get(person_id):
            yield f"person {person_id} reads of other fees than they agreed to"


def check_cards_are_forgotten(session: Session) -> Iterator[str]:
    """I7: the service keeps no card of somebody who took their consent back."""
    ended = select(FeeConsent).where(
        FeeConsent.withdrawn_at.is_not(None), FeeConsent.customer.is_not(None), FeeConsent.forgotten_at.is_(None)
    )
    for consent in session.scalars(ended):
        if not _waits(session, ForgetCard.KIND, str(consent.customer)):
            yield f"consent {consent.reference} is withdrawn, and its card is kept"


def _kept(session: Session, fee: Fee) -> int:
    """What was paid for the session and for the fee, or may still be, and doesn't go back."""
    attempts = session.scalars(
        select(PaymentAttempt).where(
            PaymentAttempt.booking_id == fee.booking_id, PaymentAttempt.state == AttemptState.PAID
        )
    ).all()
    total = sum(one.kept.minor_units for one in attempts if one.confirms or one.fee_id == fee.id)
    return total if _is_paid(session, fee) else (Money(total, fee.currency) + fee.amount).minor_units


def _is_paid(session: Session, fee: Fee) -> bool:
    paid = select(PaymentAttempt.id).where(PaymentAttempt.fee_id == fee.id, PaymentAttempt.state == AttemptState.PAID)
    return session.scalar(paid.limit(1)) is not None


def _waits(session: Session, kind: str, name: str) -> bool:
    waiting = select(OutboxMessage.id).where(
        OutboxMessage.state.in_(WAITING),
        OutboxMessage.kind == kind,
        OutboxMessage.payload.contains(name, autoescape=True),
    )
    return session.scalar(waiting.limit(1)) is not None


OWN: tuple[Invariant, ...] = (
    Invariant("I3", "Every fee was agreed to, and never for somebody who was spared", check_fees_were_agreed_to),
    Invariant("I4", "Every fee is paid once, and what is owed of it went back", check_fees_are_paid_once),
    Invariant("I3", "Nobody can pay a fee that was dropped", check_nobody_pays_a_dropped_fee),
    Invariant(
        "I3", "Everybody reads of the fees that they agreed to, and of no others", check_pages_say_what_was_agreed
    ),
    Invariant("I7", "No card is kept of whoever took their consent back", check_cards_are_forgotten),
)
