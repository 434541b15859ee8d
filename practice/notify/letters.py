"""The letters: plain values in, a letter out. Pure. The words are in words/, by language (catalogue.py).

A letter can be read by somebody else in the house. So it never says what kind of appointment this is, with whom,
why, or what it cost; it says when, and where to read the rest, behind the reader's own code. Every `when` names its
zone, as in "Tuesday 3 March, 3:00 pm Eastern Time", and is said in the language of the `voice`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from practice.languages import DEFAULT
from practice.notify.catalogue import ENGLISH, Voice


class Returned(StrEnum):
    """How much of what was paid goes back."""

    ALL = "all"
    PART = "part"
    NOTHING = "nothing"
    NONE_PAID = "none_paid"  # it was without charge


class Withdraw(StrEnum):
    """How long somebody can withdraw from what they booked. The values are the cases of the letter."""

    NEVER = ""
    UNTIL_DAY = "withdraw_until_day"
    UNTIL_IT_BEGINS = "withdraw_until_it_begins"


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
    language: str = DEFAULT


def write(
    voice: Voice,
    key: str,
    values: Mapping[str, str],
    address: str,
    *,
    case: str = "",
    calendar: CalendarPart | None = None,
    stop: str = "",
) -> Letter:
    """The letter of this key. `address` is where its link leads, `stop` where letters of its kind are stopped."""
    said = voice.say(key, values, case)
    return Letter(
        subject=said.subject,
        paragraphs=said.paragraphs,
        link=Link(said.link, address),
        calendar=calendar,
        stop=Link(said.stop, stop) if stop else None,
        language=voice.language,
    )


def appointment_booked(
    *,
    when: str,
    address: str,
    calendar: CalendarPart | None,
    withdraw: Withdraw = Withdraw.NEVER,
    last_day: str = "",
    phone: str = "",
    voice: Voice = ENGLISH,
) -> Letter:
    """To the client: the appointment stands. `withdraw`: how long they can withdraw from it, if they can."""
    values = {"when": when, "last_day": last_day, "phone": phone}
    return write(voice, "appointment_booked", values, address, case=withdraw.value, calendar=calendar)


def appointment_moved(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To the client: the appointment stands at another time."""
    return write(voice, "appointment_moved", {"when": when}, address, calendar=calendar)


def time_reserved(*, when: str, until: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: a time is theirs if they say so before `until`."""
    return write(voice, "time_reserved", {"when": when, "until": until}, address)


def time_offered(*, when: str, until: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client who waited for one: a time has opened, and nobody else can have it before `until`."""
    return write(voice, "time_offered", {"when": when, "until": until}, address)


def time_not_kept(*, when: str, waits: bool, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: the time that was kept for them isn't any more. `waits`: they are still on the waiting list."""
    return write(voice, "time_not_kept", {"when": when}, address, case="waits" if waits else "waits_no_more")


def appointment_cancelled(
    *, when: str, returned: Returned, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH
) -> Letter:
    """To the client: the appointment was cancelled, by them or on their behalf."""
    case = f"returned_{returned.value}"
    return write(voice, "appointment_cancelled", {"when": when}, address, case=case, calendar=calendar)


def appointment_called_off(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To everybody who was to come: we can't keep the appointment. The same words whatever the reason, whoever paid.

    There is no other letter for it, so that nobody can tell one reason from another.
    """
    return write(voice, "appointment_called_off", {"when": when}, address, calendar=calendar)


def appointment_declined(
    *, when: str, paid: bool, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH
) -> Letter:
    """To the client: the practice can't keep the appointment; everything goes back, where anything was `paid`."""
    case = "paid" if paid else ""
    return write(voice, "appointment_declined", {"when": when}, address, case=case, calendar=calendar)


def way_back(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: the link that leads back to their request."""
    return write(voice, "way_back", {}, address)


def address_changed(*, phone: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the address that somebody had given before: letters go elsewhere from now on. It opens nothing."""
    return write(voice, "address_changed", {"phone": phone}, address)


def appointment_taken_out(*, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To an address that somebody has left: what stands in its calendar isn't so any more. It opens nothing."""
    return write(voice, "appointment_taken_out", {}, address, calendar=calendar)


def place_opened(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: times can be booked now from where they are. `address` is a page that anybody may open."""
    return write(voice, "place_opened", {}, address)


def request_reviewed(*, when: str, until: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: their card is authorised and not charged, and somebody decides before `until`."""
    return write(voice, "request_reviewed", {"when": when, "until": until}, address)


def request_turned_down(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: the practice can't take their request. Nothing was taken for it."""
    return write(voice, "request_turned_down", {"when": when}, address)


def request_lapsed(*, when: str, until: str | None, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: nobody decided in time. The time is theirs once more until `until`, where it is still ahead."""
    values = {"when": when, "until": until or ""}
    return write(voice, "request_lapsed", values, address, case="kept_again" if until else "for_good")
