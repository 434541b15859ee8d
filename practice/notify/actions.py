"""What a letter says at the moment at which it is sent: the words, the address, and the link that is made for it.

A letter may be due twice, late, or after the thing that it tells of has changed again. So each is written from what
is true now, and is dropped, knowingly, where the truth has moved on:
- a booking that stands no longer, or in a newer revision, or is over: the letter that tells so comes behind it;
- a time that was kept for somebody and isn't any more, or that they have taken meanwhile;
- somebody who did not allow mail: they see the same on their page;
- somebody, or an account, that isn't there any more;
- an urgent notice that somebody has read meanwhile;
- a therapist's own calendar that works again, or of which the question was answered.
"""

from __future__ import annotations

from collections.abc import Callable

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.queries import find_booking, find_withdrawal
from practice.booking.waiting.queries import OPEN, find_offer_of_booking
from practice.calendars.appointments import STANDING, Recipient, for_client, for_therapist, status_of
from practice.intake.messages import RETURN
from practice.notify import attendee_letters, attendees, document_letters, letters, money_letters, staff_letters
from practice.notify.about_calendars import ABOUT_CALENDARS
from practice.notify.addresses import Addressed, desk_page, page_of
from practice.notify.calendar_parts import first_or_next_part
from practice.notify.left_addresses import write_taken_out
from practice.notify.letters import Letter, Returned, Withdraw
from practice.notify.messages import (
    ATTENDEE,
    CALENDAR,
    CLIENT,
    PROMISES,
    RECURRING,
    STAFF,
    THERAPIST,
    Kind,
    SendLetter,
)
from practice.notify.readers import Reader, colleague_reader, desk_reader, reader_of, therapist_reader
from practice.notify.to_persons import WITHOUT_BOOKING, write_again
from practice.papers.kinds import Kind as Paper
from practice.papers.queries import find_newest
from practice.payments.reviews import is_undecided
from practice.people import contact_of, make_link, takes_mail
from practice.profile import profile
from practice.settings import settings
from practice.staff.duty.queries import is_unread
from practice.staff.models import StaffAccount
from practice.work import Work

RETURNED = {
    Kind.CANCELLED_ALL: Returned.ALL,
    Kind.CANCELLED_PART: Returned.PART,
    Kind.CANCELLED_NOTHING: Returned.NOTHING,
}
MONEY_BACK = frozenset({Kind.PAYMENT_RETURNED, Kind.GIVEN_BACK, Kind.AUTHORISATION_RELEASED})
ABOUT_FEES = frozenset({Kind.FEE_PAID, Kind.FEE_ASKED})
SHORT = {
    Kind.ESTIMATE: document_letters.estimate_ready,
    Kind.FEE_ASKED: money_letters.fee_asked,
    Kind.FEE_PAID: money_letters.fee_paid,
    Kind.GIVEN_BACK: money_letters.given_back,
    Kind.AUTHORISATION_RELEASED: money_letters.authorisation_released,
}  # they say when, lead to the page, and change nothing in a calendar
ABOUT_REQUESTS = frozenset({Kind.REVIEWING, Kind.TURNED_DOWN, Kind.LAPSED})
WRITERS = {Kind.BOOKED: staff_letters.session_booked, Kind.MOVED: staff_letters.session_moved}  # else it is cancelled


# What goes to the practice's own address, and the page of the desk that its link opens.
TO_DESK: dict[Kind, tuple[Callable[..., Letter], str]] = {
    Kind.REQUEST_ARRIVED: (staff_letters.request_arrived, ""),
    Kind.ANSWERS_ARRIVED: (staff_letters.answers_arrived, ""),
    Kind.TAKEN_BACK: (staff_letters.something_changed, ""),
    Kind.MONEY_WAITS: (staff_letters.money_waits, "money/"),
    Kind.REVIEW_RUNS_OUT: (staff_letters.review_runs_out, "intakes"),
    Kind.RECORD_DUE: (staff_letters.answer_due, "data/"),
    Kind.RECORD_OVERDUE: (staff_letters.answer_overdue, "data/"),
}


