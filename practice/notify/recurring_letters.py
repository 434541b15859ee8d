"""The words of the letters that come again and again, which their reader can stop. Pure."""

from __future__ import annotations

from practice.notify.letters import KEPT_SHORT, Letter, Link


def appointment_near(*, when: str, address: str, stop: str) -> Letter:
    """To whoever comes: an appointment is near."""
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"You have an appointment {when}.",
            "Where to be and how to cancel is on your page. It asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
        stop=Link("No more reminders", stop),
    )


def something_left(*, when: str, address: str, stop: str) -> Letter:
    """To whoever comes: something waits for them before an appointment. It names nothing."""
    return Letter(
        subject="Before your appointment",
        paragraphs=(
            "There is something left for you to do before your appointment.",
            f"It takes about fifteen minutes, and you can stop and go on later. Your appointment is {when}; it stands "
            "either way.",
            "Your page asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
        stop=Link("No more letters like this", stop),
    )


def short_page(*, address: str, stop: str) -> Letter:
    """To a client: the short page of these two weeks is open."""
    return Letter(
        subject="A minute for you",
        paragraphs=(
            "Your short page is open. It takes less than a minute, and it is fine to leave it out this time.",
            "It asks for the code that you chose.",
            KEPT_SHORT,
        ),
        link=Link("Open your page", address),
        stop=Link("No more letters like this", stop),
    )
