"""The words of letters about documents. Pure. A letter never carries one: it leads to the page where they are."""

from __future__ import annotations

from practice.notify.letters import KEPT_SHORT, Letter, Link


def estimate_ready(*, when: str, address: str) -> Letter:
    """To the client: what their appointment is expected to cost is on their page, in writing."""
    return Letter(
        subject="About your appointment",
        paragraphs=(
            f"There is a new document about your appointment on {when}.",
            "You find it on your page, under Documents; we send none by mail. It asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
    )
