"""The corrections of one intake, as a part of an export: as in export_parts.py."""

from __future__ import annotations

from typing import Any

from practice.intake.corrections import Correction, before, corrections_of
from practice.intake.models import Intake
from practice.intake.queries import questionnaire_of, sent_codes_of
from practice.intake.questions import Answers, Field, Questionnaire, chosen_codes
from practice.rights.scope import Scope

THEMSELVES, PRACTICE = "themselves", "the practice"
BY_CLIENT = "client:"  # as the audit log names them


def corrections(intake: Intake, scope: Scope) -> list[dict[str, Any]]:
    """Which answers were corrected, and when, the earliest first. What they were before is in the whole record alone:
    whoever pressed somebody to take an answer back would find it there. So is which questions are not asked any more.
    """
    questionnaire, stands, found = questionnaire_of(intake), sent_codes_of(intake), list[dict[str, Any]]()
    state: Answers = stands
    for one in reversed(corrections_of(intake)):
        state = before(state, one)
        fields = [questionnaire.field(name) for name in dict.fromkeys([*one.answers, *one.lanes])]
        rows = [
            _head(one, field) | (_before(one, field, questionnaire, state) if scope.is_whole else {})
            for field in fields
            if scope.is_whole or (field.name in stands and not field.write_only)
        ]
        found = [*rows, *found]
    return found


def _head(one: Correction, field: Field) -> dict[str, Any]:
    return {
        "corrected_at": one.row.corrected_at,
        "by": THEMSELVES if one.row.corrected_by.startswith(BY_CLIENT) else PRACTICE,
        "field": field.name,
        "question": field.question,
    }


def _before(one: Correction, field: Field, questionnaire: Questionnaire, state: Answers) -> dict[str, Any]:
    was, lane = one.answers.get(field.name), one.lanes.get(field.name)
    return {
        "before_codes": list(chosen_codes(state, field.name)) if was is not None else [],
        "before_answer": questionnaire.said(field, state) if was is not None else None,
        "before_lane": lane,
        "asked_how": one.remark or None,
        "never_shown_again": field.write_only,
    }
