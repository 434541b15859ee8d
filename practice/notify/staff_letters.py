"""The words of the letters to therapists, the desk and whoever is on duty. Pure, and as short as those to clients."""

from __future__ import annotations

from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import CalendarPart, Letter, write


def session_booked(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: a time of theirs was booked."""
    return write(voice, "session_booked", {"when": when}, address, calendar=calendar)


def session_moved(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: a booked session has another time."""
    return write(voice, "session_moved", {"when": when}, address, calendar=calendar)


def session_cancelled(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: a booked time is free again."""
    return write(voice, "session_cancelled", {"when": when}, address, calendar=calendar)


def session_collides(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: a session stands where a calendar of their own says that they are busy."""
    return write(voice, "session_collides", {"when": when}, address)


def session_taken_out(*, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To an address that was the therapist's: what stands in its calendar isn't so any more."""
    return write(voice, "session_taken_out", {}, address, calendar=calendar)


def request_arrived(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: a new request waits to be read."""
    return write(voice, "request_arrived", {}, address)


def answers_arrived(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: somebody sent what was still open before their appointment."""
    return write(voice, "answers_arrived", {}, address)


def something_changed(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: something about a client is different, and a person should look. Never what."""
    return write(voice, "something_changed", {}, address)


def money_waits(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: a payment, a refund or a dispute that only a person can bring to an end."""
    return write(voice, "money_waits", {}, address)


def review_runs_out(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: a request runs out soon, and nobody has decided it."""
    return write(voice, "review_runs_out", {}, address)


def answer_due(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: somebody asked for what is kept of them, and must have an answer within a week."""
    return write(voice, "answer_due", {}, address)


def answer_overdue(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the desk: the same, and its last day is over."""
    return write(voice, "answer_overdue", {}, address)


def calendar_fails(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: a calendar of their own can't be read for a day. Which one stands on the desk."""
    return write(voice, "calendar_fails", {"when": when}, address)


def call_wished(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To clinicians: somebody wishes to be called. Who it is stands on the desk."""
    return write(voice, "call_wished", {}, address)


def urgent_notice(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To whoever is on duty: look now. It holds no content, on purpose."""
    return write(voice, "urgent_notice", {}, address)


def calendar_stopped(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: their own calendar isn't kept up to date until they see to it."""
    return write(voice, "calendar_stopped", {}, address)


def calendar_asks(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the therapist: an entry of ours was moved or deleted in their own calendar. Not which."""
    return write(voice, "calendar_asks", {}, address)


def invitation(*, practice: str, until: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To somebody who is to work here: how they come to an account."""
    return write(voice, "staff_invitation", {"practice": practice, "until": until}, address)


def new_password(*, practice: str, until: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To somebody who works here and can't sign in."""
    return write(voice, "staff_password", {"practice": practice, "until": until}, address)
