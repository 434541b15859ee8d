"""What changes a booking. The only writer of booking's tables; each action runs in its caller's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from practice.audit import record
from practice.booking.claims import release
from practice.booking.lifecycle import UNPAID, State, Trigger
from practice.booking.messages import (
    BookingCancelled,
    BookingConfirmed,
    BookingExpired,
    BookingReleasing,
    CameAfterAll,
)
from practice.booking.models import Booking, Override, Waiver
from practice.booking.placing import claim_again, post_deadline, rooms_for
from practice.booking.policy import NOTHING, WHOLE, CancellationTerms, TermsKind
from practice.booking.queries import cancellation_terms, terms_now
from practice.booking.reviewing import end_review
from practice.booking.steps import free, move
from practice.booking.waiting import actions as waiting
from practice.couples import lock_with_partner
from practice.errors import Conflict, NotFound
from practice.languages import N_
from practice.money import Money
from practice.sealing import vault
from practice.work import Work


class TermsChanged(Conflict):
    """What cancelling costs is not what the client read before deciding."""

    title = N_("What cancelling costs has changed")
    way_out = N_("Look at your booking again. Nothing was cancelled.")


class TooEarly(Conflict):
    """A session keeps its time, and the pause after it, to the end: until then nothing is noted of it."""

    title = N_("This session isn’t over")
    way_out = N_("Mark it once it and the pause after it are over.")


@dataclass(frozen=True)
class StaffDecision:
    """Who cancels, which share of what was paid goes back, and why; no reason where the policy says the same."""

    actor: str
    share: Fraction
    reason: str = ""


def lock(work: Work, reference: str) -> Booking:
    """The booking, locked until the work ends, as the database has it now.

    :raises NotFound: when there is none of this reference.
    """
    found = select(Booking).where(Booking.reference == reference).with_for_update(of=Booking)
    booking = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if booking is None:
        raise NotFound
    return booking


def open_checkout(work: Work, booking: Booking, deadline: datetime) -> None:
    """Note that the client can pay from now until `deadline`; the time stays theirs at least as long."""
    if booking.state is State.RESERVED:
        move(work, booking, Trigger.OPEN_CHECKOUT)
    if booking.state is not State.HELD:
        raise Conflict
    booking.payable = True
    if booking.deadline_at is None or booking.deadline_at < deadline:
        booking.deadline_at = deadline
        post_deadline(work, booking.reference, deadline)
    booking.updated_at = work.now


def begin_release(work: Work, booking: Booking) -> None:
    """Give up a hold whose deadline is over: still claimed, until nothing can be paid for it any more."""
    if booking.state not in UNPAID or booking.deadline_at is None or booking.deadline_at > work.now:
        return
    move(work, booking, Trigger.CHECKOUT_DEADLINE)
    work.post(BookingReleasing(booking.reference, booking.deadline_at.isoformat()))


def let_go(work: Work, booking: Booking) -> None:
    """The client (or staff) gives a held time back. Free at once, unless a checkout may still be open."""
    if booking.state not in UNPAID:
        return
    if booking.payable:
        move(work, booking, Trigger.CANCEL_WHILE_PAYABLE)
        work.post(BookingReleasing(booking.reference, work.now.isoformat()))
        return
    move(work, booking, Trigger.CANCEL)
    free(work, booking)


def expire(work: Work, booking: Booking) -> None:
    """Nothing can be paid any more: free the time."""
    if booking.state is not State.RELEASING:
        return
    move(work, booking, Trigger.NOTHING_PAYABLE_LEFT)
    booking.payable = False
    free(work, booking)
    work.post(BookingExpired(booking.reference, work.now.isoformat()))


def confirm(work: Work, booking: Booking) -> None:
    """The payment is settled: the session stands. An expired booking takes its time again.

    :raises SlotTaken: when it had expired and somebody else has the time now; nothing was changed.
    """
    if booking.state is State.EXPIRED:
        claim_again(work, booking, booking.blocked, rooms_for(booking))
    reviewed = booking.state is State.IN_REVIEW
    move(work, booking, Trigger.APPROVE if reviewed else Trigger.PAYMENT_SETTLED)
    booking.confirmed_at = work.now
    booking.deadline_at = None
    booking.payable = False
    waiting.note_confirmed(work, booking)
    work.post(BookingConfirmed(booking.reference, booking.sequence))


def confirm_free(work: Work, booking: Booking) -> None:
    """The client says yes to a session that costs nothing.

    :raises Conflict: when it costs something, or isn't kept for them any more.
    """
    if booking.price_minor or booking.state not in UNPAID:
        raise Conflict
    if booking.state is State.RESERVED:
        move(work, booking, Trigger.OPEN_CHECKOUT)
    confirm(work, booking)


def cancel(work: Work, booking: Booking) -> Fraction:
    """The client cancels; the share of the price that goes back, by the policy. An unpaid time is simply let go.

    The first time that it is too late, the fee is waived. Cancelling again changes nothing, and neither does
    cancelling a session that has begun.

    :raises TermsChanged: when their one waiver is being used for another session at this moment.
    """
    if booking.state in UNPAID or booking.state is State.RELEASING:
        let_go(work, booking)
        return WHOLE
    if booking.state is State.IN_REVIEW:
        end_review(work, booking, Trigger.CANCEL)
        return WHOLE
    terms = lock_terms(work, booking)
    if terms.kind is TermsKind.OVER:
        return NOTHING
    if terms.kind is TermsKind.WAIVED:
        _use_waiver(work, booking)
    if terms.kind is TermsKind.CHARGED:
        booking.late_cancelled_at = work.now
    _end_confirmed(work, booking, Trigger.CANCEL, terms.share)
    return terms.share


def lock_terms(work: Work, booking: Booking) -> CancellationTerms:
    """On which terms the client cancels a locked booking; a waiver that is theirs stays so until the work ends.

    Of two people who come together, one waiver counts for both: their late cancellations take turns.

    :raises TermsChanged: when it was used for another session at this moment.
    """
    terms = cancellation_terms(booking, work.now)
    if terms.kind is TermsKind.WAIVED:
        lock_with_partner(work, booking.person_id)
        if cancellation_terms(booking, work.now) != terms:
            raise TermsChanged
    return terms


def cancel_by_staff(work: Work, booking: Booking, decision: StaffDecision) -> None:
    """Staff cancel, with whatever share they decide on going back; unlike the client, also once it has begun.

    Where that isn't what the policy says, the reason is kept, sealed with the client's key.
    """
    if booking.state in UNPAID or booking.state is State.RELEASING:
        _let_go_for_them(work, booking)
        return
    if booking.state is not State.CONFIRMED:
        return
    if decision.share == WHOLE:
        booking.called_off_at = booking.called_off_at or work.now
    if decision.reason:
        sealed = vault().seal(
            booking.person_id, decision.reason, table="cancellation_override", row=booking.reference, column="reason"
        )
        work.session.add(
            Override(
                booking_id=booking.id,
                actor=decision.actor,
                decided_at=work.now,
                share_numerator=decision.share.numerator,
                share_denominator=decision.share.denominator,
                reason_sealed=sealed,
            )
        )
    _end_confirmed(work, booking, Trigger.CANCEL, decision.share)


def cancel_as_shown(work: Work, booking: Booking, shown: str) -> None:
    """Cancel on the terms that the client read, as terms_now() wrote them then.

    :raises TermsChanged: when they are others by now: paid in another window, or the free time ran out meanwhile.
    """
    if lock_terms(work, booking).kind is TermsKind.OVER:
        return
    if terms_now(booking, work.now) != shown:
        raise TermsChanged
    ended = "session_cancelled" if booking.state is State.CONFIRMED else "session_let_go"
    cancel(work, booking)
    record(work, f"client:{booking.person.reference}", ended, booking.reference)


def decline(work: Work, booking: Booking) -> bool:
    """The practice declines: whatever was or will be paid goes back in full. False when nothing was left to decline."""
    if booking.state in UNPAID or booking.state is State.RELEASING:
        booking.declined_at = work.now  # a payment under way must not confirm what was declined
        _let_go_for_them(work, booking)
        return True
    if booking.state not in (State.IN_REVIEW, State.CONFIRMED):
        return False
    booking.declined_at = work.now
    if booking.state is State.IN_REVIEW:
        end_review(work, booking, Trigger.DECLINE)
        return True
    _end_confirmed(work, booking, Trigger.DECLINE, WHOLE)
    return True


def note_given_back(work: Work, booking: Booking, amount: Money) -> None:
    """Staff gave some of the price back. While the session stands, cancelling decides about the rest."""
    booking.given_back_minor += amount.minor_units
    booking.updated_at = work.now


def note_fee(work: Work, booking: Booking, amount: Money | None) -> None:
    """Staff decided on a fee besides the price, or on none any more."""
    booking.fee_minor = amount.minor_units if amount is not None else None
    booking.updated_at = work.now


def spare(work: Work, booking: Booking) -> None:
    """Note that nothing is ever charged for this session, for somebody's safety."""
    booking.spared_at = booking.spared_at or work.now
    booking.updated_at = work.now


