"""What somebody must agree to before they go on: which circumstances are theirs, and the way to the page that asks.

Everything here follows from what this person answered and booked themselves, never from their partner.
"""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from practice.booking.attending import find_joined
from practice.booking.lifecycle import CLAIMING
from practice.booking.offers.models import FOR_TWO
from practice.booking.queries import find_bookings_of
from practice.clock import clock
from practice.consents import queries as consents
from practice.consents.documents import AskedOf
from practice.consents.queries import Open
from practice.intake.queries import codes_of, find_draft, find_submitted
from practice.intake.questions import PARTNER, Page
from practice.intake.session_part import find_session_part
from practice.intake.steps import AS_TWO
from practice.people import Person, contact_of

OPEN_SECTIONS = ("start", "about_you")  # how somebody is reached, and where they are: without it nothing can be agreed
EVERY_CIRCUMSTANCE = frozenset(AskedOf)


def asks_privately(page: Page) -> bool:
    """Whether a page asks something that is not for the desk's eyes, and so is opened only after agreeing."""
    return page.section.id not in OPEN_SECTIONS and any(field.visibility != "admin" for field in page.fields)


def circumstances_of(person: Person) -> frozenset[AskedOf]:
    """Whether they come as one of two, meet on a screen, and said that mail may reach them."""
    now = clock().now()
    found = {AskedOf.EVERYBODY}
    for booking in (*find_bookings_of(person), *find_joined(person)):
        if booking.state in CLAIMING and booking.ends_at > now:
            found |= {AskedOf.COUPLES} if booking.offering.attendance == FOR_TWO else set()
            found |= {AskedOf.VIDEO} if booking.offering.place == "video" else set()
    for intake in (find_draft(person, now), find_session_part(person), find_submitted(person)):
        if intake is not None and (intake.audience == PARTNER or codes_of(intake).get("attending") in AS_TWO):
            found.add(AskedOf.COUPLES)
    contact = contact_of(person)
    if contact is not None and "email" in contact.channels:
        found.add(AskedOf.LETTERS)
    return frozenset(found)


def find_missing(person: Person) -> list[Open]:
    """What this person's next step waits for; empty where the practice has no documents, or they agreed to them."""
    if not consents.missing(person.id, EVERY_CIRCUMSTANCE):
        return []  # answers aren't opened for nothing
    return consents.missing(person.id, circumstances_of(person))


def gate(person: Person | None, back_to: str | None = None) -> ResponseReturnValue | None:
    """Where this person must go first, if anywhere; they come back to `back_to`, or to the page that they asked for."""
    if person is None or not find_missing(person):
        return None
    return redirect(url_for("agreeing.agree", then=back_to or request.path))


def gate_for_saving(person: Person | None) -> ResponseReturnValue | None:
    """The same for a form that was sent: new words never cost anybody what they typed; the next page asks."""
    if person is None or all(one.before is not None for one in find_missing(person)):
        return None
    return gate(person)


def first_for(person: Person | None) -> ResponseReturnValue | None:
    """Where this person must go before the page that they opened, or sent, if anywhere."""
    return gate_for_saving(person) if request.method == "POST" else gate(person)
