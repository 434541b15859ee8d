"""What access requests say to the desk later. References and dates only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class AccessDue(Message):
    """It is time to look whether a request was answered that was due on a day (ISO). An extension posts another."""

    KIND: ClassVar[str] = "access_due"
    request: str
    due: str
    overdue: bool  # or a week before
