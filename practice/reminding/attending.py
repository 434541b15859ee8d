"""Whose session a booking is, besides whoever booked it. The one place that decides it for letters and the pulse."""

from __future__ import annotations

from practice.booking.models import Booking
from practice.couples import find_couple
from practice.people import Person

COUPLE = "couple"


def attendees_of(booking: Booking) -> list[Person]:
    """Everybody who is to come, as far as bookings know: whoever booked it."""
    return [booking.person]


def came_to(booking: Booking) -> list[Person]:
    """Everybody who came, as far as it is known: of a session for two, whoever was joined with the booker by then."""
    there = attendees_of(booking)
    couple = find_couple(booking.person_id) if booking.offering.attendance == COUPLE else None
    if couple is not None and couple.formed_at <= booking.ends_at:
        known = {person.id for person in there}
        there += [member.person for member in couple.members if member.person_id not in known]
    return there


def is_call(booking: Booking) -> bool:
    """Whether it is what everybody gets without charge, such as a first call: little is asked before it."""
    return booking.offering.price_minor == 0
