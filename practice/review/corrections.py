"""What the desk reads of corrections: what answers were before, what is unread, and which pages can be corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_

from practice.intake.correctable import Reach, asked_again, sent_pages, within
from practice.intake.corrections import Earlier, corrections_of, find_corrected_at, gone_fields, history_of
from practice.intake.lanes import LANES
from practice.intake.messages import IntakeCorrected
from practice.intake.models import AnswerCorrection, Intake
from practice.intake.queries import questionnaire_of, sent_codes_of
from practice.intake.questions import Page
from practice.speaking import pgettext
from practice.staff.queries import find_actor_names


@dataclass(frozen=True)
class Was:
    """What an answer was until somebody corrected it, in words. `by`: a name, or `themselves`; `lane`: one of LANES, a
    sentence of the catalogues; `remark`: how staff were asked.
    """

    until: datetime
    by: str
    said: str
    lane: str
    remark: str


@dataclass(frozen=True)
class History:
    """What corrected answers were before, by field, the latest first; `gone`: questions that are not asked any more."""

    by_field: dict[str, list[Was]]
    gone: list[tuple[str, list[Was]]]


NOTHING = History({}, [])


def read_history(intake: Intake, *, private: bool) -> History:
    """The history of what clinicians alone read, or of everything else."""
    wanted = {field.name for field in questionnaire_of(intake).fields() if field.write_only is private}
    found = {name: listed for name, listed in history_of(intake).items() if name in wanted}
    names = find_actor_names({one.by for listed in found.values() for one in listed})
    themselves = pgettext("by whom", "themselves")
    shown = {name: [_said(one, names.get(one.by, themselves)) for one in listed] for name, listed in found.items()}
    return History(shown, [(field.question, shown[field.name]) for field in gone_fields(intake, found)])


def _said(one: Earlier, by: str) -> Was:
    return Was(one.until, by, one.said, LANES.get(one.lane or "", ""), one.remark)


def corrected_unseen() -> ColumnElement[bool]:
    """Of an intake: it was corrected, and no clinician has opened it since."""
    newer = or_(Intake.looked_at.is_(None), AnswerCorrection.corrected_at > Intake.looked_at)
    return exists().where(AnswerCorrection.intake_id == Intake.id, newer)


def find_unseen(intakes: Iterable[Intake]) -> set[int]:
    """Those of them, by id, that were corrected and that no clinician has opened since."""
    known = {intake.id: intake for intake in intakes}
    corrected = find_corrected_at(known)
    return {key for key, at in corrected.items() if not looked_since(known[key], at)}


def looked_since(intake: Intake, since: datetime) -> bool:
    """Whether a clinician has opened it since then."""
    return intake.looked_at is not None and intake.looked_at >= since


def is_seen(intake: Intake, moment: str) -> bool:
    """Whether a clinician has opened it since the correction that messages call by this moment; none is seen."""
    made = [one.row.corrected_at for one in corrections_of(intake)]
    told = (IntakeCorrected(intake.reference, number).moment for number in range(1, len(made) + 1))
    return all(looked_since(intake, at) for at, called in zip(made, told, strict=True) if called == moment)


def list_correctable(intake: Intake, reach: Reach) -> list[Page]:
    """The pages of which something can be corrected so, with all that they asked."""
    questionnaire, sent = questionnaire_of(intake), sent_codes_of(intake)
    return [page for page in sent_pages(questionnaire, sent) if asked_again(questionnaire, within(page, reach), sent)]
