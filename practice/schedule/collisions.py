"""Where a session and a time in its therapist's own calendar meet: what staff read of it, and that it stays so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from practice.audit import record
from practice.booking.busy.actions import leave_so
from practice.booking.busy.models import Collision
from practice.booking.busy.queries import find_busy_spans, find_collision, list_collisions
from practice.errors import NotFound
from practice.schedule.queries import first_name, may_see, therapists_of
from practice.spans import Span
from practice.speaking import gettext as _
from practice.speaking import ngettext
from practice.staff.models import StaffAccount
from practice.staff.noticing import Notice
from practice.work import Work


@dataclass(frozen=True)
class Meeting:
    """A session with the client's first name, and the busy times that it meets, by the name of one calendar."""

    collision: Collision
    name: str
    busy: tuple[Span, ...]


def read_collisions(account: StaffAccount, now: datetime) -> list[Meeting]:
    """What collides for the therapists whose time this account sees, and nobody left so; in order of time."""
    return [_meeting(one) for one in list_collisions([one.id for one in therapists_of(account)], now)]


def get_visible_collision(account: StaffAccount, reference: str, now: datetime) -> Collision:
    """One that still collides.

    :raises NotFound: when it doesn't any more, somebody left it so, or it isn't theirs to see.
    """
    found = find_collision(reference, now) if reference.isprintable() else None
    if found is None or not may_see(account, found.booking):
        raise NotFound
    return found


def leave_collision(work: Work, account: StaffAccount, reference: str) -> None:
    """Leave a session and a busy time that it meets as they are.

    :raises NotFound: when they don't meet any more, or it isn't this account's to see.
    """
    collision = get_visible_collision(account, reference, work.now)
    leave_so(work, collision)
    record(work, account.actor, "collision_left", collision.booking.reference)


def what_collides(account: StaffAccount, now: datetime) -> list[Notice]:
    """A line on the page Today where something collides."""
    count = len(list_collisions([one.id for one in therapists_of(account)], now))
    if not count:
        return []
    return [
        Notice(
            ngettext(
                "%(num)s session meets a busy time in the therapist’s own calendar.",
                "%(num)s sessions meet a busy time in the therapist’s own calendar.",
                count,
            ),
            url_for("schedule.collisions.collisions"),
            _("See what can be done"),
            presses=True,
        )
    ]


def _meeting(collision: Collision) -> Meeting:
    booking, calendar = collision.booking, collision.calendar
    session = Span(booking.starts_at, booking.ends_at)
    found = find_busy_spans([calendar.therapist_id], session).get(calendar.therapist_id, [])
    busy = tuple(one.span for one in found if one.calendar_id == calendar.id)
    return Meeting(collision, first_name(booking.person), busy)
