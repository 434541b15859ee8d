"""What intake says to the rest of the practice, and to itself later. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message

RETURN = "return"  # the purpose of mailed links that lead to /return/<token>


@dataclass(frozen=True)
class IntakeSubmitted(Message):
    """Somebody sent their answers; they wait on the review desk."""

    KIND: ClassVar[str] = "intake_submitted"
    reference: str


@dataclass(frozen=True)
class UrgentIntake(Message):
    """A clinician should open this intake now. Why is said nowhere but there.

    `occasion` tells it from an earlier one about the same intake that was read already; it says when, never what.
    """

    KIND: ClassVar[str] = "urgent_intake"
    reference: str
    occasion: str = ""


@dataclass(frozen=True)
class ReturnLinkAsked(Message):
    """Somebody asked for a link to come back. `address` is the blind index (hex) of the e-mail they typed: the web
    does the same whether we know it or not. `asked` (ISO, UTC, whole minutes) keeps repeated clicks to one letter.
    """

    KIND: ClassVar[str] = "return_link_asked"
    address: str
    asked: str


@dataclass(frozen=True)
class SendReturnLink(Message):
    """Mail this person (by reference) a link with the purpose RETURN and no target; the code opens it."""

    KIND: ClassVar[str] = "send_return_link"
    person: str
    asked: str


@dataclass(frozen=True)
class RetentionSweep(Message):
    """Erase the intakes that have run out. `night` (ISO date) tells one night from the next."""

    KIND: ClassVar[str] = "retention_sweep"
    night: str
