"""Intakes: who answered which version, when, and, sealed with that person's key, what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.kept import Kept
from practice.people import Person

UNDECIDED = ("new", "in_review", "info_requested", "individual_call")  # a request that nobody has decided yet
CLOSED = ("referred_out", "declined", "withdrawn")  # a request by which nothing is booked or asked any more


class QuestionnaireCopy(Model):
    """A questionnaire as it was asked, so that an old intake is always shown with its own questions."""

    __tablename__ = "questionnaire_copy"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    document: Mapped[str] = mapped_column(Text)  # JSON


class Intake(Model):
    """One person's answers to one version of the questionnaire.

    What is asked before a time is chosen is a draft until `submitted_at` is set; what is asked before the session,
    until `completed_at` is. An invited partner is asked everything before the session: the two are set together.
    """

    __tablename__ = "intake"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    questionnaire_hash: Mapped[str] = mapped_column(ForeignKey("questionnaire_copy.hash"))
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None] = mapped_column(index=True)
    completed_at: Mapped[datetime | None]
    more_saved_at: Mapped[datetime | None] = mapped_column(index=True)  # when a page of that part was saved last
    audience: Mapped[str] = mapped_column(String(10), default="booker")
    flags_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    review_state: Mapped[str] = mapped_column(String(20), default="new")  # one of review/lifecycle.py
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(60))  # as the audit log names them: staff:<id>
    owner: Mapped[str | None] = mapped_column(String(60))  # whose request it is, as the audit log names them
    looked_at: Mapped[datetime | None]  # when a clinician first opened what was sent last
    erased_at: Mapped[datetime | None]  # sent, but no booking came of it: the answers and their key are gone
    person: Mapped[Person] = relationship()
    questionnaire: Mapped[QuestionnaireCopy] = relationship()
    __table_args__ = (
        CheckConstraint(
            "review_state IN ('new', 'in_review', 'info_requested', 'individual_call', 'accepted', 'referred_out', "
            "'declined', 'withdrawn')",
            name="review_state",
        ),
        CheckConstraint("audience IN ('booker', 'partner')", name="audience"),
        CheckConstraint("flags_sealed IS NULL OR submitted_at IS NOT NULL", name="flags_with_submission"),
        CheckConstraint("completed_at IS NULL OR submitted_at IS NOT NULL", name="completed_after_submission"),
    )


class HelpLineList(Kept, Model):
    """The help lines of one country as the practice has them, in place of those that ship. The newest number counts.

    None is ever changed: who saved which list when stays to be read.
    """

    __tablename__ = "help_line_list"
    country: Mapped[str] = mapped_column(String(10), primary_key=True)  # a code of two letters, or elsewhere
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)  # JSON: by kind, the lines as in lines.yaml; null: those that ship
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them


class IntakeAnswers(Model):
    """The answers of one section, sealed as one JSON object by field. A field with an empty value was shown."""

    __tablename__ = "intake_answers"
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), primary_key=True, autoincrement=False)
    section: Mapped[str] = mapped_column(String(40), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lanes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # by field, who may speak of it; see lanes.py
    saved_at: Mapped[datetime]


class AnswerCorrection(Model):
    """That sent answers were corrected, and, sealed, what they were before. Rows are added and never changed.

    `number` counts an intake's corrections from 1. `sealed` is JSON: by field, the answers and lanes that were changed,
    as they were before (null: there was none), the flags that these raised, and how staff were asked; see
    corrections.py.
    """

    __tablename__ = "answer_correction"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    number: Mapped[int]
    moment: Mapped[str] = mapped_column(String(10))  # at which the page was asked: one of questions.MOMENTS
    corrected_at: Mapped[datetime]
    corrected_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them: client:<…> or staff:<id>
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    intake: Mapped[Intake] = relationship()
    __table_args__ = (
        UniqueConstraint("intake_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
    )


class QuestionnaireEdition(Kept, Model):
    """What the practice changed of the shipped questionnaire when it published its changes. Numbered from 1.

    `overlay` is JSON as in tailoring.py; what became of it then is the copy of that hash.
    """

    __tablename__ = "questionnaire_edition"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    overlay: Mapped[str] = mapped_column(Text)
    questionnaire_hash: Mapped[str] = mapped_column(ForeignKey("questionnaire_copy.hash"))
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    questionnaire: Mapped[QuestionnaireCopy] = relationship()
    __table_args__ = (CheckConstraint("number > 0", name="number"),)


class QuestionnaireDraft(Model):
    """The changes that nobody has published yet: one row, empty where there are none."""

    __tablename__ = "questionnaire_draft"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    overlay: Mapped[str | None] = mapped_column(Text)  # JSON
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (CheckConstraint("id = 1", name="only"),)
