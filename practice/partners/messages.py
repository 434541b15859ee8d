"""What partners say to the rest of the practice. References only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from practice.message import Message

INVITE = "invite"  # the purpose of mailed links that lead to /join/<token>


@dataclass(frozen=True)
class SendInvitation(Message):
    """Mail an invitation (by reference) to the address that is sealed in it."""

    KIND: ClassVar[str] = "send_invitation"
    invitation: str


@dataclass(frozen=True)
class PartnerJoined(Message):
    """Two people come together from now on: whoever has just joined hears of the appointments that are coming."""

    KIND: ClassVar[str] = "partner_joined"
    couple: str


@dataclass(frozen=True)
class PartnerLeft(Message):
    """A couple ended. `person` is the one who left it, by reference; the other one hears that their page changed."""

    KIND: ClassVar[str] = "partner_left"
    couple: str
    person: str
