"""Calendars at secret addresses that somebody subscribed to: one of the sources."""

from __future__ import annotations

from sqlalchemy import delete

from practice.booking.busy.models import BusyCalendar
from practice.calendars.reading.fetching import fetch, read_address
from practice.calendars.reading.models import Subscription
from practice.calendars.reading.sources import Fetched, Look, Unreachable
from practice.database import db
from practice.languages import N_
from practice.sealing import CannotOpen, vault
from practice.settings import settings
from practice.work import Work

KIND = "ics"
LOST = N_("The address of this calendar can’t be opened any more. Take it away and add it anew.")


class Subscriptions:
    """Fetches by address; the address opens with the calendar's own key."""

    def open(self, calendar: BusyCalendar) -> Look:
        return look_at(_address_of(calendar))

    def whence(self, calendar: BusyCalendar) -> str:
        try:
            return read_address(_address_of(calendar)).host or ""
        except Unreachable:
            return ""

    def forget(self, work: Work, calendar: BusyCalendar) -> None:
        work.session.execute(delete(Subscription).where(Subscription.calendar_id == calendar.id))
        vault().destroy_key(calendar.reference)


def look_at(url: str) -> Look:
    """Fetches from an address, by the rules of this installation."""
    allow_local = settings().calendar_allow_local

    def look(validator: str, patience: float) -> Fetched:
        return fetch(url, validator=validator, patience=patience, allow_local=allow_local)

    return look


def keep_address(work: Work, calendar: BusyCalendar, url: str) -> None:
    """Keep where a new calendar is read from."""
    vault().new_key(calendar.reference, work.now)
    sealed = vault().seal(calendar.reference, url, table="subscription", row=calendar.reference, column="url")
    work.session.add(Subscription(calendar_id=calendar.id, url_sealed=sealed))
    work.session.flush()


def _address_of(calendar: BusyCalendar) -> str:
    kept = db.session.get(Subscription, calendar.id)
    if kept is None:
        raise Unreachable(LOST)
    row = calendar.reference
    try:
        return vault().open(row, kept.url_sealed, table="subscription", row=row, column="url")
    except CannotOpen:
        raise Unreachable(LOST) from None
