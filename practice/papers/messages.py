"""What documents say to the rest of the practice. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class EstimateMade(Message):
    """There is a new estimate of what a session costs. The client should hear."""

    KIND: ClassVar[str] = "estimate_made"
    booking: str
    paper: str
