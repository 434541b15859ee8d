"""How a request stands, in words: one place for every page of the desk."""

from __future__ import annotations

WORDS = {
    "new": "Waiting",
    "in_review": "In review",
    "info_requested": "Waits for the client",
    "individual_call": "Call offered",
    "accepted": "Accepted",
    "referred_out": "Referred out",
    "declined": "Declined",
    "withdrawn": "Withdrawn",
}
"""Each value of `Intake.review_state`, in the order in which a choice offers them."""


def state_words(state: str) -> str:
    """How a page says one of these values."""
    return WORDS.get(state, state.replace("_", " ").capitalize())
