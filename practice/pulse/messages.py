"""What the pulse says to itself later, and to the rest of the practice. References and dates only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class PulseDue(Message):
    """The short page of one person (by reference) is due. `day` (ISO) is the local date that its answers count for."""

    KIND: ClassVar[str] = "pulse_due"
    person: str
    day: str


@dataclass(frozen=True)
class PulseOpened(Message):
    """The short page is open: its person is to hear of it. `due` (ISO, UTC) is when it opened."""

    KIND: ClassVar[str] = "pulse_opened"
    person: str
    day: str
    due: str


@dataclass(frozen=True)
class CallWished(Message):
    """Somebody wishes to talk with a therapist alone. `answer` is the reference of their page, and says nothing.

    `saved` (ISO, UTC) tells it from an earlier wish on the same page.
    """

    KIND: ClassVar[str] = "call_wished"
    answer: str
    saved: str = ""
