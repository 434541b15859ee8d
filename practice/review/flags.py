"""Flags in words: what a rule says, from which questions, and who cleared it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from practice.clearing.flags import Seen
from practice.intake.couple_safety import explain_for_two
from practice.intake.models import Intake
from practice.intake.queries import questionnaire_of
from practice.intake.safety import Flag, explain
from practice.staff.queries import find_actor_names


@dataclass(frozen=True)
class Shown:
    """A flag in words; what it `says` is a sentence of the catalogues.

    `by` is who cleared it, where somebody did and no answer changed since.
    """

    seen: Seen
    says: str
    questions: tuple[str, ...]
    by: str = ""


def explained(intake: Intake, flags: Sequence[Seen]) -> list[Shown]:
    """One person's flags in words, with the questions that were asked then."""
    return _shown(intake, flags, explain)


def explained_for_two(intake: Intake, flags: Sequence[Seen]) -> list[Shown]:
    """The flags of two people in words; `intake` is that of either, for the questions."""
    return _shown(intake, flags, explain_for_two)


def _shown(intake: Intake, flags: Sequence[Seen], say: Callable[[Flag], str]) -> list[Shown]:
    asked = {field.name: field.question for field in questionnaire_of(intake).fields()}
    names = find_actor_names({one.decided.decision.decided_by for one in flags if one.decided is not None})
    return [
        Shown(
            seen=one,
            says=say(one.flag),
            questions=tuple(asked.get(source, source) for source in one.flag.sources),
            by=names.get(one.decided.decision.decided_by, "") if one.decided is not None else "",
        )
        for one in flags
    ]
