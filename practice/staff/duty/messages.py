"""What duty says to itself later. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class NoticeDue(Message):
    """Call about this part of an intake (by reference) once more, unless it was read, or called as far, already."""

    KIND: ClassVar[str] = "notice_due"
    reference: str
    step: int
    moment: str = "book"
