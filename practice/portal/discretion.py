"""What somebody beside a client may see of an appointment: each from where it is really made, to show it beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from practice.booking.models import Booking
from practice.calendars.appointments import title_for
from practice.connections import sender_name
from practice.notify.letters import appointment_booked
from practice.notify.readers import reader_of
from practice.payments.stripe_asking import WORD
from practice.people import current_person, takes_mail
from practice.presenting import local_time, zone_at
from practice.profile import profile
from practice.speaking import gettext, speaking


@dataclass(frozen=True)
class Glimpse:
    """What shows on a phone (`letters`: whether any are sent), in a calendar, on a statement, to the card company.

    Letters, calendars and payments speak `language`, whatever the page speaks.
    """

    language: str
    letters: bool
    sender: str
    subject: str
    first_line: str
    calendar: str
    times: str
    statement: str
    card_company: str


def look_ahead(booking: Booking, zone: str) -> Glimpse:
    """What others may see of this booking, in the language in which its client is written to. `zone`: that of the page.

    Whether an entry for the calendar comes by mail is not in it: that would show who answered what about their mail.
    """
    reader = reader_of(booking.person)
    letter = appointment_booked(when=reader.when(booking.starts_at), address="", calendar=None, voice=reader.voice)
    with speaking(reader.language):
        card_company = gettext(WORD)
        times = gettext(
            "%(start)s to %(end)s %(zone)s",
            start=local_time(booking.starts_at, zone),
            end=local_time(booking.ends_at, zone),
            zone=zone_at(booking.starts_at, zone),
        )
    return Glimpse(
        language=reader.language,
        letters=takes_mail(booking.person),
        sender=sender_name(),
        subject=letter.subject,
        first_line=letter.paragraphs[0],
        calendar=title_for(booking.person),
        times=times,
        statement=profile().statement_name,
        card_company=card_company,
    )


def own_calendar_title() -> str:
    """What the calendar of whoever looks at the page says of their appointments."""
    person = current_person()
    return title_for(person) if person is not None else ""
