"""Calendars of therapists' own that are read, and a source of them that says what a story wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import has_app_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.booking.busy.models import BusyCalendar, BusyTime
from practice.booking.offers.queries import get_therapist
from practice.calendars.reading import actions, polling, subscriptions
from practice.calendars.reading.expanding import read_busy
from practice.calendars.reading.models import Reading, Subscription
from practice.calendars.reading.outcome import AllDay, BusyReading
from practice.calendars.reading.sources import EXTENSION, Fetched, Look, Unreachable
from practice.database import db
from practice.sealing import vault
from practice.spans import Span
from practice.work import Work, begin_work
from tests.support.story import Practice

ADA = "ada-lindqvist"
HOUR = timedelta(hours=1)

Says = bytes | Fetched | Exception | Callable[[str], Fetched]


@dataclass
class FakeSource:
    """Says the next of `says`, the last one again and again; keeps the validators that it was shown."""

    says: list[Says] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def open(self, _calendar: BusyCalendar) -> Look:
        session = db.session()

        def look(validator: str, _patience: float) -> Fetched:
            refuse_transaction(session)
            self.shown.append(validator)
            said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
            if isinstance(said, Exception):
                raise said
            if callable(said):
                return said(validator)
            return said if isinstance(said, Fetched) else Fetched(said, "")

        return look

    def whence(self, _calendar: BusyCalendar) -> str:
        return "fake.example"

    def forget(self, _work: Work, calendar: BusyCalendar) -> None:
        self.forgotten.append(calendar.reference)


def refuse_transaction(session: Session) -> None:
    """Fail the test where a transaction is open while the network, or a child, takes its time."""
    if session.in_transaction():
        pytest.fail("a transaction is open")  # no exception that a look could take for trouble of the calendar


def read_here(content: bytes, *, wall: float, **ways: Any) -> BusyReading:
    """Read in this process what has tests of its own in a guarded child."""
    assert wall > 0
    if has_app_context():
        refuse_transaction(db.session())
    return read_busy(content, **ways)


def fake_source(practice: Practice, *says: Says) -> FakeSource:
    """A source of the kind "fake" in this practice."""
    source = FakeSource(list(says))
    practice.app.extensions[EXTENSION] = {**practice.app.extensions[EXTENSION], "fake": source}
    return source


def read_from(
    practice: Practice, *, name: str = "Private", all_day: AllDay = AllDay.BLOCK, therapist: str = ADA
) -> str:
    """A calendar that is read from the fake source from now on; its reference."""
    with practice.app.app_context(), begin_work() as work:
        who = get_therapist(therapist)
        return actions.add_reading(work, who, name=name, source="fake", all_day=all_day).calendar.reference


def subscribe(practice: Practice, url: str, *, name: str = "Private", therapist: str = ADA) -> str:
    """A calendar at an address; its reference."""
    with practice.app.app_context(), begin_work() as work:
        who = get_therapist(therapist)
        kind = subscriptions.KIND
        reading = actions.add_reading(work, who, name=name, source=kind, all_day=AllDay.BLOCK)
        subscriptions.keep_address(work, reading.calendar, url)
        return reading.calendar.reference


def poll(practice: Practice, reference: str) -> timedelta | None:
    """Read it now."""
    with practice.app.app_context():
        return polling.poll(reference)


def reading_of(practice: Practice, reference: str) -> Reading:
    """How it is read; every column loaded."""
    with practice.app.app_context():
        found = select(Reading).join(BusyCalendar).where(BusyCalendar.reference == reference)
        reading = db.session.scalars(found).one()
        db.session.expunge(reading)
        return reading


def busy(practice: Practice, reference: str) -> list[Span]:
    """What a calendar says, in order."""
    with practice.app.app_context():
        found = select(BusyTime.starts_at, BusyTime.ends_at).join(BusyTime.calendar)
        rows = db.session.execute(found.where(BusyCalendar.reference == reference).order_by(BusyTime.starts_at))
        return [Span(start, end) for start, end in rows]


def hour(start: datetime) -> Span:
    """The hour from then on."""
    return Span(start, start + HOUR)


def away(words: str = "The server does not answer.", **more: timedelta) -> Unreachable:
    """Trouble of a source."""
    return Unreachable(words, **more)


def lead_to(practice: Practice, reference: str, url: str) -> None:
    """Have a calendar that somebody subscribed to be read from another address."""
    with practice.app.app_context(), begin_work() as work:
        found = select(Subscription).join(Subscription.calendar).where(BusyCalendar.reference == reference)
        kept = work.session.scalars(found).one()
        kept.url_sealed = vault().seal(reference, url, table="subscription", row=reference, column="url")
