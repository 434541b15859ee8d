"""What rivals do in races. Each is prepared first (what can be read before), and gives back what is raced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from practice.booking import actions, blocks, holding, moving
from practice.booking.eligibility import Grant, grant_eligibility
from practice.booking.offers.queries import get_offer
from practice.booking.policy import WHOLE
from practice.booking.queries import find_booking
from practice.errors import Refused
from practice.intake import completing
from practice.papers import actions as paper_actions
from practice.papers.kinds import Kind
from practice.papers.layout import Sheet
from practice.people import Person
from practice.spans import Span
from practice.work import Work, begin_work

Play = Callable[[], None]


def hold(person_id: int, therapist: str, offering: str, start: datetime) -> Play:
    offer = get_offer(therapist, offering)

    def play() -> None:
        with begin_work() as work:
            holding.hold_slot(work, person_id, offer, start)

    return play


def move(reference: str, therapist: str, offering: str, start: datetime) -> Play:
    offer, booking = get_offer(therapist, offering), find_booking(reference)
    assert booking is not None
    seen = booking.sequence

    def play() -> None:
        with begin_work() as work:
            moving.move_as_client(work, reference, offer, start, seen=seen)

    return play


def cancel(reference: str) -> Play:
    def play() -> None:
        with begin_work() as work:
            actions.cancel(work, actions.lock(work, reference))

    return play


def cancel_by_staff(reference: str) -> Play:
    decision = actions.StaffDecision(actor="staff:race", share=WHOLE, reason="a race")

    def play() -> None:
        with begin_work() as work:
            actions.cancel_by_staff(work, actions.lock(work, reference), decision)

    return play


def block(resource_id: int, start: datetime, minutes: int) -> Play:
    def play() -> None:
        with begin_work() as work:
            blocks.block_time(work, resource_id, Span(start, start + timedelta(minutes=minutes)))

    return play


def grant(person_id: int) -> Play:
    def play() -> None:
        with begin_work() as work:
            person = work.session.get_one(Person, person_id)
            grant_eligibility(work, person, Grant(("couple",), ("video",), "US-NY"))

    return play


def issue(reference: str) -> Play:
    def play() -> None:
        with begin_work() as work:
            _issue(work, reference)

    return play


def issue_and_give_up(reference: str) -> Play:
    def play() -> None:
        with begin_work() as work:
            _issue(work, reference)
            raise Refused

    return play


def send_answers(reference: str) -> Play:
    def play() -> None:
        with begin_work() as work:
            completing.complete(work, reference)

    return play


def _issue(work: Work, reference: str) -> None:
    """A document about a booking. Not locked: rivals from many bookings meet at the series alone."""
    booking = find_booking(reference)
    assert booking is not None
    sheet = Sheet("Receipt", ("Quiet Harbour",), ())
    draft = paper_actions.Draft(Kind.RECEIPT, booking, booking.reference, {}, sheet, booking.price)
    paper_actions.issue(work, "worker", draft)


PLAYS: dict[str, Callable[..., Play]] = {
    "hold": hold,
    "move": move,
    "cancel": cancel,
    "cancel_by_staff": cancel_by_staff,
    "block": block,
    "grant": grant,
    "issue": issue,
    "issue_and_give_up": issue_and_give_up,
    "send_answers": send_answers,
}
