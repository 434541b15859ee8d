"""The words of letters about coming with somebody. Pure.

A couple may share a mailbox. So these never say who else gets one, who did what, or what was paid: whichever of the two
reads a letter learns that there is an appointment, or isn't, and where their own page is.
"""

from __future__ import annotations

from practice.notify.letters import KEPT_SHORT, CalendarPart, Letter, Link

ASKS = "Your page asks for the code that you chose."


def appointment_booked(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To somebody who comes to an appointment that they did not book: it stands."""
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"Your appointment is on {when}.",
            f"Where to be is on your page. {ASKS}",
            KEPT_SHORT,
        ),
        link=Link("Open your appointment", address),
        calendar=calendar,
    )


def appointment_moved(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To the same: it stands at another time."""
    return Letter(
        subject="Your appointment",
        paragraphs=(
            f"Your appointment has another time now: {when}.",
            f"The time before is not kept any more. {ASKS}",
            KEPT_SHORT,
        ),
        link=Link("Open your appointment", address),
        calendar=calendar,
    )


def invitation(*, name: str, until: str, address: str) -> Letter:
    """To somebody whom a client invites: the client's first name, and nothing else about anybody."""
    return Letter(
        subject="An invitation",
        paragraphs=(
            f"{name} asked us to send you this invitation.",
            "The page behind the link says what it is about and what stays private. You can look at it, and decide "
            "later.",
            f"It is good until {until}, and one person can use it. If you would rather not, you can leave it at that: "
            "nobody is told.",
            KEPT_SHORT,
        ),
        link=Link("See the invitation", address),
    )


def page_changed(*, address: str) -> Letter:
    """To a client: something that they should know stands on their page."""
    return Letter(
        subject="About your appointments",
        paragraphs=(f"Something on your page has changed. {ASKS}", KEPT_SHORT),
        link=Link("Open your page", address),
    )
