"""The words of the letters to therapists, the desk and whoever is on duty. Pure, and as short as those to clients."""

from __future__ import annotations

from practice.notify.letters import CalendarPart, Letter, Link


def session_booked(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To the therapist: a time of theirs was booked."""
    return Letter(
        subject="An appointment was booked",
        paragraphs=(f"Booked: {when}.", "Everything else is on the desk, after you sign in."),
        link=Link("Open the desk", address),
        calendar=calendar,
    )


def session_moved(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To the therapist: a booked session has another time."""
    return Letter(
        subject="An appointment was moved",
        paragraphs=(
            f"Moved to: {when}.",
            "The time before can be booked by others again. Everything else is on the desk, after you sign in.",
        ),
        link=Link("Open the desk", address),
        calendar=calendar,
    )


def session_cancelled(*, when: str, address: str, calendar: CalendarPart | None) -> Letter:
    """To the therapist: a booked time is free again."""
    return Letter(
        subject="An appointment was cancelled",
        paragraphs=(f"Cancelled: {when}.", "The time can be booked by others again."),
        link=Link("Open the desk", address),
        calendar=calendar,
    )


def request_arrived(*, address: str) -> Letter:
    """To the desk: a new request waits to be read."""
    return Letter(
        subject="A new request",
        paragraphs=("A new request waits on the desk.",),
        link=Link("Open the desk", address),
    )


def answers_arrived(*, address: str) -> Letter:
    """To the desk: somebody sent what was still open before their appointment."""
    return Letter(
        subject="Something new on the desk",
        paragraphs=("Somebody sent what was still open before an appointment.",),
        link=Link("Open the desk", address),
    )


def something_changed(*, address: str) -> Letter:
    """To the desk: something about a client is different, and a person should look. Never what."""
    return Letter(
        subject="Something changed on the desk",
        paragraphs=("Something that a client agreed to is different now. It stands on the page Today.",),
        link=Link("Open the desk", address),
    )


def money_waits(*, address: str) -> Letter:
    """To the desk: a payment, a refund or a dispute that only a person can bring to an end."""
    return Letter(
        subject="A payment waits for you",
        paragraphs=("Something about a payment needs a person. It stands first on the page behind this link.",),
        link=Link("Open the page", address),
    )


def review_runs_out(*, address: str) -> Letter:
    """To the desk: a request runs out soon, and nobody has decided it."""
    return Letter(
        subject="A request runs out soon",
        paragraphs=(
            "A request must be decided within a day, or it runs out. Requests show until when each can be decided.",
        ),
        link=Link("Open the requests", address),
    )


def answer_due(*, address: str) -> Letter:
    """To the desk: somebody asked for what is kept of them, and must have an answer within a week."""
    return Letter(
        subject="An answer is due within a week",
        paragraphs=("Somebody must have an answer from you within a week. It stands on the page behind this link.",),
        link=Link("Open the page", address),
    )


def answer_overdue(*, address: str) -> Letter:
    """To the desk: the same, and its last day is over."""
    return Letter(
        subject="An answer is overdue",
        paragraphs=("Somebody should have had an answer from you by now. It stands on the page behind this link.",),
        link=Link("Open the page", address),
    )


def call_wished(*, address: str) -> Letter:
    """To clinicians: somebody wishes to be called. Who it is stands on the desk."""
    return Letter(
        subject="Somebody wishes to be called",
        paragraphs=("Somebody wishes to be called. It isn’t urgent. Sign in and read there who it is.",),
        link=Link("Open the desk", address),
    )


def urgent_notice(*, address: str) -> Letter:
    """To whoever is on duty: look now. It holds no content, on purpose."""
    return Letter(
        subject="Please open the desk now",
        paragraphs=(
            "Something on the desk needs a clinician now. Sign in and read it there.",
            "This letter holds no content, on purpose.",
        ),
        link=Link("Open the desk", address),
    )
