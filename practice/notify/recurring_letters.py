"""The words of the letters that come again and again, which their reader can stop. Pure."""

from __future__ import annotations

from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import Letter, write


def appointment_near(*, when: str, address: str, stop: str, voice: Voice = ENGLISH) -> Letter:
    """To whoever comes: an appointment is near."""
    return write(voice, "appointment_near", {"when": when}, address, stop=stop)


def something_left(*, when: str, address: str, stop: str, voice: Voice = ENGLISH) -> Letter:
    """To whoever comes: something waits for them before an appointment. It names nothing."""
    return write(voice, "something_left", {"when": when}, address, stop=stop)


def short_page(*, address: str, stop: str, voice: Voice = ENGLISH) -> Letter:
    """To a client: the short page of these two weeks is open."""
    return write(voice, "short_page", {}, address, stop=stop)
