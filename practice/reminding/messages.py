"""What reminding says to itself later and to the rest of the practice. References only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from practice.message import Message

STOP = "stop"  # the purpose of mailed links that lead to /stop/<token>; their target is a topic


class Topic(StrEnum):
    """What somebody can be written to about again and again, and can stop."""

    NEAR = "near"  # an appointment comes
    MISSING = "missing"  # something is left to do before it
    PULSE = "pulse"  # the short page every two weeks


@dataclass(frozen=True)
class AppointmentNear(Message):
    """A session is near. `sequence` is that of the booking which it was planned for, `due` (ISO, UTC) when.

    A session that is moved gets another; this one finds nothing to do then.
    """

    KIND: ClassVar[str] = "appointment_near"
    booking: str
    sequence: int
    due: str


@dataclass(frozen=True)
class PartMissing(Message):
    """It is time to look whether somebody has something left to do before a session, `days` days before it."""

    KIND: ClassVar[str] = "part_missing"
    booking: str
    sequence: int
    days: int
    due: str


@dataclass(frozen=True)
class LettersWanted(Message):
    """Somebody (by reference) wants letters about a topic again, since `wanted` (ISO, UTC)."""

    KIND: ClassVar[str] = "letters_wanted"
    person: str
    topic: str
    wanted: str
