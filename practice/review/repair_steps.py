"""The six steps of repair as six dots: how far each of two people says that they are. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from practice.languages import N_

STEPS = {
    "step1_named": N_("Named"),
    "step2_talked": N_("Talked"),
    "step3_owned": N_("Owned"),
    "step4_heard": N_("Heard"),
    "step5_apology": N_("Sorry"),
    "step6_change": N_("Change"),
}
"""Each step by the question that asks for it, under one short word; in their order."""


class Mark(StrEnum):
    """How a dot is drawn."""

    EMPTY = "empty"
    HALF = "half"
    FULL = "full"
    UNKNOWN = "unknown"  # nobody asked, nothing was answered, or they aren't sure


LEGEND = {
    Mark.FULL: N_("mostly, or steady"),
    Mark.HALF: N_("some of it, or it went badly"),
    Mark.EMPTY: N_("not started"),
    Mark.UNKNOWN: N_("no answer, or not sure"),
}
DRAWN = {"0": Mark.EMPTY, "1": Mark.HALF, "2": Mark.HALF, "3": Mark.FULL, "4": Mark.FULL}


class Step(NamedTuple):
    """One step of one person: its short word, their answer in words, its dot, and whether they answered."""

    label: str
    said: str
    mark: Mark
    answered: bool


def mark_of(code: str) -> Mark:
    """The dot of an answer, by its code in the questionnaire's scale `step`."""
    return DRAWN.get(code, Mark.UNKNOWN)
