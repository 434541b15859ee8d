"""How answers are kept: sealed by section, with who may speak of each beside them, and flags. Part of what changes an
intake; each runs in its caller's work.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from practice.intake.lanes import Lanes
from practice.intake.models import Intake, IntakeAnswers
from practice.intake.queries import lanes_place, open_lanes, open_section
from practice.intake.questions import Answer, Answers
from practice.intake.safety import flags_for
from practice.sealing import vault
from practice.work import Work


def read_section(work: Work, intake: Intake, section: str) -> dict[str, Answer]:
    """What is kept of one section, as the database has it now."""
    row = work.session.get(IntakeAnswers, (intake.id, section), populate_existing=True)
    return open_section(intake, row, vault()) if row is not None else {}


def write_section(work: Work, intake: Intake, section: str, answers: Mapping[str, Answer]) -> None:
    """Keep these answers in the place of what was kept of the section; its lanes stay."""
    sealed = vault().seal(
        intake.person_id,
        json.dumps(dict(answers), ensure_ascii=False),
        table="intake_answers",
        row=intake.reference,
        column=section,
    )
    row = work.session.get(IntakeAnswers, (intake.id, section))
    if row is None:
        row = IntakeAnswers(intake_id=intake.id, section=section)
        work.session.add(row)
    row.sealed, row.saved_at = sealed, work.now


def write_lanes(work: Work, intake: Intake, section: str, lanes: Lanes) -> None:
    """Keep who may speak of these answers of a section that is kept; what was chosen for others stays."""
    row = work.session.get_one(IntakeAnswers, (intake.id, section))
    _seal_lanes(intake, row, {**open_lanes(intake, row, vault()), **lanes})


def drop_lanes(work: Work, intake: Intake, section: str, names: Collection[str]) -> None:
    """Forget who may speak of answers that are gone: whoever answers anew chooses anew."""
    row = work.session.get_one(IntakeAnswers, (intake.id, section))
    kept = {name: lane for name, lane in open_lanes(intake, row, vault()).items() if name not in names}
    if row.lanes_sealed is not None:
        _seal_lanes(intake, row, kept)


def seal_flags(intake: Intake, answers: Answers) -> None:
    """Work out what clinicians are warned of, over all answers that were sent, and keep it."""
    plain = json.dumps(
        [
            {"code": flag.code, "band": flag.band, "rule_version": flag.rule_version, "sources": flag.sources}
            for flag in flags_for(answers, set(answers))
        ]
    )
    intake.flags_sealed = vault().seal(intake.person_id, plain, table="intake", row=intake.reference, column="flags")


def _seal_lanes(intake: Intake, row: IntakeAnswers, lanes: Lanes) -> None:
    place = lanes_place(row.section)
    row.lanes_sealed = vault().seal(
        intake.person_id, json.dumps(dict(lanes)), table="intake_answers", row=intake.reference, column=place
    )
