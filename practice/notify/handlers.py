"""Who is told of what. Each thing to tell somebody becomes one SendLetter, and each SendLetter one letter."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.messages import (
    BookingCancelled,
    BookingConfirmed,
    BookingExpired,
    BookingMoved,
    PlaceOpened,
    ReviewBegun,
    ReviewEnded,
    TimeOffered,
    TimeReserved,
)
from practice.booking.queries import find_booking
from practice.clock import clock
from practice.database import db
from practice.intake.messages import IntakeSubmitted, SendReturnLink, UrgentIntake
from practice.notify.actions import write_letter
from practice.notify.mailer import Envelope, MailAway, mailer
from practice.notify.messages import CLIENT, DESK, PROMISES, STAFF, THERAPIST, Kind, SendLetter
from practice.notify.rendering import render
from practice.outbox import OutboxMessage, Retry, handler_name
from practice.papers.messages import EstimateMade
from practice.payments.fees.messages import FeeAsked, FeePaid
from practice.payments.messages import (
    AuthorisationReleased,
    MoneyWaits,
    PaymentReturned,
    RefundPromised,
    ReviewRunsOut,
)
from practice.payments.queries import find_booking_of
from practice.payments.reviews import is_undecided
from practice.staff.duty import actions as duty
from practice.staff.duty.messages import NoticeDue
from practice.work import Work, begin_work

PATIENCE = timedelta(days=2)  # with a mail server that is away; after it, every failure counts
SHORTEST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=10)

log = structlog.get_logger()


def on_booking_confirmed(message: BookingConfirmed) -> None:
    """Tell the client and the therapist that the session stands."""
    with begin_work() as work:
        for recipient in (CLIENT, THERAPIST):
            _post(work, Kind.BOOKED, message.reference, recipient, str(message.sequence))


def on_booking_moved(message: BookingMoved) -> None:
    """Tell the client and the therapist that the session has another time."""
    with begin_work() as work:
        for recipient in (CLIENT, THERAPIST):
            _post(work, Kind.MOVED, message.reference, recipient, str(message.sequence))


def on_time_reserved(message: TimeReserved) -> None:
    """Tell the client that a time is kept for them, and until when."""
    with begin_work() as work:
        _post(work, Kind.RESERVED, message.reference, CLIENT)


def on_time_offered(message: TimeOffered) -> None:
    """Tell somebody on the waiting list that a time has opened, and until when it is kept for them."""
    with begin_work() as work:
        _post(work, Kind.OFFERED, message.reference, CLIENT)


def on_booking_expired(message: BookingExpired) -> None:
    """Tell whoever read that a time is kept for them that it isn't any more. Other holds were theirs to watch."""
    if not _was_promised(message.reference):
        return
    with begin_work() as work:
        _post(work, Kind.NOT_KEPT, message.reference, CLIENT)


def on_place_opened(message: PlaceOpened) -> None:
    """Tell somebody that times can be booked now from where they are."""
    with begin_work() as work:
        _post(work, Kind.PLACE_OPENED, message.person, CLIENT, message.told)


def on_booking_cancelled(message: BookingCancelled) -> None:
    """Tell the client and the therapist that it doesn't take place, and the client what goes back."""
    booking = find_booking(message.reference)
    if booking is not None and booking.state is State.DECLINED:
        kind = Kind.DECLINED
    elif message.refund_numerator == 0:
        kind = Kind.CANCELLED_NOTHING
    elif message.refund_numerator == message.refund_denominator:
        kind = Kind.CANCELLED_ALL
    else:
        kind = Kind.CANCELLED_PART
    with begin_work() as work:
        for recipient in (CLIENT, THERAPIST):
            _post(work, kind, message.reference, recipient, str(message.sequence))


def on_payment_returned(message: PaymentReturned) -> None:
    """Tell the client that a payment which came too late, or twice, goes back."""
    with begin_work() as work:
        _post(work, Kind.PAYMENT_RETURNED, message.booking, CLIENT, message.attempt)


def on_refund_promised(message: RefundPromised) -> None:
    """Tell the client that some of what they paid goes back."""
    with begin_work() as work:
        _post(work, Kind.GIVEN_BACK, message.booking, CLIENT, message.refund)


def on_fee_paid(message: FeePaid) -> None:
    """Tell the client that a fee was charged, or that what they paid has come."""
    with begin_work() as work:
        _post(work, Kind.FEE_PAID, message.booking, CLIENT, message.fee)


def on_fee_asked(message: FeeAsked) -> None:
    """Tell the client that a fee waits for them."""
    with begin_work() as work:
        _post(work, Kind.FEE_ASKED, message.booking, CLIENT, message.asked)


