"""Where the bytes of a therapist's own calendar come from. Polling knows no more of a source than stands here.

A source has a kind, under which a calendar's Reading names it; wiring.py says which there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, cast

from flask import current_app

from practice.booking.busy.models import BusyCalendar
from practice.work import Work

EXTENSION = "practice.calendar_sources"
LONGEST_VALIDATOR = 2000  # characters


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a calendar says; `content` is None where nothing changed since the validator that was shown.

    `validator` is opaque, LONGEST_VALIDATOR characters at most, and empty where the source has none.
    `warnings` are words for the therapist: what they should change, though it could be fetched.
    """

    content: bytes | None
    validator: str
    warnings: tuple[str, ...] = ()


class Unreachable(Exception):
    """It could not be fetched. `reason` is words for the therapist, without an address; `after`: not sooner again."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


Look = Callable[[str, float], Fetched]
"""Fetches once: from the last validator (empty for none) and the patience in seconds, all in all.

:raises Unreachable: or Unreadable, with words. It needs neither database nor app, so it may run in a thread.
"""


class Source(Protocol):
    """One way in which calendars are read."""

    def open(self, calendar: BusyCalendar) -> Look:
        """All that it takes to fetch this calendar, secrets included; reads the database and speaks to nobody.

        :raises Unreachable: where what it takes is gone.
        """

    def whence(self, calendar: BusyCalendar) -> str:
        """Where it comes from, for its therapist's eyes: a host, never a whole address."""

    def forget(self, work: Work, calendar: BusyCalendar) -> None:
        """Remove what this source keeps of a calendar, secrets and their key included."""


Sources = Mapping[str, Source]


def source_of(kind: str) -> Source:
    """The source of this kind, in the current app."""
    return cast(Sources, current_app.extensions[EXTENSION])[kind]