def mark(work: Work, booking: Booking, trigger: Trigger) -> None:
    """Note whether somebody came: `trigger` is COMPLETE or NO_SHOW. Marking otherwise later corrects it.

    What is marked claims no time any more; so it must be past, or the rest of it could be booked.

    :raises TooEarly: before the session, with the buffer behind it, is over.
    """
    if booking.blocked_until > work.now:
        raise TooEarly
    if booking.state is State.MISSED and trigger is Trigger.COMPLETE:
        work.post(CameAfterAll(booking.reference, work.now.isoformat()))
    move(work, booking, trigger)
    release(work.session, booking)


def _let_go_for_them(work: Work, booking: Booking) -> None:
    """Unlike the client, who did it, they are told. What is still payable ends in expire(), which tells them too."""
    let_go(work, booking)
    if booking.state is State.CANCELLED:
        work.post(BookingExpired(booking.reference, work.now.isoformat()))


def _end_confirmed(work: Work, booking: Booking, trigger: Trigger, share: Fraction) -> None:
    move(work, booking, trigger)
    booking.sequence += 1
    free(work, booking)
    work.post(
        BookingCancelled(
            booking.reference,
            booking.sequence,
            refund_numerator=share.numerator,
            refund_denominator=share.denominator,
        )
    )


def _use_waiver(work: Work, booking: Booking) -> None:
    try:
        with work.session.connection().begin_nested():
            work.session.connection().execute(
                insert(Waiver).values(person_id=booking.person_id, booking_id=booking.id, used_at=work.now)
            )
    except IntegrityError:
        raise TermsChanged from None
