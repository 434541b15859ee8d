"""How it goes with one person or both of a couple, for whoever treats them. Who may read it: actions.open_pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.couples import find_couple
from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import find_newest_of
from practice.languages import N_
from practice.people import Person, contact_of
from practice.presenting import local_date
from practice.pulse.models import PulseAnswer
from practice.pulse.plot import Event, Plot, Reading, draw, enough
from practice.pulse.queries import find_call_wishes, read_line, read_said
from practice.review.queries import Reach, reach_of
from practice.review.seeing import find_ties, roles_of, ties_to
from practice.review.sight import clears
from practice.speaking import gettext as _
from practice.staff.duty.queries import is_on_duty
from practice.staff.models import StaffAccount

HELD = {
    State.ATTENDED: ("attended", N_("Session took place")),
    State.CONFIRMED: ("attended", N_("Session, not marked yet")),
    State.MISSED: ("missed", N_("Session missed")),
}


@dataclass(frozen=True)
class PersonLine:
    """One person's line. `said` has, by due day, the other questions and answers."""

    name: str
    readings: list[Reading]
    drawn: bool
    said: list[tuple[date, list[tuple[str, str]]]]


@dataclass(frozen=True)
class Overlay:
    """One line, or two over each other. A row of the table: a day, a cell for each person, and what happened then.

    A cell is None where nothing was due for that person, else a reading.
    """

    people: list[PersonLine]
    plot: Plot | None
    rows: list[tuple[date, list[Reading | None], list[Event]]]


@dataclass(frozen=True)
class CallWish:
    """Somebody who wishes to talk alone: which page they said so on, and how to reach them."""

    answer: PulseAnswer
    name: str
    reach: Reach
    intake: str | None


def read_overlay(people: Sequence[Person], now: datetime, zone: str) -> Overlay:
    """The lines of these people (one, or both of a couple), and what happened, by the dates of `zone`."""
    lines = [_line_of(person, now) for person in people]
    events = _events(people, now, ZoneInfo(zone))
    by_day = [{reading.day: reading for reading in line.readings} for line in lines]
    days = sorted({*(day for readings in by_day for day in readings), *(event.day for event in events)})
    return Overlay(
        people=lines,
        plot=draw([line.readings for line in lines], events),
        rows=[
            (day, [readings.get(day) for readings in by_day], [event for event in events if event.day == day])
            for day in days
        ],
    )


def list_call_wishes(account: StaffAccount, now: datetime) -> list[CallWish]:
    """Who wishes to talk alone, the oldest wish first: of those who are this clinician's, and while on duty of all."""
    found = find_call_wishes(now)
    if not is_on_duty(account, now):
        roles, ties = roles_of(account), find_ties(account, {one.person_id for one in found})
        found = [one for one in found if clears(roles, ties[one.person_id])]
    newest = find_newest_of({one.person_id for one in found})
    return [_wish(one, newest.get(one.person_id)) for one in found]


def _wish(answer: PulseAnswer, sent: Intake | None) -> CallWish:
    contact, reach = contact_of(answer.person), reach_of(answer.person)
    return CallWish(answer, contact.first_name if contact else "", reach, sent.reference if sent is not None else None)


def hears_of(account: StaffAccount, reference: str, now: datetime) -> bool:
    """Whether what is wished in this answer is this clinician's to hear of."""
    answer = db.session.scalars(select(PulseAnswer).where(PulseAnswer.reference == reference)).one_or_none()
    return answer is not None and (
        is_on_duty(account, now) or clears(roles_of(account), ties_to(account, answer.person_id))
    )


def about(overlay: Overlay) -> str:
    """What there is to see, in words, for whoever doesn't see the picture."""
    drawn = [line for line in overlay.people if line.drawn]
    return " ".join(
        [
            *(_course(line.name, line.readings) for line in drawn),
            _("Where an answer was left out, the line has a gap. The table has the same numbers."),
        ]
    )


def _course(name: str, readings: Sequence[Reading]) -> str:
    said = [reading for reading in readings if reading.value is not None]
    first, last = said[0], said[-1]
    return _(
        "%(name)s: %(count)s answers, from %(first)s on %(first_day)s to %(last)s on %(last_day)s.",
        name=name,
        count=len(said),
        first=first.value,
        first_day=local_date(first.day),
        last=last.value,
        last_day=local_date(last.day),
    )


def _line_of(person: Person, now: datetime) -> PersonLine:
    contact, readings = contact_of(person), read_line(person, now)
    return PersonLine(contact.first_name if contact else "", readings, enough(readings), read_said(person))


def _events(people: Sequence[Person], now: datetime, zone: ZoneInfo) -> list[Event]:
    ids = [person.id for person in people]
    found = select(Booking).where(Booking.person_id.in_(ids), Booking.state.in_(HELD), Booking.ends_at <= now)
    events = [
        Event(booking.starts_at.astimezone(zone).date(), *HELD[booking.state]) for booking in db.session.scalars(found)
    ]
    couple = find_couple(ids[0]) if len(ids) > 1 else None
    if couple is not None:
        events.append(Event(couple.formed_at.astimezone(zone).date(), "joined", N_("Joined as a couple")))
    return sorted(events, key=lambda event: (event.day, event.kind))
