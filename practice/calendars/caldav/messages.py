"""What calendars that are kept elsewhere make to do. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class PushSession(Message):
    """Bring a session's object in its therapist's own calendar to what the booking says. `asked` tells two apart."""

    KIND: ClassVar[str] = "push_session"
    booking: str
    asked: str

    @property
    def stream(self) -> str:
        """In order for each session, so that of two never both write."""
        return f"push:{self.booking}"


@dataclass(frozen=True)
class LookAtCalendar(Message):
    """See once what became, in a therapist's own calendar, of what we wrote. `asked` (ISO, UTC) tells two apart."""

    KIND: ClassVar[str] = "look_at_calendar"
    BACKGROUND: ClassVar[bool] = True
    calendar: str
    asked: str


@dataclass(frozen=True)
class WatchCalendar(Message):
    """See it again and again, for as long as we write there: one message for all of that time.

    The outbox keeps what is done, and a message for each look would be a hundred a day. `since` (ISO, UTC) tells it
    from an earlier one.
    """

    KIND: ClassVar[str] = "watch_calendar"
    BACKGROUND: ClassVar[bool] = True
    calendar: str
    since: str


@dataclass(frozen=True)
class LeaveAccount(Message):
    """Forget a connection, once what we wrote there is gone. `asked` (ISO, UTC) is when its therapist said so."""

    KIND: ClassVar[str] = "leave_account"
    account: str
    asked: str


@dataclass(frozen=True)
class AccountStopped(Message):
    """A connection needs its therapist. `since` (ISO, UTC) is when it stopped."""

    KIND: ClassVar[str] = "account_stopped"
    account: str
    since: str


@dataclass(frozen=True)
class QuestionOpened(Message):
    """A session's object was moved or deleted in its therapist's own calendar: somebody has to say what is meant."""

    KIND: ClassVar[str] = "question_opened"
    question: str
