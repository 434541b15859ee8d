"""What the people's room says to the rest of the practice. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class ColleagueInvited(Message):
    """Mail an invitation (by reference). `sent` (ISO, UTC) tells the letter from an earlier one of the same."""

    KIND: ClassVar[str] = "colleague_invited"
    invitation: str
    sent: str
