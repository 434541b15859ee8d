"""What reading says to itself later, and to the rest of the practice. References and times only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class PollCalendar(Message):
    """Read a calendar, again and again for as long as it is there: one message for its whole life.

    The outbox keeps what is done, and a message for each look would be a hundred a day. `since` (ISO, UTC) tells it
    from an earlier one that was lost.
    """

    KIND: ClassVar[str] = "poll_calendar"
    BACKGROUND: ClassVar[bool] = True
    calendar: str
    since: str

    @property
    def stream(self) -> str:
        """Two of one calendar never run at once."""
        return f"poll:{self.calendar}"


@dataclass(frozen=True)
class CalendarFails(Message):
    """A calendar could not be read for a day, since `since` (ISO, UTC)."""

    KIND: ClassVar[str] = "calendar_fails"
    calendar: str
    since: str
