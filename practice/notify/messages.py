"""What notify says to itself later: one message, one letter, one recipient."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from practice.message import Message

CLIENT = "client"
THERAPIST = "therapist"
DESK = "desk"
STAFF = "staff:"  # and the number of the account
ATTENDEE = "attendee:"  # and the reference of somebody who comes to it and did not book it
INVITED = "invited"
PERSON = "person:"  # and their reference: a client by themselves, whoever booked


class Kind(StrEnum):
    """Which letter."""

    BOOKED = "booked"
    MOVED = "moved"
    RESERVED = "reserved"  # by staff, until a deadline
    OFFERED = "offered"  # to somebody on the waiting list, until a deadline
    NOT_KEPT = "not_kept"  # what was reserved or offered is free again
    CANCELLED_ALL = "cancelled_all"  # all that was paid goes back
    CANCELLED_PART = "cancelled_part"
    CANCELLED_NOTHING = "cancelled_nothing"
    DECLINED = "declined"
    TAKEN_OUT = "taken_out"  # to an address of before, whose calendar has it still
    CALLED_OFF = "called_off"  # not by who booked it: nobody pays for it
    PAYMENT_RETURNED = "payment_returned"
    GIVEN_BACK = "given_back"  # by staff, some or all of it
    FEE_PAID = "fee_paid"
    FEE_ASKED = "fee_asked"  # they are to pay it themselves
    REVIEWING = "reviewing"  # the card is authorised, and somebody reads the request
    TURNED_DOWN = "turned_down"  # they said no; nothing was taken
    LAPSED = "lapsed"  # nobody decided in time
    ESTIMATE = "estimate"  # in writing, what a session is expected to cost
    AUTHORISATION_RELEASED = "authorisation_released"  # it came too late
    REVIEW_RUNS_OUT = "review_runs_out"
    REQUEST_ARRIVED = "request_arrived"
    ANSWERS_ARRIVED = "answers_arrived"
    MONEY_WAITS = "money_waits"
    TAKEN_BACK = "taken_back"  # somebody took back what sessions need
    URGENT = "urgent"
    WAY_BACK = "way_back"
    PLACE_OPENED = "place_opened"
    INVITATION = "invitation"
    STAFF_INVITATION = "staff_invitation"
    STAFF_PASSWORD = "staff_password"  # noqa: S105 - the kind of a letter
    PAGE_CHANGED = "page_changed"
    SOMETHING_WAITS = "something_waits"  # the practice asks or offers something, and their page says what
    READY_TO_BOOK = "ready_to_book"  # the practice said yes
    ADDRESS_CHANGED = "address_changed"  # to the old address; `about` is the reference of the change
    NEAR = "near"  # an appointment comes
    MISSING = "missing"  # something is left to do before it
    PULSE = "pulse"  # the short page of these two weeks
    CALL_WISHED = "call_wished"
    RECORD_DUE = "record_due"  # somebody waits for their record, and it is due within a week
    RECORD_OVERDUE = "record_overdue"
    CALENDAR_STOPPED = "calendar_stopped"  # a therapist's own, until they see to it
    CALENDAR_ASKS = "calendar_asks"  # a session was moved or deleted in it
    CALENDAR_FAILS = "calendar_fails"  # `about` is its reference, `occasion` since when
    COLLIDES = "collides"  # a session meets a time in its therapist's own calendar; `about` is the collision


PROMISES = frozenset({Kind.RESERVED, Kind.OFFERED, Kind.LAPSED})
"""The letters that say until when a time is kept for somebody."""

RECURRING = frozenset({Kind.NEAR, Kind.MISSING, Kind.PULSE})
"""The letters that come again and again, each to one person, who can stop them. `since` is when they were due."""


CALENDAR = frozenset(
    {
        Kind.BOOKED,
        Kind.MOVED,
        Kind.CANCELLED_ALL,
        Kind.CANCELLED_PART,
        Kind.CANCELLED_NOTHING,
        Kind.CALLED_OFF,
        Kind.DECLINED,
        Kind.TAKEN_OUT,
    }
)
"""The letters that carry a calendar part, where their reader allows it. No letter carries anything else."""


@dataclass(frozen=True)
class SendSample(Message):
    """Send somebody who writes the words of a letter what it looks like in one language and case, with made-up values.

    `account` is the number of theirs, `since` (ISO, UTC) when they asked; asking again is another letter.
    """

    KIND: ClassVar[str] = "send_sample"
    letter: str
    language: str
    case: str
    account: int
    since: str


@dataclass(frozen=True)
class SendLetter(Message):
    """Send one letter. `about` is the reference of a booking, an intake, an invitation, or a person.

    `recipient` is one of the above.

    `occasion` tells a letter from an earlier one of its kind: the booking's SEQUENCE, or when something was asked for.
    `since` (ISO, UTC) is when it was posted first; it is no part of the key, so that posting twice stays one letter.
    """

    KIND: ClassVar[str] = "send_letter"
    letter: str
    about: str
    recipient: str
    occasion: str
    since: str

    @property
    def key(self) -> str:
        return ":".join((self.KIND, self.letter, self.about, self.recipient, self.occasion))

    @property
    def stream(self) -> str:
        """In order for each recipient, so that a cancellation never overtakes what it cancels."""
        return f"letters:{self.about}:{self.recipient}"
