"""What a client's own page shows. It only gathers: each room says for itself what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from practice.booking.attending import find_joined
from practice.booking.lifecycle import CLAIMING
from practice.booking.models import Booking
from practice.booking.queries import find_bookings_of
from practice.consents.queries import Open, find_documents, find_open
from practice.couples import find_partner
from practice.intake.agreeing import circumstances_of
from practice.intake.queries import find_submitted
from practice.intake.session_part import Progress, read_progress
from practice.partners.queries import OwnSide, read_own_side
from practice.payments.fees.queries import find_given
from practice.people import Person, contact_of
from practice.pulse.queries import OwnPulse, read_own
from practice.reminding.queries import LetterChoice, find_choices
from practice.review.lifecycle import Word
from practice.review.own_request import read_word


@dataclass(frozen=True)
class Agreements:
    """What somebody agreed to, and has not: `waits` is what their next booking waits for, `optional` the rest."""

    waits: list[Open]
    optional: list[Open]


@dataclass(frozen=True)
class OwnPage:
    """What one person sees of themselves. Nothing of it depends on what a partner answered or did privately."""

    name: str
    word: Word | None  # how what they sent last stands; None when they sent nothing
    coming: list[Booking]  # the next one first
    past: list[Booking]  # the latest first
    in_a_couple: bool
    questions: Progress | None  # what is asked before the session; None when nothing is
    has_sent: bool  # answers that can be read again
    agreements: Agreements | None  # None where there is nothing to agree to
    side: OwnSide  # of whoever comes with them
    pulse: OwnPulse
    letters: list[LetterChoice]


def read_own_page(person: Person, now: datetime) -> OwnPage:
    """Everything on the page of this person."""
    contact = contact_of(person)
    standing = [one for one in find_bookings_of(person) if one.state in CLAIMING] + find_joined(person)
    return OwnPage(
        name=contact.first_name if contact else "",
        word=read_word(person),
        coming=sorted((one for one in standing if one.ends_at > now), key=lambda one: one.starts_at),
        past=sorted((one for one in standing if one.ends_at <= now), key=lambda one: one.starts_at, reverse=True),
        in_a_couple=find_partner(person.id) is not None,
        questions=read_progress(person),
        has_sent=find_submitted(person) is not None,
        agreements=read_agreements(person),
        side=read_own_side(person, now),
        pulse=read_own(person, now),
        letters=find_choices(person),
    )


def read_agreements(person: Person) -> Agreements | None:
    """How this person stands with what is asked of them."""
    if not find_documents() and find_given(person) is None:
        return None
    asked = find_open(person.id, circumstances_of(person))
    return Agreements(waits=[one for one in asked if one.holds_up], optional=[one for one in asked if not one.holds_up])
