"""How a request stands, and what moves it on, as one table. docs/review.md shows it, a test compares. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from practice.languages import N_


class Stage(StrEnum):
    """Where one request stands. The column is Intake.review_state."""

    NEW = "new"
    IN_REVIEW = "in_review"  # somebody has taken it
    INFO_REQUESTED = "info_requested"  # the client is asked something
    INDIVIDUAL_CALL = "individual_call"  # the client is offered a call by themselves
    ACCEPTED = "accepted"
    REFERRED_OUT = "referred_out"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What moves a request from one stage to another."""

    TAKE = "take"
    ASK = "ask"
    ANSWER = "answer"
    TAKE_BACK = "take_back"  # what the client was asked, or the call that they were offered
    OFFER_CALL = "offer_call"
    CALLED = "called"  # the call took place
    ACCEPT = "accept"
    REFER_OUT = "refer_out"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class Who(StrEnum):
    """Who takes a step."""

    REVIEWER = "reviewer"
    CLIENT = "client"
    EITHER = "either"  # the client, or a reviewer who notes what the client said


class Word(StrEnum):
    """All that a client ever sees of how their request stands."""

    RECEIVED = N_("Received")
    REVIEWING = N_("Reviewing")
    NEEDED = N_("We need something")
    READY = N_("Ready to book")
    BOOKED = N_("Booked")
    CLOSED = N_("Closed")


class NoSuchStep(Exception):
    """A caller asked for what the table does not have: a bug of ours, never the client's."""

    def __init__(self, stage: Stage, step: Step) -> None:
        super().__init__(f"{stage} has no {step}")


OPEN = (Stage.NEW, Stage.IN_REVIEW, Stage.INFO_REQUESTED, Stage.INDIVIDUAL_CALL)
"""Nobody has decided yet."""
ON_DESK = (Stage.NEW, Stage.IN_REVIEW)
"""Nobody has decided yet, and it doesn't wait for the client."""
CLOSED = (Stage.REFERRED_OUT, Stage.DECLINED, Stage.WITHDRAWN)
"""Nothing can be booked by it any more."""
STANDS = (*OPEN, Stage.ACCEPTED)
ENDING = (Step.REFER_OUT, Step.DECLINE, Step.WITHDRAW)
"""Taken with a request to book alone. By an invited partner's answers nothing is booked, so nothing can end."""

TRANSITIONS: dict[tuple[Stage, Step], Stage] = {
    (Stage.NEW, Step.TAKE): Stage.IN_REVIEW,
    **{(one, Step.ASK): Stage.INFO_REQUESTED for one in OPEN},
    (Stage.INFO_REQUESTED, Step.ANSWER): Stage.IN_REVIEW,
    (Stage.INFO_REQUESTED, Step.TAKE_BACK): Stage.IN_REVIEW,
    **{(one, Step.OFFER_CALL): Stage.INDIVIDUAL_CALL for one in OPEN},
    (Stage.INDIVIDUAL_CALL, Step.CALLED): Stage.IN_REVIEW,
    (Stage.INDIVIDUAL_CALL, Step.TAKE_BACK): Stage.IN_REVIEW,
    **{(one, Step.ACCEPT): Stage.ACCEPTED for one in STANDS},  # once more, to choose otherwise what they may book
    **{(one, Step.REFER_OUT): Stage.REFERRED_OUT for one in STANDS},
    **{(one, Step.DECLINE): Stage.DECLINED for one in STANDS},
    **{(one, Step.WITHDRAW): Stage.WITHDRAWN for one in STANDS},
}

WHO: dict[Step, Who] = {
    **dict.fromkeys(Step, Who.REVIEWER),
    Step.ANSWER: Who.CLIENT,
    Step.WITHDRAW: Who.EITHER,
}

WORDS: dict[Stage, Word] = {
    Stage.NEW: Word.RECEIVED,
    Stage.IN_REVIEW: Word.REVIEWING,
    Stage.INFO_REQUESTED: Word.NEEDED,
    Stage.INDIVIDUAL_CALL: Word.NEEDED,
    Stage.ACCEPTED: Word.READY,
    **dict.fromkeys(CLOSED, Word.CLOSED),
}
WORDS_FOR_PARTNER = {**WORDS, **dict.fromkeys((Stage.ACCEPTED, *CLOSED), Word.REVIEWING)}
"""For whoever was invited: what was decided opens no time to them, and closes none."""


def next_stage(stage: Stage, step: Step) -> Stage:
    """Follow the table.

    :raises NoSuchStep: which is a bug of the caller, never the client's.
    """
    try:
        return TRANSITIONS[stage, step]
    except KeyError:
        raise NoSuchStep(stage, step) from None


def may_take(stage: Stage, step: Step) -> bool:
    """Whether the table has this step from there."""
    return (stage, step) in TRANSITIONS


def word_for(stage: Stage, *, booked: bool, words: Mapping[Stage, Word] = WORDS) -> Word:
    """What the client sees, of WORDS or WORDS_FOR_PARTNER.

    `booked`: an appointment stands, or took place; it never hides that something is needed.
    """
    word = words[stage]
    return Word.BOOKED if booked and word in (Word.RECEIVED, Word.REVIEWING, Word.READY) else word
