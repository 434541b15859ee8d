"""The words of letters about a request: that something waits on the client's page, and never what. Pure."""

from __future__ import annotations

from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import Letter, write


def something_waits(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To a client: the practice asks or offers something. The same words whatever it is."""
    return write(voice, "something_waits", {}, address)


def ready_to_book(*, address: str, voice: Voice = ENGLISH) -> Letter:
    """To a client: the practice said yes, and they choose a time themselves."""
    return write(voice, "ready_to_book", {}, address)
