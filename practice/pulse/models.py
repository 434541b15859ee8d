"""The pulse of each person: since when it runs, and what was answered, sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.people import Person


class PulseCourse(Model):
    """That one person has the short page every two weeks, counted from `first_day` of their own calendar.

    `ended_at`: it ended by itself, since they had no session for long. It goes on after the next one, on the same days.
    """

    __tablename__ = "pulse_course"
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    first_day: Mapped[date] = mapped_column(Date)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class PulseQuestions(Model):
    """The questions as they were asked, so that an old answer is always read with its own."""

    __tablename__ = "pulse_questions"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    document: Mapped[str] = mapped_column(Text)  # JSON


class PulseAnswer(Model):
    """What one person answered on the short page of one due day, sealed as one JSON object by field."""

    __tablename__ = "pulse_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    due_on: Mapped[date] = mapped_column(Date)  # of their own calendar; not the day on which they answered
    questions_hash: Mapped[str] = mapped_column(ForeignKey("pulse_questions.hash"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]
    spoken_at: Mapped[datetime | None]  # a clinician has noted that they spoke with this person
    spoken_by: Mapped[str | None] = mapped_column(String(60))  # as the audit log names them: staff:<id>
    person: Mapped[Person] = relationship()
    questions: Mapped[PulseQuestions] = relationship()
    __table_args__ = (UniqueConstraint("person_id", "due_on"),)
