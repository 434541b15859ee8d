"""The calendar part of a letter: the appointment, from whom and for whom."""

from __future__ import annotations

from dataclasses import replace

from practice.booking.models import Booking
from practice.calendars import ics
from practice.calendars.actions import note_mailed
from practice.calendars.appointments import Recipient, mailed
from practice.calendars.ics import Appointment, Method, Party
from practice.connections import mail_from
from practice.notify.letters import CalendarPart
from practice.notify.mailer import Sender
from practice.work import Work


def first_or_next_part(work: Work, booking: Booking, appointment: Appointment, to: Recipient) -> CalendarPart:
    """The part of a letter to this recipient; that it went there is noted."""
    return part_of(appointment, to.address, note_mailed(work, booking, to, mail_from()))


def part_of(appointment: Appointment, address: str, organizer: str) -> CalendarPart:
    """The part with this organizer, as MAIL_FROM was when the recipient got the first one.

    Calendars take a change from the organizer whom they know alone. Where letters come from another address by now,
    that one says for whom it speaks.
    """
    known, sender = Sender.parse(organizer), Sender.parse(mail_from())
    party = Party(known.address, known.name)
    if known.address != sender.address:
        party = replace(party, sent_by=sender.address)
    method = Method.REQUEST if appointment.status is ics.Status.CONFIRMED else Method.CANCEL
    return CalendarPart(method.value, ics.mail_part(mailed(appointment, party, address), method))
