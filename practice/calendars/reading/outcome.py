"""What comes of reading somebody's calendar: when they are busy, or why it can't be read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from practice.spans import Span


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
