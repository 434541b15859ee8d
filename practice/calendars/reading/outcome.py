"""What comes of reading somebody's calendar: when they are busy, or why it can't be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from practice.languages import N_, NN_
from practice.spans import Span

NOTHING_IN_IT = N_("The calendar holds no events, so it blocks nothing.")
NOT_WORKED_OUT = NN_(
    "%(count)s repeating event can't be worked out. Its first time and times that were changed one by one still block;"
    " its repetitions don't.",
    "%(count)s repeating events can't be worked out. Its first time and times that were changed one by one still block;"
    " its repetitions don't.",
)
NO_TIME = NN_(
    "%(count)s event has no time that can be read, so nothing is blocked for it.",
    "%(count)s events have no time that can be read, so nothing is blocked for it.",
)
UNKNOWN_ZONE = N_("The time zone “%(zone)s” isn't known here; its times are read in your own, %(own)s.")
MANY_TIMES = N_("The calendar comes to more than %(most)s busy times. Take out events that repeat very often.")


def counted(sentences: tuple[str, str], count: int) -> str:
    """What is kept of so many, in English; words.py says it."""
    one, several = sentences
    return (one if count == 1 else several) % {"count": f"{count:,}"}


class AllDay(StrEnum):
    """Whether events that last whole days block time."""

    BLOCK = "block"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class ReadOccurrence:
    """One time at which a calendar says busy. `uid` is the event's own, empty when it has none."""

    uid: str
    span: Span


@dataclass(frozen=True, slots=True)
class BusyReading:
    """All that was read: busy times in order, clipped to the window that was asked for.

    `warnings` are sentences for the therapist, without a word of any event. `events` counts the entries in the file,
    those outside the window and those that block nothing among them.
    """

    occurrences: tuple[ReadOccurrence, ...]
    warnings: tuple[str, ...]
    events: int


class Unreadable(Exception):
    """Nothing can be concluded from these bytes, so that whatever was known before still stands."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """Why, and the way out, in words for the therapist."""
