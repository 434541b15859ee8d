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
class IntakeCompleted(Message):
    """Somebody sent their answers to what is asked before the session; they stand on the desk."""

    KIND: ClassVar[str] = "intake_completed"
    reference: str


@dataclass(frozen=True)
class IntakeCorrected(Message):
    """Sent answers were corrected. `number` counts the corrections of this intake from 1."""

    KIND: ClassVar[str] = "intake_corrected"
    reference: str
    number: int

    @property
    def moment(self) -> str:
        """What tells it apart from the parts of the intake, and from other corrections, where a clinician is called."""
        return f"again-{self.number}"


@dataclass(frozen=True)
class UrgentIntake(Message):
    """A clinician should open this intake now. Why is said nowhere but there.

    `moment` tells its two parts, and each correction (IntakeCorrected.moment), apart.
    """

    KIND: ClassVar[str] = "urgent_intake"
    reference: str
    moment: str = "book"


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


@dataclass(frozen=True)
class PersonForgotten(Message):
    """Somebody was forgotten: their key and whatever named them are gone. Other rooms erase what they still keep."""

    KIND: ClassVar[str] = "person_forgotten"
    person: str
