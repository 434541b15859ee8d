"""The words of letters about documents. Pure. A letter never carries one: it leads to the page where they are."""

from __future__ import annotations

from practice.notify.catalogue import ENGLISH, Voice
from practice.notify.letters import Letter, write


def estimate_ready(*, when: str, address: str, voice: Voice = ENGLISH) -> Letter:
    """To the client: what their appointment is expected to cost is on their page, in writing."""
    return write(voice, "estimate_ready", {"when": when}, address)
