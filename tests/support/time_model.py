"""Who has which time, kept in plain sets beside the product: what the state machine compares it with.

Everything here is counted out, half hour by half hour, and nothing is asked of the product but its refusals' names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from practice.booking.claims import SlotTaken
from practice.booking.holding import NotOffered
from practice.booking.moving import TooLateToMove
from practice.booking.placing import NoRoom
from tests.support.offers import ADA, COUPLE, IN_PERSON, NEW_YORK, NOOR

NOTICE = timedelta(hours=24)
AFTER = timedelta(minutes=10)
LENGTHS = {COUPLE: timedelta(minutes=50), IN_PERSON: timedelta(minutes=90)}
OPENS, CLOSES = time(9), time(17)
STEP = timedelta(minutes=30)
HOLD_LIFE = timedelta(minutes=10)
FREE_TO_MOVE = timedelta(hours=48)
OFFER_LIFE = timedelta(hours=12)
FAIR_AROUND = timedelta(days=7)
ZONES = {ADA: NEW_YORK, NOOR: "America/Chicago"}  # in the order in which they are asked
HARBOUR, LAGOON = "Harbour", "Lagoon"


@dataclass(eq=False)
class Kept:
    """A stretch of time of a therapist or a room that somebody has, until `deadline` where they still have to pay."""

    name: str
    therapist: str | None
    offering: str
    start: datetime
    person: int | None
    state: str  # held, reserved, confirmed, block
    deadline: datetime | None = None
    room: str | None = None
    length: timedelta | None = None
    payable: bool = False
    turn: int = 0  # in which order deadlines were set
    given_by: str | None = None  # the therapist whose time had been freed, where the waiting list gave this

    @property
    def end(self) -> datetime:
        """Where the next one may begin."""
        return self.start + (self.length or LENGTHS[self.offering] + AFTER)

    @property
    def whose(self) -> set[str]:
        """The therapist and the room whose time it is."""
        return {one for one in (self.therapist, self.room) if one is not None}


@dataclass(eq=False)
class Waiting:
    """A wish, and every time that was offered for it; `open` is the one that still waits for an answer."""

    reference: str
    person: int
    offering: str
    therapist: str | None
    weekdays: Sequence[int]
    hours: tuple[time, time]  # in New York
    runs_out: datetime
    state: str = "waiting"
    offered: list[Kept] = field(default_factory=list)
    open: Kept | None = None

    def suits(self, therapist: str, start: datetime) -> bool:
        """Whether this is wished for, and no part of it was offered before."""
        local, end = start.astimezone(ZoneInfo(NEW_YORK)), start + LENGTHS[self.offering]
        return (
            local.weekday() in self.weekdays
            and self.hours[0] <= local.time()
            and (local + LENGTHS[self.offering]).time() <= self.hours[1]
            and not any(
                one.therapist == therapist and one.start < end and start < one.start + LENGTHS[one.offering]
                for one in self.offered
            )
        )


@dataclass(eq=False)
class Model:
    """Everything that is kept, what is wished for, the days on which a therapist is away, and the rooms in use."""

    kept: dict[str, Kept] = field(default_factory=dict)
    away: dict[tuple[str, date], int] = field(default_factory=dict)
    rooms: dict[str, bool] = field(default_factory=lambda: {HARBOUR: True, LAGOON: True})
    wishes: list[Waiting] = field(default_factory=list)
    marked: dict[str, str] = field(default_factory=dict)
    stops: set[datetime] = field(default_factory=set)
    turns: int = 0

    # What is free

    def is_free(self, whose: str, start: datetime, end: datetime, besides: str | None = None) -> bool:
        """Whether nobody has any of this time of a therapist or a room."""
        return not any(
            whose in one.whose and one.name != besides and one.start < end and start < one.end
            for one in self.kept.values()
        )

    def is_offered(self, therapist: str, offering: str, start: datetime, now: datetime) -> bool:
        """Whether hours, step, notice and days away would offer this start."""
        zone = ZoneInfo(ZONES[therapist])
        local = start.astimezone(zone)
        opens, closes = (datetime.combine(local.date(), wall, zone) for wall in (OPENS, CLOSES))
        return (
            local.weekday() < 5
            and (therapist, local.date()) not in self.away
            and start >= now + NOTICE
            and opens <= local
            and local + LENGTHS[offering] <= closes
            and not (local - opens) % STEP
        )

    def find_room(self, start: datetime, end: datetime, one: Kept | None = None) -> str | None:
        """The room that would be taken: the one that `one` is in, where it is still free, else the first."""
        besides, own = (one.name, one.room) if one is not None else (None, None)
        free = [room for room, used in self.rooms.items() if used and self.is_free(room, start, end, besides)]
        return own if own in free else next(iter(free), None)

    def refusal(
        self, therapist: str, offering: str, start: datetime, one: Kept | None = None
    ) -> type[SlotTaken] | None:
        """What stands against a session then; `one` is the booking that moves there."""
        end = start + LENGTHS[offering] + AFTER
        if not self.is_free(therapist, start, end, one.name if one is not None else None):
            return SlotTaken
        return NoRoom if offering == IN_PERSON and self.find_room(start, end, one) is None else None

    def is_open(self, therapist: str, offering: str, start: datetime, now: datetime) -> bool:
        """Whether a client could hold this."""
        return self.is_offered(therapist, offering, start, now) and self.refusal(therapist, offering, start) is None

    def least_booked_first(self, start: datetime) -> list[str]:
        """The therapists, by how much they have around this time."""
        return sorted(
            ZONES,
            key=lambda slug: sum(
                one.therapist == slug
                and one.state != "block"
                and start - FAIR_AROUND <= one.start < start + FAIR_AROUND
                for one in self.kept.values()
            ),
        )

    def hold_with(
        self, therapists: Sequence[str], offering: str, start: datetime, now: datetime
    ) -> tuple[str | None, type[Exception] | None]:
        """With which of these it would be held; or with none, and what the last one who is asked says."""
        refusal: type[Exception] | None = None
        for therapist in self.least_booked_first(start) if len(therapists) > 1 else therapists:
            offered = self.is_offered(therapist, offering, start, now)
            refusal = self.refusal(therapist, offering, start) if offered else NotOffered
            if refusal is None:
                return therapist, None
        return None, refusal

    def refusal_to_move(self, one: Kept, start: datetime, now: datetime, *, by_staff: bool) -> type[Exception] | None:
        """What stands against another time for a session that isn't at this one."""
        if by_staff and start <= now:
            return NotOffered
        if not by_staff and now > one.start - FREE_TO_MOVE:
            return TooLateToMove
        if not by_staff and not self.is_offered(one.therapist, one.offering, start, now):
            return NotOffered
        return self.refusal(one.therapist, one.offering, start, one)

    # What changes

    def add(self, one: Kept) -> None:
        """Somebody has this time now."""
        if one.offering == IN_PERSON:
            one.room = self.find_room(one.start, one.end)
        self.kept[one.name] = one

    def wait_until(self, one: Kept, deadline: datetime) -> None:
        """Somebody has until then to pay; never less than they had."""
        if one.deadline is None or one.deadline < deadline:
            self.turns += 1
            one.deadline, one.turn = deadline, self.turns
            self.stops.add(deadline)

    def lapse(self, now: datetime) -> int:
        """Whatever was not paid in time is free again, in the order in which the worker hears of it; how many."""
        over = [one for one in self.kept.values() if one.deadline is not None and one.deadline <= now]
        for one in sorted(over, key=lambda one: one.turn):
            self.end(one, now)
        return len(over)

    def move(self, one: Kept, start: datetime, now: datetime) -> None:
        """A session has another time; what it had goes to whoever waits for it."""
        before = Kept(one.name, one.therapist, one.offering, one.start, one.person, one.state, room=one.room)
        if one.offering == IN_PERSON:
            one.room = self.find_room(start, start + (one.end - one.start), one)
        one.start = start
        self.give_away(before, now)

    def confirm(self, one: Kept) -> None:
        """It is paid: whoever waited for it has it."""
        one.state, one.deadline, one.payable = "confirmed", None, False
        for wish in self.wishes:
            waits = (wish.person, wish.offering, wish.state) == (one.person, one.offering, "waiting")
            if wish.open is one or waits:
                wish.state = "fulfilled"
            if wish.open is one:
                wish.open = None

    def end(self, one: Kept, now: datetime) -> None:
        """Its time is free again; a wish that it was offered to, and that nobody answered, waits again."""
        del self.kept[one.name]
        for wish in self.wishes:
            if wish.open is one:
                wish.open = None
                if wish.state == "offered":
                    wish.state = "waiting" if wish.runs_out > now else "run_out"
        self.give_away(one, now)

    def give_away(self, freed: Kept, now: datetime) -> None:
        """Offer what was freed: to the oldest wish first, and of each wish's times what fits into the gap first."""
        for wish in self.wishes if freed.end > now else ():
            if wish.state != "waiting" or wish.runs_out <= now or wish.person == freed.person:
                continue
            found = next(self._fitting(wish, freed, now), None)
            if found is None:
                continue
            therapist, start = found
            one = Kept(f"offer {self.turns}", therapist, wish.offering, start, wish.person, "reserved")
            one.given_by = freed.therapist
            self.add(one)
            self.wait_until(one, (now + min(OFFER_LIFE, (start - now) / 2)).replace(microsecond=0))
            wish.state, wish.open = "offered", one
            wish.offered.append(one)

    def _fitting(self, wish: Waiting, freed: Kept, now: datetime) -> Iterator[tuple[str, datetime]]:
        length = LENGTHS[wish.offering] + AFTER
        for therapist, zone in ZONES.items():
            meets_in = {room for room, used in self.rooms.items() if used and wish.offering == IN_PERSON}
            if wish.therapist not in (None, therapist) or not freed.whose & {therapist, *meets_in}:
                continue
            opens = datetime.combine(freed.start.astimezone(ZoneInfo(zone)).date(), OPENS, ZoneInfo(zone))
            starts = [opens.astimezone(UTC) + STEP * number for number in range(16)]
            across = [start for start in starts if start < freed.end and freed.start < start + length]
            across.sort(key=lambda start: not freed.start <= start <= freed.end - length)  # what lies inside first
            for start in across:
                if self.is_open(therapist, wish.offering, start, now) and wish.suits(therapist, start):
                    yield therapist, start

    def rename(self, one: Kept, name: str) -> None:
        """An offer was found in the database, and is called this; the order stays."""
        self.kept = {name if kept is one else known: kept for known, kept in self.kept.items()}
        one.name = name

    def shown(self) -> set[tuple[object, ...]]:
        """(name, whose, from, until, deadline) of everything that is kept."""
        return {(one.name, frozenset(one.whose), one.start, one.end, one.deadline) for one in self.kept.values()}
