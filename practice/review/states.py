"""How a request stands, in words: one place for every page of the desk."""

from __future__ import annotations

from practice.languages import N_

WORDS = {
    "new": N_("Waiting"),
    "in_review": N_("In review"),
    "info_requested": N_("Waits for the client"),
    "individual_call": N_("Call offered"),
    "accepted": N_("Accepted"),
    "referred_out": N_("Referred out"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
}
"""Each value of `Intake.review_state`, in the order in which a choice offers them."""


def state_words(state: str) -> str:
    """How a page says one of these values, as a sentence of the catalogues."""
    return WORDS.get(state, state.replace("_", " ").capitalize())