def on_estimate_made(message: EstimateMade) -> None:
    """Tell the client that an estimate is on their page. The letter never carries it."""
    with begin_work() as work:
        _post(work, Kind.ESTIMATE, message.booking, CLIENT, message.paper)


def on_review_begun(message: ReviewBegun) -> None:
    """Tell the client that their card is authorised and not charged, and until when they hear from us."""
    with begin_work() as work:
        _post(work, Kind.REVIEWING, message.reference, CLIENT)


def on_review_ended(message: ReviewEnded) -> None:
    """Tell the client that nothing was taken, where it wasn't they who ended it."""
    booking = find_booking(message.reference)
    with begin_work() as work:
        if booking is not None and booking.state is State.DECLINED:
            _post(work, Kind.TURNED_DOWN, message.reference, CLIENT)
        elif booking is not None and booking.state is State.EXPIRED:
            _post(work, Kind.LAPSED, message.again or message.reference, CLIENT)


def on_authorisation_released(message: AuthorisationReleased) -> None:
    """Tell the client that a card was authorised too late, and that nothing is taken."""
    with begin_work() as work:
        _post(work, Kind.AUTHORISATION_RELEASED, message.booking, CLIENT, message.attempt)


def on_review_runs_out(message: ReviewRunsOut) -> None:
    """Tell the desk that a request runs out, unless somebody decided it."""
    booking = find_booking(find_booking_of(message.attempt))
    if booking is None or not is_undecided(booking):
        return
    with begin_work() as work:
        _post(work, Kind.REVIEW_RUNS_OUT, booking.reference, DESK)


def on_intake_submitted(message: IntakeSubmitted) -> None:
    """Tell the desk that something waits there."""
    with begin_work() as work:
        _post(work, Kind.REQUEST_ARRIVED, message.reference, DESK)


def on_money_waits(message: MoneyWaits) -> None:
    """Tell the desk that a payment waits for a person."""
    with begin_work() as work:
        _post(work, Kind.MONEY_WAITS, message.thing, DESK)


def on_urgent_intake(message: UrgentIntake) -> None:
    """Call the clinician on duty to the desk. Nobody else: that there is a reason is a clinician's to know."""
    with begin_work() as work:
        for account in duty.raise_notice(work, message.reference, message.occasion):
            _post(work, Kind.URGENT, message.reference, f"{STAFF}{account.id}", f"{message.occasion}:0")


def on_notice_due(message: NoticeDue) -> None:
    """Nobody has looked: call further, and once more later."""
    with begin_work() as work:
        for account in duty.call_again(work, message.reference, message.step, message.raised):
            recipient = f"{STAFF}{account.id}"
            _post(work, Kind.URGENT, message.reference, recipient, f"{message.raised}:{message.step}")


def on_send_return_link(message: SendReturnLink) -> None:
    """Mail somebody the way back that they asked for."""
    with begin_work() as work:
        _post(work, Kind.WAY_BACK, message.person, CLIENT, message.asked)


def on_send_letter(message: SendLetter) -> None:
    """Write one letter as it is true now and hand it to the mail server.

    A worker that is killed between the server's yes and the outbox's note sends it again, under the same Message-ID.
    A refused letter counts as a failure; a server that is away only puts it off, for PATIENCE.
    """
    with begin_work() as work:
        addressed = write_letter(work, message)
    if addressed is None:
        log.info("letter_dropped", kind=message.letter)
        return
    rendered = render(addressed.letter)
    now = clock().now()
    envelope = Envelope(
        key=message.key,
        to=addressed.to,
        subject=addressed.letter.subject,
        text=rendered.text,
        html=rendered.html,
        sent=now,
        calendar=addressed.letter.calendar,
    )
    try:
        mailer().send(envelope)
    except MailAway as away:
        waited = now - datetime.fromisoformat(message.since)
        if waited > PATIENCE:
            raise
        raise Retry(min(max(waited, SHORTEST_PAUSE), LONGEST_PAUSE), "the mail server is away") from away


def _post(work: Work, kind: Kind, about: str, recipient: str, occasion: str = "") -> None:
    work.post(SendLetter(kind.value, about, recipient, occasion, since=work.now.isoformat()))


def _was_promised(booking: str) -> bool:
    """Whether a letter was posted that tells the client of a time that is kept for them."""
    handler = handler_name(on_send_letter)
    keys = [f"{SendLetter(kind.value, booking, CLIENT, '', since='').key}>{handler}" for kind in PROMISES]
    return db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.key.in_(keys)).limit(1)) is not None