def write_letter(work: Work, message: SendLetter) -> Addressed | None:
    """The letter as it is true now, or None where there is nothing left to tell, or nobody to tell it to."""
    kind = Kind(message.letter)
    if kind in WITHOUT_BOOKING:
        return WITHOUT_BOOKING[kind](work, message.about)
    if kind in ABOUT_CALENDARS:
        return ABOUT_CALENDARS[kind](message, work.now)
    if kind in RECURRING:
        return write_again(work, message)
    if kind is Kind.CALL_WISHED:
        return _to_account(work, message.recipient, staff_letters.call_wished, desk_page("calls"))
    if kind is Kind.URGENT:
        unread = is_unread(message.about)
        return _to_account(work, message.recipient, staff_letters.urgent_notice, desk_page()) if unread else None
    if kind in TO_DESK:
        write, page = TO_DESK[kind]
        return Addressed(profile().email, write(address=desk_page(page), voice=desk_reader().voice))
    booking = find_booking(message.about)
    if booking is not None and kind is Kind.TAKEN_OUT:
        return write_taken_out(booking, message)
    if booking is not None and message.recipient.startswith(ATTENDEE):
        return _to_attendee(work, kind, booking, message)
    if booking is None or not _still_true(kind, booking, message.occasion, work):
        return None
    if message.recipient == THERAPIST:
        return _to_therapist(work, kind, booking)
    if message.recipient == CLIENT:
        return _to_client(work, kind, booking)
    raise LookupError(f"no letter for {message.recipient}")


def _still_true(kind: Kind, booking: Booking, occasion: str, work: Work) -> bool:
    if kind in ABOUT_FEES:
        return booking.fee is not None  # it isn't asked for any more
    if kind in MONEY_BACK:
        return True  # the money went back, whatever became of the booking
    if kind is Kind.ESTIMATE:
        newest = find_newest(Paper.ESTIMATE, booking.reference)
        return newest is not None and newest.reference == occasion  # of an older one, the newer one's letter tells
    if kind is Kind.REVIEWING:
        return is_undecided(booking)
    if kind is Kind.TURNED_DOWN:
        return booking.state is State.DECLINED
    if kind is Kind.LAPSED and booking.state is State.EXPIRED:
        return True  # it was too late to keep the time once more
    if kind in PROMISES:
        return booking.state is State.RESERVED and booking.deadline_at is not None and booking.deadline_at > work.now
    if kind is Kind.NOT_KEPT:
        return booking.confirmed_at is None and booking.ends_at > work.now
    if str(booking.sequence) != occasion:
        return False
    if kind in (Kind.BOOKED, Kind.MOVED):
        return booking.state is State.CONFIRMED and booking.ends_at > work.now
    if kind is Kind.DECLINED:
        return booking.state is State.DECLINED
    return booking.state in (State.CANCELLED, State.DECLINED)


def _to_client(work: Work, kind: Kind, booking: Booking) -> Addressed | None:
    contact = contact_of(booking.person)
    if contact is None or not takes_mail(booking.person):
        return None
    address = page_of(make_link(work, booking.person, RETURN, booking.reference))
    reader = reader_of(booking.person)
    if kind in ABOUT_REQUESTS:
        return Addressed(contact.email, _about_request(kind, booking, reader, address))
    if kind in PROMISES or kind is Kind.NOT_KEPT:
        return Addressed(contact.email, _about_keeping(kind, booking, reader, address))
    when, voice = reader.when(booking.starts_at), reader.voice
    if kind in SHORT:
        return Addressed(contact.email, SHORT[kind](when=when, address=address, voice=voice))
    calendar = None
    if contact.calendar_by_mail and kind in CALENDAR and status_of(booking) is not None:
        own = for_client(booking, settings().base_url)
        calendar = first_or_next_part(work, booking, own, Recipient(CLIENT, booking.person, contact.email))
    match kind:
        case Kind.BOOKED:
            withdraw, last_day = _withdraw(work, booking, reader)
            letter = letters.appointment_booked(
                when=when,
                address=address,
                calendar=calendar,
                withdraw=withdraw,
                last_day=last_day,
                phone=profile().phone,
                voice=voice,
            )
        case Kind.MOVED:
            letter = letters.appointment_moved(when=when, address=address, calendar=calendar, voice=voice)
        case Kind.CALLED_OFF:
            letter = letters.appointment_called_off(when=when, address=address, calendar=calendar, voice=voice)
        case Kind.DECLINED:
            letter = letters.appointment_declined(
                when=when, paid=bool(booking.price), address=address, calendar=calendar, voice=voice
            )
        case Kind.PAYMENT_RETURNED:
            again = booking.state in STANDING
            write = money_letters.second_payment_returned if again else money_letters.payment_returned
            letter = write(when=when, address=address, voice=voice)
        case _:
            returned = RETURNED[kind] if booking.price else Returned.NONE_PAID
            letter = letters.appointment_cancelled(
                when=when, returned=returned, address=address, calendar=calendar, voice=voice
            )
    return Addressed(contact.email, letter)


