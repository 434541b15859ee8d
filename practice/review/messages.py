"""What the desk says to itself later. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class LookDue(Message):
    """The business day of a request ends; where nobody has looked at it, it is called for. `moment`: its part."""

    KIND: ClassVar[str] = "look_due"
    reference: str
    moment: str = "book"
