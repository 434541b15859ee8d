"""Why a time is or isn't offered: every candidate of a day with the rule that refuses it, and what stands in its way.

The page and the command say the same, since both say what stands here: the page in its reader's language, the command
in English. No client is named. Only reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from practice.booking.busy.queries import BusySpan, find_busy_spans
from practice.booking.hours import Cause, DayHours
from practice.booking.lifecycle import State
from practice.booking.models import Booking, SlotClaim, TimeBlock
from practice.booking.offers.queries import Offer
from practice.booking.openings import judge_day
from practice.booking.slots import Refusal, Verdict, Window
from practice.database import db
from practice.languages import N_
from practice.presenting import listing, local_date, local_datetime, local_time, wall_time
from practice.public_holidays import holiday_name
from practice.spans import EPOCH, TICK, Span, overlap
from practice.speaking import gettext as _
from practice.speaking import ngettext

STATES = {
    State.RESERVED: N_("kept for somebody"),
    State.HELD: N_("being paid"),
    State.RELEASING: N_("being released"),
    State.IN_REVIEW: N_("waiting for a decision"),
    State.CONFIRMED: N_("confirmed"),
}
CLOSED = {
    Cause.TIME_OFF: N_("time off"),
    Cause.CLOSED: N_("closed on this date"),
    Cause.NO_HOURS: N_("no hours on this weekday"),
}


@dataclass(frozen=True, slots=True)
class Claimed:
    """What has some time: a booking in a state, a block, or the therapist's own `calendar`. `span` has the buffers.

    A calendar's time has no reference: there is nothing to open.
    """

    reference: str
    span: Span
    state: State | None = None
    deadline: datetime | None = None
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A start with the rule that refuses it, None when it is offered, why in words, and what is in its way."""

    span: Span
    rule: Refusal | None
    says: str
    in_the_way: tuple[Claimed, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """A local day of an offer. `closed` says why there is no candidate; it is empty where there are some."""

    offer: Offer
    day: date
    hours: DayHours
    candidates: tuple[Candidate, ...]
    closed: str


def explain_day(offer: Offer, day: date, now: datetime) -> ExplainedDay:
    """Every candidate of a local day, judged at `now` (aware UTC)."""
    hours = offer.hours.on(day, offer.place)
    verdicts = list(judge_day(offer, day=day, now=now))
    candidates: tuple[Candidate, ...] = ()
    if verdicts:
        blocked = [offer.rules.blocked(verdict.span.start) for verdict in verdicts]
        around = Span(min(span.start for span in blocked), max(span.end for span in blocked))
        resources = [offer.resource_id, *(room.resource_id for room in offer.rooms or ())]
        claimed = find_claimed(resources, around)
        own = [*claimed.get(offer.resource_id, ()), *find_busy_claimed(offer, around)]
        claimed = {**claimed, offer.resource_id: sorted(own, key=lambda one: one.span)}
        candidates = tuple(_candidate(offer, verdict, claimed) for verdict in verdicts)
    closed = "" if verdicts else why_closed(hours) or _too_short(offer, hours)
    return ExplainedDay(offer, day, hours, candidates, closed)


def explain_lines(explained: ExplainedDay) -> Iterator[str]:
    """The same for a terminal: a heading, then a line for every candidate."""
    offer, zone = explained.offer, ZoneInfo(explained.offer.zone)
    yield f"{offer.therapist_name}, {offer.offering_name}, {explained.day:%A} {explained.day} in {offer.zone}"
    if explained.closed:
        yield f"  no candidates: {explained.closed}"
    for one in explained.candidates:
        verdict = f"not offered, {one.rule}: {one.says}" if one.rule is not None else "offered"
        yield f"  {one.span.start.astimezone(zone):%H:%M %Z}  {verdict}"


def find_claimed(resource_ids: Iterable[int], within: Span) -> Mapping[int, list[Claimed]]:
    """What has any of this time of therapists and rooms, by the id of the resource, in order of time."""
    first, last = (within.start - EPOCH) // TICK, (within.end - EPOCH) // TICK
    rows = db.session.execute(
        select(SlotClaim.resource_id, SlotClaim.booking_id, SlotClaim.block_id)
        .where(SlotClaim.resource_id.in_(list(resource_ids)), SlotClaim.tick >= first, SlotClaim.tick <= last)
        .distinct()
    ).all()
    bookings = _bookings({row.booking_id for row in rows if row.booking_id is not None})
    blocks = _blocks({row.block_id for row in rows if row.block_id is not None})
    found: dict[int, list[Claimed]] = {}
    for row in rows:
        one = bookings[row.booking_id] if row.booking_id is not None else blocks[row.block_id]
        if overlap(one.span, within):
            found.setdefault(row.resource_id, []).append(one)
    return {resource_id: sorted(those, key=lambda one: one.span) for resource_id, those in found.items()}


def find_busy_claimed(offer: Offer, within: Span) -> list[Claimed]:
    """What the own calendars of an offer's therapist say of this time, in order."""
    return [_by_calendar(one) for one in find_busy_spans([offer.therapist_id], within).get(offer.therapist_id, ())]


def in_words(claimed: Claimed, zone: str) -> str:
    """`session b_…, 10:00 am to 11:00 am, confirmed`, in that zone."""
    start, end = local_time(claimed.span.start, zone), local_time(claimed.span.end, zone)
    named = claimed.reference
    if claimed.calendar:
        return _("busy (%(calendar)s), %(start)s to %(end)s", calendar=claimed.calendar, start=start, end=end)
    if claimed.state is None:
        return _("block %(reference)s, %(start)s to %(end)s", reference=named, start=start, end=end)
    state = _(STATES[claimed.state])
    if claimed.state in (State.RESERVED, State.HELD) and claimed.deadline is not None:
        return _(
            "hold %(reference)s, %(start)s to %(end)s, %(state)s, until %(deadline)s",
            reference=named,
            start=start,
            end=end,
            state=state,
            deadline=local_datetime(claimed.deadline, zone),
        )
    return _(
        "session %(reference)s, %(start)s to %(end)s, %(state)s", reference=named, start=start, end=end, state=state
    )


def why_closed(hours: DayHours) -> str:
    """Why nothing is open on a day, in a few words; empty where something is."""
    if hours.windows:
        return ""
    if hours.cause is Cause.HOLIDAY:
        return _("public holiday, %(name)s", name=holiday_name(hours.name))
    return _(CLOSED[hours.cause])


def wall_times(window: Window) -> str:
    """`9:00 am to 5:00 pm`, of wall times."""
    opens, closes = (wall_time(one) for one in window)
    return _("%(opens)s to %(closes)s", opens=opens, closes=closes)


def _candidate(offer: Offer, verdict: Verdict, claimed: Mapping[int, list[Claimed]]) -> Candidate:
    blocked = offer.rules.blocked(verdict.span.start)
    match verdict.refusal, verdict.blocker:
        case (None, _):
            return Candidate(verdict.span, None, "")
        case (Refusal.BUSY, Span() as span):
            those = tuple(one for one in claimed.get(offer.resource_id, ()) if overlap(one.span, span))
            says = listing(in_words(one, offer.zone) for one in those)
            return Candidate(verdict.span, Refusal.BUSY, says, those)
        case (Refusal.NO_ROOM, _):
            return _without_room(offer, verdict.span, blocked, claimed)
        case (rule, blocker):
            return Candidate(verdict.span, rule, _limit(offer, verdict, blocker))


def _without_room(offer: Offer, span: Span, blocked: Span, claimed: Mapping[int, list[Claimed]]) -> Candidate:
    those: list[Claimed] = []
    said: list[str] = []
    for room in offer.rooms or ():
        inside = [one for one in claimed.get(room.resource_id, ()) if overlap(one.span, blocked)]
        those += inside
        what = listing(in_words(one, offer.zone) for one in inside)
        said.append(_("%(room)s has %(what)s", room=room.name, what=what))
    return Candidate(span, Refusal.NO_ROOM, "; ".join(said) or _("no room is large enough, or in use"), tuple(those))


def _limit(offer: Offer, verdict: Verdict, blocker: datetime | date | Span | None) -> str:
    rules = offer.rules
    match verdict.refusal, blocker:
        case (Refusal.TOO_SOON, datetime() as limit):
            return ngettext(
                "the notice is one hour, nothing before %(time)s",
                "the notice is %(num)s hours, nothing before %(time)s",
                int(rules.notice.total_seconds() // 3600),
                time=local_datetime(limit, offer.zone),
            )
        case (Refusal.TOO_FAR, datetime() as limit):
            return ngettext(
                "the horizon is one day, nothing after %(time)s",
                "the horizon is %(num)s days, nothing after %(time)s",
                rules.horizon.days,
                time=local_datetime(limit, offer.zone),
            )
        case (Refusal.WEEK_FULL, date() as monday):
            return _(
                "the week of %(monday)s has %(count)s, which is its cap",
                monday=local_date(monday),
                count=rules.weekly_cap,
            )
        case _:
            return _("the day has %(count)s, which is its cap", count=rules.daily_cap)


def _too_short(offer: Offer, hours: DayHours) -> str:
    return _(
        "open %(hours)s, too short for %(minutes)s minutes",
        hours=listing(wall_times(window) for window in hours.windows),
        minutes=int(offer.rules.session.total_seconds() // 60),
    )


def _bookings(ids: set[int]) -> dict[int, Claimed]:
    if not ids:
        return {}
    columns = (
        Booking.id,
        Booking.reference,
        Booking.blocked_from,
        Booking.blocked_until,
        Booking.state,
        Booking.deadline_at,
    )
    found = db.session.execute(select(*columns).where(Booking.id.in_(ids)))
    return {
        row.id: Claimed(row.reference, Span(row.blocked_from, row.blocked_until), row.state, row.deadline_at)
        for row in found
    }


def _by_calendar(busy: BusySpan) -> Claimed:
    return Claimed("", busy.span, calendar=busy.calendar)


def _blocks(ids: set[int]) -> dict[int, Claimed]:
    if not ids:
        return {}
    found = db.session.scalars(select(TimeBlock).where(TimeBlock.id.in_(ids)))
    return {block.id: Claimed(block.reference, block.span) for block in found}
