"""What a client's own page shows. It only gathers: each room says for itself what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.queries import find_bookings_of
from practice.couples import find_partner
from practice.people import Person, contact_of
from practice.pulse.queries import OwnPulse, read_own
from practice.reminding.queries import LetterChoice, find_choices


@dataclass(frozen=True)
class OwnPage:
    """What one person sees of themselves. Nothing of it depends on what a partner answered or did privately."""

    name: str
    coming: list[Booking]  # the next one first
    past: list[Booking]  # the latest first
    in_a_couple: bool
    pulse: OwnPulse
    letters: list[LetterChoice]


def read_own_page(person: Person, now: datetime) -> OwnPage:
    """Everything on the page of this person."""
    contact = contact_of(person)
    standing = [one for one in find_bookings_of(person) if one.state in CLAIMING]
    return OwnPage(
        name=contact.first_name if contact else "",
        coming=sorted((one for one in standing if one.ends_at > now), key=lambda one: one.starts_at),
        past=sorted((one for one in standing if one.ends_at <= now), key=lambda one: one.starts_at, reverse=True),
        in_a_couple=find_partner(person.id) is not None,
        pulse=read_own(person, now),
        letters=find_choices(person),
    )
