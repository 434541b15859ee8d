"""Where somebody stands on the way to a time, by what they answered so far. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from practice.intake.questions import Answers, Field, Page, Questionnaire, chosen_codes

BOOK = "book"
AS_TWO = frozenset({"couple", "couple_unsure"})
"""The answers to `attending` of somebody who hopes to come with somebody."""


class Stop(StrEnum):
    """Why the way ends on the first page."""

    UNDER_18 = "under_18"
    LATER = "later"
    NO_LICENCE = "no_licence"


def early_stop(answers: Answers) -> Stop | None:
    """A stop that comes before everything else on the first page, complete or not: nothing of it is stored."""
    if answers.get("age_18_plus") == "no":
        return Stop.UNDER_18
    return Stop.LATER if answers.get("private_now") == "later" else None


def licence_stop(answers: Answers, licensed: Collection[str]) -> Stop | None:
    """Stops somebody for whose place no therapist is licensed; `licensed` are region codes."""
    place = answers.get("session_location")
    return Stop.NO_LICENCE if place and place not in licensed else None


def open_page(questionnaire: Questionnaire, answers: Answers, moment: str) -> Page | None:
    """The first page of that moment that still waits for an answer, or was never shown; None when all are done.

    A field that was shown and may be left empty is done when it is empty.
    """
    waiting = waiting_fields(questionnaire, answers, moment)
    return next((page for page in questionnaire.pages(moment) if set(waiting) & set(page.fields)), None)


def waiting_fields(questionnaire: Questionnaire, answers: Answers, moment: str) -> tuple[Field, ...]:
    """The questions of that moment that these answers call for and that wait for one, or were never shown."""
    shown = questionnaire.shown(answers)
    return tuple(
        field
        for page in questionnaire.pages(moment)
        for field in page.fields
        if field.name in shown and _waits(questionnaire, field, answers)
    )


def _waits(questionnaire: Questionnaire, field: Field, answers: Answers) -> bool:
    if field.name not in answers or (field.required and not answers[field.name]):
        return True
    if field.options_from is None:
        return False
    # What it was chosen from may have changed since.
    known = {option.code for option in questionnaire.choices(field, answers)}
    return not set(chosen_codes(answers, field.name)) <= known


def attendance_for(answers: Answers) -> tuple[str, ...]:
    """Who may come, the wish first. Time alone stands open to everybody, so that it tells nothing about anybody."""
    return ("individual",) if answers.get("attending") == "individual" else ("couple", "individual")


def places_for(answers: Answers) -> tuple[str, ...]:
    """Where they would meet."""
    wish = str(answers.get("format_pref", ""))
    return (wish,) if wish in {"video", "in_person"} else ("video", "in_person")
