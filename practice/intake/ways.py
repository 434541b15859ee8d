"""Where somebody is led: on with what they began, to what is open to them, or to their own page."""

from __future__ import annotations

from flask import url_for

from practice.booking.lifecycle import UNPAID
from practice.clock import clock
from practice.intake import queries
from practice.intake.fitting import find_fitting
from practice.intake.forms import CodeAsked
from practice.intake.queries import Draft
from practice.intake.session_part import SessionPart, open_session_part
from practice.intake.steps import BOOK, open_page
from practice.people import Person, current_person

MAILED_PAGES = {"you": "portal.you", "pulse": "pulse.pulse"}  # by what a mailed link leads to, besides a booking


def place_of(draft: Draft) -> str:
    """The next page of a first part."""
    page = open_page(draft.questionnaire, draft.answers, BOOK)
    return url_for("intake.part", number=page.number) if page is not None else url_for("intake.check")


def place_of_part(part: SessionPart) -> str:
    """The next page of what is asked before the session."""
    page = part.next_page
    return url_for("more.page", number=page.number) if page is not None else url_for("more.check")


def home_of_sent(person: Person) -> str:
    """The time that is kept for them already, or those that are open to them."""
    booking = queries.find_current_booking(person)
    if booking is not None and booking.state in UNPAID:
        return url_for("booking.booking", reference=booking.reference)
    fitting = find_fitting(person, clock().now())
    if len(fitting) != 1:  # the page that shows them all
        return url_for("intake.times")
    return url_for("booking.times", slug=fitting[0].therapist.slug, offering=fitting[0].offer.offering_slug)


def home_of(target: str | None) -> str:
    """Where whoever comes back goes on. `target` is what their link leads to: a booking's reference, an intake's for
    what is asked before the session, or None for whatever is open.
    """
    person, now = current_person(), clock().now()
    if target is not None and target.startswith("b_"):
        return url_for("booking.booking", reference=target)
    if target in MAILED_PAGES:
        return url_for(MAILED_PAGES[target])
    draft, part = queries.open_draft(person, now), open_session_part(person)
    if target is not None and part is not None:
        return place_of_part(part)
    if draft.intake is not None:
        return place_of(draft)
    if part is not None and (part.partner or part.intake.more_saved_at is not None):
        return place_of_part(part)
    if person is None:
        return url_for("intake.schedule")
    return _home_without_questions(person)


def _home_without_questions(person: Person) -> str:
    """What presses: a time to pay for, or one to choose. Else their own page, where everything stands."""
    booking = queries.find_current_booking(person)
    if booking is not None and booking.state in UNPAID:
        return url_for("booking.booking", reference=booking.reference)
    if booking is not None:
        return url_for("portal.you")
    if queries.find_request(person) is not None:
        return url_for("intake.times")
    return url_for("portal.you" if queries.find_submitted(person) is not None else "intake.schedule")


def code_asked(person: Person | None) -> CodeAsked:
    """Whether a page that asks how this person is reached asks for an access code too."""
    if person is None or person.code_hash is None:
        return CodeAsked.FIRST
    return CodeAsked.SETTLED if queries.is_settled(person) else CodeAsked.AGAIN
