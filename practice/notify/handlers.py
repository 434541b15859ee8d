"""Who is told of what. Each thing to tell somebody becomes one SendLetter, and each SendLetter one letter."""

from __future__ import annotations

from contextlib import suppress

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
from practice.calendars.actions import forget_mailed
from practice.connections import Unreadable
from practice.consents.messages import ConsentTakenBack
from practice.couples import find_by_reference
from practice.database import db
from practice.errors import NotFound
from practice.intake.messages import IntakeCompleted, IntakeSubmitted, PersonForgotten, SendReturnLink, UrgentIntake
from practice.notify.actions import write_letter
from practice.notify.attendees import tell_companion, tell_who_joined, tell_who_parted
from practice.notify.left_addresses import tell_left_addresses
from practice.notify.messages import (
    CLIENT,
    DESK,
    INVITED,
    PERSON,
    PROMISES,
    STAFF,
    THERAPIST,
    Kind,
    SendLetter,
)
from practice.notify.sending import hand_over, put_off
from practice.outbox import OutboxMessage, handler_name
from practice.papers.messages import EstimateMade
from practice.partners.messages import PartnerJoined, PartnerLeft, SendInvitation
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
from practice.people import find_person
from practice.pulse.messages import CallWished, PulseOpened
from practice.reminding.messages import AppointmentNear, PartMissing
from practice.reminding.queries import find_to_ask, find_to_remind
from practice.staff.duty import actions as duty
from practice.staff.duty.messages import NoticeDue
from practice.staff.models import CLINICIAN, OWNER
from practice.staff.people.messages import ColleagueInvited
from practice.staff.people.queries import find_letter as find_staff_invitation
from practice.staff.queries import find_with_roles
from practice.work import Work, begin_work

log = structlog.get_logger()


def on_booking_confirmed(message: BookingConfirmed) -> None:
    """Tell the client and the therapist that the session stands."""
    with begin_work() as work:
        for recipient in (CLIENT, THERAPIST):
            _post(work, Kind.BOOKED, message.reference, recipient, str(message.sequence))
        tell_companion(work, Kind.BOOKED, message.reference, message.sequence)


def on_booking_moved(message: BookingMoved) -> None:
    """Tell the client and the therapist that the session has another time."""
    with begin_work() as work:
        for recipient in (CLIENT, THERAPIST):
            tell_left_addresses(work, message.reference, recipient)
            _post(work, Kind.MOVED, message.reference, recipient, str(message.sequence))
        tell_companion(work, Kind.MOVED, message.reference, message.sequence)


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
    recipients = [CLIENT, THERAPIST]
    if booking is not None and booking.state is State.DECLINED:
        kind = Kind.DECLINED
    elif booking is not None and booking.called_off_at is not None:
        kind = Kind.CALLED_OFF
    elif message.refund_numerator == 0:
        kind = Kind.CANCELLED_NOTHING
    elif message.refund_numerator == message.refund_denominator:
        kind = Kind.CANCELLED_ALL
    else:
        kind = Kind.CANCELLED_PART
    with begin_work() as work:
        for recipient in recipients:
            tell_left_addresses(work, message.reference, recipient)
            _post(work, kind, message.reference, recipient, str(message.sequence))
        # Whoever ended it and whatever goes back: the words are the same, so that they tell nothing of either.
        tell_companion(work, Kind.CALLED_OFF, message.reference, message.sequence)


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
        elif booking is not None and booking.called_off_at is not None:
            _post(work, Kind.CALLED_OFF, message.reference, CLIENT, str(booking.sequence))
        elif booking is not None and booking.state is State.EXPIRED:
            _post(work, Kind.LAPSED, message.again or message.reference, CLIENT)


def on_authorisation_released(message: AuthorisationReleased) -> None:
    """Tell the client that a card was authorized too late, and that nothing is taken."""
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


def on_intake_completed(message: IntakeCompleted) -> None:
    """Tell the desk that somebody answered what is asked before the session."""
    with begin_work() as work:
        _post(work, Kind.ANSWERS_ARRIVED, message.reference, DESK)


def on_consent_taken_back(message: ConsentTakenBack) -> None:
    """Tell the desk that something about a client changed. What it is stands on the desk."""
    with begin_work() as work:
        _post(work, Kind.TAKEN_BACK, message.consent, DESK)


def on_money_waits(message: MoneyWaits) -> None:
    """Tell the desk that a payment waits for a person."""
    with begin_work() as work:
        _post(work, Kind.MONEY_WAITS, message.thing, DESK)


def on_urgent_intake(message: UrgentIntake) -> None:
    """Call the clinician on duty to the desk. Nobody else: that there is a reason is a clinician's to know."""
    with suppress(NotFound), begin_work() as work:  # an intake that was erased calls nobody
        for account in duty.raise_notice(work, message.reference, message.moment):
            _post(work, Kind.URGENT, message.reference, f"{STAFF}{account.id}", f"{message.moment}:0")