def _to_attendee(work: Work, kind: Kind, booking: Booking, message: SendLetter) -> Addressed | None:
    """The letter to somebody who comes to it and did not book it."""
    person = attendees.find_attendee(message.recipient)
    contact = contact_of(person) if person is not None and takes_mail(person) else None
    if person is None or contact is None:
        return None
    if not attendees.is_true_for(kind, booking, person, message.occasion, work):
        return None
    reader = reader_of(person)
    when, voice = reader.when(booking.starts_at), reader.voice
    calendar = None
    if contact.calendar_by_mail and status_of(booking) is not None:
        own = attendees.object_to_mail(booking, person, message.occasion, settings().base_url)
        calendar = first_or_next_part(work, booking, own, Recipient(message.recipient, person, contact.email))
    address = page_of(make_link(work, person, RETURN, booking.reference))
    if kind is Kind.BOOKED:
        letter = attendee_letters.appointment_booked(when=when, address=address, calendar=calendar, voice=voice)
    elif kind is Kind.MOVED:
        letter = attendee_letters.appointment_moved(when=when, address=address, calendar=calendar, voice=voice)
    else:
        letter = letters.appointment_called_off(when=when, address=address, calendar=calendar, voice=voice)
    return Addressed(contact.email, letter)


def _withdraw(work: Work, booking: Booking, reader: Reader) -> tuple[Withdraw, str]:
    """How long the client can withdraw, and the last day of it in words, where it ends with a day."""
    right = find_withdrawal(booking, work.now)
    if right is None:
        return Withdraw.NEVER, ""
    if booking.starts_at < right.ends:
        return Withdraw.UNTIL_IT_BEGINS, ""
    return Withdraw.UNTIL_DAY, reader.day(right.last_day, profile().zone)


def _about_keeping(kind: Kind, booking: Booking, reader: Reader, address: str) -> Letter:
    """The letters about a time that no calendar shows yet: it is kept for somebody, or isn't any more."""
    when, voice = reader.when(booking.starts_at), reader.voice
    if kind is Kind.NOT_KEPT:
        offered = find_offer_of_booking(booking.id)
        waits = offered is not None and offered.wish.state in OPEN
        return letters.time_not_kept(when=when, waits=waits, address=address, voice=voice)
    if booking.deadline_at is None:
        raise LookupError(f"{booking.reference} is kept without end")
    until = reader.when(booking.deadline_at)
    write = letters.time_reserved if kind is Kind.RESERVED else letters.time_offered
    return write(when=when, until=until, address=address, voice=voice)


def _about_request(kind: Kind, booking: Booking, reader: Reader, address: str) -> Letter:
    """The letters about a request that is read before its card is charged; no calendar shows it either."""
    when, voice = reader.when(booking.starts_at), reader.voice
    until = reader.when(booking.deadline_at) if booking.deadline_at is not None else None
    if kind is Kind.TURNED_DOWN:
        return letters.request_turned_down(when=when, address=address, voice=voice)
    if kind is Kind.LAPSED:
        again = until if booking.state is State.RESERVED else None
        return letters.request_lapsed(when=when, until=again, address=address, voice=voice)
    if until is None:
        raise LookupError(f"{booking.reference} is read without end")
    return letters.request_reviewed(when=when, until=until, address=address, voice=voice)


def _to_therapist(work: Work, kind: Kind, booking: Booking) -> Addressed:
    therapist = booking.therapist
    reader = therapist_reader(therapist)
    own = for_therapist(booking, settings().base_url, reader.language)
    calendar = first_or_next_part(work, booking, own, Recipient(THERAPIST, None, therapist.email))
    write = WRITERS.get(kind, staff_letters.session_cancelled)
    when = reader.when(booking.starts_at)
    letter = write(when=when, address=desk_page(), calendar=calendar, voice=reader.voice)
    return Addressed(therapist.email, letter)


def _to_account(work: Work, recipient: str, write: Callable[..., Letter], address: str) -> Addressed | None:
    account = work.session.get(StaffAccount, int(recipient.removeprefix(STAFF)))
    if account is None or not account.active:
        return None
    return Addressed(account.email, write(address=address, voice=colleague_reader(account).voice))
