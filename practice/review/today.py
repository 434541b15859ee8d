"""What needs somebody at the desk now, in the order in which it does. Read for the page Today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from practice.booking.attending import find_attendees_of
from practice.booking.lifecycle import State
from practice.booking.models import Booking
from practice.booking.offers.queries import IN_PERSON
from practice.database import db
from practice.intake.models import Intake
from practice.intake.queries import find_newest_of, read_sent_codes
from practice.intake.questions import Answers
from practice.intake.safety import Band
from practice.papers import estimates
from practice.papers.kinds import Kind
from practice.papers.queries import find_with
from practice.people import Person, contact_of
from practice.regions import region_name
from practice.review import queries
from practice.review.seeing import find_ties, roles_of
from practice.review.sight import decides
from practice.review.waiting import Waiting, list_waiting
from practice.sealing import vault
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.staff.models import OWNER, StaffAccount
from practice.staff.noticing import Notice, read_notices

OTHERS_SHOWN = 5
LAPSES_SOON = timedelta(hours=48)
JUST_BEGUN = timedelta(hours=2)  # a session that runs still stands on the page
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lapsing:
    """A card's authorisation that ends before somebody has decided, and the request that waits for it."""

    booking: Booking
    name: str
    reference: str
    until: datetime


@dataclass(frozen=True)
class Comer:
    """One who comes to a session: whether they sent the first part and all of it, and where they said they will be.

    An empty `place` means that nobody has asked, or they have not said.
    """

    name: str
    sent: bool
    complete: bool
    place: str


@dataclass(frozen=True)
class ComingSession:
    """A session of today and how ready it is. `reference` is the request, where it is this reader's to open.

    `estimate` is None where none is due. `by_video`: then where somebody is decides whether they may be seen.
    """

    booking: Booking
    name: str
    reference: str | None
    comers: tuple[Comer, ...]
    estimate: bool | None
    by_video: bool

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        there = all(one.complete and (one.place or not self.by_video) for one in self.comers)
        return there and self.estimate is not False


@dataclass(frozen=True)
class Today:
    """The page, from what presses most to what can wait. `waiting`: how many requests wait in all."""

    urgent: list[Waiting]
    lapsing: list[Lapsing]
    late: list[Waiting]
    pressing: list[Notice]
    sessions: list[ComingSession]
    others: list[Waiting]
    waiting: int
    notices: list[Notice]
    taken_back: list[tuple[str, str]]

    @property
    def lines(self) -> list[Waiting]:
        """Every request that stands on it."""
        return [*self.urgent, *self.late, *self.others]

    @property
    def shown(self) -> int:
        """How many clients stand on it, for the access log."""
        return self.waiting + len(self.lapsing) + len(self.sessions) + len(self.taken_back)


def read_today(account: StaffAccount, now: datetime, zone: str) -> Today:
    """What this account is called for. `now` is aware UTC; the day ends at midnight in `zone`."""
    waiting = list_waiting(account, now)
    urgent = [line for line in waiting if _is_first(line)]
    late = [line for line in waiting if line.overdue and not _is_first(line)]
    midnight = datetime.combine(now.astimezone(ZoneInfo(zone)).date() + ONE_DAY, time(), ZoneInfo(zone))
    notices = read_notices(account, now)
    return Today(
        urgent=urgent,
        lapsing=list_lapsing(account, now),
        late=late,
        pressing=[one for one in notices if one.presses],
        sessions=_coming(queries.list_sessions(account, now - JUST_BEGUN, midnight)),
        others=[line for line in waiting if not _is_first(line) and not line.overdue][:OTHERS_SHOWN],
        waiting=len(waiting),
        notices=[one for one in notices if not one.presses],
        taken_back=queries.list_taken_back(account, now),
    )


def list_lapsing(account: StaffAccount, now: datetime) -> list[Lapsing]:
    """The authorisations that end within two days, of those about whom this account decides; the next one first."""
    soon = select(Booking).where(
        Booking.state == State.IN_REVIEW, Booking.deadline_at.is_not(None), Booking.deadline_at <= now + LAPSES_SOON
    )
    soon = soon.options(joinedload(Booking.person)).order_by(Booking.deadline_at, Booking.id)
    bookings = list(db.session.scalars(soon))
    if not bookings:
        return []
    newest = find_newest_of({one.person_id for one in bookings})
    vault().have_ready(newest)
    roles, ties = roles_of(account), find_ties(account, newest)
    return [
        Lapsing(one, _name(one.person), newest[one.person_id].reference, one.deadline_at)
        for one in bookings
        if one.deadline_at is not None and one.person_id in newest and decides(roles, ties[one.person_id])
    ]


def problems_of_the_owner(account: StaffAccount) -> tuple[int, list[str]]:
    """How many things could not be delivered, and each payment that only a person can end; nothing for others."""
    if not account.is_any_of(OWNER):
        return 0, []
    stuck = [
        _("Payment %(reference)s needs you: %(why)s.", reference=one.reference, why=_(one.why))
        for one in queries.list_unsettled()
    ]
    return queries.count_undelivered(), stuck


def _coming(found: Sequence[tuple[Booking, str, str | None]]) -> list[ComingSession]:
    """In so many queries, however full the day is. A held time isn't anybody's session yet, and nothing of it has to be
    ready.
    """
    stand = {booking.id: booking for booking, _, _ in found if booking.confirmed_at is not None}
    attendees = find_attendees_of(list(stand.values()))
    comers = _read_comers({person.id: person for people in attendees.values() for person in people})
    with_estimate = find_with(Kind.ESTIMATE, stand)
    due = {one.id for one in stand.values() if one.price_minor} if estimates.are_on() else set()
    return [
        ComingSession(
            booking=booking,
            name=name,
            reference=reference,
            comers=tuple(comers[person.id] for person in attendees.get(booking.id, ())),
            estimate=booking.id in with_estimate if booking.id in due else None,
            by_video=booking.offering.place != IN_PERSON,
        )
        for booking, name, reference in found
    ]


def _read_comers(people: Mapping[int, Person]) -> dict[int, Comer]:
    newest = find_newest_of(people)
    vault().have_ready(people)
    said = read_sent_codes(list(newest.values()))
    return {one.id: _comer(one, newest.get(one.id), said) for one in people.values()}


def _comer(person: Person, intake: Intake | None, said: Mapping[int, Answers]) -> Comer:
    place = str(said[intake.id].get("session_location", "")) if intake is not None else ""
    return Comer(
        name=_name(person),
        sent=intake is not None,
        complete=intake is not None and intake.completed_at is not None,
        place=region_name(place, current_language()) if place else "",
    )


def _name(person: Person) -> str:
    contact = contact_of(person)
    return contact.first_name if contact else ""


def _is_first(line: Waiting) -> bool:
    return line.band is Band.RED or line.unread_since is not None
