"""What staff do when they set up: change the offer, note who did it, and tell whoever waited for it.

`actor` is how the audit log names whoever does it. What opens is offered to the waiting list in the same work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from practice.audit import record
from practice.booking.offers import actions as offers
from practice.booking.offers.asked import DayRow, Details, HoursRow, OfferingDetails, Preferences, RoomDetails
from practice.booking.offers.checks import knows_holidays
from practice.booking.offers.models import DayOverride, Offering, Room, Therapist, TimeOff
from practice.booking.offers.queries import find_therapists
from practice.booking.waiting import actions as waiting
from practice.desk_hours import read_weekly, write_weekly
from practice.errors import Conflict, Refused
from practice.languages import N_
from practice.profile import ONLY, PracticeProfile, profile
from practice.setup import queries
from practice.spans import Span
from practice.work import Work

BY_COMMAND = "command"
LONGEST_WITHDRAWAL = 100
LONGEST_REMINDER = 336  # hours, two weeks
DAY = timedelta(days=1)


class ChangedMeanwhile(Conflict):
    """Somebody else saved between the reading and the saving."""

    title = N_("Somebody changed this while you had it open")
    way_out = N_("Nothing that you sent was saved. Look at it as it stands now, and change it once more.")


class NoHolidays(Refused):
    """A place whose public holidays nobody knows."""

    title = N_("No public holidays are known for this place")
    way_out = N_("Write it as US-NY or DE, or none.")


class NotThatLong(Refused):
    """A time of withdrawal that no law gives."""

    title = N_("A time of withdrawal has 1 to 100 days")
    way_out = N_("Write the number of days, as in 14, or none.")


class NotThatEarly(Refused):
    """Hours before a session at which nobody is reminded."""

    title = N_("A reminder goes out 1 to 336 hours before")
    way_out = N_("Write the number of hours, as in 48, or none.")


def set_review_first(work: Work, actor: str, *, on: bool) -> None:
    """Have new clients' requests read before their cards are charged, or not; it counts for times held from now."""
    work.session.get_one(PracticeProfile, ONLY).review_first = on
    record(work, actor, "review_first_set", "practice", {"on": int(on)})


def set_withdrawal_days(work: Work, actor: str, days: int | None) -> None:
    """In how many days a client can withdraw from a paid booking, or that there is no such right.

    It counts for times held from now; what is kept or booked already stays as it was agreed.

    :raises NotThatLong: outside 1 to LONGEST_WITHDRAWAL days.
    """
    if days is not None and not 1 <= days <= LONGEST_WITHDRAWAL:
        raise NotThatLong
    work.session.get_one(PracticeProfile, ONLY).withdrawal_days = days
    record(work, actor, "withdrawal_days_set", "practice", {"days": days or 0})


def set_desk_hours(work: Work, actor: str, weekly: str, holidays: str | None) -> None:
    """When somebody reads what comes in: a line as desk_hours.py reads it, and whose public holidays are days off.

    :raises ValueError: where the line is written otherwise.
    :raises NoHolidays: where no holidays are known.
    """
    row = work.session.get_one(PracticeProfile, ONLY)
    if holidays is not None and not knows_holidays(holidays):
        raise NoHolidays
    row.desk_hours, row.desk_holidays = write_weekly(read_weekly(weekly)), holidays
    record(work, actor, "desk_hours_set", "practice", {"hours": row.desk_hours, "holidays": holidays or "none"})


def set_reminder_hours(work: Work, actor: str, hours: int | None) -> None:
    """How many hours before a session everybody who comes is reminded of it, or that nobody is.

    It counts for what is booked or moved from now; the coming night plans all other sessions ahead anew.

    :raises NotThatEarly: outside 1 to LONGEST_REMINDER hours.
    """
    if hours is not None and not 1 <= hours <= LONGEST_REMINDER:
        raise NotThatEarly
    work.session.get_one(PracticeProfile, ONLY).reminder_hours = hours
    record(work, actor, "reminder_hours_set", "practice", {"hours": hours or 0})


def save_week(work: Work, actor: str, slug: str, rows: Sequence[HoursRow], *, seen: str | None = None) -> None:
    """Replace a therapist's weekly hours. `seen` is the mark of what was read; None asks for no comparison.

    :raises ChangedMeanwhile: when they stand otherwise now.
    :raises InvalidOffer: where a row is wrong.
    """
    therapist = offers.lock_therapist(work, slug)
    _same(seen, queries.mark_of_week(therapist))
    with _offering_what_opens(work, therapist):
        offers.save_weekly_hours(work, therapist, rows)
    record(work, actor, "hours_saved", slug, {"rows": len(rows)})


def add_day(work: Work, actor: str, slug: str, asked: DayRow) -> DayOverride:
    """Let a date differ.

    :raises InvalidOffer: where it makes no sense.
    """
    therapist = offers.lock_therapist(work, slug)
    with _offering_what_opens(work, therapist):
        row = offers.add_day(work, therapist, asked)
    record(work, actor, "day_added", slug, {"day": asked.day.isoformat(), "kind": asked.kind})
    return row


def remove_day(work: Work, actor: str, slug: str, number: int) -> None:
    """Let a date be as usual again.

    :raises NotFound: when the therapist has no such line.
    """
    therapist = offers.lock_therapist(work, slug)
    with _offering_what_opens(work, therapist):
        row = offers.remove_day(work, therapist, number)
    record(work, actor, "day_removed", slug, {"day": row.day.isoformat(), "kind": row.kind})


