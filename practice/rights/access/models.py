"""Who asked for their whole record, what a clinician looked at and decided, and what was handed over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from practice.database import Model
from practice.people import Person


class AccessRequest(Model):
    """Somebody wants their whole record. States: rules.py. `country` is whose law says when it is due.

    What staff noted about who asks is theirs; why it takes longer is read by its person.
    """

    __tablename__ = "access_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    way: Mapped[str] = mapped_column(String(8))
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(String(60))  # as the audit log names them
    country: Mapped[str] = mapped_column(String(2))
    arrived_on: Mapped[date]  # in the practice's zone, as the next is
    due_on: Mapped[date]  # its last day
    extended_at: Mapped[datetime | None]
    extended_by: Mapped[str | None] = mapped_column(String(60))
    extension_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str | None] = mapped_column(String(60))
    checked_how: Mapped[str | None] = mapped_column(String(10))
    remark_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[str | None] = mapped_column(String(8))
    ended_at: Mapped[datetime | None]  # answered, taken back, or its person erased
    ended_by: Mapped[str | None] = mapped_column(String(60))
    person: Mapped[Person] = relationship()
    __table_args__ = (
        CheckConstraint(
            "state IN ('asked', 'checked', 'handed_over', 'run_out', 'refused', 'taken_back', 'erased')", name="state"
        ),
        CheckConstraint("way IN ('page', 'letter', 'phone')", name="way"),
        CheckConstraint("due_on > arrived_on", name="due_after_arrival"),
        CheckConstraint("(extended_at IS NULL) = (extension_sealed IS NULL)", name="extended_with_words"),
        CheckConstraint("(checked_at IS NULL) = (checked_how IS NULL)", name="checked_somehow"),
        CheckConstraint("state IN ('asked', 'taken_back', 'erased') OR checked_at IS NOT NULL", name="checked_first"),
        CheckConstraint("(state IN ('asked', 'checked')) = (ended_at IS NULL)", name="ended_once"),
        CheckConstraint(
            "(state = 'refused') = (outcome IS NOT NULL AND outcome = 'nothing')"
            " AND (state IN ('handed_over', 'run_out')) = (outcome IS NOT NULL AND outcome IN ('whole', 'parts'))",
            name="outcome",
        ),
        # One is open at a time for each person, however it came.
        Index(
            "uq_access_request_open",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'checked')"),
            postgresql_where=text("state IN ('asked', 'checked')"),
        ),
    )


class AccessReview(Model):
    """What a clinician decided of each text of a record, and why all in all: the practice's own, and sealed."""

    __tablename__ = "access_review"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    revision: Mapped[int]  # one more each time that it is saved
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(60))
    choices_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class AccessCopy(Model):
    """The record as it was handed over, until its time is over."""

    __tablename__ = "access_copy"
    request_id: Mapped[int] = mapped_column(ForeignKey("access_request.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    request: Mapped[AccessRequest] = relationship(lazy="joined", innerjoin=True)
