"""The history of sent answers: what they were before each correction, and which flags came of it. Only reads."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from practice.database import among, db
from practice.intake.lanes import LANES, default_lane
from practice.intake.models import AnswerCorrection, Intake
from practice.intake.queries import lanes_of, questionnaire_of, sent_codes_of
from practice.intake.questions import Answer, Answers, Field
from practice.intake.safety import Band, Flag
from practice.languages import N_
from practice.profile import profile
from practice.sealing import Vault, keyring, vault
from practice.speaking import gettext as _

NOT_ASKED = N_("Not asked before")


@dataclass(frozen=True)
class Correction:
    """One correction, opened. `answers` and `lanes` are those that it changed, by field, as they were before: None
    where there was none. `flags` came from these answers. `remark`: how staff were asked, empty where their author
    corrected; `private`: whether it was made among what clinicians alone read.
    """

    row: AnswerCorrection
    answers: Mapping[str, Answer | None]
    lanes: Mapping[str, str | None]
    flags: tuple[Flag, ...]
    remark: str
    private: bool


@dataclass(frozen=True)
class Earlier:
    """What an answer was until a correction, in words; `said` is empty where only who may speak of it changed."""

    until: datetime
    by: str  # as the audit log names them
    said: str
    lane: str | None  # one of lanes.LANES
    remark: str


def seal_correction(intake: Intake, row: AnswerCorrection, told: Mapping[str, Any]) -> bytes:
    """Seal what a correction keeps, as open_correction() reads it."""
    plain = json.dumps(dict(told), ensure_ascii=False)
    return vault().seal(intake.person_id, plain, table="answer_correction", row=row.reference, column="sealed")


def open_correction(intake: Intake, row: AnswerCorrection, keys: Vault | None = None) -> Correction:
    """A correction of this intake.

    :raises CannotOpen: when it is not sealed with its own person's key.
    """
    place = {"table": "answer_correction", "row": row.reference, "column": "sealed"}
    told = json.loads((keys or vault()).open(intake.person_id, row.sealed, **place))
    return Correction(
        row=row,
        answers={name: tuple(was) if isinstance(was, list) else was for name, was in told["answers"].items()},
        lanes=told["lanes"],
        flags=tuple(Flag(one[0], Band(one[1]), one[2], tuple(one[3])) for one in told["flags"]),
        remark=told["remark"],
        private=told["private"],
    )


def corrections_of(intake: Intake) -> list[Correction]:
    """Every correction of an intake, the oldest first."""
    found = select(AnswerCorrection).where(AnswerCorrection.intake_id == intake.id).order_by(AnswerCorrection.number)
    return [open_correction(intake, row) for row in db.session.scalars(found)]


def read_corrections(intakes: Sequence[Intake]) -> dict[int, list[Correction]]:
    """What corrections_of() says of each of these intakes, by id, in so many queries however many there are."""
    vault().have_ready(intake.person_id for intake in intakes)
    known, found = {intake.id: intake for intake in intakes}, dict[int, list[Correction]]()
    rows = select(AnswerCorrection).where(among(AnswerCorrection.intake_id, known)).order_by(AnswerCorrection.number)
    for row in db.session.scalars(rows):
        found.setdefault(row.intake_id, []).append(open_correction(known[row.intake_id], row))
    return {intake.id: found.get(intake.id, []) for intake in intakes}


def find_corrected_at(intake_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these intakes was corrected last, by id; those that never were are missing."""
    last = select(AnswerCorrection.intake_id, func.max(AnswerCorrection.corrected_at))
    found = db.session.execute(last.where(among(AnswerCorrection.intake_id, intake_ids)).group_by("intake_id"))
    return {row.intake_id: row[1] for row in found}


def find_correction(intake: Intake, number: int) -> Correction | None:
    """The correction of this number."""
    found = select(AnswerCorrection).where(AnswerCorrection.intake_id == intake.id, AnswerCorrection.number == number)
    row = db.session.scalars(found).one_or_none()
    return open_correction(intake, row) if row is not None else None


def earlier_answers(
    answers: Answers, corrections: Iterable[Correction], fields: Collection[str]
) -> list[dict[str, Answer]]:
    """All sent answers as they stood before each of these corrections that changed one of the fields, the oldest first.

    `answers` are those that stand after the last of the corrections, which come oldest first.
    """
    state, found = dict(answers), []
    for one in reversed(list(corrections)):
        state = before(state, one)
        if set(one.answers) & set(fields):
            found.append(state)
    return found[::-1]


def before(answers: Answers, correction: Correction) -> dict[str, Answer]:
    """All sent answers as they stood before a correction; `answers` are those that stood after it."""
    kept = {name: answer for name, answer in answers.items() if name not in correction.answers}
    return kept | {name: was for name, was in correction.answers.items() if was is not None}


def history_of(intake: Intake) -> dict[str, tuple[Earlier, ...]]:
    """What each corrected answer was before, by field, the latest first. For whoever may read the field."""
    questionnaire, default = questionnaire_of(intake), default_lane(profile().secrets_policy)
    state, lanes, found = sent_codes_of(intake), lanes_of(intake), dict[str, list[Earlier]]()
    for one in reversed(corrections_of(intake)):
        state = before(state, one)
        lanes = {**lanes, **{name: was for name, was in one.lanes.items() if was is not None}}
        for name in dict.fromkeys([*one.answers, *one.lanes]):
            field = questionnaire.field(name)
            said = questionnaire.said(field, state) if name in state else _(NOT_ASKED)
            earlier = Earlier(
                until=one.row.corrected_at,
                by=one.row.corrected_by,
                said=said if name in one.answers else "",
                lane=lanes.get(name, default) if field.may_be_shared and name in state else None,
                remark=one.remark if field.write_only or not one.private else "",
            )
            found.setdefault(name, []).append(earlier)
    return {name: tuple(listed) for name, listed in found.items()}


def gone_fields(intake: Intake, history: Iterable[str]) -> list[Field]:
    """The questions among these to which no answer stands any more, in the order of asking."""
    sent = sent_codes_of(intake)
    wanted = set(history) - set(sent)
    return [field for field in questionnaire_of(intake).fields() if field.name in wanted]


def mark_of(intake: Intake, fields: Iterable[str], answers: Answers, lanes: Mapping[str, str]) -> str:
    """A mark of what a page shows of an intake: whoever saves it sends it back. Keyed, so that it tells nothing."""
    assert set(lanes.values()) <= set(LANES)
    told = [intake.reference, {name: answers.get(name) for name in fields}, dict(lanes)]
    text = "corrected page\n" + json.dumps(told, sort_keys=True)
    return hmac.digest(keyring().audit_key, text.encode(), hashlib.sha256).hex()[:32]