def on_notice_due(message: NoticeDue) -> None:
    """Nobody has looked: call further, and once more later."""
    with begin_work() as work:
        for account in duty.call_again(work, message.reference, message.moment, message.step):
            _post(work, Kind.URGENT, message.reference, f"{STAFF}{account.id}", f"{message.moment}:{message.step}")


def on_appointment_near(message: AppointmentNear) -> None:
    """Remind whoever comes of an appointment, if it still stands as it was planned."""
    with begin_work() as work:
        for person in find_to_remind(message, work.now):
            recipient = f"{PERSON}{person.reference}"
            work.post(SendLetter(Kind.NEAR.value, message.booking, recipient, str(message.sequence), since=message.due))


def on_part_missing(message: PartMissing) -> None:
    """Tell whoever has something left to do before an appointment."""
    with begin_work() as work:
        for person in find_to_ask(message, work.now):
            recipient, occasion = f"{PERSON}{person.reference}", f"{message.sequence}:{message.days}"
            work.post(SendLetter(Kind.MISSING.value, message.booking, recipient, occasion, since=message.due))


def on_pulse_opened(message: PulseOpened) -> None:
    """Tell somebody that their short page is open."""
    with begin_work() as work:
        recipient = f"{PERSON}{message.person}"
        work.post(SendLetter(Kind.PULSE.value, message.person, recipient, message.day, since=message.due))


def on_call_wished(message: CallWished) -> None:
    """Tell every clinician that somebody wishes to be called. Nobody else, and not who."""
    with begin_work() as work:
        for account in find_with_roles(CLINICIAN) or find_with_roles(OWNER):
            _post(work, Kind.CALL_WISHED, message.answer, f"{STAFF}{account.id}", message.saved)


def on_send_return_link(message: SendReturnLink) -> None:
    """Mail somebody the way back that they asked for."""
    with begin_work() as work:
        _post(work, Kind.WAY_BACK, message.person, CLIENT, message.asked)


def on_send_invitation(message: SendInvitation) -> None:
    """Mail an invitation to whoever is to come along."""
    with begin_work() as work:
        _post(work, Kind.INVITATION, message.invitation, INVITED)


def on_colleague_invited(message: ColleagueInvited) -> None:
    """Mail somebody a link by which they choose the password of their account."""
    with begin_work() as work:
        invitation = find_staff_invitation(message.invitation, work.now)
        if invitation is not None:
            kind = Kind.STAFF_INVITATION if invitation.account_id is None else Kind.STAFF_PASSWORD
            _post(work, kind, message.invitation, INVITED, message.sent)


def on_person_forgotten(message: PersonForgotten) -> None:
    """Forget to which addresses the calendar objects of somebody's sessions went."""
    person = find_person(message.person)
    if person is not None:
        with begin_work() as work:
            forget_mailed(work, person.id)


def on_partner_joined(message: PartnerJoined) -> None:
    """Tell two people who come together now of the appointments that are coming, each of those of the other."""
    couple = find_by_reference(message.couple)
    if couple is not None:
        with begin_work() as work:
            tell_who_joined(work, couple)


def on_partner_left(message: PartnerLeft) -> None:
    """Tell two people who don't come together any more what that changes, in words that say nothing of why."""
    couple = find_by_reference(message.couple)
    if couple is not None:
        with begin_work() as work:
            tell_who_parted(work, couple, message.person)


def on_send_letter(message: SendLetter) -> None:
    """Write one letter as it is true now and hand it to the mail server.

    A worker that is killed between the server's yes and the outbox's note sends it again, under the same Message-ID.
    A refused letter counts as a failure; a server that is away only puts it off, for PATIENCE.
    """
    try:
        with begin_work() as work:
            addressed = write_letter(work, message)
    except Unreadable as shut:  # a letter with an appointment names its sender
        put_off(message.since, shut)
    if addressed is None:
        log.info("letter_dropped", kind=message.letter)
        return
    hand_over(addressed, message.key, message.since)


def _post(work: Work, kind: Kind, about: str, recipient: str, occasion: str = "") -> None:
    work.post(SendLetter(kind.value, about, recipient, occasion, since=work.now.isoformat()))


def _was_promised(booking: str) -> bool:
    """Whether a letter was posted that tells the client of a time that is kept for them."""
    handler = handler_name(on_send_letter)
    keys = [f"{SendLetter(kind.value, booking, CLIENT, '', since='').key}>{handler}" for kind in PROMISES]
    return db.session.scalar(select(OutboxMessage.id).where(OutboxMessage.key.in_(keys)).limit(1)) is not None
