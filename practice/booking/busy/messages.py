"""What booking says of therapists' own calendars. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class SessionCollides(Message):
    """A session stands where its therapist's own calendar says that they are busy."""

    KIND: ClassVar[str] = "session_collides"
    collision: str
