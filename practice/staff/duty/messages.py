"""What duty says to itself later. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class NoticeDue(Message):
    """Call about this intake (by reference) once more, unless somebody has read the notice or called as far already.

    `raised` (ISO, UTC) is when it was raised: an older one doesn't call for a newer.
    """

    KIND: ClassVar[str] = "notice_due"
    reference: str
    step: int
    raised: str
