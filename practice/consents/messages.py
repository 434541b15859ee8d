"""What consents tells other rooms. References only, as everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message


@dataclass(frozen=True)
class ConsentTakenBack(Message):
    """Somebody took back what sessions need. `consent` is its reference."""

    KIND: ClassVar[str] = "consent_taken_back"
    consent: str
