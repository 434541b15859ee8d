"""What intake promises of its own tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.intake.corrections import open_correction
from practice.intake.documents import read_questionnaire
from practice.intake.lanes import LANES
from practice.intake.models import AnswerCorrection, Intake, IntakeAnswers, QuestionnaireCopy
from practice.intake.queries import codes_of, flags_of, open_lanes, open_section, questionnaire_of, sent_codes_of
from practice.intake.questions import MOMENTS, PARTNER, SESSION
from practice.intake.steps import open_page
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


def only_what_was_sent_counts(session: Session) -> Iterator[str]:
    """I7: nobody is warned of an answer that its author hasn't sent; an invited partner sends everything at once."""
    sent = select(Intake).where(Intake.submitted_at.is_not(None), Intake.erased_at.is_(None)).order_by(Intake.id)
    for intake in session.scalars(sent):
        if intake.audience == PARTNER and intake.completed_at != intake.submitted_at:
            yield f"intake {intake.reference}: an invited partner sent one part without the other"
        try:
            known = set(sent_codes_of(intake))
            early = {source for flag in flags_of(intake) for source in flag.sources} - known
        except CannotOpen:
            continue  # the others say so
        if early:
            yield f"intake {intake.reference}: flags come from answers that were not sent"


def what_was_sent_is_whole(session: Session) -> Iterator[str]:
    """I10: a part before the session that was sent has an answer, or an empty one, to every question it called for."""
    complete = select(Intake).where(Intake.completed_at.is_not(None), Intake.erased_at.is_(None)).order_by(Intake.id)
    for intake in session.scalars(complete):
        try:
            waiting = open_page(questionnaire_of(intake), codes_of(intake), SESSION)
        except CannotOpen:
            continue
        if waiting is not None:
            yield f"intake {intake.reference}: part {waiting.number} before the session was never answered"


def lanes_open(session: Session) -> Iterator[str]:
    """I7: who may speak of an answer is sealed as the answer is, and is one of the lanes."""
    pairs = select(Intake, IntakeAnswers).join(IntakeAnswers, IntakeAnswers.intake_id == Intake.id)
    chosen = pairs.where(IntakeAnswers.lanes_sealed.is_not(None))
    for intake, row in session.execute(chosen.order_by(Intake.id, IntakeAnswers.section)):
        try:
            lanes = open_lanes(intake, row, vault())
        except CannotOpen as error:
            yield f"intake {intake.reference}, lanes of {row.section}: {error}"
            continue
        if not set(lanes.values()) <= set(LANES):
            yield f"intake {intake.reference}, lanes of {row.section}: there is no such lane"


def corrections_stand(session: Session) -> Iterator[str]:
    """I10: each correction is of a part that had been sent, comes after the one before, and opens; none is missing."""
    pairs = select(Intake, AnswerCorrection).join(AnswerCorrection, AnswerCorrection.intake_id == Intake.id)
    expected = dict[int, int]()
    for intake, row in session.execute(pairs.order_by(Intake.id, AnswerCorrection.number)):
        sent = intake.completed_at if row.moment == SESSION else intake.submitted_at
        if row.moment not in MOMENTS or sent is None or row.corrected_at < sent or intake.erased_at is not None:
            yield f"intake {intake.reference}: correction {row.number} is of answers that were not sent then"
        if row.number != expected.setdefault(intake.id, 1):
            yield f"intake {intake.reference}: a correction before number {row.number} is gone"
        expected[intake.id] = row.number + 1
        try:
            open_correction(intake, row)
        except CannotOpen as error:
            yield f"intake {intake.reference}, correction {row.number}: {error}"


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
    Invariant("I7", "Who may speak of an answer is sealed beside it", lanes_open),
    Invariant("I7", "Nobody is warned of an answer before it is sent", only_what_was_sent_counts),
    Invariant("I10", "A part that was sent is whole", what_was_sent_is_whole),
    Invariant("I10", "Every correction is of sent answers, and keeps what they were", corrections_stand),
)