def add_time_off(work: Work, actor: str, slug: str, first: date, last: date) -> TimeOff:
    """Have a therapist away.

    :raises InvalidOffer: where it ends before it begins.
    """
    therapist = offers.lock_therapist(work, slug)
    row = offers.add_time_off(work, therapist, first, last)
    record(work, actor, "time_off_added", slug, {"first": first.isoformat(), "last": last.isoformat()})
    return row


def remove_time_off(work: Work, actor: str, slug: str, number: int) -> None:
    """Have a therapist here after all.

    :raises NotFound: when the therapist has no such line.
    """
    therapist = offers.lock_therapist(work, slug)
    with _offering_what_opens(work, therapist):
        row = offers.remove_time_off(work, therapist, number)
    record(
        work,
        actor,
        "time_off_removed",
        slug,
        {"first": row.first_day.isoformat(), "last": row.last_day.isoformat()},
    )


def save_preferences(work: Work, actor: str, slug: str, asked: Preferences, *, seen: str | None = None) -> None:
    """Keep what a therapist chooses.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where no holidays are known.
    """
    therapist = offers.lock_therapist(work, slug)
    _same(seen, queries.mark_of_preferences(therapist))
    with _offering_what_opens(work, therapist):
        offers.save_preferences(work, therapist, asked)
    record(work, actor, "preferences_saved", slug, {"holidays": asked.holiday_region or "none"})


def save_therapist(work: Work, actor: str, slug: str, asked: Details, *, seen: str | None = None) -> None:
    """Keep what the practice says of a therapist; whoever waited for a place that they gained is told.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where a field is wrong.
    """
    therapist = offers.lock_therapist(work, slug)
    _same(seen, queries.mark_of_details(therapist))
    gained = offers.save_therapist(work, therapist, asked)
    if gained:
        waiting.tell_of_places(work, gained)
    _offer_all(work, [therapist])
    record(work, actor, "therapist_saved", slug, {"gained": ",".join(gained)})


def add_offering(work: Work, actor: str, asked: OfferingDetails) -> Offering:
    """Offer another kind of session, in the practice's currency.

    :raises InvalidOffer: where a field is wrong.
    """
    offering = offers.add_offering(work, asked, profile().currency)
    record(work, actor, "offering_added", offering.slug)
    return offering


def save_offering(work: Work, actor: str, slug: str, asked: OfferingDetails, *, seen: str | None = None) -> None:
    """Change an offering.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where a field is wrong.
    """
    offering = offers.lock_offering(work, slug)
    _same(seen, queries.mark_of_offering(offering))
    offers.save_offering(work, offering, asked)
    _offer_all(work, (one for one in find_therapists() if offering in one.offerings))
    record(work, actor, "offering_saved", slug)


def archive(work: Work, actor: str, slug: str, *, archived: bool) -> None:
    """Offer something no longer, or again.

    :raises NotFound: when there is none of this name.
    """
    offering = offers.lock_offering(work, slug)
    offers.archive(work, offering, archived=archived)
    if not archived:
        _offer_all(work, (one for one in find_therapists() if offering in one.offerings))
    record(work, actor, "offering_archived" if archived else "offering_unarchived", slug)


def add_room(work: Work, actor: str, asked: RoomDetails) -> Room:
    """Have another room to meet in.

    :raises InvalidOffer: where a field is wrong.
    """
    room = offers.add_room(work, asked)
    _offer_all(work, (one for one in find_therapists() if room in one.rooms))
    record(work, actor, "room_added", room.slug)
    return room


def save_room(work: Work, actor: str, slug: str, asked: RoomDetails, *, seen: str | None = None) -> None:
    """Change a room.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where a field is wrong.
    """
    room = offers.lock_room(work, slug)
    _same(seen, queries.mark_of_room(room))
    offers.save_room(work, room, asked)
    _offer_all(work, (one for one in find_therapists() if room in one.rooms))
    record(work, actor, "room_saved", slug)


def retire_room(work: Work, actor: str, slug: str, *, retired: bool) -> None:
    """Use a room no longer, or again.

    :raises NotFound: when there is none of this name.
    """
    room = offers.lock_room(work, slug)
    offers.retire_room(work, room, retired=retired)
    if not retired:
        _offer_all(work, (one for one in find_therapists() if room in one.rooms))
    record(work, actor, "room_retired" if retired else "room_used_again", slug)


def check_seen(seen: str | None, now: str) -> None:
    """Compare the mark that a page had with that of what stands.

    :raises ChangedMeanwhile: when they differ.
    """
    _same(seen, now)


def _same(seen: str | None, now: str) -> None:
    if seen is not None and seen != now:
        raise ChangedMeanwhile


@contextmanager
def _offering_what_opens(work: Work, therapist: Therapist) -> Iterator[None]:
    """Compare the hours before and after; what has opened goes to whoever waits for it, the earliest first."""
    before = queries.read_hours(therapist, work.now)
    yield
    after = queries.read_hours(therapist, work.now)
    today = work.now.date()
    for span in queries.newly_open(before, after, today - DAY, today + _reach(therapist)):
        waiting.offer_freed(work, span, [therapist.resource_id])


def _offer_all(work: Work, therapists: Iterable[Therapist]) -> None:
    """Where it is not about hours, whatever is open may be news to somebody who waits."""
    today = work.now.date()
    for therapist in therapists:
        everything: Span = queries.whole_days(today, today + _reach(therapist), therapist.zone)
        waiting.offer_freed(work, everything, [therapist.resource_id])


def _reach(therapist: Therapist) -> timedelta:
    return timedelta(days=1 + max((one.horizon_days for one in therapist.offerings if one.active), default=0))
