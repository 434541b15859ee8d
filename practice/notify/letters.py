"""The words of every letter. Pure: plain values in, a letter out.

A letter can be read by somebody else in the house. So it never says what kind of appointment this is, with whom,
why, or what it cost; it says when, and where to read the rest, behind the reader's own code. Every `when` names its
zone, as in "Tuesday 3 March, 3:00 pm Eastern Time".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

KEPT_SHORT = "We keep our letters short on purpose."
BEGINS_ALONE = "A first appointment begins with some time alone for each person who comes. It does so for everybody."


class Returned(StrEnum):
    """How much of what was paid goes back."""

    ALL = "all"
    PART = "part"
    NOTHING = "nothing"
    NONE_PAID = "none_paid"  # it was without charge


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go on: what the link says, and its whole address."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar object that travels with a letter; `method` is the METHOD inside it."""

    method: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, before it is laid out."""

    subject: str
    paragraphs: tuple[str, ...]
    link: Link
    calendar: CalendarPart | None = None
    stop: Link | None = None  # leads to where letters of this kind are stopped


def appointment_booked(
    *, when: str, address: str, calendar: CalendarPart | None, withdraw_until: str | None = None, phone: str = ""
) -> Letter:
    """To the client: the appointment stands. `withdraw_until`: how long they can withdraw from it, if they can."""
    right = (
        f"You can withdraw from this contract until {withdraw_until}, without giving a reason. Say so on your page, in "
        f"an answer to this letter, or by phone, {phone}. All that was paid goes back then to the card that paid. Once "
        "the appointment has fully taken place, that right has ended."
    )
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"Your appointment is on {when}.",
            "Where to be, what was paid and how to cancel is on your page. It asks for the code that you chose.",
            BEGINS_ALONE,
            *([right] if withdraw_until else []),
            KEPT_SHORT,
        ),
        link=Link("Open your appointment", address),
        calendar=calendar,
    )


def appointment_moved(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To the client: the appointment stands at another time."""
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"Your appointment has another time now: {when}.",
            "The time before is not kept any more. Nothing else has changed.",
            "Where to be and how to cancel is on your page. It asks for the code that you chose.",
            BEGINS_ALONE,
            KEPT_SHORT,
        ),
        link=Link("Open your appointment", address),
        calendar=calendar,
    )


def time_reserved(*, when: str, until: str, address: str) -> Letter:
    """To the client: a time is theirs if they say so before `until`."""
    return Letter(
        subject="A time is kept for you",
        paragraphs=(
            f"A time is kept for you: {when}.",
            f"It becomes yours when you say so on your page, until {until}. After that, others can have it.",
            "Your page asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def time_offered(*, when: str, until: str, address: str) -> Letter:
    """To the client who waited for one: a time has opened, and nobody else can have it before `until`."""
    return Letter(
        subject="A time has opened",
        paragraphs=(
            f"A time has opened: {when}.",
            f"It is kept for you until {until}; nobody else can take it before then.",
            "Say on your page whether you want it. If it does not suit you, let it go there, and you go on waiting "
            "for another. Your page asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def time_not_kept(*, when: str, waits: bool, address: str) -> Letter:
    """To the client: the time that was kept for them isn't any more. `waits`: they are still on the waiting list."""
    return Letter(
        subject="A time is not kept any more",
        paragraphs=(
            f"The time on {when} is not kept for you any more.",
            "You are still waiting for another: we write when one opens."
            if waits
            else "That is all right. You can choose another whenever you like.",
            "Your page asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def appointment_cancelled(*, when: str, returned: Returned, address: str, calendar: CalendarPart | None) -> Letter:
    """To the client: the appointment was cancelled, by them or on their behalf."""
    money = {
        Returned.ALL: "All that was paid goes back to the card that paid. Banks take five to ten days.",
        Returned.PART: "A part of what was paid goes back to the card that paid. Banks take five to ten days.",
        Returned.NOTHING: "It was cancelled after the time until which cancelling is free, so the fee is kept.",
        Returned.NONE_PAID: "It was without charge, so nothing is due.",
    }
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"Your appointment on {when} is cancelled.",
            money[returned],
            "You can choose another time from your page. It asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
        calendar=calendar,
    )


def appointment_called_off(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To everybody who was to come: we can't keep the appointment. The same words whatever the reason, whoever paid.

    There is no other letter for it, so that nobody can tell one reason from another.
    """
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"We are sorry: we can’t keep your appointment on {when}.",
            "That has many reasons, and we use the same words for all of them. It says nothing about you.",
            "If you paid for it, all of it goes back to the card that paid; banks take five to ten days. No fee is due "
            "from you.",
            "You can choose another time from your page, also one for yourself alone. It asks for the code that you "
            "chose. If you would rather talk first, call us or answer this letter.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
        calendar=calendar,
    )


def appointment_declined(*, when: str, paid: bool, address: str, calendar: CalendarPart | None) -> Letter:
    """To the client: the practice can't keep the appointment; everything goes back, where anything was `paid`."""
    money = ("All that was paid goes back to the card that paid. Banks take five to ten days.",) if paid else ()
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            f"We are sorry: your appointment on {when} does not take place.",
            *money,
            "Call us or answer this letter, and we help you find another way. Your page asks for the code that you "
            "chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
        calendar=calendar,
    )


def way_back(*, address: str) -> Letter:
    """To the client: the link that leads back to their request."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            "This link leads back to your request. It asks for the code that you chose.",
            "If you did not ask for it, you can ignore this letter; without the code it opens nothing.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def address_changed(*, phone: str, address: str) -> Letter:
    """To the address that somebody had given before: letters go elsewhere from now on. It opens nothing."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            "From now on our letters go to another address, as you asked. The links in earlier ones open nothing.",
            f"If it was not you who asked, call us: {phone}.",
            KEPT_SHORT,
        ),
        link=Link("Our page", address),
    )


def place_opened(*, address: str) -> Letter:
    """To the client: times can be booked now from where they are. `address` is a page that anybody may open."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            "You asked to hear when a time can be booked from where you are. It can now.",
            "This is the only letter about it.",
            KEPT_SHORT,
        ),
        link=Link("See the open times", address),
    )


def request_reviewed(*, when: str, until: str, address: str) -> Letter:
    """To the client: their card is authorised and not charged, and somebody decides before `until`."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            f"We have your request for {when}. That time is kept for you while we read it.",
            "Your card is authorised and not charged. It is charged only if we say yes; then the appointment stands, "
            "and we write to you.",
            f"You hear from us before {until}. If you don’t, nothing is charged.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def request_turned_down(*, when: str, address: str) -> Letter:
    """To the client: the practice can't take their request. Nothing was taken for it."""
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            f"We are sorry: we can’t take your request for {when}.",
            "Nothing was charged. What your card had set aside for it is given up; banks show that within a few days.",
            "Write or call, and we help you find somebody who is a better fit.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )


def request_lapsed(*, when: str, until: str | None, address: str) -> Letter:
    """To the client: nobody decided in time. The time is theirs once more until `until`, where it is still ahead."""
    again = (
        f"The time is kept for you once more, until {until}. If you still want it, say so on your page."
        if until
        else "You can choose another time whenever you like; what you wrote is kept."
    )
    return Letter(
        subject="Your appointment request",
        paragraphs=(
            f"We did not answer your request for {when} in time. We are sorry.",
            "Nothing was charged. What your card had set aside for it is given up.",
            again,
            "Your page asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )
