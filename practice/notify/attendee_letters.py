"""The words of letters about coming with somebody. Pure.

A couple may share a mailbox. So these never say who else gets one, who did what, or what was paid: whichever of the two
reads a letter learns that there is an appointment, or isn't, and where their own page is.
"""

from __future__ import annotations

from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import CalendarPart, Letter, write


def appointment_booked(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To somebody who comes to an appointment that they did not book: it stands."""
    return write(voice, "attending_booked", {"when": when}, address, calendar=calendar)


def appointment_moved(*, when: str, address: str, calendar: CalendarPart | None, voice: Voice = ENGLISH) -> Letter:
    """To the same: it stands at another time."""
    return write(voice, "attending_moved", {"when": when}, address, calendar=calendar)


def invitation(*, name: str, until: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To somebody whom a client invites: the client's first name, and nothing else about anybody."""
    return write(voice, "invitation", {"name": name, "until": until}, address)


def page_changed(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To a client: something that they should know stands on their page."""
    return write(voice, "page_changed", {}, address)
