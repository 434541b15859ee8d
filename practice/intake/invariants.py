"""What intake promises of its own tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.intake.documents import read_questionnaire
from practice.intake.models import Intake, IntakeAnswers, QuestionnaireCopy
from practice.intake.queries import flags_of, open_section
from practice.invariants import Invariant
from practice.sealing import CannotOpen, vault


def answers_open(session: Session) -> Iterator[str]:
    """I7: what is stored of an answer is sealed, with the key of the person who gave it, for its own place."""
    pairs = select(Intake, IntakeAnswers).join(IntakeAnswers, IntakeAnswers.intake_id == Intake.id)
    for intake, row in session.execute(pairs.order_by(Intake.id, IntakeAnswers.section)):
        try:
            open_section(intake, row, vault())
        except CannotOpen as error:
            yield f"intake {intake.reference}, {row.section}: {error}"


def flags_stand(session: Session) -> Iterator[str]:
    """I7: every intake that was sent has its flags, sealed, until it is erased."""
    sent = select(Intake).where(Intake.submitted_at.is_not(None)).order_by(Intake.id)
    for intake in session.scalars(sent):
        if (intake.flags_sealed is None) != (intake.erased_at is not None):
            yield f"intake {intake.reference} has no flags, or has them after it was erased"
            continue
        try:
            flags_of(intake)
        except CannotOpen as error:
            yield f"intake {intake.reference}, flags: {error}"


def questions_can_be_read(session: Session) -> Iterator[str]:
    """I10: every version that somebody was asked, or that was published, can be shown, and is what it was."""
    for copy in session.scalars(select(QuestionnaireCopy).order_by(QuestionnaireCopy.hash)):
        try:
            read = read_questionnaire(copy.document)
        except ValueError as error:
            yield f"questionnaire {copy.version}: {error}"
            continue
        if read.hash != copy.hash:
            yield f"questionnaire {copy.version} was changed after it was asked"


OWN = (
    Invariant("I10", "Every version of the questions can be shown as it was asked", questions_can_be_read),
    Invariant("I7", "Every stored answer is sealed with its own person's key", answers_open),
    Invariant("I7", "Every sent intake has its flags, sealed, until it is erased", flags_stand),
)
